"""The source pane: the page behind a citation, and the pages around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from assistant.errors import UnknownDocument
from assistant.records import Document, Page
from assistant.web.markup import EMPTY, Html, foreign, show, tag
from assistant.web.page_text import typeset
from assistant.web.session import Conversation, OpenSource

if TYPE_CHECKING:
    from assistant.pipeline import Assistant


def draw(assistant: Assistant, conversation: Conversation) -> None:
    """Draw the open source, if one is open."""
    source = conversation.source
    if source is None:
        return
    with st.container(key="source"):
        try:
            document = assistant.document(source.document_id)
            page = document.page(source.page)
        except (UnknownDocument, KeyError):
            st.button("Luk kilden", key="source-close", on_click=conversation.close_source)
            show(tag("p", "Dokumentet findes ikke længere i indekset.", class_="error", role="alert"))
            return
        with st.container(key="source-head", horizontal=True):
            show(_heading(document, source))
            st.button(
                "Luk",
                key="source-close",
                on_click=conversation.close_source,
                icon=":material/close:",
                type="tertiary",
            )
        _pager(document, page, conversation)
        show(_page(document, page, source))


def page_name(document: Document, page: Page) -> str:
    """Return "Slide 2 af 9", with the printed label where it says something else."""
    name = f"{document.page_noun.capitalize()} {page.number} af {len(document.pages)}"
    if page.label is not None and page.label.strip() != str(page.number):
        name += f" (trykt: {page.label.strip()})"
    return name


def _heading(document: Document, source: OpenSource) -> Html:
    kicker = f"Kilde [{source.marker}]" if source.marker else "Dokument"
    speaker = " · ".join(part for part in (document.organisation, document.kind) if part)
    return tag(
        "header",
        tag("p", kicker, class_="kicker"),
        tag("h2", foreign(document.title), tabindex="-1"),
        tag("p", foreign(speaker), class_="muted"),
    )


def _pager(document: Document, page: Page, conversation: Conversation) -> None:
    numbers = [each.number for each in document.pages]
    at = numbers.index(page.number)
    with st.container(key="pager", horizontal=True, vertical_alignment="center"):
        st.button(
            f"Forrige {document.page_noun}",
            key="page-back",
            icon=":material/chevron_left:",
            disabled=at == 0,
            on_click=conversation.turn_page,
            args=(numbers[max(at - 1, 0)],),
        )
        show(tag("p", page_name(document, page), class_="page-number", aria_live="polite"))
        st.button(
            f"Næste {document.page_noun}",
            key="page-on",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=at == len(numbers) - 1,
            on_click=conversation.turn_page,
            args=(numbers[min(at + 1, len(numbers) - 1)],),
        )


def _page(document: Document, page: Page, source: OpenSource) -> Html:
    here = page.number == source.marked_page
    text = typeset(page, source.marked if here else ())
    warning = EMPTY
    if here and not source.verified:
        warning = tag("p", "Citatet kunne ikke genfindes ordret på siden.", class_="error", role="alert")
    if not page.text.strip():
        text = tag("p", "Der er ingen tekst på denne side.", class_="muted")
    return tag(
        "div",
        warning,
        tag("article", text, class_="sheet", lang=document.language or "da"),
        class_="source-text",
        data_source=f"{source.opened}-{page.number}",
    )
