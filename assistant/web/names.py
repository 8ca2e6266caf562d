"""What documents are called where one is chosen from them, and the field to choose them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from assistant.citing import sender

if TYPE_CHECKING:
    from assistant.pipeline import Assistant


def document_names(assistant: Assistant) -> dict[str, str]:
    """Return "KOMDIR: 4 pejlemærker ..." of each document by id; no two are called the same."""
    names: dict[str, str] = {}
    for document in assistant.documents:
        name = f"{sender(document)}: {document.title}" if sender(document) else document.title
        names[document.id] = f"{name} ({document.id})" if name in names.values() else name
    return names


def choose_documents(
    label: str, names: Mapping[str, str], key: str, chosen: Sequence[str], *, placeholder: str
) -> tuple[str, ...]:
    """Draw a field to choose documents in; return the ids of those that are chosen now.

    ``chosen`` are chosen to begin with, and again where Streamlit forgot the field on another page; those that
    are gone from the index are left out.
    """
    if key not in st.session_state:
        st.session_state[key] = [document for document in chosen if document in names]
    return tuple(
        st.multiselect(
            label,
            options=list(names),
            key=key,
            format_func=names.__getitem__,
            placeholder=placeholder,
            select_all=False,
            wrap=True,
        )
    )
