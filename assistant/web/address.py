"""The place in the address of the page, so that a link, the Back button and a reload find it again.

``?dokument=komdir-4-pejlemaerker&side=5&tegn=120-180-3f9c``: the document, the page, and what is marked on
it, as offsets and four digits of the digest of the text there. Where the text is another by now, the page
opens without a mark. Other parameters of the address are left alone.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from assistant.errors import UnknownDocument
from assistant.records import Page, Span
from assistant.web.session import Conversation, OpenSource

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

DOCUMENT, PAGE, MARKS = "dokument", "side", "tegn"
LEFT = "address left"
"""Where the session keeps the address before the one that it shows, until the browser knows of that."""

Place = tuple[tuple[str, str], ...]
"""The parameters of a place, in the order of the address; none where nothing is open."""


def follow(assistant: Assistant, talk: Conversation) -> None:
    """Open what the address names, where the address was changed by somebody else than :func:`keep`."""
    now, kept = _shown(), st.session_state.get(_KEPT, ())
    if now == kept:
        st.session_state.pop(LEFT, None)
    elif is_late(now, st.session_state.get(LEFT)):
        return
    # What the user has opened since goes before an address that had not been told of it.
    if now != kept and place(assistant, talk.source) == kept:
        open_place(assistant, talk, dict(now))
    st.session_state[_KEPT] = now


def keep(assistant: Assistant, talk: Conversation) -> None:
    """Put what is open into the address."""
    wanted = place(assistant, talk.source)
    if wanted == _shown():
        return
    parameters = dict(wanted)
    others = {name: st.query_params.get_all(name) for name in st.query_params if name not in _NAMES}
    st.session_state[LEFT] = left(_shown())
    # At once, so that it is one step for the Back button.
    st.query_params.from_dict({**others, **parameters})
    st.session_state[_KEPT] = wanted


def left(shown: object) -> tuple[object, float]:
    """Return what the address showed until now, and when it stopped, for :func:`is_late`."""
    return shown, time.monotonic()


def drawn(*names: str) -> None:
    """Count from now, where the page has taken its time since the address changed.

    ``names`` are where the session keeps what :func:`left` returned.
    """
    for name in names:
        if name in st.session_state:
            st.session_state[name] = left(st.session_state[name][0])


def is_late(now: object, before: tuple[object, float] | None) -> bool:
    """Whether the browser asked before it was told of the address that it has by now.

    A click that follows at once on another one comes with the address of before both; taken for the Back
    button, it would undo the first.
    """
    return before is not None and now == before[0] and time.monotonic() - before[1] < _LATE_SECONDS


def place(assistant: Assistant, source: OpenSource | None) -> Place:
    """Return the parameters that open ``source`` again."""
    if source is None:
        return ()
    found = [(DOCUMENT, source.document_id), (PAGE, str(source.page))]
    if source.marked and source.page == source.marked_page:
        try:
            page = assistant.document(source.document_id).page(source.page)
        except (UnknownDocument, KeyError):
            return tuple(found)
        found.append((MARKS, ",".join(f"{s.start}-{s.end}-{_digest(page, s)}" for s in source.marked)))
    return tuple(found)


def link(assistant: Assistant, source: OpenSource) -> str:
    """Return the query string that opens ``source`` again."""
    return urlencode(place(assistant, source))


def open_place(assistant: Assistant, talk: Conversation, parameters: Mapping[str, str]) -> None:
    """Open the place that the parameters of an address name, or close the source where they name none."""
    if DOCUMENT not in parameters:
        talk.close_source()
        return
    document_id, number = parameters[DOCUMENT], parameters.get(PAGE, "1")
    try:
        document = assistant.document(document_id)
        page = document.page(int(number) if number.isdecimal() else 1)
    except UnknownDocument:
        # The pane says that it is not there.
        talk.open_page(document_id, 1)
        return
    except KeyError:
        page = document.pages[0]
    marked = tuple(spans(page, parameters.get(MARKS, "")))
    if not _open_citation(talk, document_id, page.number, marked):
        talk.open_page(document_id, page.number, *marked)


def spans(page: Page, marks: str) -> Iterable[Span]:
    """Return what ``marks`` cover on ``page``, as far as the text there is still the same."""
    for found in _MARK.finditer(marks[:_LONGEST]):
        span = Span(int(found[1]), int(found[2]))
        if span.start < span.end <= len(page.text) and _digest(page, span) == found[3]:
            yield span


_KEPT = "address kept"
_LATE_SECONDS = 1.0
_NAMES = (DOCUMENT, PAGE, MARKS)
_MARK = re.compile(r"(\d{1,7})-(\d{1,7})-([0-9a-f]{4})")
_LONGEST = 1500


def _shown() -> Place:
    return tuple((name, st.query_params[name]) for name in _NAMES if name in st.query_params)


def _open_citation(talk: Conversation, document_id: str, page: int, marked: tuple[Span, ...]) -> bool:
    """Open the place as the citation that it is in this conversation, the newest first, if it is one."""
    for turn in reversed(range(len(talk.answers))):
        for index, citation in enumerate(talk.answers[turn].citations):
            place = (citation.passage.document_id, citation.passage.page)
            if place != (document_id, page) or citation.span not in marked[:1]:
                continue
            talk.open_citation(turn, index, whole=len(marked) > 1)
            if talk.source is not None and talk.source.marked == marked:
                return True
    return False


def _digest(page: Page, span: Span) -> str:
    return hashlib.sha256(page.text[span.start : span.end].encode("utf-8", "replace")).hexdigest()[:4]
