"""Collecting for "Mit oplæg": what is in it, and the buttons that put things there from other pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from assistant.citing import stands_in, to_keep
from assistant.errors import AccessDenied, StorageError
from assistant.records import Answer, Citation, Document, Page
from assistant.storage.base import BasketItem, ConversationStore, new_id
from assistant.text.folding import clean
from assistant.web.database import shared_store
from assistant.web.identity import owner
from assistant.web.session import OpenSource

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

Items = tuple[BasketItem, ...]
Change = Callable[[Items], Items]


class Basket:
    """What one user has collected, in the database or, where that fails, in the browser session.

    Every change is made to what the database holds at that moment, so two windows of one user lose
    nothing of each other's. Changes that could not be kept are made again when the database answers.
    """

    def __init__(self, store: Callable[[], ConversationStore], whose: Callable[[], str]) -> None:
        """Keep with ``store`` for ``whose``; nothing is read yet."""
        self._store, self._whose = store, whose
        self._unkept: list[Change] = []
        self.items: Items = ()
        self.title = ""
        self._unkept_title: str | None = None
        self.trouble: str | None = None
        self.told = ""
        self._removed: Items = ()
        self._before: tuple[str, ...] = ()

    def refresh(self) -> None:
        """Read what is kept, and keep what could not be kept before."""
        self._apply(None)

    def rename(self, title: str) -> None:
        """Call the collection something else; empty for nothing of its own."""
        self._unkept_title = self.title = title
        self._apply(None)

    def add(self, item: BasketItem) -> None:
        """Put ``item`` at the end."""
        self._change(lambda items: (*items, item), "Føjet til oplægget.")

    def move(self, item_id: str, step: int) -> None:
        """Move an item ``step`` places down, or up where it is negative; ends stay ends."""

        def moved(items: Items) -> Items:
            at = next((n for n, item in enumerate(items) if item.id == item_id), None)
            if at is None:
                return items
            others = [item for item in items if item.id != item_id]
            others.insert(max(at + step, 0), items[at])
            return tuple(others)

        self._change(moved)
        place = next((n for n, item in enumerate(self.items, 1) if item.id == item_id), 0)
        self.told = f"Flyttet: nummer {place} af {len(self.items)}."

    def write(self, item_id: str, *, heading: str | None = None, text: str | None = None) -> None:
        """Give an item another heading, or a note another text."""

        def written(item: BasketItem) -> BasketItem:
            if item.id != item_id:
                return item
            return replace(
                item,
                heading=item.heading if heading is None else heading,
                text=item.text if text is None else text,
            )

        if any(item.id == item_id for item in self.items):
            self._change(lambda items: tuple(written(item) for item in items))
        elif heading or text:
            # A field may tell of its last words after its item was removed; they come back with it. An
            # emptied field is only one that is going away.
            self._removed = tuple(written(item) for item in self._removed)

    def remove(self, *item_ids: str) -> None:
        """Take items out; :meth:`undo` puts them back where they were."""
        before = tuple(item.id for item in self.items)
        removed = tuple(item for item in self.items if item.id in item_ids)
        if not removed:
            return
        self._change(lambda items: tuple(item for item in items if item.id not in item_ids))
        self._removed, self._before = removed, before
        self.told = "Fjernet fra oplægget." if len(removed) == 1 else f"{len(removed)} fjernet fra oplægget."

    @property
    def can_undo(self) -> bool:
        """Whether something was removed that can be put back."""
        return bool(self._removed)

    def undo(self) -> None:
        """Put back what was removed last."""
        removed, before = self._removed, self._before

        def restored(items: Items) -> Items:
            held = {item.id for item in items}
            back = list(items)
            for item in removed:
                if item.id not in held:
                    # Behind whichever of its earlier neighbours is still there.
                    earlier = before[: before.index(item.id)]
                    at = max((n for n, each in enumerate(back, 1) if each.id in earlier), default=0)
                    back.insert(at, item)
            return tuple(back)

        self._change(restored, "Lagt tilbage i oplægget.")

    def answer(self, answer: Answer) -> BasketItem | None:
        """Return the item that holds ``answer``, if any."""
        same = (i for i in self.items if i.answer is not None and i.answer.question == answer.question)
        return next((i for i in same if i.answer is not None and i.answer.text == answer.text), None)

    def quote(self, citation: Citation) -> BasketItem | None:
        """Return the item that holds the quote of ``citation``, if any."""
        place = _place(citation)
        quotes = (item for item in self.items if item.kind == "quote")
        return next((item for item in quotes if [_place(c) for c in item.citations] == [place]), None)

    def _change(self, change: Change, told: str = "") -> None:
        self._removed = self._before = ()
        self.told = told
        self._apply(change)

    def _apply(self, change: Change | None) -> None:
        changes = [*self._unkept, *([change] if change else [])]
        try:
            store, whose = self._store(), self._whose()
            items = stored = store.basket(whose)
            for each in changes:
                items = each(items)
            self.items = store.save_basket(whose, items) if items != stored else stored
            if self._unkept_title is None:
                self.title = store.basket_title(whose)
            else:
                self.title = store.set_basket_title(whose, self._unkept_title)
            self._unkept, self._unkept_title, self.trouble = [], None, None
        except (StorageError, AccessDenied) as error:
            self._unkept, self.trouble = changes, str(error)
            if change:
                self.items = change(self.items)


def basket() -> Basket:
    """Return what the user of this browser session has collected."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Basket(shared_store, owner)
        st.session_state[_KEY].refresh()
    found: Basket = st.session_state[_KEY]
    return found


def answer_item(answer: Answer) -> BasketItem:
    """Return an answer as it is collected: whole, under its question."""
    return BasketItem(
        new_id(), "answer", answer.text, datetime.now(UTC), answer.question, answer.citations, answer
    )


def quote_item(citation: Citation, heading: str = "", sources: tuple[Document, ...] = ()) -> BasketItem:
    """Return a quote as it is collected, with its document as far as a reference needs it."""
    return BasketItem(
        new_id(), "quote", citation.quote, datetime.now(UTC), heading, (citation,), sources=sources
    )


def note_item(text: str, heading: str = "") -> BasketItem:
    """Return a note as it is collected."""
    return BasketItem(new_id(), "note", text, datetime.now(UTC), heading)


def marked_quotes(
    assistant: Assistant, document: Document, page: Page, source: OpenSource
) -> tuple[Citation, ...]:
    """Return what is marked on the open page as quotes that can be collected."""
    if page.number != source.marked_page:
        return ()
    passages = [passage for passage in assistant.passages(document.id) if passage.page == page.number]
    found: list[Citation] = []
    for span in source.marked:
        around = next((p for p in passages if p.span.start < span.end and span.start < p.span.end), None)
        if around is not None:
            quote = clean(page.text[span.start : span.end])
            found.append(Citation(source.marker, around, quote, span, stands_in(quote, page)))
    return tuple(found)


def draw_add_answer(answer: Answer, key: str) -> None:
    """Draw the button that puts an answer into the oplæg, or takes it out again."""
    collected = basket()
    held = collected.answer(answer)
    _draw_toggle(key, [held.id] if held else [], lambda: collected.add(answer_item(answer)))


def draw_add_quotes(assistant: Assistant, citations: Sequence[Citation], key: str, heading: str = "") -> None:
    """Draw the button that puts quotes into the oplæg, or takes them out again once all are there.

    The first one added gets ``heading``.
    """
    collected = basket()
    found = [collected.quote(citation) for citation in citations]
    held = [item.id for item in found if item is not None]
    missing = [citation for citation, item in zip(citations, found, strict=True) if item is None]

    def add() -> None:
        for number, citation in enumerate(missing):
            sources = to_keep([citation.passage], assistant.document)
            collected.add(quote_item(citation, heading if number == 0 else "", sources))

    if citations:
        _draw_toggle(key, [] if missing else held, add, several=len(citations) > 1)


def _draw_toggle(key: str, held: Sequence[str], add: Callable[[], None], *, several: bool = False) -> None:
    added = "Fjern fra oplæg" if held else "Føj til oplæg"
    st.button(
        f"{added} (alle)" if several else added,
        key=f"collect-{key}",
        icon=":material/check:" if held else ":material/add:",
        type="tertiary",
        on_click=basket().remove if held else add,
        args=tuple(held),
    )


_KEY = "basket"


def _place(citation: Citation) -> tuple[str, int, int, int]:
    passage, span = citation.passage, citation.span
    return passage.document_id, passage.page, span.start, span.end
