"""The figures as text tables with Danish headings and decimal commas."""

from __future__ import annotations

from collections.abc import Sequence

from eval.catalogue import METRICS, Metric
from eval.resampling import Estimate
from eval.summary import Summary

BY_KIND = (
    ("hit@1", "hit@1"),
    ("recall@5", "recall@5"),
    ("mrr", "MRR"),
    ("answer_recall", "rigtigt med"),
    ("answer_precision", "citater rigtige"),
    ("abstention_recall", "afvist (ubesv.)"),
    ("answerable_declined", "afvist (besv.)"),
)


def number(value: float, decimals: int = 2) -> str:
    """Return a number with a decimal comma and a minus sign."""
    return f"{value:.{decimals}f}".replace(".", ",").replace("-", "\N{MINUS SIGN}")


def interval(estimate: Estimate, decimals: int = 2) -> str:
    """Return a figure with its interval: ``0,88 [0,82-0,93]``."""
    low, high = number(estimate.low, decimals), number(estimate.high, decimals)
    return f"{number(estimate.value, decimals)} [{low}–{high}]"


def target(metric: Metric) -> str:
    """Return what is aimed for, empty where nothing is."""
    if metric.target is None:
        return ""
    return f"{'≥' if metric.better == 'higher' else '≤'} {number(metric.target, metric.decimals)}"


def metrics_table(summaries: Sequence[Summary]) -> str:
    """Return the figures of one or more runs: side by side overall, then by kind for each."""
    blocks = [_overall(summaries)]
    blocks += [_by_kind(summary) for summary in summaries if summary.kinds]
    star = " *: målet er ikke nået." if any(" *" in block for block in blocks) else ""
    blocks.append(f"I kantet parentes: 95 %-konfidensinterval (bootstrap over spørgsmål).{star}")
    return "\n\n".join(blocks)


def aligned(rows: Sequence[Sequence[str]], *, left: int = 1) -> str:
    """Return rows as aligned columns with a line below the first; ``left`` columns align left."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if at < left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _overall(summaries: Sequence[Summary]) -> str:
    # The targets are for answers to question sets; a search benchmark has other ones.
    aimed = all(summary.kinds for summary in summaries)
    rows = [["Kvalitet", *(summary.name for summary in summaries), "Mål" if aimed else ""]]
    rows.append(["Spørgsmål", *(f"{summary.overall.questions}  " for summary in summaries), ""])
    for metric in METRICS:
        figures = [summary.overall.figure(metric.name) for summary in summaries]
        if any(figures):
            cells = [_cell(metric, figure, aimed=aimed) for figure in figures]
            rows.append([metric.label, *cells, target(metric) if aimed else ""])
    return aligned(rows)


def _cell(metric: Metric, figure: Estimate | None, *, aimed: bool) -> str:
    if figure is None:
        return "–  "
    short = aimed and metric.target is not None and not metric.reaches(figure.value, metric.target)
    return f"{interval(figure, metric.decimals)}{' *' if short else '  '}"


def _by_kind(summary: Summary) -> str:
    rows = [["Slags spørgsmål", "Antal", *(label for _, label in BY_KIND)]]
    for part in summary.kinds:
        figures = [part.figure(name) for name, _ in BY_KIND]
        cells = ["–" if figure is None else interval(figure) for figure in figures]
        rows.append([part.kind, str(part.questions), *cells])
    return f"{summary.name}\n{aligned(rows)}"
