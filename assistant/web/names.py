"""What documents are called where one is chosen from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.pipeline import Assistant


def document_names(assistant: Assistant) -> dict[str, str]:
    """Return "KOMDIR: 4 pejlemærker ..." of each document by id; no two are called the same."""
    names: dict[str, str] = {}
    for document in assistant.documents:
        name = f"{document.organisation}: {document.title}" if document.organisation else document.title
        names[document.id] = f"{name} ({document.id})" if name in names.values() else name
    return names
