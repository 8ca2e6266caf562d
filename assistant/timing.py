"""How long the stages of one question take, for whoever watches over the program.

A stage inside another counts for itself alone: embedding and searching are no part of fusing, though fusing
begins before them and ends after.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, get_args

Stage = Literal["embed", "search", "fuse", "answer", "verify"]
"""``fuse`` is everything between the candidates and their order, ``answer`` all writing, also a model's."""

STAGES: tuple[Stage, ...] = get_args(Stage)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of each stage of one question, 0.0 for one that was not run, and who wrote the answer."""

    embed: float
    search: float
    fuse: float
    answer: float
    verify: float
    mode: str
    """"extractive" or the name of the model."""

    def of(self, stage: Stage) -> float:
        """Return the seconds of one stage."""
        seconds: float = getattr(self, stage)
        return seconds


Observer = Callable[[Timing], None]
"""Told of every question that was answered, from the thread that answered it. It must not fail or wait."""


class Stopwatch:
    """Adds up the stages of one question. For one thread at a time."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """Begin with all stages at nothing; ``clock`` counts seconds."""
        self._clock = clock
        self._seconds: dict[Stage, float] = dict.fromkeys(STAGES, 0.0)
        self._running: list[Stage] = []
        self._since = 0.0

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """Count what runs inside as ``stage``; the stage around it, if any, waits."""
        self._turn()
        self._running.append(stage)
        try:
            yield
        finally:
            self._turn()
            self._running.pop()

    def move(self, seconds: float, source: Stage, target: Stage) -> None:
        """Count ``seconds`` that were counted as ``source`` as ``target`` instead."""
        self._seconds[source] -= seconds
        self._seconds[target] += seconds

    def timing(self, mode: str) -> Timing:
        """Return what was added up until now."""
        return Timing(**self._seconds, mode=mode)

    def _turn(self) -> None:
        now = self._clock()
        if self._running:
            self._seconds[self._running[-1]] += now - self._since
        self._since = now
