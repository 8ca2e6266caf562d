"""A run on the page: its figures, its plots, the questions that failed, and its files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.util import find_spec

import streamlit as st

from assistant.exporting.paper import danish_date
from assistant.web.exports import now
from assistant.web.markup import Html, foreign, label, show, tag
from eval.failures import Failure, failures
from eval.report import PANELS, kind_row, operating_point, overall_rows, report_html, risk_curve
from eval.runs import Run
from eval.sheets import sheet_of
from eval.summary import Summary, summarise
from eval.table import BY_KIND, number
from eval.tabular import run_csv

_SHOWN = 20
"""Failures on the page at a time."""

_FOUND = 3


def draw(run: Run, name: str) -> None:
    """Draw one run; ``name`` is what its files are called."""
    summary = _summary(run)
    stamp = run.stamp
    model = "uden sprogmodel" if stamp.answerer == "extractive" else stamp.answerer
    show(
        tag(
            "p",
            f"{len(run.results)} spørgsmål fra ",
            foreign(stamp.question_file),
            ", ",
            foreign(model),
            ", ",
            foreign(f"indeks {stamp.index}, kode {stamp.code}, {_when(stamp.created)}"),
            class_="muted",
        )
    )
    _draw_files(run, name)
    show(tag("h3", "Kvalitet"))
    show(_overall(summary))
    if summary.kinds:
        show(tag("h3", "Efter slags spørgsmål"))
        show(_by_kind(summary))
        _draw_picture(run, "quality", "Kvalitet efter slags spørgsmål. Tallene står i tabellen ovenfor.")
    show(tag("h3", "Hvor sikker assistenten er"))
    told = (
        "Jo færre af de mindst sikre spørgsmål den besvarer, jo færre fejl. Punktet er kørslens egen grænse."
    )
    show(tag("p", told, class_="muted"))
    _draw_picture(run, "risk", f"Risiko og dækning. {_risk_in_words(run)}")
    show(tag("p", _risk_in_words(run)))
    show(tag("h3", "Svartid"))
    _draw_picture(run, "latency", "Fordelingen af svartider i millisekunder.")
    _draw_failures(run, name)


def _draw_picture(run: Run, which: str, words: str) -> None:
    try:
        picture = _picture(run, which)
    except ImportError:
        show(
            tag("p", "Tegningen kræver pakken matplotlib: python -m pip install -e '.[eval]'", class_="muted")
        )
        return
    st.image(picture, width="stretch", alt=words)


def _draw_files(run: Run, name: str) -> None:
    with st.container(key="evaluation-files", horizontal=True, gap="small"):
        st.download_button(
            "Hent som CSV", run_csv(run), f"{name}.csv", "text/csv", key="evaluation-csv", on_click="ignore"
        )
        if find_spec("matplotlib") is None or find_spec("jinja2") is None:
            return
        # Drawing it takes its time, and few ask for it.
        st.download_button(
            "Hent rapporten",
            lambda: _report(run),
            f"{name}.html",
            "text/html",
            key="evaluation-report",
            on_click="ignore",
        )


def _when(created: str) -> str:
    try:
        moment = datetime.fromisoformat(created).astimezone(now().tzinfo)
    except ValueError:
        return created
    return f"{danish_date(moment)} kl. {moment:%H.%M}"


def _overall(summary: Summary) -> Html:
    headings = ("Mål for kvalitet", "Værdi [95 %]", "Spørgsmål", "Ønsket", "Nået")
    return _table(headings, [_row(row.heading, row.cells) for row in overall_rows(summary)])


def _by_kind(summary: Summary) -> Html:
    rows = [kind_row(part) for part in summary.kinds]
    headings = ("Slags", "Antal", *(title for _, title in BY_KIND))
    return _table(headings, [_row(row.heading, row.cells) for row in rows])


def _table(headings: Sequence[str], rows: Sequence[Html]) -> Html:
    head = tag("tr", *(tag("th", heading, scope="col") for heading in headings))
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="figures")
    # Wide tables scroll by themselves, and by keyboard too.
    return tag("div", table, class_="scroll", tabindex="0", role="region", aria_label=headings[0])


def _row(heading: str, cells: Sequence[str]) -> Html:
    return tag("tr", tag("th", foreign(heading), scope="row"), *(tag("td", cell) for cell in cells))


def _draw_failures(run: Run, name: str) -> None:
    wrong = failures(run)
    show(tag("h3", f"Spørgsmål, der gik galt ({len(wrong)} af {len(run.results)})"))
    if not wrong:
        show(tag("p", "Ingen."))
        return
    kinds = list(dict.fromkeys(failure.result.question.kind for failure in wrong))
    chosen = st.multiselect(
        "Vis kun", kinds, key=f"evaluation-kinds-{name}", placeholder="Alle slags", select_all=False
    )
    listed = [f for f in wrong if not chosen or f.result.question.kind in chosen]
    pages = max(-(-len(listed) // _SHOWN), 1)
    page = 1
    if pages > 1:
        page = int(st.number_input("Side", 1, pages, 1, key=f"evaluation-page-{name}", help=f"Af {pages}"))
    for failure in listed[(page - 1) * _SHOWN : page * _SHOWN]:
        with st.expander(label(f"{failure.result.question.id}: {failure.result.question.text}")):
            show(_failure(failure))


def _failure(failure: Failure) -> Html:
    result = failure.result
    history = [tag("p", "Efter: ", foreign(" / ".join(result.question.history)), class_="muted")]
    wanted = [
        tag("li", foreign(entry.document), ": »", foreign(entry.any[0]), "«")
        for entry in result.question.gold
    ]
    found = [
        tag("li", foreign(hit.document), f", side {hit.page}: ", foreign(hit.text))
        for hit in result.hits[:_FOUND]
    ]
    return tag(
        "div",
        *(history if result.question.history else []),
        tag("ul", *(tag("li", foreign(reason)) for reason in failure.reasons)),
        tag("p", tag("strong", "Det rigtige")),
        tag("ul", *wanted) if wanted else tag("p", "Dokumenterne svarer ikke på det."),
        tag("p", tag("strong", "Fundet først")),
        tag("ol", *found),
        tag("p", tag("strong", "Svaret")),
        *(tag("p", foreign(line)) for line in result.text.splitlines() if line.strip()),
    )


def _risk_in_words(run: Run) -> str:
    point = operating_point(run)
    if point is None:
        return "Intet spørgsmål blev besvaret."
    answered, wrong = point
    return (
        f"{number(100 * answered, 0)} % af spørgsmålene blev besvaret, og ved {number(100 * wrong, 0)} % af dem "
        "stod det rigtige sted ikke først."
    )


# What a run shows is worked out once, not at every click.
@st.cache_resource(show_spinner=False, max_entries=20, hash_funcs={Run: lambda run: repr(run.stamp)})
def _summary(run: Run) -> Summary:
    return summarise(sheet_of(run, run.stamp.question_file))


@st.cache_resource(show_spinner=False, max_entries=20, hash_funcs={Run: lambda run: repr(run.stamp)})
def _report(run: Run) -> str:
    return report_html(run)


@st.cache_resource(show_spinner=False, max_entries=60, hash_funcs={Run: lambda run: repr(run.stamp)})
def _picture(run: Run, which: str) -> str:
    from eval import plots

    if which == "quality":
        return plots.quality_by_kind(_summary(run).kinds, PANELS)
    if which == "risk":
        return plots.risk_coverage(risk_curve(run), operating_point(run))
    return plots.latency_histogram([result.latency_ms for result in run.results])
