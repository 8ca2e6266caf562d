"""A run can be read: as a table, and as one page that asks for nothing and trusts no text."""

from __future__ import annotations

import dataclasses
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from eval_world import SET, WordAssistant

from assistant.errors import MissingExtra
from eval.cli import main
from eval.failures import failures
from eval.report import operating_point, report_html
from eval.runner import run_questions
from eval.runs import Run, run_json, write_json
from eval.sheets import sheet_of
from eval.summary import summarise
from eval.table import metrics_table

HOSTILE = "<script>alert('å')</script><img src=https://example.com/x.png>"


class Page(HTMLParser):
    """Collects tags, the addresses they ask for, and ids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attributes:
            if name in ("src", "href", "xlink:href", "srcset", "data", "action"):
                self.addresses.append(value or "")
            if name == "id":
                self.ids.append(value or "")


@pytest.fixture(scope="module")
def run() -> Run:
    return run_questions(WordAssistant(threshold=0.9), SET)


@pytest.fixture(scope="module")
def html(run: Run) -> str:
    return report_html(run)


def test_the_page_asks_for_nothing_outside_itself(html: str) -> None:
    page = Page(html)
    assert page.addresses
    assert all(address.startswith("#") for address in page.addresses)
    assert "script" not in page.tags
    assert "link" not in page.tags
    assert "default-src 'none'" in html
    assert not re.search(r"@import|url\((?!#)", html)


def test_text_of_documents_and_answers_is_escaped(run: Run) -> None:
    first = run.results[0]
    hostile = dataclasses.replace(
        first,
        question=dataclasses.replace(first.question, text=HOSTILE, history=(HOSTILE,)),
        hits=tuple(dataclasses.replace(hit, text=HOSTILE, document=HOSTILE) for hit in first.hits),
        text=HOSTILE,
        understood_as=HOSTILE,
    )
    stamp = dataclasses.replace(run.stamp, question_file=HOSTILE, model=HOSTILE)
    page_html = report_html(Run(stamp, (hostile, *run.results[1:])))
    assert HOSTILE not in page_html
    assert page_html.count("&lt;script&gt;") >= 6
    page = Page(page_html)
    assert "script" not in page.tags
    assert "img" not in page.tags


def test_the_three_plots_are_there_and_described(html: str) -> None:
    assert Page(html).tags.count("svg") == 3
    assert html.count('role="img" aria-label="') == 3


def test_no_two_elements_have_the_same_id(html: str) -> None:
    ids = Page(html).ids
    assert len(ids) == len(set(ids))


def test_whatever_a_plot_refers_to_is_there(html: str) -> None:
    referred = {address.removeprefix("#") for address in Page(html).addresses}
    referred |= set(re.findall(r"url\(#([^)]+)\)", html))
    assert len(referred) > 20
    assert referred <= set(Page(html).ids)


def test_the_page_is_danish_and_shows_every_kind(html: str, run: Run) -> None:
    assert '<html lang="da">' in html
    for result in run.results:
        assert f'<th scope="row">{result.question.kind}</th>' in html


def test_a_failing_question_shows_what_was_found_instead(html: str, run: Run) -> None:
    failing = failures(run)
    assert failing
    for failure in failing:
        assert failure.result.hits[0].text in html
        assert all(reason in html for reason in failure.reasons)


def test_reasons_say_what_went_wrong(run: Run) -> None:
    right, _, comparison, _, unanswerable = run.results
    assert _reasons(run, right) == ()
    assert _reasons(run, dataclasses.replace(right, abstained=True, citations=())) == (
        "Afvist, men dokumenterne har svaret",
    )
    second = dataclasses.replace(right, hits=(right.hits[1], right.hits[0], *right.hits[2:]))
    assert _reasons(run, second) == ("Det rigtige sted har rang 2",)
    nowhere = dataclasses.replace(right, hits=right.hits[1:])
    assert _reasons(run, nowhere) == ("1 af 1 rigtige steder er ikke blandt de første 5 fund",)
    one_side = dataclasses.replace(comparison, abstained=False, citations=right.citations[:1])
    assert "Sammenligningen citerer ikke skov" in _reasons(run, one_side)
    assert "Svaret har 0 af 2 rigtige steder med" in _reasons(run, one_side)
    answered = dataclasses.replace(unanswerable, abstained=False, citations=right.citations)
    assert _reasons(run, answered) == ("Besvaret, men dokumenterne har ikke svaret",)
    broken = tuple(dataclasses.replace(quote, valid=False) for quote in right.citations[:1])
    assert "står ikke på side 1 i kyst" in _reasons(run, dataclasses.replace(right, citations=broken))[0]


def test_the_operating_point_is_what_was_answered_and_wrong(run: Run) -> None:
    answered = [result for result in run.results if not result.abstained]
    wrong = [result for result in answered if result.rank != 1]
    assert operating_point(run) == (len(answered) / 5, len(wrong) / len(answered))


def test_the_page_is_written_beside_the_run(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_json(tmp_path / "run.json", run_json(run, {}))
    assert main(["report", str(tmp_path / "run.json")]) == 0
    assert (tmp_path / "run.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_without_the_drawing_packages_the_error_says_how_to_get_them(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtra, match=r"pip install -e '\.\[eval\]'"):
        report_html(run)


def test_the_table_has_every_run_with_intervals_and_what_falls_short(run: Run) -> None:
    good = run_questions(WordAssistant(), SET)
    table = metrics_table([summarise(sheet_of(good, "god")), summarise(sheet_of(run, "streng"))])
    (line,) = [line for line in table.splitlines() if line.startswith("Besvarbare, der afvises")]
    assert re.search(r"0,00 \[0,00–0,00\] .* 0,\d\d \[0,\d\d–\d,\d\d\] \*  ≤ 0,04", line)
    assert table.count("sammenligning") == 2


def _reasons(run: Run, result: object) -> tuple[str, ...]:
    found = failures(dataclasses.replace(run, results=(result,)))
    return found[0].reasons if found else ()
