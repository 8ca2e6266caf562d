"""How sure a figure is: bootstrap intervals and paired permutation tests over questions.

Percentile bootstrap and sign-flipping permutation as in Efron and Tibshirani, "An introduction to the
bootstrap" (1993), chapters 13 and 15; on search runs, Smucker, Allan and Carterette, "A
comparison of statistical significance tests for information retrieval evaluation" (CIKM 2007).
The seed is fixed: the same runs give the same intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.catalogue import Metric
from eval.sheets import Sheet, Values

SEED = 20240229
SAMPLES = 2000
FLIPS = 5000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval, over ``count`` questions."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Difference:
    """How a figure changed from one run to another over the same questions.

    ``change`` is after less before, with its 95 % interval. ``p_change`` is the two-sided
    probability of a change this large if the runs were alike, ``p_loss`` the one-sided one of
    a turn for the worse this large.
    """

    metric: Metric
    before: float
    after: float
    change: float
    low: float
    high: float
    p_change: float
    p_loss: float

    @property
    def worse(self) -> bool:
        """Whether the figure turned for the worse at all."""
        return self.change < -1e-12 if self.metric.better == "higher" else self.change > 1e-12


def estimates(metrics: Sequence[Metric], sheet: Sheet) -> tuple[tuple[Metric, Estimate], ...]:
    """Return each metric that applies to the sheet, with its interval."""
    if not sheet.ids:
        return ()
    weights = _drawn(len(sheet.ids))
    result = []
    for metric in metrics:
        if metric.applies(sheet):
            low, high = _interval(metric.sampled(sheet, weights))
            result.append((metric, Estimate(metric.value(sheet), low, high, metric.count(sheet))))
    return tuple(result)


def differences(metrics: Sequence[Metric], before: Sheet, after: Sheet) -> tuple[Difference, ...]:
    """Return how each metric that applies to both sheets changed.

    Raises ``EvaluationError`` if the sheets are over different questions.
    """
    after = after.in_order_of(before)
    if not before.ids:
        return ()
    count = len(before.ids)
    drawn = _drawn(count)
    pooled = _pooled(before, after)
    swapped = _swaps(count)
    as_before = np.concatenate([1.0 - swapped, swapped], axis=1)
    as_after = np.concatenate([swapped, 1.0 - swapped], axis=1)
    result = []
    for metric in metrics:
        if not (metric.applies(before) and metric.applies(after)):
            continue
        old, new = metric.value(before), metric.value(after)
        low, high = _interval(metric.sampled(after, drawn) - metric.sampled(before, drawn))
        chance = metric.sampled(pooled, as_after) - metric.sampled(pooled, as_before)
        chance = chance[~np.isnan(chance)]
        change = new - old
        loss = -change if metric.better == "higher" else change
        losses = -chance if metric.better == "higher" else chance
        result.append(
            Difference(
                metric,
                old,
                new,
                change,
                low,
                high,
                p_change=_share_at_least(np.abs(chance), abs(change)),
                p_loss=_share_at_least(losses, loss),
            )
        )
    return tuple(result)


def _drawn(count: int) -> Values:
    """How often each question is drawn in each bootstrap sample: (SAMPLES, count)."""
    generator = np.random.default_rng(SEED)
    return generator.multinomial(count, np.full(count, 1.0 / count), size=SAMPLES).astype(float)


def _swaps(count: int) -> Values:
    """1.0 where a permutation swaps the two runs' rows of a question: (FLIPS, count)."""
    return np.random.default_rng(SEED).integers(0, 2, size=(FLIPS, count)).astype(float)


def _pooled(before: Sheet, after: Sheet) -> Sheet:
    """The rows of both sheets, one below the other."""
    shared = [name for name in before.columns if name in after.columns]
    return Sheet(
        before.name,
        before.fingerprint,
        before.ids + after.ids,
        before.kinds + after.kinds,
        {name: np.concatenate([before.columns[name], after.columns[name]]) for name in shared},
    )


def _interval(samples: Values) -> tuple[float, float]:
    known = samples[~np.isnan(samples)]
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)


def _share_at_least(chance: Values, observed: float) -> float:
    """The observed arrangement counts as one of the permutations, so p is never 0."""
    return float((np.sum(chance >= observed - 1e-12) + 1) / (len(chance) + 1))
