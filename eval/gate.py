"""Whether a run is significantly worse than the committed baseline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eval.catalogue import METRICS
from eval.compare import SIGNIFICANT, difference_table
from eval.resampling import Difference, differences
from eval.sheets import Sheet

BASELINES = Path(__file__).parent / "baselines"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate found. It is passed where ``losses`` is empty."""

    rows: tuple[Difference, ...]
    losses: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing that counts was lost."""
        return not self.losses


def baseline_path(question_file: str) -> Path:
    """Return where the committed baseline of a question set is."""
    return BASELINES / f"{question_file}.json"


def judge(baseline: Sheet, run: Sheet) -> Verdict:
    """Compare a run with its baseline; raises ``EvaluationError`` over different questions.

    A gated metric is lost if it turned for the worse with one-sided p below 0.05; one that
    must be exact, if it turned for the worse at all.
    """
    rows = differences([metric for metric in METRICS if metric.gated], baseline, run)
    return Verdict(rows, tuple(row for row in rows if _lost(row)))


def verdict_text(verdict: Verdict, name: str) -> str:
    """Return the verdict as text, the reason last."""
    if verdict.passed:
        conclusion = f"Porten er åben: {name} er ikke sikkert dårligere end sin baseline."
    else:
        lost = ", ".join(row.metric.label for row in verdict.losses)
        conclusion = f"Porten er lukket: {name} er dårligere end sin baseline på: {lost}."
    return f"{difference_table(verdict.rows)}\n\n{conclusion}"


def _lost(row: Difference) -> bool:
    return row.worse and (row.metric.exact or row.p_loss < SIGNIFICANT)
