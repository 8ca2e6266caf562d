"""What a question passes on its way in: the limits of its session, and the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import streamlit as st

from assistant.errors import LimitReached
from assistant.records import Query
from assistant.web import admission
from assistant.web.admission import admitted
from assistant.web.making import Part

QUERY = Query("Hvad er tillid?", "Hvad er tillid?")


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    state: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", state)
    admission._limiter.cache_clear()
    yield state
    admission._limiter.cache_clear()


def work() -> Iterator[Part]:
    yield QUERY


def test_a_question_passes_with_its_parts_as_they_are() -> None:
    assert list(admitted(work, 0)()) == [QUERY]


def test_a_session_that_asks_too_often_is_told_how_often_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_LIMITS__QUESTIONS_PER_MINUTE", "2")
    for _ in range(2):
        list(admitted(work, 0)())
    with pytest.raises(LimitReached, match="2 spørgsmål i minuttet"):
        list(admitted(work, 0)())


def test_another_session_is_not_held_back(
    monkeypatch: pytest.MonkeyPatch, session: dict[str, object]
) -> None:
    monkeypatch.setenv("ASSISTANT_LIMITS__QUESTIONS_PER_MINUTE", "1")
    list(admitted(work, 0)())
    session.clear()
    assert list(admitted(work, 0)()) == [QUERY]


def test_a_session_asks_only_so_much_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_LIMITS__QUESTIONS_AT_ONCE", "1")
    first = admitted(work, 0)()
    next(first)
    with pytest.raises(LimitReached, match="allerede 1 spørgsmål"):
        list(admitted(work, 0)())
    assert list(first) == []
    assert list(admitted(work, 0)()) == [QUERY]


def test_a_long_conversation_is_told_to_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_LIMITS__CONVERSATION_TURNS", "3")
    with pytest.raises(LimitReached, match="Begynd en ny samtale"):
        list(admitted(work, 3)())


def test_a_refusal_is_logged_by_its_kind(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("ASSISTANT_LIMITS__CONVERSATION_TURNS", "1")
    with caplog.at_level(logging.INFO), pytest.raises(LimitReached):
        list(admitted(work, 1)())
    assert [record.__dict__["fields"]["outcome"] for record in caplog.records] == ["LimitReached"]
