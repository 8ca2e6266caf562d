"""The page "Mit oplæg": what was collected, in the user's own order, and the files made of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import streamlit as st

from assistant.exporting.paper import basket_paper
from assistant.storage.base import BasketItem
from assistant.web import answers, exports, source
from assistant.web.cited import draw_quote, where
from assistant.web.collecting import Basket, basket, note_item
from assistant.web.markup import EMPTY, Html, foreign, join, show, tag
from assistant.web.session import Conversation, conversation

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

TITLE = "Mit oplæg"

_KINDS = {"answer": "Svar", "quote": "Citat", "note": "Note"}


def draw(assistant: Assistant) -> None:
    """Draw the page "Mit oplæg"."""
    talk, collected = conversation(), basket()
    collected.refresh()
    with st.container(key="oplaeg"):
        show(tag("h1", TITLE))
        lead = "Svar, citater og dine egne noter, i den rækkefølge du vil. Hent det som Word eller Markdown."
        show(tag("p", lead, class_="lead"))
        # Each in a place of its own, so that what stands below stays where it is.
        with st.container(key="oplaeg-news"):
            _draw_trouble(collected)
            _draw_told(collected)
        with st.container(key="oplaeg-items"):
            if collected.items:
                _draw_title(collected)
            else:
                show(_empty())
            for number, item in enumerate(collected.items, 1):
                _draw_item(assistant, talk, collected, item, number)
        _draw_new_note(collected)
        if collected.items:
            _draw_downloads(assistant, collected)
    source.draw(assistant, talk)


@dataclass(frozen=True, slots=True)
class _Field:
    """A field whose words are kept when it is left, and which shows them as they were kept: masked, maybe.

    ``kept`` is ``None`` where what the field belongs to is gone.
    """

    key: str
    kept: Callable[[], str | None]
    write: Callable[[str], None]

    def prepare(self) -> None:
        """Let it show what is kept; Streamlit forgets what stood in it once another page is drawn."""
        if self.key not in st.session_state:
            self.show_kept()

    def show_kept(self) -> None:
        """Let it show what is kept, whatever stands in it."""
        kept = self.kept()
        if kept is not None:
            st.session_state[self.key] = kept

    def written(self) -> None:
        """Keep what stands in it."""
        self.write(st.session_state[self.key])
        self.show_kept()


def _field(collected: Basket, item: BasketItem, part: Literal["heading", "text"]) -> _Field:
    """Return the field for what stands above an item, or for the text of a note."""

    def kept() -> str | None:
        now = next((each for each in collected.items if each.id == item.id), None)
        return None if now is None else (now.heading if part == "heading" else now.text)

    def write(words: str) -> None:
        collected.write(item.id, **{part: words})

    return _Field(f"oplaeg-{part}-{item.id}", kept, write)


def _draw_title(collected: Basket) -> None:
    field = _Field(_TITLE, lambda: collected.title, collected.rename)
    field.prepare()
    st.text_input(
        "Oplæggets titel",
        key=field.key,
        on_change=field.written,
        placeholder=TITLE,
        max_chars=_LONGEST_TITLE,
    )


def _draw_trouble(collected: Basket) -> None:
    if collected.trouble:
        told = (
            f"Ikke gemt. {collected.trouble} Det ligger her, så længe siden er åben; "
            "hent det som Word i mellemtiden."
        )
        show(tag("p", told, class_="notice warning", role="status"))


def _draw_told(collected: Basket) -> None:
    with st.container(key="oplaeg-told", horizontal=True, vertical_alignment="center"):
        show(tag("p", collected.told, class_="muted", role="status"))
        if collected.can_undo:
            st.button("Fortryd", key="oplaeg-undo", icon=":material/undo:", on_click=_undo, args=(collected,))


def _undo(collected: Basket) -> None:
    """Put back what was removed, its fields with it: Streamlit has emptied those meanwhile."""
    shown = {item.id for item in collected.items}
    collected.undo()
    for item in collected.items:
        if item.id not in shown:
            _field(collected, item, "heading").show_kept()
            if item.kind == "note":
                _field(collected, item, "text").show_kept()


def _empty() -> Html:
    return tag(
        "section",
        tag("h2", "Der er ikke samlet noget endnu"),
        tag(
            "p",
            "Tryk på »Føj til oplæg« under et svar, ved et citat på siden Sammenlign eller i kilden. "
            "Du kan også begynde med en note.",
        ),
        class_="notice note",
    )


def _draw_item(
    assistant: Assistant, talk: Conversation, collected: Basket, item: BasketItem, number: int
) -> None:
    with st.container(key=f"oplaeg-item-{item.id}"):
        with st.container(key=f"oplaeg-head-{item.id}", horizontal=True, vertical_alignment="center"):
            show(tag("h2", f"{number}. {_KINDS[item.kind]}", class_="small"))
            _draw_moves(collected, item, number)
        _draw_words(collected, item)
        if item.kind == "quote":
            for index, citation in enumerate(item.citations):
                # Its number belonged to where it came from.
                draw_quote(talk, replace(citation, marker=0), f"oplaeg-{item.id}-{index}")
                told = where(assistant, citation.passage, item.sources)
                show(tag("p", foreign(told), class_="muted"))
        elif item.kind == "answer":
            show(_answer(assistant, item))


def _draw_moves(collected: Basket, item: BasketItem, number: int) -> None:
    for name, icon, step, off in (
        ("Flyt op", ":material/arrow_upward:", -1, number == 1),
        ("Flyt ned", ":material/arrow_downward:", 1, number == len(collected.items)),
    ):
        st.button(
            name,
            key=f"oplaeg-{'up' if step < 0 else 'down'}-{item.id}",
            icon=icon,
            type="tertiary",
            disabled=off,
            on_click=collected.move,
            args=(item.id, step),
        )
    st.button(
        "Fjern",
        key=f"oplaeg-remove-{item.id}",
        icon=":material/delete:",
        type="tertiary",
        on_click=collected.remove,
        args=(item.id,),
    )


def _draw_words(collected: Basket, item: BasketItem) -> None:
    """Draw the fields of an item. The line above says what they are; whoever hears the page is told here."""
    heading = _field(collected, item, "heading")
    heading.prepare()
    st.text_input(
        "Overskrift",
        key=heading.key,
        on_change=heading.written,
        placeholder="Overskrift (valgfri)",
        label_visibility="collapsed",
    )
    if item.kind == "note":
        text = _field(collected, item, "text")
        text.prepare()
        st.text_area(
            "Note", key=text.key, on_change=text.written, height="content", label_visibility="collapsed"
        )


def _answer(assistant: Assistant, item: BasketItem) -> Html:
    """The whole answer, as on the page it came from, with its references below."""
    answer = item.answer
    if answer is None:
        return tag("p", foreign(item.text))
    parts: list[Html] = []
    for is_item, blocks in itertools.groupby(answer.blocks, key=lambda block: block.kind == "item"):
        if is_item:
            points = (
                tag("li", foreign(b.text), class_="item" if b.text[:1].isdigit() else "item dashed")
                for b in blocks
            )
            parts.append(tag("ul", *points, role="list", class_="items"))
        else:
            parts.extend(answers.block(block) for block in blocks)
    lines = dict.fromkeys(where(assistant, c.passage, answer.sources) for c in answer.citations)
    places = tag("p", foreign("Kilder: " + "; ".join(lines)), class_="muted") if lines else EMPTY
    return tag("div", join(*parts), places, class_="collected")


def _draw_new_note(collected: Basket) -> None:
    # No form: what was begun is still there when the user comes back from another page.
    st.session_state.setdefault(_NEW, st.session_state.get(_BEGUN, ""))
    st.text_area("Ny note", key=_NEW, height=100, placeholder="Skriv din egen tekst")
    st.session_state[_BEGUN] = st.session_state[_NEW]
    st.button("Tilføj note", key="oplaeg-add", icon=":material/add:", on_click=_add_note, args=(collected,))


def _add_note(collected: Basket) -> None:
    text = st.session_state[_NEW].strip()
    if text:
        collected.add(note_item(text))
        st.session_state[_NEW] = st.session_state[_BEGUN] = ""


def _draw_downloads(assistant: Assistant, collected: Basket) -> None:
    title = collected.title or TITLE
    items, written, stamp = collected.items, exports.now(), assistant.stamp
    heading = st.container(key="oplaeg-take")
    exports.draw_downloads(
        title, lambda: basket_paper(items, title, assistant.document, written, stamp), "oplaeg"
    )
    # Last, so that whoever reads a title here gets the file of that title.
    with heading:
        show(tag("h2", "Hent »", foreign(title), "«"))
    st.button(
        "Tøm oplægget",
        key="oplaeg-clear",
        icon=":material/delete_sweep:",
        type="tertiary",
        on_click=collected.remove,
        args=tuple(item.id for item in items),
    )


_TITLE, _NEW, _BEGUN = "oplaeg-title", "oplaeg-new", "oplaeg new note begun"
_LONGEST_TITLE = 200
