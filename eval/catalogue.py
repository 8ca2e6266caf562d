"""The metrics of a run: what each is made of, what it is called, and what is aimed for.

A metric takes the columns it names, each of shape (n,), and weights of shape (b, n): how often
each question counts in each of b samples. With weights of one it is the figure itself; with
drawn weights the same code gives every sample of a bootstrap or permutation at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from eval.sheets import Column, Sheet, Values

Statistic = Callable[[tuple[Values, ...], Values], Values]


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a run. ``label`` is Danish; ``target`` is for the test set as a whole.

    ``gated``: a significant loss fails the gate; ``exact``: any loss does.
    """

    name: str
    label: str
    columns: tuple[Column, ...]
    statistic: Statistic = field(repr=False)
    better: Literal["higher", "lower"] = "higher"
    target: float | None = None
    gated: bool = False
    exact: bool = False
    decimals: int = 2

    def applies(self, sheet: Sheet) -> bool:
        """Whether the sheet has the columns, with a value for at least one question."""
        return all(column in sheet.columns for column in self.columns) and self.count(sheet) > 0

    def count(self, sheet: Sheet) -> int:
        """Return how many questions the figure is over."""
        return int(np.sum(~np.isnan(sheet.columns[self.columns[0]])))

    def sampled(self, sheet: Sheet, weights: Values) -> Values:
        """Return the figure in each sample: weights (b, n) to (b,), NaN where none applies."""
        return self.statistic(tuple(sheet.columns[column] for column in self.columns), weights)

    def value(self, sheet: Sheet) -> float:
        """Return the figure itself."""
        return float(self.sampled(sheet, np.ones((1, len(sheet.ids))))[0])

    def reaches(self, value: float, target: float) -> bool:
        """Whether a value is as good as a target."""
        return value >= target if self.better == "higher" else value <= target


def mean(columns: tuple[Values, ...], weights: Values) -> Values:
    """Return the mean over the questions that the column applies to."""
    (values,) = columns
    known = ~np.isnan(values)
    total = weights[:, known].sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Values = weights[:, known] @ values[known] / total
    return result


def quantile(share: float) -> Statistic:
    """Return the smallest value that at least this share of the questions do not exceed.

    That is a value that occurred, not one between two (the nearest-rank definition).
    """

    def statistic(columns: tuple[Values, ...], weights: Values) -> Values:
        (values,) = columns
        known = np.flatnonzero(~np.isnan(values))
        order = known[np.argsort(values[known], kind="stable")]
        below = np.cumsum(weights[:, order], axis=1)
        total = below[:, -1:]
        # The slack keeps 0.95 * 20 = 19 from asking for the twentieth of twenty.
        at = np.argmax(below >= np.maximum(share * total - 1e-9, 1e-9), axis=1)
        return np.where(total[:, 0] > 0, values[order][at], np.nan)

    return statistic


def area_under_risk(columns: tuple[Values, ...], weights: Values) -> Values:
    """Return the area under the risk-coverage curve, as ``metrics.area_under_risk`` has it."""
    confidence, errors = columns
    order = np.argsort(-confidence, kind="stable")
    falling = confidence[order]
    last_of_equal = np.flatnonzero(np.append(falling[1:] != falling[:-1], True))
    taken = np.cumsum(weights[:, order], axis=1)[:, last_of_equal]
    wrong = np.cumsum(weights[:, order] * errors[order], axis=1)[:, last_of_equal]
    with np.errstate(invalid="ignore", divide="ignore"):
        coverage = taken / taken[:, -1:]
        risk = np.where(taken > 0, wrong / taken, 0.0)
    steps = np.diff(coverage, axis=1, prepend=0.0)
    area: Values = (steps * risk).sum(axis=1)
    return area


METRICS: tuple[Metric, ...] = (
    Metric("hit@1", "Rigtigt sted først (hit@1)", ("hit_1",), mean, target=0.88, gated=True),
    Metric("recall@5", "Blandt de fem første (recall@5)", ("recall_5",), mean, target=0.97, gated=True),
    Metric("recall@10", "Blandt de ti første (recall@10)", ("recall_10",), mean),
    Metric("mrr", "Middel af 1/rang (MRR)", ("reciprocal_rank",), mean, target=0.92, gated=True),
    Metric("ndcg@10", "Rækkefølge (nDCG@10)", ("ndcg_10",), mean, gated=True),
    Metric("answer_recall", "Svaret har det rigtige med", ("answer_recall",), mean, target=0.95, gated=True),
    Metric("answer_precision", "Andel af citaterne, der er rigtige", ("answer_precision",), mean, gated=True),
    Metric(
        "citation_validity",
        "Citater, der står på deres side",
        ("citation_validity",),
        mean,
        target=1.0,
        gated=True,
        exact=True,
    ),
    Metric(
        "comparison_coverage",
        "Sammenligninger med alle dokumenter",
        ("comparison_coverage",),
        mean,
        target=1.0,
        gated=True,
    ),
    Metric(
        "abstention_recall",
        "Ubesvarbare, der afvises",
        ("unanswerable_declined",),
        mean,
        target=0.92,
        gated=True,
    ),
    Metric("abstention_precision", "Afvisninger, der er rigtige", ("abstained_rightly",), mean),
    Metric(
        "answerable_declined",
        "Besvarbare, der afvises",
        ("answerable_declined",),
        mean,
        better="lower",
        target=0.04,
        gated=True,
    ),
    Metric(
        "aurc",
        "Areal under risikokurven (AURC)",
        ("confidence", "error"),
        area_under_risk,
        better="lower",
        decimals=3,
    ),
    Metric("written", "Svar, som sprogmodellen skrev", ("written",), mean),
    Metric("groundedness", "Sætninger, der er verificeret", ("groundedness",), mean),
    Metric("citation_precision", "Henvisninger, der støtter sætningen", ("citation_precision",), mean),
    Metric("citation_recall", "Støttede sætninger med rigtig henvisning", ("citation_recall",), mean),
    Metric("quotes", "Citater pr. svar", ("quotes",), mean, better="lower", decimals=1),
    Metric(
        "quotes_max",
        "Flest citater uden for lister",
        ("quotes_outside_lists",),
        quantile(1.0),
        better="lower",
        target=5,
        decimals=0,
    ),
    Metric(
        "latency_p50_ms", "Svartid, median (ms)", ("latency_ms",), quantile(0.5), better="lower", decimals=1
    ),
    Metric(
        "latency_p95_ms",
        "Svartid, 95 % under (ms)",
        ("latency_ms",),
        quantile(0.95),
        better="lower",
        decimals=1,
    ),
)
