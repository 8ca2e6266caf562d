"""A run as one HTML page that needs nothing else: tables, plots and the questions that fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import MissingExtra
from eval import metrics
from eval.catalogue import METRICS
from eval.failures import failures
from eval.runs import Run
from eval.sheets import sheet_of
from eval.summary import Part, Summary, summarise
from eval.table import BY_KIND, interval, number, target

_TEMPLATES = Path(__file__).parent / "templates"

PANELS = (
    ("hit@1", "rigtigt sted først", True),
    ("recall@5", "blandt de fem første", True),
    ("answer_recall", "svaret har det rigtige", True),
    ("abstention_recall", "ubesvarbare afvist", True),
    ("answerable_declined", "besvarbare afvist", False),
)

_STAMP = (
    ("created", "Tidspunkt (UTC)"),
    ("question_file", "Spørgsmål"),
    ("questions", "Spørgsmålenes aftryk"),
    ("corpus", "Dokumenternes aftryk"),
    ("code", "Kode"),
    ("index", "Indeks"),
    ("model", "Model"),
    ("settings", "Indstillinger"),
    ("answerer", "Besvarelse"),
    ("machine", "Maskine"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: a heading and the cells after it, ready to show."""

    heading: str
    cells: tuple[str, ...]


def report_html(run: Run) -> str:
    """Return the page. All text of documents, questions and answers is escaped.

    Raises ``MissingExtra`` where the packages that draw it are not installed.
    """
    try:
        import jinja2
        from markupsafe import Markup

        from eval import plots
    except ImportError as error:
        raise MissingExtra(
            "Rapporten kræver pakkerne matplotlib og Jinja2. "
            "Installér dem med: python -m pip install -e '.[eval]'"
        ) from error
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    summary = summarise(sheet_of(run, run.stamp.question_file))
    curve = risk_curve(run)
    # Markup: our own drawings, the only thing that is not escaped.
    return environment.get_template("report.html").render(
        name=run.stamp.question_file,
        questions=len(run.results),
        stamp=[Row(label, (getattr(run.stamp, key),)) for key, label in _STAMP],
        overall=overall_rows(summary),
        kind_titles=[label for _, label in BY_KIND],
        kinds=[kind_row(part) for part in summary.kinds],
        quality=Markup(plots.quality_by_kind(summary.kinds, PANELS)),  # noqa: S704
        risk=Markup(plots.risk_coverage(curve, operating_point(run))),  # noqa: S704
        risk_rows=_at_coverages(curve),
        latency=Markup(plots.latency_histogram([result.latency_ms for result in run.results])),  # noqa: S704
        failures=failures(run),
    )


def risk_curve(run: Run) -> tuple[tuple[float, float, float], ...]:
    """Return the run's risk-coverage curve: an error is a question whose gold is not first."""
    return metrics.risk_coverage(
        [result.confidence for result in run.results],
        [1.0 - metrics.within(result.rank, 1) for result in run.results],
    )


def operating_point(run: Run) -> tuple[float, float] | None:
    """Return the share of questions that the run answered, and of errors among those."""
    answered = [result for result in run.results if not result.abstained]
    if not answered:
        return None
    wrong = sum(1.0 - metrics.within(result.rank, 1) for result in answered)
    return len(answered) / len(run.results), wrong / len(answered)


def overall_rows(summary: Summary) -> list[Row]:
    """Return a line a metric: value, questions, target, reached."""
    rows = []
    for metric in METRICS:
        estimate = summary.overall.figure(metric.name)
        if estimate is None:
            continue
        reached = ""
        if metric.target is not None:
            reached = "ja" if metric.reaches(estimate.value, metric.target) else "nej"
        cells = (interval(estimate, metric.decimals), str(estimate.count), target(metric), reached)
        rows.append(Row(metric.label, cells))
    return rows


def kind_row(part: Part) -> Row:
    """Return the line of a kind of question: how many, and the figures of ``BY_KIND``."""
    figures = [part.figure(name) for name, _ in BY_KIND]
    cells = ("–" if figure is None else interval(figure) for figure in figures)
    return Row(part.kind, (str(part.questions), *cells))


def _at_coverages(curve: Sequence[tuple[float, float, float]]) -> list[Row]:
    """The curve in words for whoever cannot see it: the risk at a few coverages."""
    rows = []
    for wanted in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        _, coverage, risk = next(point for point in curve if point[1] >= wanted - 1e-9)
        rows.append(Row(f"{number(100 * coverage, 0)} %", (f"{number(100 * risk, 0)} %",)))
    return rows
