"""Timing two things in turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """One measurement of ours and of the reference, in seconds."""

    ours: float
    reference: float


@dataclass(frozen=True, slots=True)
class Figure:
    """What a bench measured. ``target`` is the highest ratio that is good enough."""

    name: str
    label: str
    reference_label: str
    target: float
    pairs: tuple[Pair, ...]

    @property
    def ours(self) -> float:
        """Our median in seconds."""
        return statistics.median(pair.ours for pair in self.pairs)

    @property
    def reference(self) -> float:
        """The reference's median in seconds."""
        return statistics.median(pair.reference for pair in self.pairs)

    @property
    def ratio(self) -> float:
        """The median of the pairs' own ratios: a moment's load touches both of a pair."""
        return statistics.median(pair.ours / pair.reference for pair in self.pairs)

    @property
    def reached(self) -> bool:
        """Whether the ratio is within the target."""
        return self.ratio <= self.target


Work = Callable[[], object]


def paired(rounds: Sequence[tuple[Work, Work]], done: Callable[[int], None]) -> tuple[Pair, ...]:
    """Time (ours, reference) of every round, taking turns at going first.

    Whatever goes second finds warmer caches, so neither always does. ``done`` is told the number
    of rounds behind it.
    """
    pairs = []
    for number, (ours, reference) in enumerate(rounds):
        if number % 2:
            of_reference, of_ours = _seconds(reference), _seconds(ours)
        else:
            of_ours, of_reference = _seconds(ours), _seconds(reference)
        pairs.append(Pair(of_ours, of_reference))
        done(number + 1)
    return tuple(pairs)


def _seconds(work: Work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Least, median and 95th percentile of some measurements, in milliseconds."""

    least: float
    p50: float
    p95: float


def quantiles(seconds: Sequence[float]) -> Quantiles:
    """Return the quantiles of ``seconds``; each is one of them, or the mean of two for the median."""
    ordered = sorted(seconds)
    high = ordered[round(0.95 * (len(ordered) - 1))]
    return Quantiles(*(round(1000 * value, 3) for value in (ordered[0], statistics.median(ordered), high)))
