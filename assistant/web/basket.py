"""The page "Mit oplæg": what was collected, in the user's own order, and the files made of it."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from assistant.exporting.paper import basket_paper
from assistant.storage.base import BasketItem
from assistant.web import answers, exports, source
from assistant.web.cited import draw_quote, place
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
                _draw_title()
            else:
                show(_empty())
            for number, item in enumerate(collected.items, 1):
                _draw_item(assistant, talk, collected, item, number)
        _draw_new_note(collected)
        if collected.items:
            _draw_downloads(assistant, collected)
    source.draw(assistant, talk)


def _draw_title() -> None:
    # Streamlit forgets what stood in a field once another page is drawn.
    st.session_state.setdefault(_TITLE, st.session_state.get(_TITLE_KEPT, TITLE))
    st.text_input("Oplæggets titel", key=_TITLE)
    st.session_state[_TITLE_KEPT] = st.session_state[_TITLE]


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
            st.session_state[f"oplaeg-heading-{item.id}"] = item.heading
            if item.kind == "note":
                st.session_state[f"oplaeg-note-{item.id}"] = item.text


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
        _draw_heading(collected, item)
        if item.kind == "note":
            _draw_note(collected, item)
        elif item.kind == "quote":
            for index, citation in enumerate(item.citations):
                # Its number belonged to where it came from.
                draw_quote(talk, replace(citation, marker=0), f"oplaeg-{item.id}-{index}")
                show(tag("p", foreign(place(assistant, citation)), class_="muted"))
        else:
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


def _draw_heading(collected: Basket, item: BasketItem) -> None:
    key = f"oplaeg-heading-{item.id}"

    def written() -> None:
        collected.write(item.id, heading=st.session_state[key])
        # What was kept may be masked, and the field shows what is kept.
        kept = _now(collected, item)
        if kept is not None:
            st.session_state[key] = kept.heading

    st.session_state.setdefault(key, item.heading)
    st.text_input("Overskrift", key=key, on_change=written, placeholder="Uden overskrift")


def _draw_note(collected: Basket, item: BasketItem) -> None:
    key = f"oplaeg-note-{item.id}"

    def written() -> None:
        collected.write(item.id, text=st.session_state[key])
        kept = _now(collected, item)
        if kept is not None:
            st.session_state[key] = kept.text

    st.session_state.setdefault(key, item.text)
    st.text_area("Note", key=key, on_change=written, height="content")


def _now(collected: Basket, item: BasketItem) -> BasketItem | None:
    return next((each for each in collected.items if each.id == item.id), None)


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
    lines = dict.fromkeys(place(assistant, citation) for citation in answer.citations)
    places = tag("p", foreign("Kilder: " + "; ".join(lines)), class_="muted") if lines else EMPTY
    return tag("div", join(*parts), places, class_="collected")


def _draw_new_note(collected: Basket) -> None:
    with st.form(key="oplaeg-new", clear_on_submit=True, border=False):
        text = st.text_area("Ny note", key=_NEW, height=100, placeholder="Skriv din egen tekst")
        if st.form_submit_button("Tilføj note", icon=":material/add:") and text.strip():
            collected.add(note_item(text.strip()))
            st.rerun()


def _draw_downloads(assistant: Assistant, collected: Basket) -> None:
    title = (st.session_state.get(_TITLE) or TITLE).strip() or TITLE
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


_TITLE, _TITLE_KEPT, _NEW = "oplaeg-title", "oplaeg title kept", "oplaeg-note"
