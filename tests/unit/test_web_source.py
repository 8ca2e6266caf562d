"""What can be taken along from the source pane, and what else it leads to."""

from __future__ import annotations

from dataclasses import replace

from assistant.records import Answer, Citation, Document, Page, Passage, Query, Span, Stamp
from assistant.web.session import Conversation
from assistant.web.source import other_places, page_name, quotation, still_quoted

TEXT = "Hegnspæle skal\nmales. Låger skal kunne luk-\nkes."
PAINT, GATES = Span(0, 21), Span(22, len(TEXT))
PAGES = (Page(1, "Forside"), Page(2, TEXT, label="1", reader="tesseract"))
DOCUMENT = Document("hegn", "Notat om hegn", "Hegnslauget", "notat", "da", "", PAGES)


def cited(*places: tuple[int, Span], document: str = "hegn") -> Answer:
    citations = tuple(
        Citation(marker, Passage(f"p{marker}", document, page, "", "", span, ""), "citat", span, True)
        for marker, (page, span) in enumerate(places, 1)
    )
    query = Query("?", "?")
    return Answer("?", "", (), citations, (), "extractive", False, Stamp("", "", "", ""), query)


def opened(page: int, *marked: Span) -> Conversation:
    talk = Conversation()
    talk.open_page("hegn", page, *marked)
    return talk


def copied(talk: Conversation) -> str:
    assert talk.source is not None
    return quotation(DOCUMENT, DOCUMENT.page(talk.source.page), talk.source)


def test_a_quote_is_copied_with_its_reference_and_without_the_line_breaks_of_the_page() -> None:
    where = "(Hegnslauget, Notat om hegn, s. 1 (side 2 i filen) (tekstgenkendt))"
    assert copied(opened(2, GATES)) == f"»Låger skal kunne lukkes.« {where}"
    assert copied(opened(2, PAINT, GATES)).splitlines() == [
        "– »Hegnspæle skal males.«",
        "– »Låger skal kunne lukkes.«",
        where,
    ]


def test_a_page_without_a_quote_gives_its_reference() -> None:
    talk = opened(2, PAINT)
    talk.turn_page(1)
    assert copied(talk) == "Hegnslauget, Notat om hegn, s. 1"


def test_the_page_says_what_is_printed_on_it_and_that_it_was_recognised() -> None:
    assert page_name(DOCUMENT, PAGES[0]) == "Side 1 af 2"
    assert page_name(DOCUMENT, PAGES[1]) == "Side 2 af 2 (trykt: 1) · tekstgenkendt"


def test_the_other_places_are_those_cited_elsewhere_in_the_conversation_once_each_by_page() -> None:
    talk = Conversation()
    talk.answers = [
        cited((2, GATES), (2, PAINT)),
        cited((1, PAINT), (2, GATES)),
        cited((1, GATES), document="x"),
    ]
    talk.open_citation(0, 0)

    assert other_places(talk, DOCUMENT) == [(1, 0), (0, 1)]


def test_a_mark_that_no_longer_covers_its_quote_is_dropped_and_the_quote_called_unverified() -> None:
    quoted = cited((2, PAINT))
    talk = Conversation(
        answers=[replace(quoted, citations=(replace(quoted.citations[0], quote="Hegnspæle skal males."),))]
    )
    talk.open_citation(0, 0)
    assert talk.source is not None

    assert still_quoted(DOCUMENT.page(2), talk.source, talk.answers) == talk.source
    for text in ("Hegnspæle skal rives ned. Låger med.", ""):
        now = still_quoted(Page(2, text), talk.source, talk.answers)
        assert (now.marked, now.verified) == ((), False)
        assert "»" not in quotation(DOCUMENT, Page(2, text), now)
