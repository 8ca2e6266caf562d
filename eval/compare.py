"""Two runs over the same questions: what changed, a metric and a question at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eval.catalogue import METRICS
from eval.resampling import Difference, differences
from eval.sheets import Column, Sheet
from eval.table import aligned, number

SIGNIFICANT = 0.05

_PER_QUESTION: tuple[tuple[Column, str], ...] = (
    ("reciprocal_rank", "1/rang"),
    ("answer_recall", "rigtigt med"),
    ("answer_precision", "citater rigtige"),
    ("unanswerable_declined", "afvist, ubesvarbar"),
    ("answerable_declined", "afvist, besvarbar"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of one question that changed."""

    question: str
    kind: str
    column: Column
    label: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one run to another."""

    before: str
    after: str
    questions: int
    overall: tuple[Difference, ...]
    kinds: tuple[tuple[str, tuple[Difference, ...]], ...]
    changes: tuple[Change, ...]


def compare(before: Sheet, after: Sheet) -> Comparison:
    """Compare two sheets; raises ``EvaluationError`` if they are over different questions."""
    after = after.in_order_of(before)
    quality = [metric for metric in METRICS if "latency_ms" not in metric.columns]
    kinds = [kind for kind in dict.fromkeys(before.kinds) if kind]
    return Comparison(
        before.name,
        after.name,
        len(before.ids),
        differences(METRICS, before, after),
        tuple((kind, differences(quality, before.of_kind(kind), after.of_kind(kind))) for kind in kinds),
        tuple(_changes(before, after)),
    )


def comparison_text(comparison: Comparison, *, limit: int | None = None) -> str:
    """Return a comparison as text; at most ``limit`` questions are listed."""
    header = f"{comparison.before} → {comparison.after}, {comparison.questions} spørgsmål"
    blocks = [f"{header}\n{difference_table(comparison.overall)}"]
    notable = [
        [kind, difference.metric.label, *_cells(difference)]
        for kind, rows in comparison.kinds
        for difference in rows
        if difference.p_change < SIGNIFICANT
    ]
    if notable:
        titles = ["Slags", "Kvalitet", "før", "efter", "forskel", "95 %-interval", "p", ""]
        blocks.append(f"Sikre forskelle efter slags spørgsmål\n{aligned([titles, *notable], left=2)}")
    blocks.append(_changes_text(comparison.changes, limit))
    blocks.append(
        f"p: parret permutationstest, tosidet; * under {number(SIGNIFICANT)}. "
        "Intervaller: parret bootstrap over spørgsmål."
    )
    return "\n\n".join(blocks)


def difference_table(rows: tuple[Difference, ...]) -> str:
    """Return differences as a table, one metric a line."""
    titles = ["Kvalitet", "før", "efter", "forskel", "95 %-interval", "p", ""]
    return aligned([titles, *([row.metric.label, *_cells(row)] for row in rows)])


def _cells(row: Difference) -> list[str]:
    decimals = row.metric.decimals
    verdict = "* dårligere" if row.worse else "* bedre"
    return [
        number(row.before, decimals),
        number(row.after, decimals),
        f"{'+' if row.change >= 0 else ''}{number(row.change, decimals)}",
        f"[{number(row.low, decimals)}; {number(row.high, decimals)}]",
        "<0,001" if row.p_change < 0.001 else number(row.p_change, 3),
        verdict.ljust(11) if row.p_change < SIGNIFICANT else " " * 11,
    ]


def _changes(before: Sheet, after: Sheet) -> list[Change]:
    changes = []
    for at, (question, kind) in enumerate(zip(before.ids, before.kinds, strict=True)):
        for column, label in _PER_QUESTION:
            if column not in before.columns or column not in after.columns:
                continue
            old, new = before.columns[column][at], after.columns[column][at]
            # NaN where no answer was given: whether one is has a line of its own.
            if not np.isnan(old) and not np.isnan(new) and abs(new - old) > 1e-9:
                changes.append(Change(question, kind, column, label, float(old), float(new)))
    return changes


def _changes_text(changes: tuple[Change, ...], limit: int | None) -> str:
    if not changes:
        return "Ingen spørgsmål ændrede sig."
    rows = [
        [change.question, change.kind or "–", change.label, number(change.before), number(change.after)]
        for change in changes[:limit]
    ]
    table = aligned([["Spørgsmål", "Slags", "Kvalitet", "før", "efter"], *rows], left=3)
    left_out = len(changes) - len(rows)
    return f"Ændrede spørgsmål\n{table}" + (f"\n... og {left_out} ændringer mere" if left_out else "")
