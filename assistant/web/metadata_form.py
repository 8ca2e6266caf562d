"""The fields that describe a document: title, sender, kind, language, what a page is called, other names."""

from __future__ import annotations

from typing import Literal, cast

import streamlit as st

from assistant.citing import sender
from assistant.loading.metadata import Metadata
from assistant.records import Document

LANGUAGES = {
    "da": "dansk",
    "en": "engelsk",
    "sv": "svensk",
    "nb": "norsk",
    "de": "tysk",
    "fr": "fransk",
}


def described(document: Document, known: Metadata | None = None) -> Metadata:
    """Return what is known of a document, and where nothing is, what was read from its file."""
    known = known or Metadata()
    return Metadata(
        title=known.title or document.title,
        organisation=known.organisation or sender(document),
        kind=known.kind or document.kind,
        language=known.language or document.language,
        page_noun=known.page_noun or document.page_noun,
        aliases=known.aliases or document.aliases,
    )


def draw_metadata(known: Metadata, key: str) -> None:
    """Draw the fields, filled in with what is ``known``; :func:`entered` tells what stands in them."""
    left, right = st.columns(2)
    with left:
        st.text_input("Titel", value=known.title, key=f"title-{key}")
        st.text_input(
            "Afsender",
            value=known.organisation,
            key=f"organisation-{key}",
            placeholder="fx Sundhedsstyrelsen",
        )
        st.text_input("Type", value=known.kind, key=f"kind-{key}", placeholder="fx notat")
    with right:
        languages = list(dict.fromkeys([*LANGUAGES, known.language or "da"]))
        st.selectbox(
            "Sprog",
            languages,
            index=languages.index(known.language or "da"),
            format_func=lambda code: LANGUAGES.get(code, code),
            key=f"language-{key}",
        )
        nouns = ("side", "slide")
        st.selectbox("En side kaldes", nouns, index=int(known.page_noun == "slide"), key=f"noun-{key}")
        st.text_input(
            "Andre navne for afsenderen",
            value=", ".join(known.aliases),
            key=f"aliases-{key}",
            placeholder="adskilt af komma",
        )


def entered(key: str) -> Metadata:
    """Return what stands in the fields now.

    A button that is clicked straight from a field is told of it before the page is drawn again, so its
    callback asks here rather than taking along what stood there when it was drawn.
    """
    state = st.session_state
    return Metadata(
        title=state[f"title-{key}"].strip(),
        organisation=state[f"organisation-{key}"].strip(),
        kind=state[f"kind-{key}"].strip() or "dokument",
        language=state[f"language-{key}"],
        page_noun=cast(Literal["side", "slide"], state[f"noun-{key}"]),
        aliases=tuple(
            alias for each in state[f"aliases-{key}"].split(",") if (alias := each.strip().lower())
        ),
    )
