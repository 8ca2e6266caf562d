"""What each command of ``python -m eval`` does; all raise ``AssistantError`` for bad input."""

from __future__ import annotations

import argparse
import hashlib

from assistant.settings import Settings, load_settings
from eval.compare import compare, comparison_text
from eval.errors import EvaluationError
from eval.gate import baseline_path, judge, verdict_text
from eval.opening import current_assistant, read_documents, settings_for
from eval.outcomes import baseline_from_json, baseline_text, read_sheet
from eval.progress import ProgressLine
from eval.questions import load_questions
from eval.report import report_html
from eval.retrieval import read_benchmark, retrieval_json, retrieval_sheet, run_benchmark
from eval.runner import run_questions
from eval.runs import RunStamp, ensure_writable, read_json, read_run, run_json, write_json, write_text
from eval.sheets import sheet_of
from eval.stamps import code_version, machine, now
from eval.summary import flat, summarise
from eval.table import metrics_table


def validate(options: argparse.Namespace) -> int:
    """Check question files."""
    documents = read_documents(settings_for(options.corpus))
    for path in options.files:
        questions = load_questions(path, documents)
        print(f"{path}: {len(questions.questions)} spørgsmål, alle i orden")
    return 0


def run(options: argparse.Namespace) -> int:
    """Run a question set or a retrieval benchmark."""
    ensure_writable(options.output)
    if options.retrieval:
        return _run_benchmark(options)
    settings = settings_for(options.corpus)
    documents = read_documents(settings)
    questions = load_questions(options.questions, documents)
    progress = ProgressLine()
    own_index = options.corpus is not None
    with current_assistant(settings, documents, progress, own_index=own_index) as assistant:
        made = run_questions(assistant, questions, answerer=options.answerer, progress=progress)
    summary = summarise(sheet_of(made, options.output.stem))
    write_json(options.output, run_json(made, flat(summary)))
    print(metrics_table([summary]))
    return 0


def compare_runs(options: argparse.Namespace) -> int:
    """Print what changed from one run to another."""
    print(
        comparison_text(compare(read_sheet(options.before), read_sheet(options.after)), limit=options.limit)
    )
    return 0


def gate(options: argparse.Namespace) -> int:
    """Compare runs with their baselines; 1 if any is significantly worse."""
    if options.baseline and len(options.runs) > 1:
        raise EvaluationError("--baseline kan kun bruges med én kørsel ad gangen")
    passed = True
    for path in options.runs:
        made = read_run(path)
        source = options.baseline or baseline_path(made.stamp.question_file)
        if not source.exists():
            raise EvaluationError(
                f"{source}: der er ingen baseline. Lav den med: python -m eval baseline {path} -o {source}"
            )
        baseline = baseline_from_json(read_json(source), str(source))
        verdict = judge(baseline.sheet, sheet_of(made, path.stem))
        print(f"{path} mod {source} ({baseline.made_by})")
        if baseline.corpus != made.stamp.corpus:
            print("Bemærk: dokumenterne er ikke de samme som i baseline.")
        print(f"{verdict_text(verdict, path.stem)}\n")
        passed = passed and verdict.passed
    return 0 if passed else 1


def baseline(options: argparse.Namespace) -> int:
    """Write the figures of a run as a baseline."""
    made = read_run(options.run)
    output = options.output or baseline_path(made.stamp.question_file)
    write_text(output, baseline_text(made))
    print(f"Skrev {output}")
    return 0


def report(options: argparse.Namespace) -> int:
    """Write a run as an HTML page."""
    output = options.output or options.run.with_suffix(".html")
    write_text(output, report_html(read_run(options.run)))
    print(f"Skrev {output}")
    return 0


def table(options: argparse.Namespace) -> int:
    """Print the figures of runs."""
    print(metrics_table([summarise(read_sheet(path)) for path in options.runs]))
    return 0


def _run_benchmark(options: argparse.Namespace) -> int:
    if options.corpus or options.answerer:
        raise EvaluationError("--corpus og --answerer kan ikke bruges sammen med --retrieval")
    benchmark = read_benchmark(options.retrieval)
    settings = load_settings()
    progress = ProgressLine()
    from assistant import factory

    searcher = factory.open_passages(settings, benchmark.passages, progress=progress)
    stamp = RunStamp(
        created=now(),
        code=code_version(),
        corpus=benchmark.fingerprint,
        index="i hukommelsen",
        model=f"{settings.embedding.engine}:{settings.embedding.model}",
        settings=_settings_version(settings),
        answerer="",
        questions=benchmark.fingerprint,
        question_file=benchmark.name,
        machine=machine(),
    )
    made = run_benchmark(searcher, benchmark, stamp, progress=progress)
    summary = summarise(retrieval_sheet(made, options.output.stem))
    write_json(options.output, retrieval_json(made, flat(summary)))
    print(metrics_table([summary]))
    return 0


def _settings_version(settings: Settings) -> str:
    return hashlib.sha256(repr(settings.embedding).encode()).hexdigest()[:16]
