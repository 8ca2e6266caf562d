"""What a user has collected: kept in the database, or in the browser session until it answers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from assistant.errors import StorageError
from assistant.records import Span
from assistant.storage.base import BasketItem
from assistant.web.collecting import Basket, answer_item, marked_quotes, note_item, quote_item
from assistant.web.session import OpenSource
from tests.support.collected import BEACH, COAST, DIKE, QUOTED, WRITTEN_BY_MODEL


class Store:
    """Keeps baskets by owner, masks one word, and fails while it is down."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[BasketItem, ...]] = {}
        self.titles: dict[str, str] = {}
        self.down = False

    def basket(self, owner: str) -> tuple[BasketItem, ...]:
        self._answer()
        return self.kept.get(owner, ())

    def save_basket(self, owner: str, items: Sequence[BasketItem]) -> tuple[BasketItem, ...]:
        self._answer()
        self.kept[owner] = tuple(_masked(item) for item in items)
        return self.kept[owner]

    def basket_title(self, owner: str) -> str:
        self._answer()
        return self.titles.get(owner, "")

    def set_basket_title(self, owner: str, title: str) -> str:
        self._answer()
        self.titles[owner] = title.replace("hemmelig", "[…]")
        return self.titles[owner]

    def _answer(self) -> None:
        if self.down:
            raise StorageError("Databasen svarer ikke.")


def _masked(item: BasketItem) -> BasketItem:
    return BasketItem(
        item.id,
        item.kind,
        item.text.replace("hemmelig", "[…]"),
        item.created,
        item.heading,
        item.citations,
        item.answer,
    )


@pytest.fixture
def store() -> Store:
    return Store()


def window(store: Store, whose: str = "mig") -> Basket:
    """One browser window of an owner."""
    opened = Basket(lambda: store, lambda: whose)  # type: ignore[arg-type, return-value]
    opened.refresh()
    return opened


def texts(basket: Basket) -> list[str]:
    return [item.text for item in basket.items]


def with_notes(basket: Basket, *notes: str) -> list[str]:
    items = [note_item(text) for text in notes]
    for item in items:
        basket.add(item)
    return [item.id for item in items]


def test_what_is_added_is_kept_in_order(store: Store) -> None:
    with_notes(window(store), "et", "to")

    assert texts(window(store)) == ["et", "to"]


def test_one_owner_sees_nothing_of_another(store: Store) -> None:
    with_notes(window(store), "mit")

    assert texts(window(store, "en anden")) == []


@pytest.mark.parametrize(
    ("which", "step", "order"),
    [(2, -1, ["a", "c", "b"]), (0, 1, ["b", "a", "c"]), (0, -1, ["a", "b", "c"]), (2, 1, ["a", "b", "c"])],
)
def test_items_move_and_ends_stay_ends(store: Store, which: int, step: int, order: list[str]) -> None:
    basket = window(store)
    basket.move(with_notes(basket, "a", "b", "c")[which], step)

    assert texts(basket) == order
    assert texts(window(store)) == order


def test_moving_says_where_it_stands_now(store: Store) -> None:
    basket = window(store)
    basket.move(with_notes(basket, "a", "b", "c")[2], -1)

    assert basket.told == "Flyttet: nummer 2 af 3."


def test_headings_and_notes_are_rewritten_and_shown_as_they_were_kept(store: Store) -> None:
    basket = window(store)
    (note,) = with_notes(basket, "først")
    basket.write(note, heading="Formål")
    basket.write(note, text="en hemmelig note")

    assert basket.items[0].heading == "Formål"
    assert texts(basket) == ["en […] note"]


def test_the_title_is_kept_for_its_owner_and_shown_as_it_was_kept(store: Store) -> None:
    basket = window(store)
    assert basket.title == ""
    basket.rename("Til den hemmelige direktion")

    assert basket.title == "Til den […]e direktion"
    assert window(store).title == "Til den […]e direktion"
    assert window(store, "en anden").title == ""


def test_a_new_title_leaves_what_was_removed_to_be_put_back(store: Store) -> None:
    basket = window(store)
    basket.remove(*with_notes(basket, "a"))
    basket.rename("Hegn i år")

    assert basket.can_undo


def test_a_title_given_while_the_database_is_down_is_kept_once_it_answers(store: Store) -> None:
    basket = window(store)
    store.down = True
    basket.rename("Hegn i år")
    basket.refresh()
    assert (basket.title, basket.trouble) == ("Hegn i år", "Databasen svarer ikke.")
    store.down = False
    basket.refresh()

    assert (window(store).title, basket.trouble) == ("Hegn i år", None)


def test_what_is_removed_can_be_put_back_where_it_was(store: Store) -> None:
    basket = window(store)
    ids = with_notes(basket, "a", "b", "c")
    basket.remove(ids[1])
    assert texts(window(store)) == ["a", "c"]

    assert basket.can_undo
    basket.undo()
    assert texts(basket) == ["a", "b", "c"]
    assert not basket.can_undo


def test_all_of_it_can_be_emptied_and_put_back(store: Store) -> None:
    basket = window(store)
    basket.remove(*with_notes(basket, "a", "b", "c"))
    assert basket.items == ()

    basket.undo()
    assert texts(basket) == ["a", "b", "c"]


def test_putting_back_keeps_what_came_since(store: Store) -> None:
    basket, other = window(store), window(store)
    ids = with_notes(basket, "a", "b")
    basket.remove(ids[0])
    with_notes(other, "c")
    basket.undo()

    assert texts(basket) == ["a", "b", "c"]


def test_a_fields_last_words_come_back_with_their_item(store: Store) -> None:
    basket = window(store)
    (note,) = with_notes(basket, "først")
    basket.remove(note)
    basket.write(note, text="rettet")
    basket.undo()

    assert texts(basket) == ["rettet"]


def test_another_change_ends_the_chance_to_undo(store: Store) -> None:
    basket = window(store)
    basket.remove(*with_notes(basket, "a"))
    with_notes(basket, "b")

    assert not basket.can_undo


def test_two_windows_of_one_user_lose_nothing_of_each_other(store: Store) -> None:
    one, two = window(store), window(store)
    with_notes(one, "fra den ene")
    with_notes(two, "fra den anden")

    assert texts(two) == ["fra den ene", "fra den anden"]
    one.refresh()
    assert texts(one) == texts(two)


def test_while_the_database_is_down_everything_works_in_the_session_and_says_why(store: Store) -> None:
    store.down = True
    basket = window(store)
    ids = with_notes(basket, "a", "b")
    basket.move(ids[1], -1)
    basket.write(ids[0], text="A")

    assert texts(basket) == ["b", "A"]
    assert basket.trouble == "Databasen svarer ikke."


def test_once_it_answers_again_everything_is_kept_beside_what_was_there(store: Store) -> None:
    with_notes(window(store), "fra i går")
    store.down = True
    basket = window(store)
    ids = with_notes(basket, "a", "b")
    basket.remove(ids[0])
    store.down = False
    basket.refresh()

    assert texts(basket) == ["fra i går", "b"]
    assert texts(window(store)) == ["fra i går", "b"]
    assert basket.trouble is None


def test_refreshing_does_not_write(store: Store) -> None:
    basket = window(store)
    with_notes(basket, "a")
    kept = store.kept["mig"]
    basket.refresh()

    assert store.kept["mig"] is kept


def test_answers_and_quotes_that_are_there_are_known(store: Store) -> None:
    basket = window(store)
    basket.add(answer_item(QUOTED))
    basket.add(quote_item(DIKE, "diger"))

    assert basket.answer(QUOTED) == basket.items[0]
    assert basket.quote(DIKE) == basket.items[1]
    assert basket.answer(WRITTEN_BY_MODEL) is None
    assert basket.quote(BEACH) is None


def test_an_answer_is_collected_whole_under_its_question() -> None:
    item = answer_item(QUOTED)

    assert (item.kind, item.heading, item.answer) == ("answer", QUOTED.question, QUOTED)
    assert item.citations == QUOTED.citations


class Reader:
    """Of an assistant, what the source pane's quotes need."""

    def passages(self, document_id: str) -> tuple[object, ...]:
        assert document_id == COAST.id
        return (DIKE.passage, BEACH.passage)


def marked(page: int, *spans: Span) -> tuple[object, ...]:
    source = OpenSource(COAST.id, page, 1, 1, spans, marker=3)
    return marked_quotes(Reader(), COAST, COAST.pages[0], source)  # type: ignore[arg-type]


def test_what_is_marked_in_the_source_becomes_quotes() -> None:
    found = marked(1, DIKE.span, BEACH.span)

    assert [(c.quote, c.span, c.verified, c.marker) for c in found] == [  # type: ignore[attr-defined]
        (DIKE.quote, DIKE.span, True, 3),
        (BEACH.quote, BEACH.span, True, 3),
    ]


def test_nothing_marked_is_nothing_to_collect() -> None:
    assert marked(1) == ()
