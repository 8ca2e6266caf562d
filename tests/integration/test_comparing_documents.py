"""Documents side by side: each speaks only where it speaks of the theme."""

from __future__ import annotations

import pytest

from assistant.comparing.comparison import Column, Comparison, compare
from assistant.comparing.themes import themes
from assistant.errors import QuestionError, UnknownDocument
from assistant.pipeline import Assistant
from assistant.text.folding import clean

KOMDIR, STATEN = "komdir-4-pejlemaerker", "staten-styring-og-ledelse"
BOTH = (KOMDIR, STATEN)


def sides(comparison: Comparison) -> tuple[Column, Column]:
    komdir, staten = comparison.columns
    assert (komdir.document_id, staten.document_id) == BOTH
    return komdir, staten


def quotes(column: Column) -> str:
    return " | ".join(citation.quote for citation in column.citations)


def test_every_quote_is_a_slice_of_its_own_documents_page(assistant: Assistant) -> None:
    comparison = compare(assistant, "udvikling", BOTH)

    assert not any(column.silent for column in comparison.columns)
    for column in comparison.columns:
        for citation in column.citations:
            assert citation.passage.document_id == column.document_id
            page = assistant.document(column.document_id).page(citation.passage.page)
            assert clean(page.text[citation.span.start : citation.span.end]) == citation.quote
            assert citation.verified
    markers = [citation.marker for citation in comparison.citations]
    assert markers == list(range(1, len(markers) + 1))


def test_a_document_that_does_not_mention_the_theme_is_silent(assistant: Assistant) -> None:
    komdir, staten = sides(compare(assistant, "Hvad siger kommunerne og staten om cyber?", BOTH))

    assert komdir.silent
    assert "På cyber?" in quotes(staten)


def test_the_order_of_the_columns_is_the_order_asked_for(assistant: Assistant) -> None:
    comparison = compare(assistant, "tillid", (STATEN, KOMDIR))

    assert [column.document_id for column in comparison.columns] == [STATEN, KOMDIR]
    assert [column.silent for column in comparison.columns] == [True, False]


@pytest.mark.parametrize("theme", ["klima", "kunstig intelligens", "Hvad er hovedstaden i Frankrig?"])
def test_what_nobody_mentions_fills_no_column(assistant: Assistant, theme: str) -> None:
    assert compare(assistant, theme, BOTH).empty


@pytest.mark.parametrize(
    ("theme", "family"),
    [
        ("styring", "styring"),
        ("tillid", "tillid"),
        ("medarbejdere", "medarbejder"),
        ("borgere", "borger"),
        ("kvalitet", "kvalitet"),
        ("dialog", "dialog"),
    ],
)
def test_a_column_holds_only_passages_with_the_theme_in_some_form(
    assistant: Assistant, theme: str, family: str
) -> None:
    comparison = compare(assistant, theme, BOTH)

    assert not comparison.empty
    for column in comparison.columns:
        assert all(family in citation.quote.lower() for citation in column.citations)


def test_what_stands_under_a_heading_that_is_the_theme_is_on_it(assistant: Assistant) -> None:
    komdir, staten = sides(compare(assistant, "den kompetente forvaltning", BOTH))

    assert "Vi sikrer rammer der udfordrer og udvikler" in quotes(komdir)
    assert "Vi holder fokus på effekt" not in quotes(komdir)
    assert staten.silent


def test_a_theme_in_english_finds_the_danish_words(assistant: Assistant) -> None:
    komdir, staten = sides(compare(assistant, "digitalization", BOTH))

    assert "Digitale løsninger skal skabe merværdi" in quotes(komdir)
    assert "Når digitalisering åbner nye muligheder?" in quotes(staten)


def test_passages_about_the_same_point_are_put_together_with_the_words_they_share(
    assistant: Assistant,
) -> None:
    comparison = compare(assistant, "mål", BOTH)
    komdir, staten = sides(comparison)

    (shared,) = comparison.shared
    assert "få men synlige mål" in shared.citations[0].quote
    assert "Styring på få men centrale mål" in shared.citations[1].quote
    assert shared.words == ("få", "mål")
    assert shared.citations[0] not in comparison.only(komdir)
    assert set(komdir.citations) == {shared.citations[0], *comparison.only(komdir)}
    assert "vejledende metoder" in " ".join(citation.quote for citation in comparison.only(staten))


def test_the_theme_alone_is_not_the_same_point(assistant: Assistant) -> None:
    comparison = compare(assistant, "kultur", BOTH)

    assert not any(column.silent for column in comparison.columns)
    assert comparison.shared == ()


def test_a_silent_document_may_come_near_but_says_nothing(assistant: Assistant) -> None:
    komdir, _ = sides(compare(assistant, "regler", BOTH))

    assert komdir.silent
    assert komdir.found == 0


def test_the_themes_to_start_from_are_the_documents_own(assistant: Assistant) -> None:
    found = themes(assistant, BOTH)

    assert len(found) == len(set(found)) == 8
    speaking = [[c for c in compare(assistant, theme, BOTH).columns if not c.silent] for theme in found]
    assert [len(columns) for columns in speaking] == [2] * 6 + [1] * 2
    assert "styring" in found


def test_one_document_has_no_themes_to_compare(assistant: Assistant) -> None:
    assert themes(assistant, (KOMDIR,)) == ()


@pytest.mark.parametrize("documents", [(), (KOMDIR,), (KOMDIR, KOMDIR)])
def test_fewer_than_two_documents_are_refused(assistant: Assistant, documents: tuple[str, ...]) -> None:
    with pytest.raises(QuestionError, match="mindst to dokumenter"):
        compare(assistant, "mål", documents)


def test_an_empty_theme_and_an_unknown_document_are_refused(assistant: Assistant) -> None:
    with pytest.raises(QuestionError, match="tomt"):
        compare(assistant, "   ", BOTH)
    with pytest.raises(UnknownDocument, match="findes ikke"):
        compare(assistant, "mål", (KOMDIR, "andet"))
