"""All figures of a sheet with their intervals: overall, by kind, and flat for a run's file."""

from __future__ import annotations

from dataclasses import dataclass

from eval.catalogue import METRICS, Metric
from eval.questions import KINDS
from eval.resampling import Estimate, estimates
from eval.sheets import Sheet


@dataclass(frozen=True, slots=True)
class Part:
    """The figures of one kind of question; of all of them where ``kind`` is empty."""

    kind: str
    questions: int
    figures: tuple[tuple[Metric, Estimate], ...]

    def figure(self, name: str) -> Estimate | None:
        """Return the figure of that name, ``None`` where it does not apply."""
        return next((estimate for metric, estimate in self.figures if metric.name == name), None)


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a run."""

    name: str
    overall: Part
    kinds: tuple[Part, ...]


def summarise(sheet: Sheet) -> Summary:
    """Work out every metric that applies to the sheet, overall and by kind."""
    present = [kind for kind in KINDS if kind in sheet.kinds]
    return Summary(
        sheet.name,
        _part("", sheet),
        tuple(_part(kind, sheet.of_kind(kind)) for kind in present),
    )


def flat(summary: Summary) -> dict[str, float]:
    """Return the summary as one level of floats.

    ``hit@1`` with ``hit@1/low`` and ``hit@1/high``, and the same under each kind:
    ``liste/hit@1``. What does not apply is left out.
    """
    result: dict[str, float] = {}
    for part in (summary.overall, *summary.kinds):
        prefix = f"{part.kind}/" if part.kind else ""
        result[f"{prefix}questions"] = float(part.questions)
        for metric, estimate in part.figures:
            result[f"{prefix}{metric.name}"] = estimate.value
            result[f"{prefix}{metric.name}/low"] = estimate.low
            result[f"{prefix}{metric.name}/high"] = estimate.high
    return result


def _part(kind: str, sheet: Sheet) -> Part:
    return Part(kind, len(sheet.ids), estimates(METRICS, sheet))
