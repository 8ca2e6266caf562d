"""A quote outside the conversation: its words, the number that opens its place, and where that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from assistant.citing import reference
from assistant.errors import UnknownDocument
from assistant.records import Citation, Passage
from assistant.web.markup import foreign, label, show, tag
from assistant.web.session import Conversation

if TYPE_CHECKING:
    from assistant.pipeline import Assistant


def draw_quote(talk: Conversation, citation: Citation, key: str) -> None:
    """Draw a quote on one run of text with its number, which opens its page with the quote marked."""
    passage = citation.passage
    source = talk.source
    is_open = (
        source is not None
        and source.turn < 0
        and (source.document_id, source.marked_page) == (passage.document_id, passage.page)
        and source.marked == (citation.span,)
    )
    # The keys carry the look and the name of the marker, as in an answer.
    with st.container(key=f"cited-quote-{key}"):
        show(tag("blockquote", "»", foreign(citation.quote), "«", class_="quote"))
        st.button(
            label(f"[{citation.marker}]") if citation.marker else "vis",
            key=f"marker-{key}",
            type="primary" if is_open else "secondary",
            on_click=talk.open_page,
            args=(passage.document_id, passage.page, citation.span),
        )


def place(assistant: Assistant, citation: Citation) -> str:
    """Return the reference of a citation, also where its document is gone."""
    return where(assistant, citation.passage)


def where(assistant: Assistant, passage: Passage) -> str:
    """Return the reference of a passage, also where its document or page is gone since."""
    try:
        return reference(assistant.document(passage.document_id), passage.page)
    except (UnknownDocument, KeyError):
        return f"{passage.document_id}, side {passage.page} (findes ikke længere)"
