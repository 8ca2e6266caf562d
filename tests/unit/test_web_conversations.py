"""What is kept of a conversation, what happens where that fails, and what a reopened one says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import pytest
from support.answers import QUOTE, answer

from assistant.citing import named_in
from assistant.errors import StorageError, UnknownDocument
from assistant.records import Document, Page, Span
from assistant.storage.base import ConversationStore, new_id
from assistant.storage.sql import open_store
from assistant.web import answers, conversations, database, feedback
from assistant.web.database import Shared
from assistant.web.session import Conversation

PAGE = f"ab\n{QUOTE} og mere"
DOCUMENT = Document("komdir", "4 pejlemærker", "KOMDIR", "oplæg", "da", "", (Page(2, PAGE),), "slide")


class Assistant:
    """Has one document of one page."""

    def __init__(self, page: str = PAGE) -> None:
        self._document = replace(DOCUMENT, pages=(Page(2, page),))

    def document(self, document_id: str) -> Document:
        if document_id != "komdir":
            raise UnknownDocument(document_id)
        return self._document

    def passages(self, document_id: str) -> tuple[Any, ...]:
        text = self.document(document_id).pages[0].text
        return (SimpleNamespace(page=2, text="Et sted", span=Span(0, len(text))),)


class Nothing(Assistant):
    """Had one, which is gone."""

    documents = ()

    def document(self, document_id: str) -> Document:
        raise UnknownDocument(document_id)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ConversationStore]:
    opened = open_store("sqlite:///samtaler.sqlite3", tmp_path)
    for module in (conversations, feedback):
        monkeypatch.setattr(module, "shared_store", lambda: opened)
        monkeypatch.setattr(module, "owner", lambda: "anna")
    yield opened
    opened.close()


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The address and the state of a browser session."""
    world = SimpleNamespace(query_params={}, session_state={})
    monkeypatch.setattr(conversations, "st", world)
    return world


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, message: str) -> Iterator[None]:
    def store() -> ConversationStore:
        raise StorageError(message)

    with monkeypatch.context() as patched:
        patched.setattr(conversations, "shared_store", store)
        yield


def talk_of(*questions: str) -> Conversation:
    talk = Conversation()
    for question in questions:
        talk.ask(question)
        talk.answered(answer(question))
    return talk


def test_each_answer_is_kept_once(store: ConversationStore) -> None:
    talk = talk_of("Første?")
    conversations.keep(talk)
    talk.answered(answer("Anden?"))
    conversations.keep(talk)
    conversations.keep(talk)

    assert talk.kept.trouble is None
    assert [each.question for each in store.load("anna", talk.kept.id)] == ["Første?", "Anden?"]


def test_what_could_not_be_kept_is_kept_with_the_next_answer(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = talk_of("Første?")
    with failing(monkeypatch, "Ingen plads."):
        conversations.keep(talk)
        assert talk.kept.trouble == "Ingen plads."
        assert len(talk.answers) == 1
    talk.answered(answer("Anden?"))
    conversations.keep(talk)

    assert talk.kept.trouble is None
    assert len(store.load("anna", talk.kept.id)) == 2


def test_a_conversation_that_went_on_in_two_windows_becomes_two(store: ConversationStore) -> None:
    here = talk_of("Fælles?")
    conversations.keep(here)
    there = Conversation()
    there.reopen(here.kept.id, here.answers)
    for talk, question in ((here, "Her?"), (there, "Der?")):
        talk.answered(answer(question))
        conversations.keep(talk)

    assert here.kept.id != there.kept.id
    assert here.note is None
    assert "gemt som en samtale for sig" in (there.note or "")
    assert [a.question for a in store.load("anna", here.kept.id)] == ["Fælles?", "Her?"]
    assert [a.question for a in store.load("anna", there.kept.id)] == ["Fælles?", "Der?"]


def test_a_conversation_deleted_in_another_window_does_not_come_back(store: ConversationStore) -> None:
    talk = talk_of("Første?")
    conversations.keep(talk)
    store.delete("anna", talk.kept.id)
    talk.answered(answer("Anden?"))
    conversations.keep(talk)

    assert talk.kept.trouble is not None
    assert "slettet i et andet vindue" in talk.kept.trouble
    assert store.conversations("anna") == ()

    conversations.keep_anew(talk)
    assert talk.kept.trouble is None
    assert [a.question for a in store.load("anna", talk.kept.id)] == ["Første?", "Anden?"]


def test_the_address_names_what_is_kept_and_brings_it_back(
    store: ConversationStore, page: SimpleNamespace
) -> None:
    talk = Conversation()
    conversations.keep_address(talk)
    assert page.query_params == {}
    talk = talk_of("Første?")
    conversations.keep(talk)
    conversations.keep_address(talk)
    assert page.query_params == {"samtale": talk.kept.id}

    page.session_state.clear()
    again = Conversation()
    conversations.follow(Assistant(), again)
    assert [replace(each, sources=()) for each in again.answers] == talk.answers
    assert again.kept == talk.kept
    again.restart()
    conversations.keep_address(again)
    assert page.query_params == {}


def test_an_address_of_somebody_elses_opens_nothing(store: ConversationStore, page: SimpleNamespace) -> None:
    others = new_id()
    store.append("bo", others, 0, answer("Hemmeligt?"))
    page.query_params["samtale"] = others
    talk = Conversation()
    conversations.follow(Assistant(), talk)
    conversations.keep_address(talk)

    assert talk.answers == []
    assert talk.error is not None
    assert "findes ikke længere" in talk.error
    assert page.query_params == {}


def test_an_address_that_cannot_be_read_now_stays_for_the_next_try(
    store: ConversationStore, page: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = talk_of("Første?")
    conversations.keep(kept)
    page.query_params["samtale"] = kept.kept.id
    talk = Conversation()
    with failing(monkeypatch, "Svarer ikke."):
        conversations.follow(Assistant(), talk)
        conversations.keep_address(talk)
    assert talk.error == "Svarer ikke."
    assert page.query_params == {"samtale": kept.kept.id}


def test_an_address_from_before_the_last_step_does_not_undo_it(
    store: ConversationStore, page: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = talk_of("Første?"), talk_of("Anden?")
    for each in (first, second):
        conversations.keep(each)
    conversations.keep_address(first)
    conversations.keep_address(second)
    page.query_params["samtale"] = first.kept.id  # sent before the browser knew better
    conversations.follow(Assistant(), second)
    assert second.questions == ("Anden?",)

    later = time.monotonic() + 5
    monkeypatch.setattr(time, "monotonic", lambda: later)
    conversations.follow(Assistant(), second)  # the Back button
    assert second.questions == ("Første?",)


def test_what_is_not_kept_is_not_left_for_another_conversation(
    store: ConversationStore, page: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = talk_of("Anden?")
    conversations.keep(other)
    talk = talk_of("Ikke gemt?")
    page.query_params["samtale"] = other.kept.id
    with failing(monkeypatch, "Ingen plads."):
        conversations.keep(talk)
        conversations.follow(Assistant(), talk)
    assert talk.questions == ("Ikke gemt?",)
    assert talk.error is not None
    assert "ville gå tabt" in talk.error


@pytest.mark.parametrize(
    ("page_now", "verified"), [(PAGE, True), ("ab\nNoget helt andet", False), ("a", False)]
)
def test_a_quotation_that_no_longer_stands_on_its_page_is_said_not_to(
    store: ConversationStore, page: SimpleNamespace, page_now: str, verified: bool
) -> None:
    talk = talk_of("Første?")
    conversations.keep(talk)
    page.query_params["samtale"] = talk.kept.id
    again = Conversation()
    conversations.follow(Assistant(page_now), again)
    assert [each.verified for each in again.answers[0].citations] == [verified]
    assert store.load("anna", talk.kept.id)[0].citations[0].verified


def test_a_reopened_answer_names_a_document_that_is_gone() -> None:
    gone = answer("Hvad?", document="borte")
    assert answers.merged_references(Assistant(), gone.citations) == (
        ("[1]", "»borte«, side 2 (dokumentet er fjernet, og titlen kendes ikke)"),
    )


def test_a_reopened_answer_names_a_document_that_is_gone_as_it_was_when_it_was_kept(
    store: ConversationStore, page: SimpleNamespace
) -> None:
    told = answer("Første?")
    talk = Conversation()
    talk.answered(replace(told, sources=named_in(told, Assistant().document)))
    conversations.keep(talk)
    page.query_params["samtale"] = talk.kept.id
    again = Conversation()
    conversations.follow(Nothing(), again)

    (opened,) = again.answers
    assert answers.merged_references(Nothing(), opened.citations, opened.sources) == (
        ("[1]", "KOMDIR, 4 pejlemærker, slide 2 (dokumentet er fjernet)"),
    )
    assert answers.searched(Nothing(), opened) == ("4 pejlemærker (dokumentet er fjernet)",)


def test_an_answer_that_was_kept_without_its_sources_gets_those_that_are_there(
    store: ConversationStore, page: SimpleNamespace
) -> None:
    talk = talk_of("Første?")
    conversations.keep(talk)
    page.query_params["samtale"] = talk.kept.id
    again = Conversation()
    conversations.follow(Assistant(), again)

    assert talk.answers[0].sources == ()
    assert [each.title for each in again.answers[0].sources] == ["4 pejlemærker"]


def test_gold_is_picked_from_the_open_source_first(store: ConversationStore) -> None:
    talk = talk_of("Første?")
    assert [(c.document, c.snippet) for c in feedback.choices(Assistant(), talk, talk.answers[0])] == [
        ("komdir", QUOTE)
    ]
    talk.open_page("komdir", 2, Span(0, 2))
    found = feedback.choices(Assistant(), talk, talk.answers[0])
    assert [choice.snippet for choice in found] == ["ab", QUOTE]
    assert found[0].name == "KOMDIR, 4 pejlemærker, slide 2: »ab«"
    talk.open_page("komdir", 2)
    assert feedback.choices(Assistant(), talk, talk.answers[0])[0].snippet == "Et sted"
    talk.open_page("borte", 1)
    assert [c.snippet for c in feedback.choices(Assistant(), talk, talk.answers[0])] == [QUOTE]


def test_a_store_that_cannot_be_opened_is_tried_again_but_not_at_every_view(
    monkeypatch: pytest.MonkeyPatch, store: ConversationStore
) -> None:
    tries: list[str] = []

    def opening() -> ConversationStore:
        tries.append("x")
        if len(tries) == 1:
            raise StorageError("Svarer ikke.")
        return store

    shared = Shared(opening)
    for _ in range(3):
        with pytest.raises(StorageError, match=r"Svarer ikke\."):
            shared.get()
    assert len(tries) == 1
    later = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert shared.get() is store
    assert shared.get() is store
    assert len(tries) == 2


def test_what_is_past_retention_goes_every_day_and_after_a_failure_within_the_hour(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    limits: list[datetime] = []
    pauses: list[float] = []

    def purge(before: datetime) -> int:
        limits.append(before)
        if len(limits) == 1:
            raise StorageError("Optaget.")
        return 0

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", sleep)
    with pytest.raises(KeyboardInterrupt):
        database._keep_purging(cast(ConversationStore, SimpleNamespace(purge=purge)), 30, True)
    assert pauses == [24 * 60 * 60, 60 * 60, 24 * 60 * 60]
    assert [round((datetime.now(UTC) - limit) / timedelta(days=1)) for limit in limits] == [30, 30]
    assert "Gamle samtaler kunne ikke slettes: Optaget." in caplog.text


def test_what_is_past_retention_is_gone_before_anybody_sees_the_database(
    monkeypatch: pytest.MonkeyPatch, store: ConversationStore
) -> None:
    kept = new_id()
    store.append("anna", kept, 0, answer("Gammel?"))
    monkeypatch.setattr("assistant.factory.open_store", lambda *_: store)
    monkeypatch.setattr(database.threading, "Thread", Mock())
    monkeypatch.setattr(database, "timedelta", lambda days: timedelta(days=-days))  # as if it had gone by

    assert database._open_store().conversations("anna") == ()
