"""A page is set for reading without losing a word, and the mark covers exactly the quote."""

from __future__ import annotations

import re

import pytest

from assistant.records import Page, Span
from assistant.web.page_text import typeset

SLIDE = """3. DEN VÆRDISKABENDE
FORVALTNING

• Vi holder fokus på effekt og værdiskabelse
• God ledelse skaber værdi - vi får den samledele ledelseskæde til at fungere med
tillid, dialog og få men synlige mål

- Frem for komplekse nationale styringssystemer

Kun herved kan vi prioritere."""


def _marked(markup: str) -> list[str]:
    return re.findall(r"<mark>(.*?)</mark>", markup, re.DOTALL)


def _words(markup: str) -> list[str]:
    return re.sub(r"&#10;", "\n", re.sub(r"<[^>]+>", " ", markup)).split()


def _span(text: str, quote: str) -> Span:
    start = text.index(quote)
    return Span(start, start + len(quote))


def test_no_word_of_the_page_is_left_out() -> None:
    assert _words(typeset(Page(1, SLIDE)).source) == SLIDE.split()


def test_the_mark_is_the_quote_and_nothing_else() -> None:
    quote = "komplekse nationale"
    assert _marked(typeset(Page(1, SLIDE), [_span(SLIDE, quote)]).source) == [quote]


def test_a_quote_over_a_line_break_is_one_mark() -> None:
    quote = "fungere med\ntillid, dialog"
    assert _marked(typeset(Page(1, SLIDE), [_span(SLIDE, quote)]).source) == ["fungere med tillid, dialog"]


def test_a_quote_over_several_bullets_is_marked_in_each() -> None:
    span = Span(SLIDE.index("effekt"), SLIDE.index("ledelse skaber") + len("ledelse"))
    assert _marked(typeset(Page(1, SLIDE), [span]).source) == ["effekt og værdiskabelse", "God ledelse"]


def test_several_quotes_are_marked_and_none_twice() -> None:
    spans = [_span(SLIDE, "ledelse skaber"), _span(SLIDE, "effekt"), _span(SLIDE, "skaber værdi")]
    assert _marked(typeset(Page(1, SLIDE), spans).source) == ["effekt", "ledelse skaber", " værdi"]
    assert _words(typeset(Page(1, SLIDE), spans).source) == SLIDE.split()


def test_without_a_span_nothing_is_marked() -> None:
    assert "<mark>" not in typeset(Page(1, SLIDE)).source


def test_bullets_are_a_list_and_the_heading_is_a_heading() -> None:
    markup = typeset(Page(1, SLIDE)).source
    assert markup.startswith("<h3")
    assert markup.count("<li") == 3
    assert markup.count("<ul") == markup.count("</ul>")


def test_markup_in_the_page_is_text() -> None:
    text = "• <script>alert(1)</script>\n• <img src=x onerror=alert(2)>"
    markup = typeset(Page(1, text), [_span(text, "<img src=x")]).source
    assert "<script" not in markup
    assert "<img" not in markup
    assert _marked(markup) == ["&lt;img src=x"]


def test_offsets_hold_across_unprintable_characters() -> None:
    text = "A\x00B \u202ecitat\u202e C"
    assert _marked(typeset(Page(1, text), [_span(text, "citat")]).source) == ["citat"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "Et almindeligt afsnit, som er brudt ved sidens kant og\nfortsætter her uden at være et digt.",
            "Et almindeligt afsnit, som er brudt ved sidens kant og fortsætter her uden at være et digt.",
        ),
        (
            "Postboks 1\n2300 København S\nTelefon 12 34 56 78 og en noget længere linje til sidst",
            "Postboks 1&#10;2300 København S&#10;Telefon 12 34 56 78 og en noget længere linje til sidst",
        ),
    ],
)
def test_running_text_is_not_broken_and_short_lines_are(text: str, shown: str) -> None:
    assert typeset(Page(1, text)).source == f"<p>{shown}</p>"


def test_a_sentence_that_goes_on_behind_a_blank_line_is_shown_as_one() -> None:
    text = "• Er indspil til arbejdet med regeringens\n\nsammenhængsreform"
    assert "regeringens  sammenhængsreform" in typeset(Page(1, text)).source
