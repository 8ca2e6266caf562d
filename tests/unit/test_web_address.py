"""The address opens the same place again, and says nothing about a text that has become another."""

from __future__ import annotations

import time
from typing import Any, cast
from urllib.parse import parse_qs

import pytest

from assistant.errors import UnknownDocument
from assistant.records import Answer, Citation, Document, Page, Passage, Query, Span, Stamp
from assistant.web.address import is_late, left, link, open_place, place, spans
from assistant.web.session import Conversation

PAGES = (Page(1, "Forside"), Page(2, "Hegnspæle skal males. Låger skal kunne lukkes."))
DOCUMENT = Document("hegn", "Hegn", "Hegnslauget", "notat", "da", "", PAGES)


class _Library:
    def document(self, document_id: str) -> Document:
        if document_id != DOCUMENT.id:
            raise UnknownDocument("Det er der ikke.")
        return DOCUMENT


LIBRARY = cast("Any", _Library())
SENTENCE = Span(0, 21)
OTHER = Span(22, 46)


def opened(page: int, *marked: Span) -> Any:
    talk = Conversation()
    talk.open_page("hegn", page, *marked)
    return talk


def test_the_marks_of_an_address_are_those_it_was_made_from() -> None:
    talk = opened(2, SENTENCE, OTHER)
    parameters = parse_qs(link(LIBRARY, talk.source))

    assert (parameters["dokument"], parameters["side"]) == (["hegn"], ["2"])
    assert list(spans(PAGES[1], parameters["tegn"][0])) == [SENTENCE, OTHER]


def test_a_page_turned_to_has_no_marks_in_its_address() -> None:
    talk = opened(2, SENTENCE)
    talk.turn_page(1)

    assert place(LIBRARY, talk.source) == (("dokument", "hegn"), ("side", "1"))


def test_nothing_open_is_no_place() -> None:
    assert place(LIBRARY, None) == ()


def test_a_text_that_has_become_another_is_not_marked() -> None:
    marks = parse_qs(link(LIBRARY, opened(2, SENTENCE).source))["tegn"][0]

    assert list(spans(Page(2, "Hegnspæle skal hvides. Låger skal kunne lukkes."), marks)) == []


@pytest.mark.parametrize(
    "marks", ["", "x", "5-2-abcd", "0-9999999-abcd", "0-21-zzzz", "-1-5-abcd", "9" * 50_000]
)
def test_an_address_that_makes_no_sense_marks_nothing(marks: str) -> None:
    assert list(spans(PAGES[1], marks)) == []


def test_a_document_that_is_gone_keeps_its_place_in_the_address() -> None:
    talk = Conversation()
    talk.open_page("væk", 3, SENTENCE)

    assert place(LIBRARY, talk.source) == (("dokument", "væk"), ("side", "3"))


def test_a_place_that_the_conversation_cites_is_opened_as_the_citation_that_it_is() -> None:
    talk = Conversation()
    passages = [Passage(f"p{s.start}", "hegn", 2, "", "", s, "") for s in (SENTENCE, OTHER)]
    citations = tuple(Citation(3, passage, "citat", passage.span, True) for passage in passages)
    query = Query("?", "?")
    talk.answers = [Answer("?", "", (), citations, (), "extractive", False, Stamp("", "", "", ""), query)]

    open_place(LIBRARY, talk, dict(place(LIBRARY, opened(2, OTHER).source)))
    assert talk.source is not None
    assert (talk.source.turn, talk.source.citation, talk.source.marker) == (0, 1, 3)
    open_place(LIBRARY, talk, dict(place(LIBRARY, opened(2, SENTENCE, OTHER).source)))
    assert (talk.source.citation, talk.source.whole, talk.source.marked) == (0, True, (SENTENCE, OTHER))


@pytest.mark.parametrize("page", ["", "x", "0", "99", "²"])
def test_a_page_that_is_not_there_opens_the_first(page: str) -> None:
    talk = Conversation()
    open_place(LIBRARY, talk, {"dokument": "hegn", "side": page})

    assert talk.source is not None
    assert talk.source.page == 1


def test_an_address_that_was_just_left_comes_from_a_click_that_did_not_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = left((("dokument", "hegn"),))
    assert is_late((("dokument", "hegn"),), before)
    assert not is_late((), before)
    assert not is_late((), None)
    later = time.monotonic() + 5
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert not is_late((("dokument", "hegn"),), before)  # the Back button
