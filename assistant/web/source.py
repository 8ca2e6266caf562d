"""The source pane: the page behind a citation, and the pages around it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from assistant.citing import kept_as, memo_reference, sender
from assistant.citing import page_name as page_label
from assistant.errors import AssistantError, UnknownDocument
from assistant.records import Answer, Citation, Document, Page, Span
from assistant.text.folding import clean
from assistant.web import address
from assistant.web.collecting import basket, draw_add_quotes, marked_quotes
from assistant.web.facsimile import figure, picture_of
from assistant.web.markup import EMPTY, Html, foreign, join, label, show, tag
from assistant.web.originals import original
from assistant.web.page_text import RECOGNISED, is_recognised, typeset
from assistant.web.session import Conversation, OpenSource

if TYPE_CHECKING:
    from assistant.pipeline import Assistant


def draw(assistant: Assistant, conversation: Conversation) -> None:
    """Draw the open source, if one is open, and keep the address in step with it."""
    address.keep(assistant, conversation)
    source = conversation.source
    if source is None:
        return
    with st.container(key="source"):
        try:
            document = assistant.document(source.document_id)
            page = document.page(source.page)
        except (UnknownDocument, KeyError):
            _draw_missing(conversation, source.document_id)
            return
        source = still_quoted(page, source, conversation.answers)
        with st.container(key="source-head", horizontal=True):
            show(_heading(document, source))
            _draw_close(conversation)
        _pager(document, page, conversation)
        with st.container(key="source-body"):
            _draw_page(document, page, source, conversation)
            show(_tools(assistant, document, page, source))
            draw_add_quotes(assistant, marked_quotes(assistant, document, page, source), "source")
            _draw_other_places(assistant, document, conversation)


def page_name(document: Document, page: Page) -> str:
    """Return "Slide 2 af 9", with the printed label where it says something else, and how it was read."""
    name = f"{document.page_noun.capitalize()} {page.number} af {len(document.pages)}"
    if page.label is not None and page.label.strip() != str(page.number):
        name += f" (trykt: {page.label.strip()})"
    return f"{name} · {RECOGNISED}" if is_recognised(page) else name


def still_quoted(page: Page, source: OpenSource, answers: Sequence[Answer]) -> OpenSource:
    """Return ``source`` with only those marks that still cover what the answer quoted.

    The document may have been replaced since: then the same place has other words, or none.
    """
    if source.turn < 0 or page.number != source.marked_page:
        return source
    quotes = {(each.span, each.quote) for each in answers[source.turn].citations}
    kept = tuple(span for span in source.marked if (span, clean(page.text[span.start : span.end])) in quotes)
    return source if kept == source.marked else replace(source, marked=kept, verified=False)


def quotation(document: Document, page: Page, source: OpenSource) -> str:
    """Return what is marked on the page with its reference, to be pasted into a memo."""
    where = memo_reference(document, page.number)
    if page.number != source.marked_page or not source.marked:
        return where
    quotes = [clean(page.text[span.start : span.end]) for span in source.marked]
    if len(quotes) == 1:
        return f"»{quotes[0]}« ({where})"
    return "\n".join([*(f"– »{quote}«" for quote in quotes), f"({where})"])


def missing(conversation: Conversation, document_id: str) -> str:
    """Return what is said of a document or page that is gone, with its title where an answer still has it."""
    kept = [each for answer in reversed(conversation.answers) for each in answer.sources]
    kept += [each for item in basket().items for each in item.sources]
    known = kept_as(document_id, kept)
    gone = f": »{known.title}«" + (f" fra {sender(known)}" if sender(known) else "") if known else ""
    return f"Dokumentet eller siden findes ikke længere i indekset{gone}. Se under Dokumenter, hvad der er."


def _draw_missing(conversation: Conversation, document_id: str) -> None:
    with st.container(key="source-head", horizontal=True):
        show(tag("h2", "Kilden findes ikke", tabindex="-1"))
        _draw_close(conversation)
    show(
        tag(
            "p",
            foreign(missing(conversation, document_id)),
            class_="error",
            role="alert",
            data_source="missing",
        )
    )


def _draw_close(conversation: Conversation) -> None:
    st.button(
        "Luk",
        key="source-close",
        on_click=conversation.close_source,
        icon=":material/close:",
        type="tertiary",
    )


def _heading(document: Document, source: OpenSource) -> Html:
    kicker = f"Kilde [{source.marker}]" if source.marker else "Dokument"
    speaker = " · ".join(part for part in (sender(document), document.kind) if part)
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


def _draw_page(document: Document, page: Page, source: OpenSource, conversation: Conversation) -> None:
    file = original(document)
    drawable = file is not None and file.is_pdf
    told = [
        *_notices(page, source),
        *([_FILE[file.state]] if file is not None and file.state in _FILE else []),
    ]
    opened = f"{source.opened}-{page.number}-{'text' if conversation.as_text else 'page'}"
    marked = source.marked if page.number == source.marked_page else ()
    text = tag("article", _typeset(page, marked), class_="sheet", lang=document.language or "da")
    if drawable:
        _draw_choice(document, conversation)
    place = st.empty()
    content = text
    if file is not None and drawable and not conversation.as_text:
        with place:
            show(tag("p", "Siden hentes …", class_="working", role="status"))
        try:
            picture = picture_of(file, document, page, marked)
        except AssistantError as error:
            told.append(f"{error} Her står teksten.")
        else:
            if not picture.all_found:
                told.append(_UNMARKED)
            # Hidden from sight only: the words of the picture, with the same marks.
            content = join(figure(picture, document, page), tag("div", text, class_="heard"))
    notices = (tag("p", each, class_="notice", role="status") for each in told)
    with place:
        show(tag("div", *notices, content, class_="source-text", data_source=opened))


def _draw_choice(document: Document, conversation: Conversation) -> None:
    st.segmented_control(
        "Vis siden som",
        options=(False, True),
        default=conversation.as_text,
        format_func=lambda as_text: "Tekst" if as_text else document.page_noun.capitalize(),
        required=True,
        label_visibility="collapsed",
        key=_VIEW,
        on_change=lambda: conversation.read_as_text(bool(st.session_state[_VIEW])),
    )


def _notices(page: Page, source: OpenSource) -> list[str]:
    found = []
    if page.number == source.marked_page and not source.verified:
        found.append("Citatet kunne ikke genfindes ordret på siden.")
    if is_recognised(page):
        found.append(
            "Siden er et billede, og teksten er læst maskinelt (tekstgenkendt). Der kan være læsefejl: "
            "kontrollér mod billedet, før du citerer."
        )
    return found


def _typeset(page: Page, marked: tuple[Span, ...]) -> Html:
    if not page.text.strip():
        return tag("p", "Der er ingen tekst på denne side.", class_="muted")
    return typeset(page, marked)


def _tools(assistant: Assistant, document: Document, page: Page, source: OpenSource) -> Html:
    """What can be taken along: the quote with its reference, and a link to this place."""
    quoted = source.marked and page.number == source.marked_page
    return tag(
        "p",
        tag(
            "button",
            "Kopiér citat med henvisning" if quoted else "Kopiér henvisning",
            type="button",
            class_="copy",
            data_copy=quotation(document, page, source),
        ),
        tag(
            "button",
            "Kopiér link til stedet",
            type="button",
            class_="copy",
            data_link=address.link(assistant, source),
        ),
        tag("span", EMPTY, role="status"),
        class_="source-tools",
    )


def _draw_other_places(assistant: Assistant, document: Document, conversation: Conversation) -> None:
    places = other_places(conversation, document)
    if not places:
        return
    with st.expander(f"Andre steder, dokumentet er citeret ({len(places)})", key="other-places"):
        for turn, index in places:
            citation = conversation.answers[turn].citations[index]
            quote = textwrap.shorten(citation.quote, _SHORT, placeholder=" …")
            where = page_label(assistant.document(document.id), citation.passage.page)
            st.button(
                f"{label(where)}: »{label(quote)}«",
                key=f"place-{turn}-{index}",
                on_click=conversation.open_citation,
                args=(turn, index),
                type="tertiary",
            )


def other_places(conversation: Conversation, document: Document) -> list[tuple[int, int]]:
    """Return (turn, citation) for each other place of ``document`` that the conversation cites, by page."""
    source = conversation.source
    seen = set() if source is None else {(source.marked_page, span) for span in source.marked}
    found: list[tuple[int, int]] = []
    for turn, answer in enumerate(conversation.answers):
        for index, citation in enumerate(answer.citations):
            place = (citation.passage.page, citation.span)
            if citation.passage.document_id == document.id and place not in seen:
                seen.add(place)
                found.append((turn, index))
    answers = conversation.answers
    return sorted(found, key=lambda place: _order(answers[place[0]].citations[place[1]]))


_VIEW = "source-view"
_SHORT = 90
_UNMARKED = "Citatet kunne ikke udpeges på billedet. Vælg »Tekst« for at se det markeret."
_FILE = {
    "missing": "Filen findes ikke længere. Her står teksten, som den blev læst.",
    "changed": "Filen er ændret, siden den blev læst. Her står teksten, som den var.",
}


def _order(citation: Citation) -> tuple[int, int]:
    return citation.passage.page, citation.span.start
