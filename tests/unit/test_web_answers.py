"""References under an answer read like those of a memo."""

from __future__ import annotations

from typing import Any, cast

from assistant.records import Answer, Citation, Document, Page, Passage, Query, Span, Stamp
from assistant.web.answers import memo, merged_references


class _Library:
    """Stands in for the assistant: it knows documents and nothing else."""

    def document(self, document_id: str) -> Document:
        pages = tuple(Page(n, "tekst", reader="tesseract" if n == 9 else "") for n in range(1, 10))
        return Document(document_id, f"Titel {document_id}", "KOMDIR", "oplæg", "da", "", pages, "slide")


LIBRARY = cast("Any", _Library())


def _citation(marker: int, document: str, page: int) -> Citation:
    passage = Passage(f"{document}-{page}-{marker}", document, page, "", "citat", Span(0, 5), "")
    return Citation(marker, passage, "citat", Span(0, 5), verified=True)


def test_markers_on_the_same_page_share_a_line() -> None:
    cited = [_citation(1, "a", 2), _citation(2, "a", 2), _citation(3, "a", 2), _citation(4, "b", 5)]

    assert merged_references(LIBRARY, cited) == (
        ("[1–3]", "KOMDIR, Titel a, slide 2"),
        ("[4]", "KOMDIR, Titel b, slide 5"),
    )


def test_markers_apart_are_listed() -> None:
    cited = [_citation(1, "a", 2), _citation(2, "b", 5), _citation(3, "a", 2), _citation(4, "a", 2)]

    assert [markers for markers, _ in merged_references(LIBRARY, cited)] == ["[1, 3, 4]", "[2]"]


def test_a_page_that_was_read_from_a_picture_is_marked() -> None:
    (line,) = merged_references(LIBRARY, [_citation(1, "a", 9)])
    assert line == ("[1]", "KOMDIR, Titel a, slide 9 (tekstgenkendt)")


def test_the_memo_is_the_answer_and_its_references_as_plain_text() -> None:
    text = "KOMDIR skriver:\n»Effekter frem for <b>krav</b>« [1]"
    query = Query("?", "?")
    answer = Answer("?", text, (), (), (), "extractive", False, Stamp("", "", "", ""), query)
    references = merged_references(LIBRARY, [_citation(1, "a", 2)])

    assert memo(answer, references) == f"{text}\n\n[1] KOMDIR, Titel a, slide 2"
