"""What every store of conversations keeps, promises and refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.answers import QUOTE, answer, written

from assistant.records import Document, Page, Span
from assistant.storage import migrating
from assistant.storage.base import BasketItem, ConversationStore, TurnTaken, UnknownConversation, new_id
from assistant.storage.engine import Database
from assistant.storage.schema import metadata
from assistant.storage.sql import SqlStore, open_store

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
CITED = Document("komdir", "4 pejlemærker", "KOMDIR", "oplæg", "da", "sha", (Page(2, "", "10"),), "slide")


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[ConversationStore]:
    """Each kind of store, empty."""
    url = "sqlite:///data/samtaler.sqlite3"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").url
    open_store(url, tmp_path).close()
    database = Database(url, tmp_path)
    with database.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    yield SqlStore(database, clock)
    database.close()


def begun(store: ConversationStore, owner: str, *questions: str) -> str:
    conversation = new_id()
    for turn, question in enumerate(questions):
        store.append(owner, conversation, turn, answer(question))
    return conversation


def test_a_conversation_comes_back_as_it_was(store: ConversationStore) -> None:
    conversation = new_id()
    answers = (
        answer("Første?"),
        written("Anden?", "En sætning."),
        replace(answer("Tredje?"), abstained=True),
    )
    for turn, given in enumerate(answers):
        store.append("anna", conversation, turn, given)

    assert store.load("anna", conversation) == answers
    assert store.load("anna", conversation)[0].citations[0].span == Span(3, 3 + len(QUOTE))


def test_the_list_has_the_newest_first_titled_by_the_first_question(store: ConversationStore) -> None:
    old = begun(store, "anna", "Hvad er   de fire\npejlemærker?", "Og så?")
    new = begun(store, "anna", "Hvem står bag?")

    found = store.conversations("anna")
    assert [(each.id, each.title, each.turns) for each in found] == [
        (new, "Hvem står bag?", 1),
        (old, "Hvad er de fire pejlemærker?", 2),
    ]
    assert found[1].created < found[1].updated
    store.append("anna", old, 2, answer("Mere?"))
    assert [each.id for each in store.conversations("anna")] == [old, new]


def test_a_long_question_makes_a_short_title(store: ConversationStore) -> None:
    begun(store, "anna", "ord " * 100)
    title = store.conversations("anna")[0].title
    assert len(title) <= 80
    assert title.endswith("ord …")


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("pejlemærker", True),
        ("PEJLEMÆRKER", True),
        ("pejlemærker".replace("æ", "æ"), True),
        ("forvaltningspolitik", True),  # stands in the answer only
        ("fire bygger", True),  # one in the question, one in the answer
        ("fire giraffer", False),
        ("%", False),
        ("_", False),
        ("", True),
    ],
)
def test_search_finds_every_word_in_title_question_or_answer(
    store: ConversationStore, search: str, found: bool
) -> None:
    begun(store, "anna", "Hvad er de fire Pejlemærker?")
    assert bool(store.conversations("anna", search)) is found


def test_search_finds_decomposed_letters(store: ConversationStore) -> None:
    begun(store, "anna", "Hvad er a\u030arets mål?")
    assert store.conversations("anna", "årets")


def test_a_renamed_conversation_is_found_by_its_new_title_and_keeps_its_place(
    store: ConversationStore,
) -> None:
    conversation = begun(store, "anna", "Hvad?")
    begun(store, "anna", "Senere?")
    store.rename("anna", conversation, "  Til  direktionen ")

    assert [each.title for each in store.conversations("anna")] == ["Senere?", "Til direktionen"]
    assert [each.id for each in store.conversations("anna", "direktionen")] == [conversation]


def test_nothing_of_one_owner_is_seen_or_touched_by_another(store: ConversationStore) -> None:
    conversation = begun(store, "anna", "Hemmeligt?")
    store.set_feedback("anna", conversation, 0, "down", "nej")
    store.save_basket("anna", [BasketItem(new_id(), "note", "min", START)])

    assert store.conversations("bo") == ()
    assert store.conversations("bo", "hemmeligt") == ()
    assert store.feedback("bo", conversation) == {}
    assert store.basket("bo") == ()
    attempts: list[Callable[[], Any]] = [
        lambda: store.load("bo", conversation),
        lambda: store.append("bo", conversation, 1, answer()),
        lambda: store.append("bo", conversation, 0, answer()),
        lambda: store.rename("bo", conversation, "min nu"),
        lambda: store.set_feedback("bo", conversation, 0, "up"),
    ]
    for attempt in attempts:
        with pytest.raises(UnknownConversation):
            attempt()
    store.delete("bo", conversation)
    store.delete_all("bo")
    assert [each.title for each in store.conversations("anna")] == ["Hemmeligt?"]
    assert list(store.feedback("anna", conversation)) == [0]
    assert store.basket("anna") != ()


def test_an_answer_kept_twice_stands_once(store: ConversationStore) -> None:
    conversation = begun(store, "anna", "Første?")
    store.append("anna", conversation, 0, answer("Første?"))
    assert store.load("anna", conversation) == (answer("Første?"),)
    assert store.conversations("anna")[0].turns == 1


@pytest.mark.parametrize("turn", [0, 2])
def test_an_answer_never_takes_anothers_place_nor_leaves_a_gap(store: ConversationStore, turn: int) -> None:
    conversation = begun(store, "anna", "Første?")
    with pytest.raises(TurnTaken):
        store.append("anna", conversation, turn, answer("En anden?"))
    assert store.load("anna", conversation) == (answer("Første?"),)


def test_a_deleted_conversation_does_not_come_back_with_its_next_answer(store: ConversationStore) -> None:
    conversation = begun(store, "anna", "Første?")
    store.delete("anna", conversation)

    with pytest.raises(UnknownConversation):
        store.append("anna", conversation, 1, answer("Anden?"))
    with pytest.raises(UnknownConversation):
        store.load("anna", conversation)
    assert store.conversations("anna") == ()
    store.delete("anna", conversation)


def test_feedback_is_kept_changed_and_taken_back(store: ConversationStore) -> None:
    conversation = begun(store, "anna", "Første?", "Anden?")
    assert store.feedback("anna", conversation) == {}

    store.set_feedback("anna", conversation, 1, "down", " Det var ikke svaret. ")
    (kept,) = store.feedback("anna", conversation).items()
    assert (kept[0], kept[1].thumb, kept[1].comment) == (1, "down", "Det var ikke svaret.")

    store.set_feedback("anna", conversation, 1, "up")
    changed = store.feedback("anna", conversation)[1]
    assert (changed.thumb, changed.comment) == ("up", "")
    store.set_feedback("anna", conversation, 0, "down")
    assert [(turn, each.thumb) for turn, each in sorted(store.feedback("anna", conversation).items())] == [
        (0, "down"),
        (1, "up"),
    ]

    store.set_feedback("anna", conversation, 1, "")
    assert list(store.feedback("anna", conversation)) == [0]


def test_feedback_needs_an_answer(store: ConversationStore) -> None:
    conversation = begun(store, "anna", "Første?")
    for turn in (1, -1):
        with pytest.raises(UnknownConversation):
            store.set_feedback("anna", conversation, turn, "up")


def test_the_basket_keeps_everything_in_the_users_order(store: ConversationStore) -> None:
    given = answer()
    items = (
        BasketItem(new_id(), "note", "Husk at ringe", START),
        BasketItem(new_id(), "answer", given.text, START, given.question, given.citations, given),
        BasketItem(new_id(), "quote", QUOTE, START, "", given.citations, sources=(CITED,)),
    )
    assert store.save_basket("anna", items) == items
    assert store.basket("anna") == items
    store.save_basket("anna", items[::-1])
    assert store.basket("anna") == items[::-1]
    store.save_basket("anna", [])
    assert store.basket("anna") == ()


def test_the_collection_is_called_what_its_owner_calls_it(store: ConversationStore) -> None:
    assert store.basket_title("anna") == ""
    assert store.set_basket_title("anna", "  Til\nbestyrelsen, ring 20 30 40 50 ") == (
        "Til bestyrelsen, ring [telefonnummer]"
    )
    assert store.basket_title("anna") == "Til bestyrelsen, ring [telefonnummer]"
    assert store.basket_title("bo") == ""
    store.set_basket_title("anna", "Hegn i år")
    assert store.basket_title("anna") == "Hegn i år"
    store.set_basket_title("anna", " ")
    assert store.basket_title("anna") == ""


def test_draft_questions_are_everyones_and_keep_their_gold(store: ConversationStore) -> None:
    first = store.add_draft("Hvad?", "fakta", [("komdir", QUOTE)], history=["Før?"], comment="Forkert sted")
    second = store.add_draft("Hvem?", "ubesvarbar")

    assert store.drafts() == (first, second)
    assert (first.gold, first.history, first.comment) == ((("komdir", QUOTE),), ("Før?",), "Forkert sted")
    store.delete_draft(first.id)
    store.delete_draft(first.id)
    assert store.drafts() == (second,)


def test_what_is_past_retention_goes_and_nothing_else(store: ConversationStore, clock: Clock) -> None:
    old = begun(store, "anna", "Gammel?")
    store.set_feedback("anna", old, 0, "up")
    store.save_basket("anna", [BasketItem(new_id(), "note", "gammel", START)])
    store.set_basket_title("anna", "Gammel titel")
    store.set_basket_title("bo", "Titel over noget nyt")
    store.add_draft("Gammel kladde?", "fakta")
    continued = begun(store, "bo", "Begyndt før?")
    clock.time += timedelta(days=400)
    limit = clock.time - timedelta(days=365)
    store.append("bo", continued, 1, answer("Fortsat efter?"))
    store.save_basket("bo", [BasketItem(new_id(), "note", "ny", START)])

    assert store.purge(limit) == 1
    assert store.conversations("anna") == ()
    assert store.basket("anna") == ()
    assert store.drafts() == ()
    assert len(store.load("bo", continued)) == 2
    assert len(store.basket("bo")) == 1
    assert (store.basket_title("anna"), store.basket_title("bo")) == ("", "Titel over noget nyt")
    assert store.purge(limit) == 0


def test_delete_all_leaves_nothing_of_the_owners(store: ConversationStore) -> None:
    begun(store, "anna", "En?")
    begun(store, "anna", "To?")
    store.save_basket("anna", [BasketItem(new_id(), "note", "min", START)])
    store.set_basket_title("anna", "Min titel")
    store.delete_all("anna")
    assert store.conversations("anna") == ()
    assert store.basket("anna") == ()
    assert store.basket_title("anna") == ""


PERSONAL = "Ring til 20 30 40 50 eller skriv til a.b@example.dk om 010190-1234"
MASKED = "Ring til [telefonnummer] eller skriv til [e-mailadresse] om [CPR-nummer]"


def test_what_points_to_a_person_is_masked_in_all_that_users_write(store: ConversationStore) -> None:
    conversation = new_id()
    store.append("anna", conversation, 0, written(PERSONAL, f"Du spurgte: {PERSONAL}"))
    store.rename("anna", conversation, PERSONAL)
    store.set_feedback("anna", conversation, 0, "down", PERSONAL)
    store.add_draft(PERSONAL, "fakta", history=[PERSONAL], comment=PERSONAL)
    note = BasketItem(new_id(), "note", PERSONAL, START, PERSONAL)
    kept = store.save_basket("anna", [note])

    found = store.load("anna", conversation)[0]
    assert (found.question, found.query.text) == (MASKED, MASKED)
    assert found.text == found.blocks[0].text == f"Du spurgte: {MASKED}"
    assert store.conversations("anna")[0].title == MASKED
    assert store.feedback("anna", conversation)[0].comment == MASKED
    draft = store.drafts()[0]
    assert (draft.question, draft.history, draft.comment) == (MASKED, (MASKED,), MASKED)
    assert kept == store.basket("anna") == (replace(note, text=MASKED, heading=MASKED),)


def test_a_quotation_is_never_masked(store: ConversationStore) -> None:
    quote = "Kontakt os på 20 30 40 50"
    given = answer(PERSONAL, quote)
    conversation = new_id()
    store.append("anna", conversation, 0, given)
    item = BasketItem(new_id(), "quote", quote, START, "", given.citations)
    store.save_basket("anna", [item])

    found = store.load("anna", conversation)[0]
    assert found.citations == given.citations
    assert found.blocks[1].text == quote
    assert f"»{quote}«" in found.text
    assert store.basket("anna") == (item,)


def test_an_answer_to_a_question_without_anything_personal_is_kept_word_for_word(
    store: ConversationStore,
) -> None:
    given = written("Hvad er nummeret?", "Nummeret er 20 30 40 50, siger kilden.")
    conversation = new_id()
    store.append("anna", conversation, 0, given)
    assert store.load("anna", conversation) == (given,)


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "\u202e", "😀", "'; DROP TABLE turns; --", "\\", "\r\n"])
def test_no_letter_breaks_what_is_kept(store: ConversationStore, odd: str) -> None:
    conversation = new_id()
    given = answer("Hvad?", f"{QUOTE}{odd}x")
    store.append("anna", conversation, 0, given)
    store.append("anna", conversation, 1, answer(f"Hvad{odd}?"))
    store.set_feedback("anna", conversation, 0, "up", f"x{odd}x")
    store.rename("anna", conversation, f"x{odd}x")
    store.conversations("anna", f"x{odd}x")

    assert store.load("anna", conversation)[0] == given


def test_a_store_that_works_says_nothing(store: ConversationStore) -> None:
    store.check()


def test_the_tables_are_as_the_migrations_make_them(store: SqlStore) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with store._database.reading() as connection:
        assert migrating.version(connection) == migrating.REVISIONS[-1]
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
