"""What is timed: a warm answer, an answer from a cold start, and building the index."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant import factory
from assistant.progress import Progress, ProgressCallback
from assistant.settings import PROJECT, Settings
from eval.bench.bulk import bulk_alike, bulk_mix
from eval.bench.stages import Stages, measure_stages
from eval.bench.timing import Figure, paired
from eval.bench.verification import verified_answer
from eval.errors import EvaluationError
from eval.opening import read_documents, temporary_index
from eval.questions import load_questions

QUESTIONS = Path(__file__).parent.parent / "questions" / "dev.jsonl"
MOST_QUESTIONS = 120
WARM_UP = 5
COLD_STARTS = 5
BUILDS = 7

_QUESTION = "Hvad er de fire pejlemærker?"


@dataclass(frozen=True, slots=True)
class Bench:
    """One bench by the name that ``--only`` takes."""

    name: str
    run: Callable[[Settings, ProgressCallback], Figure]


def warm_answer(settings: Settings, progress: ProgressCallback) -> Figure:
    """A whole answer beside the embedding of its question, which no answer can do without.

    Every question is asked once, so nothing is remembered from an earlier round.
    """
    with temporary_index(settings) as own:
        assistant = factory.open_assistant(own, progress=progress)
        embedder = factory.open_embedder(own)
        questions = _questions(settings)
        for question in questions[:WARM_UP]:
            assistant.ask(question)
            embedder.embed_queries([question])
        timed = questions[WARM_UP:]
        rounds = [
            (lambda q=question: assistant.ask(q), lambda q=question: embedder.embed_queries([q]))
            for question in timed
        ]
        pairs = paired(rounds, _counter("Varme svar", len(rounds), progress))
    return Figure("answer", "Varmt svar", "indlejring af spørgsmålet", 1.5, pairs)


def warm_stages(settings: Settings, progress: ProgressCallback) -> Stages:
    """A warm question by stage, over an index of its own."""
    with temporary_index(settings) as own:
        return measure_stages(own, _questions(settings), progress)


def cold_start(settings: Settings, progress: ProgressCallback) -> Figure:
    """``python -m assistant ask`` beside ``import sentence_transformers``, each a new process."""
    with temporary_index(settings) as own:
        factory.build_index(own, progress)
        environment = {
            **os.environ,
            "HF_HUB_OFFLINE": "1",
            "ASSISTANT_CORPUS__PATH": str(own.corpus.path),
            "ASSISTANT_INDEX__PATH": str(own.index.path),
        }

        def ask() -> None:
            _run([sys.executable, "-m", "assistant", "ask", _QUESTION], environment)

        def load() -> None:
            _run([sys.executable, "-c", "import sentence_transformers"], environment)

        ask()
        load()
        rounds = [(ask, load)] * COLD_STARTS
        pairs = paired(rounds, _counter("Kolde starter", len(rounds), progress))
    return Figure("start", "Svar fra kold start", "import sentence_transformers", 0.25, pairs)


def index_build(settings: Settings, progress: ProgressCallback) -> Figure:
    """Building the index from nothing beside embedding the texts of its passages."""
    embedder = factory.open_embedder(settings)
    with temporary_index(settings) as own:
        assistant = factory.open_assistant(own, progress=progress)
        texts = [
            passage.text for document in assistant.documents for passage in assistant.passages(document.id)
        ]

        def build() -> None:
            with temporary_index(settings) as fresh:
                factory.build_index(fresh)

        rounds = [(build, lambda: embedder.embed_passages(texts))] * BUILDS
        pairs = paired(rounds, _counter("Bygger indekset", len(rounds), progress))
    return Figure("build", "Indeks fra ny", "indlejring af tekststykkerne", 1.3, pairs)


BENCHES = (
    Bench("answer", warm_answer),
    Bench("start", cold_start),
    Bench("build", index_build),
    Bench("verify", verified_answer),
    Bench("bulk", bulk_alike),
    Bench("bulk-mix", bulk_mix),
)


def _questions(settings: Settings) -> list[str]:
    texts = [question.text for question in load_questions(QUESTIONS, read_documents(settings)).questions]
    distinct = list(dict.fromkeys(texts))
    return distinct[:: math.ceil(len(distinct) / MOST_QUESTIONS)]


def _run(command: list[str], environment: dict[str, str]) -> None:
    finished = subprocess.run(  # noqa: S603 - our own command lines
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    if finished.returncode:
        last = (finished.stderr.strip().splitlines() or ["ingen besked"])[-1]
        raise EvaluationError(f"{' '.join(command[1:4])} sluttede med {finished.returncode}: {last}")


def _counter(stage: str, total: int, progress: ProgressCallback) -> Callable[[int], None]:
    return lambda done: progress(Progress(stage, done, total))
