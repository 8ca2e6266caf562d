"""A quote outside the conversation: its words, the number that opens its place, and where that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from assistant.citing import lasting_reference
from assistant.records import Citation, Document, Passage
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


def where(assistant: Assistant, passage: Passage, kept: Sequence[Document]) -> str:
    """Return the reference of a passage; where its document is gone, as it was ``kept`` with what cites it."""
    return lasting_reference(passage, assistant.document, kept)
