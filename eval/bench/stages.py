"""A warm question by stage, with the processor's time beside the clock's."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from assistant import factory
from assistant.embedding.base import Embedder, Vectors
from assistant.progress import Progress, ProgressCallback
from assistant.settings import Settings
from assistant.timing import STAGES, Timing
from eval.bench.timing import Quantiles, quantiles

TARGET_MS = 3.0
"""All but the embedding of the question, at the size of the project's own two documents."""

WARM_UP = 10


@dataclass(frozen=True, slots=True)
class Stages:
    """Milliseconds of a question, each asked once.

    ``by_stage`` has "embed", "search", "fuse" and "answer"; ``besides`` is all of them but "embed".
    ``processor`` is what ``besides`` takes of the processor, which other load on the machine disturbs less.
    """

    passages: int
    questions: int
    by_stage: dict[str, Quantiles]
    besides: Quantiles
    processor: Quantiles

    @property
    def reached(self) -> bool:
        """Whether the median question is within the target, by the processor's time."""
        return self.processor.p50 <= TARGET_MS


class Embedded:
    """An embedder that embeds no question twice."""

    def __init__(self, embedder: Embedder) -> None:
        """Remember what ``embedder`` gives."""
        self.fingerprint, self.dimension = embedder.fingerprint, embedder.dimension
        self._embedder = embedder
        self._known: dict[tuple[str, ...], Vectors] = {}

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions, or give what they were embedded as."""
        key = tuple(texts)
        if key not in self._known:
            self._known[key] = self._embedder.embed_queries(texts)
        return self._known[key]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages."""
        return self._embedder.embed_passages(texts)


def measure_stages(settings: Settings, questions: Sequence[str], progress: ProgressCallback) -> Stages:
    """Ask each of ``questions`` by the clock, and again, embedded already, by the processor's time."""
    embedder = Embedded(factory.open_embedder(settings))
    generation = factory.open_generation(settings, embedder, progress)
    timings: list[Timing] = []
    assistant = factory.assemble(settings, embedder, generation, observe=timings.append)
    for done, question in enumerate(questions, 1):
        assistant.ask(question)
        progress(Progress("Spørgsmål efter trin", done, len(questions)))
    by_clock, seconds = timings[WARM_UP:], []
    # Another assistant, that remembers none of the questions.
    assistant = factory.assemble(settings, embedder, generation)
    for question in questions:
        started = time.process_time()
        assistant.ask(question)
        seconds.append(time.process_time() - started)
    shown = [stage for stage in STAGES if stage != "verify"]
    return Stages(
        len(generation.index),
        len(by_clock),
        {stage: quantiles([timing.of(stage) for timing in by_clock]) for stage in shown},
        quantiles([sum(t.of(stage) for stage in shown if stage != "embed") for t in by_clock]),
        quantiles(seconds[WARM_UP:]),
    )
