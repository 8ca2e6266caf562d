"""The page "Sammenlign": what documents say of the same thing, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from assistant.answering.frames import side_heading
from assistant.citing import page_name, sender
from assistant.comparing.comparison import AT_MOST, Column, Comparison, compare
from assistant.comparing.themes import themes
from assistant.errors import AssistantError
from assistant.records import Citation, Document
from assistant.web import source
from assistant.web.cited import draw_quote
from assistant.web.collecting import draw_add_quotes
from assistant.web.markup import foreign, join, label, show, tag
from assistant.web.names import choose_documents, document_names
from assistant.web.session import Conversation, conversation

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

_PRESET = 3
"""So many documents are chosen to begin with."""

_ALL = 50
"""Citations in a column once all are asked for."""


@dataclass(slots=True)
class Comparing:
    """What this browser session compares. ``made`` is kept with what it was made from.

    ``gone`` counts the documents that were compared and have been removed since.
    """

    theme: str = ""
    documents: tuple[str, ...] = ()
    at_most: int = AT_MOST
    error: str | None = None
    gone: int = 0
    made: Comparison | None = None
    made_from: tuple[object, ...] = ()

    def ask(self, theme: str, documents: Sequence[str]) -> None:
        """Compare something else from now on."""
        self.theme, self.documents, self.at_most, self.error = theme.strip(), tuple(documents), AT_MOST, None
        self.gone = 0

    def show_all(self) -> None:
        """Show every passage rather than the best."""
        self.at_most = _ALL

    def result(self, assistant: Assistant) -> Comparison | None:
        """Return the comparison asked for, made anew where the index is another; without what is gone from it."""
        there = {document.id for document in assistant.documents}
        kept = tuple(document for document in self.documents if document in there)
        self.gone, self.documents = self.gone + len(self.documents) - len(kept), kept
        wanted = (self.theme, self.documents, self.at_most, assistant.index_identity)
        if not self.theme:
            return None
        if self.made_from != wanted:
            self.made, self.made_from, self.error = None, wanted, None
            try:
                self.made = compare(assistant, self.theme, self.documents, at_most=self.at_most)
            except AssistantError as error:
                self.error = str(error)
        return self.made


def draw(assistant: Assistant) -> None:
    """Draw the page "Sammenlign"."""
    talk, comparing = conversation(), _comparing()
    with st.container(key="comparing"):
        show(tag("h1", "Sammenlign"))
        lead = "Se, hvad dokumenterne siger om det samme, side om side og med deres egne ord."
        show(tag("p", lead, class_="lead"))
        if len(assistant.documents) < 2:
            told = "Der skal mindst to dokumenter til. Tilføj flere under Dokumenter."
            show(tag("p", told, class_="notice note"))
        else:
            _draw_field(assistant, comparing)
            with st.container(key="compared"):
                _draw_result(assistant, talk, comparing)
    source.draw(assistant, talk)


def _draw_field(assistant: Assistant, comparing: Comparing) -> None:
    names = document_names(assistant)
    known = [document for document in comparing.documents if document in names]
    st.session_state.setdefault(_THEME, comparing.theme)
    with st.form(key="compare-form", border=False):
        theme = st.text_input("Tema eller spørgsmål", key=_THEME, placeholder="fx ledelse")
        preset = known or list(names)[:_PRESET]
        chosen = choose_documents("Dokumenter", names, _DOCUMENTS, preset, placeholder="Vælg mindst to")
        if st.form_submit_button("Sammenlign", type="primary", icon=":material/compare_arrows:"):
            comparing.ask(theme, chosen)
            if not comparing.theme:
                comparing.error = "Skriv et tema eller et spørgsmål, og prøv igen."
    _draw_themes(assistant, comparing, chosen)


def _draw_themes(assistant: Assistant, comparing: Comparing, chosen: tuple[str, ...]) -> None:
    offered = _themes(assistant, chosen)
    if not offered:
        return

    def take(theme: str) -> None:
        st.session_state[_THEME] = theme
        comparing.ask(theme, chosen)

    with st.container(key="compare-themes"):
        show(tag("h2", "Temaer fra dokumenterne", class_="small"))
        with st.container(key="compare-theme-row", horizontal=True, gap="xsmall"):
            for number, theme in enumerate(offered):
                st.button(label(theme), key=f"theme-{number}", on_click=take, args=(theme,))


def _draw_result(assistant: Assistant, talk: Conversation, comparing: Comparing) -> None:
    made = comparing.result(assistant)
    if comparing.gone:
        which = "Et af dokumenterne" if comparing.gone == 1 else f"{comparing.gone} af dokumenterne"
        told = f"{which} er fjernet, siden du sammenlignede, og er ikke med længere."
        show(tag("p", told, class_="notice", role="status"))
    if comparing.error is not None:
        show(tag("p", comparing.error, class_="error", role="alert"))
    if made is None:
        return
    show(tag("h2", join("»", foreign(made.theme), "«"), class_="compared-theme"))
    show(tag("p", foreign(_summary(assistant, made)), role="status", class_="muted"))
    if made.shared:
        _draw_shared(assistant, talk, made)
    with st.container(key="compare-columns"):
        for number, column in enumerate(made.columns):
            _draw_column(assistant, talk, made, column, number)
    if any(column.found > len(column.citations) for column in made.columns) and comparing.at_most < _ALL:
        st.button("Vis alle steder", key="compare-all", on_click=comparing.show_all)
    quotes = tuple(citation for column in made.columns for citation in column.citations)
    if len(quotes) > 1:
        draw_add_quotes(assistant, quotes, "compare-all", made.theme)


def _summary(assistant: Assistant, made: Comparison) -> str:
    names = speakers([assistant.document(column.document_id) for column in made.columns])
    speaking = [names[column.document_id] for column in made.columns if not column.silent]
    silent = [names[column.document_id] for column in made.columns if column.silent]
    if not speaking:
        return "Ingen af dokumenterne omtaler det. Prøv et andet ord, eller vælg et af temaerne ovenfor."
    told = f"Omtalt af {_listed(speaking)}"
    if silent:
        return f"{told}. Ikke omtalt af {_listed(silent)}."
    return f"{told}." if made.shared else f"{told}, men med hver sine punkter."


def _draw_shared(assistant: Assistant, talk: Conversation, made: Comparison) -> None:
    names = speakers([assistant.document(column.document_id) for column in made.columns])
    show(tag("h3", "Det nævner begge" if len(made.columns) == 2 else "Det nævner flere"))
    for number, shared in enumerate(made.shared):
        with st.container(key=f"compare-shared-{number}"):
            show(tag("p", "Fælles ord: ", foreign(", ".join(shared.words)), class_="muted"))
            with st.container(key=f"compare-pair-{number}"):
                for citation in shared.citations:
                    named = names[citation.passage.document_id]
                    _draw_citation(assistant, talk, citation, f"shared-{number}", named)


def _draw_column(
    assistant: Assistant, talk: Conversation, made: Comparison, column: Column, number: int
) -> None:
    document = assistant.document(column.document_id)
    speaker = speakers([assistant.document(each.document_id) for each in made.columns])[document.id]
    own = made.only(column)
    with st.container(key=f"compare-column-{number}"):
        show(
            tag(
                "header",
                tag("h3", foreign(side_heading(document, "da") if sender(document) else document.title)),
                tag("p", foreign(document.title if sender(document) else document.kind), class_="muted"),
            )
        )
        if column.silent:
            show(tag("p", "Ikke omtalt.", class_="silent"))
            if column.near:
                show(tag("p", "Nærmest, uden at nævne det:", class_="muted"))
        elif not own:
            show(tag("p", "Intet ud over det, der står ovenfor.", class_="muted"))
        elif made.shared:
            show(tag("p", foreign(f"Kun hos {speaker}:"), class_="muted"))
        for citation in own or column.near:
            _draw_citation(assistant, talk, citation, f"own-{number}")
        hidden = column.found - len(column.citations)
        if hidden > 0:
            show(tag("p", f"og {hidden} {'sted' if hidden == 1 else 'steder'} til", class_="muted"))


def _draw_citation(
    assistant: Assistant, talk: Conversation, citation: Citation, where: str, named: str = ""
) -> None:
    document = assistant.document(citation.passage.document_id)
    key = f"compare-{where}-{citation.marker}"
    place = page_name(document, citation.passage.page)
    with st.container(key=f"compared-{key}"):
        draw_quote(talk, citation, key)
        with st.container(key=f"compare-foot-{key}", horizontal=True, vertical_alignment="center"):
            shown = f"{named}, {place}" if named else place.capitalize()
            show(tag("p", foreign(shown), class_="muted"))
            draw_add_quotes(assistant, (citation,), key)


def speakers(documents: Sequence[Document]) -> dict[str, str]:
    """Return who speaks in each document, by its id: its title where its sender is unknown or has another."""
    known = Counter(sender(document) for document in documents)
    titles = Counter(document.title for document in documents)

    def name(document: Document) -> str:
        if sender(document) and known[sender(document)] == 1:
            return sender(document)
        return f"»{document.title}«" if titles[document.title] == 1 else f"»{document.title}« ({document.id})"

    return {document.id: name(document) for document in documents}


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} og {last}" if first else last


def _comparing() -> Comparing:
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Comparing()
    found: Comparing = st.session_state[_KEY]
    return found


def _themes(assistant: Assistant, documents: tuple[str, ...]) -> tuple[str, ...]:
    kept: dict[tuple[object, ...], tuple[str, ...]] = st.session_state.setdefault(_THEMES, {})
    key = (assistant.index_identity, documents)
    if key not in kept:
        kept.clear()
        kept[key] = themes(assistant, documents)
    return kept[key]


_KEY, _THEMES = "comparing now", "comparing themes"
_THEME, _DOCUMENTS = "compare-theme", "compare-documents"
