"""A comparison as plain text, for the terminal."""

from __future__ import annotations

from collections.abc import Callable

from assistant.answering.frames import side_heading
from assistant.citing import page_name
from assistant.comparing.comparison import Column, Comparison
from assistant.records import Citation, Document


def plain_text(comparison: Comparison, lookup: Callable[[str], Document]) -> str:
    """Return what each document says, one below the other, and last what they share.

    Args:
        comparison: what was compared.
        lookup: returns a document by id.
    """
    parts = [_column(column, lookup(column.document_id)) for column in comparison.columns]
    for shared in comparison.shared:
        markers = " og ".join(f"[{citation.marker}]" for citation in shared.citations)
        parts.append(f"Begge steder: {', '.join(shared.words)} ({markers})")
    return "\n\n".join(parts)


def _column(column: Column, document: Document) -> str:
    lines = [side_heading(document, "da")]
    if column.silent:
        lines.append("Ikke omtalt.")
    if column.near:
        lines.append("Nærmest, uden at nævne det:")
    lines += [_quote(citation, document) for citation in (*column.citations, *column.near)]
    hidden = column.found - len(column.citations)
    if hidden > 0:
        lines.append(f"og {hidden} {'sted' if hidden == 1 else 'steder'} til")
    return "\n".join(lines)


def _quote(citation: Citation, document: Document) -> str:
    return f"»{citation.quote}« [{citation.marker}] {page_name(document, citation.passage.page)}"
