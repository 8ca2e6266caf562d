"""Earlier conversations: kept after each answer, listed in the sidebar, reopened by the address.

``?samtale=<id>`` is the conversation that is open. An address is no key: it opens nothing for anybody but
the conversation's owner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from assistant.citing import named_in
from assistant.errors import StorageError, UnknownDocument
from assistant.records import Answer, Citation
from assistant.storage.base import ConversationInfo, TurnTaken, UnknownConversation
from assistant.text.folding import clean
from assistant.web.address import is_late, left
from assistant.web.database import retention_days, shared_store
from assistant.web.identity import owner
from assistant.web.markup import foreign, label, show, tag
from assistant.web.session import Conversation, Kept

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

PARAMETER = "samtale"
LEFT = "conversation left"
"""Where the session keeps what the address named before, until the browser knows of what it names now."""
UNREACHABLE = "database unreachable"
"""Where the session keeps whether the database did not answer this view of the page."""


def follow(assistant: Assistant, talk: Conversation) -> None:
    """Open the conversation that the address names, where the address was changed by the user."""
    now, before = st.query_params.get(PARAMETER), st.session_state.get(_ADDRESS)
    if now == before:
        st.session_state.pop(LEFT, None)
    elif is_late(now, st.session_state.get(LEFT)):
        return
    if now and now not in (before, talk.kept.id):
        st.session_state[_UNREAD] = None if _open(assistant, talk, now) else now
    st.session_state[_ADDRESS] = now


def keep_address(talk: Conversation) -> None:
    """Put the open conversation into the address, once there is something of it to come back to."""
    wanted = talk.kept.id if talk.kept.turns else None
    if not talk.answers:
        # What could not be read just now may be there at the next try.
        wanted = wanted or st.session_state.get(_UNREAD)
    shown = st.query_params.get(PARAMETER)
    if wanted != shown:
        st.session_state[LEFT] = left(shown)
        if wanted is None:
            del st.query_params[PARAMETER]
        else:
            st.query_params[PARAMETER] = wanted
    st.session_state[_ADDRESS] = wanted


def keep(talk: Conversation) -> None:
    """Keep the answers that are not yet in the database; where that fails, they stay on the page."""
    if talk.kept.turns == len(talk.answers):
        return
    try:
        _append(talk)
    except TurnTaken:
        # It went on in another window. What stands here is kept as a conversation of its own.
        keep_anew(talk)
        talk.note = _PARTED
    except UnknownConversation:
        talk.kept.trouble, talk.kept.gone = "Samtalen er slettet i et andet vindue.", True
    except StorageError as error:
        talk.kept.trouble = str(error)
    else:
        talk.kept.trouble = None


def keep_anew(talk: Conversation) -> None:
    """Keep everything that stands here as a conversation of its own."""
    talk.kept = Kept()
    keep(talk)


def draw_trouble(talk: Conversation) -> None:
    """Say so under the newest answer where some of them are not kept."""
    trouble = talk.kept.trouble
    if trouble is None:
        return
    with st.container(key="not-kept"):
        text = tag("p", tag("strong", "Ikke gemt. "), foreign(trouble))
        show(tag("div", text, class_="notice warning", role="alert"))
        again, act = ("Gem som en ny samtale", keep_anew) if talk.kept.gone else ("Prøv at gemme igen", keep)
        st.button(again, key="keep-again", on_click=act, args=(talk,))


def draw_sidebar(assistant: Assistant, talk: Conversation) -> None:
    """Draw the open conversation with what can be done with it, and the earlier ones."""
    with st.sidebar, st.container(key="earlier"):
        try:
            store, own = shared_store(), owner()
            everything = store.conversations(own)
            search = _draw_search() if everything else ""
            found = store.conversations(own, search) if search else everything
        except StorageError as error:
            st.session_state[UNREACHABLE] = True
            text = tag("p", "Tidligere samtaler kan ikke vises. ", foreign(str(error)))
            show(tag("div", text, class_="notice warning"))
            return
        st.session_state[UNREACHABLE] = False
        if not everything:
            return
        current = next((each for each in everything if each.id == talk.kept.id), None)
        if current is not None:
            _draw_current(current, talk)
        _draw_others(assistant, talk, [each for each in found if each != current], search)
        _draw_delete_all(talk)


_PARTED = "Samtalen er gået videre i et andet vindue. Det, der står her, er gemt som en samtale for sig."
_ADDRESS = "conversation address"
_UNREAD = "conversation unread"
_SEARCH = "conversation search"
_SHOWN = "conversations shown"
_STEP = 15


def _open(assistant: Assistant, talk: Conversation, conversation_id: str) -> bool:
    """Open a conversation; return whether there is no use in trying again."""
    if talk.kept.trouble is not None:
        keep(talk)
        if talk.kept.trouble is not None:
            talk.error = (
                "Den åbne samtale er ikke gemt og ville gå tabt. Gem den, eller begynd en ny samtale."
            )
            return True
    try:
        answers = shared_store().load(owner(), conversation_id)
    except UnknownConversation as error:
        talk.error = str(error)
    except StorageError as error:
        talk.error = str(error)
        return False
    else:
        talk.reopen(conversation_id, [_checked(assistant, answer) for answer in answers])
    return True


def _append(talk: Conversation) -> None:
    store, own = shared_store(), owner()
    for turn in range(talk.kept.turns, len(talk.answers)):
        store.append(own, talk.kept.id, turn, talk.answers[turn])
        talk.kept.turns = turn + 1


def _checked(assistant: Assistant, answer: Answer) -> Answer:
    """Return the answer with those citations marked unverified that no longer stand on their page.

    One that was kept before its sources were kept with it gets those that are still there.
    """
    compared = tuple(_compared(assistant, each) for each in answer.citations)
    return replace(answer, citations=compared, sources=answer.sources or named_in(answer, assistant.document))


def _compared(assistant: Assistant, citation: Citation) -> Citation:
    try:
        page = assistant.document(citation.passage.document_id).page(citation.passage.page)
    except (UnknownDocument, KeyError):
        return replace(citation, verified=False)
    there = clean(page.text[citation.span.start : citation.span.end])
    return replace(citation, verified=citation.verified and there == citation.quote)


def _draw_search() -> str:
    found = st.text_input(
        "Søg i tidligere samtaler",
        key=_SEARCH,
        type="search",
        placeholder="Søg",
        icon=":material/search:",
        max_chars=200,
    )
    return (found or "").strip()


def _draw_current(info: ConversationInfo, talk: Conversation) -> None:
    with st.container(key=f"open-{info.id}"):
        show(tag("p", "Åben nu", class_="kicker"))
        show(tag("p", tag("strong", foreign(info.title))))
        with st.container(key=f"open-acts-{info.id}", horizontal=True):
            with (
                st.popover("Omdøb", icon=":material/edit:", type="tertiary"),
                st.form(f"name-{info.id}", border=False),
            ):
                st.text_input("Ny titel", value=info.title, key=f"title-{info.id}", max_chars=80)
                st.form_submit_button("Gem titlen", on_click=_rename, args=(info.id, talk))
            with st.popover("Slet", icon=":material/delete:", type="tertiary"):
                show(tag("p", "Samtalen og din tilbagemelding på dens svar slettes for altid."))
                st.button(
                    "Ja, slet samtalen", key=f"delete-{info.id}", on_click=_delete, args=(info.id, talk)
                )


def _draw_others(
    assistant: Assistant, talk: Conversation, others: Sequence[ConversationInfo], search: str
) -> None:
    if not others:
        if search:
            show(tag("p", "Ingen andre samtaler har det hele i sig.", class_="muted", role="status"))
        return
    shown = st.session_state.setdefault(_SHOWN, _STEP)
    when = ""
    for info in others[:shown]:
        if _day(info.updated) != when:
            when = _day(info.updated)
            show(tag("p", when, class_="kicker"))
        st.button(
            label(info.title),
            key=f"earlier-{info.id}",
            on_click=_reopen,
            args=(assistant, talk, info.id),
            type="tertiary",
            width="stretch",
        )
    if len(others) > shown:
        st.button(f"Vis flere ({len(others) - shown})", key="earlier-more", on_click=_show_more)


def _draw_delete_all(talk: Conversation) -> None:
    with st.popover("Slet alle samtaler", icon=":material/delete_sweep:", type="tertiary"):
        show(tag("p", "Alle dine samtaler, din tilbagemelding og »Mit oplæg« slettes for altid."))
        st.button("Ja, slet alt", key="delete-all", on_click=_delete_all, args=(talk,))
    days = retention_days()
    show(tag("p", f"Samtaler slettes af sig selv efter {days} dage uden nye spørgsmål.", class_="muted"))


def _reopen(assistant: Assistant, talk: Conversation, conversation_id: str) -> None:
    _open(assistant, talk, conversation_id)


def _show_more() -> None:
    st.session_state[_SHOWN] += _STEP


def _rename(conversation_id: str, talk: Conversation) -> None:
    title = st.session_state[f"title-{conversation_id}"].strip()
    try:
        if title:
            shared_store().rename(owner(), conversation_id, title)
    except StorageError as error:
        talk.error = f"Titlen er ikke gemt. {error}"


def _delete(conversation_id: str, talk: Conversation) -> None:
    try:
        shared_store().delete(owner(), conversation_id)
    except StorageError as error:
        talk.error = f"Samtalen er ikke slettet. {error}"
    else:
        talk.restart()


def _delete_all(talk: Conversation) -> None:
    try:
        shared_store().delete_all(owner())
    except StorageError as error:
        talk.error = f"Samtalerne er ikke slettet. {error}"
    else:
        talk.restart()


def _day(moment: datetime) -> str:
    """Return under which heading a conversation of that time stands."""
    days = (datetime.now(UTC).astimezone().date() - moment.astimezone().date()).days
    if days <= 0:
        return "I dag"
    return "I går" if days == 1 else "De seneste 30 dage" if days <= 30 else "Tidligere"
