"""Thumbs, comments and drafts, as a user and an evaluator have them."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from support.answers import QUOTE, answer

from assistant.errors import StorageError
from assistant.records import Document, Page
from assistant.storage.base import ConversationStore
from assistant.storage.sql import open_store
from assistant.web import conversations, feedback
from assistant.web.session import Conversation

DOCUMENT = Document("komdir", "4 pejlemærker", "KOMDIR", "oplæg", "da", "", (Page(2, QUOTE),), "slide")


class World(types.ModuleType):
    """What the script of a test reaches: an assistant, a kept conversation and a store."""

    def __init__(self, store: ConversationStore) -> None:
        super().__init__("feedback_world")
        self.store = store
        self.assistant = types.SimpleNamespace(document=lambda _: DOCUMENT, passages=lambda _: ())
        self.talk = Conversation()
        self.talk.answers.append(replace(answer("Hvad bygger det på?"), hits=answer().hits))
        self.talk.kept.turns = 1
        store.append("anna", self.talk.kept.id, 0, self.talk.answers[0])


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    store = open_store("sqlite:///samtaler.sqlite3", tmp_path)
    made = World(store)
    monkeypatch.setitem(sys.modules, "feedback_world", made)
    monkeypatch.setattr(feedback, "shared_store", lambda: store)
    monkeypatch.setattr(feedback, "owner", lambda: "anna")
    yield made
    store.close()


@pytest.fixture
def page(world: World) -> AppTest:
    def script() -> None:
        import feedback_world

        from assistant.web import feedback

        talk = feedback_world.talk
        feedback.draw(feedback_world.assistant, talk, 0, feedback.given_to(talk))

    return AppTest.from_function(script, default_timeout=20).run()


@pytest.fixture
def drafts_page(world: World) -> AppTest:
    def script() -> None:
        from assistant.web import feedback

        feedback.draw_drafts()

    return AppTest.from_function(script, default_timeout=20)


def button(page: AppTest, label: str) -> Any:
    return next(each for each in page.button if each.label == label)


def shown(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def test_a_thumb_is_kept_said_and_taken_back(page: AppTest, world: World) -> None:
    button(page, "Ja").click().run()
    assert world.store.feedback("anna", world.talk.kept.id)[0].thumb == "up"
    button(page, "Ja (valgt)").click().run()
    assert world.store.feedback("anna", world.talk.kept.id) == {}
    assert button(page, "Ja")


def test_a_comment_outlives_a_change_of_mind(page: AppTest, world: World) -> None:
    button(page, "Nej").click().run()
    page.text_area[0].set_value("For kort")
    button(page, "Gem kommentaren").click().run()
    button(page, "Ja").click().run()
    kept = world.store.feedback("anna", world.talk.kept.id)[0]
    assert (kept.thumb, kept.comment) == ("up", "For kort")


def test_an_answer_that_is_not_kept_cannot_be_judged(page: AppTest, world: World) -> None:
    world.talk.kept.turns = 0
    page.run()
    assert list(page.button) == []


def test_a_database_that_is_down_is_not_asked_for_every_answer(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(feedback, "shared_store", lambda: asked.append(1))
    page.session_state[conversations.UNREACHABLE] = True
    page.run()
    assert asked == []
    assert list(page.button) == []


def test_feedback_that_cannot_be_kept_says_so(
    page: AppTest, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StorageError("Ingen plads.")

    monkeypatch.setattr(world.store, "set_feedback", refuse)
    button(page, "Nej").click().run()
    assert "Din tilbagemelding er ikke gemt. Ingen plads." in shown(page)
    assert not page.exception


@pytest.mark.parametrize(("picked", "nowhere"), [([], False), ([0], True)])
def test_a_draft_says_where_its_answer_stands_or_that_it_stands_nowhere(
    page: AppTest, world: World, picked: list[int], nowhere: bool
) -> None:
    button(page, "Nej").click().run()
    page.multiselect[0].set_value(picked)
    page.checkbox[0].set_value(nowhere)
    button(page, "Send forslaget").click().run()
    assert "Vælg, hvor svaret står" in shown(page)
    assert world.store.drafts() == ()


@pytest.mark.parametrize(
    ("picked", "nowhere", "kind", "gold"),
    [([0], False, "fakta", (("komdir", QUOTE),)), ([], True, "ubesvarbar", ())],
)
def test_a_draft_is_sent_once(
    page: AppTest, world: World, picked: list[int], nowhere: bool, kind: str, gold: Any
) -> None:
    button(page, "Nej").click().run()
    page.multiselect[0].set_value(picked)
    page.checkbox[0].set_value(nowhere)
    page.text_input[0].set_value("Hvad bygger debatoplægget på?")
    button(page, "Send forslaget").click().run()

    assert [(d.question, d.kind, d.gold) for d in world.store.drafts()] == [
        ("Hvad bygger debatoplægget på?", kind, gold)
    ]
    assert "Forslaget er sendt" in shown(page)
    assert "Send forslaget" not in [each.label for each in page.button]


def test_evaluators_see_and_remove_drafts(drafts_page: AppTest, world: World) -> None:
    assert "Ingen endnu." in shown(drafts_page.run())
    world.store.add_draft("Hvad *nu*?", "fakta", [("komdir", QUOTE)], comment="<b>")
    drafts_page.run()
    assert "Hvad *nu*?" in shown(drafts_page)
    assert "<b>" not in shown(drafts_page)
    button(drafts_page, r"Fjern kladden »Hvad \*nu\*\?«").click().run()
    assert world.store.drafts() == ()


def test_others_see_no_drafts(drafts_page: AppTest, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.store.add_draft("Hvad nu?", "fakta")
    monkeypatch.setattr(feedback, "may", lambda role: False)
    assert shown(drafts_page.run()) == ""


def test_drafts_that_cannot_be_read_say_so(drafts_page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise StorageError("Svarer ikke.")

    monkeypatch.setattr(feedback, "shared_store", refuse)
    assert "Kladderne kan ikke vises. <bdi>Svarer ikke.</bdi>" in shown(drafts_page.run())
    assert not drafts_page.exception
