"""What each document says of a theme, what they share, and who is silent."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.citing import cite
from assistant.comparing.shared import Shared, pairs
from assistant.comparing.speaking import find
from assistant.errors import QuestionError
from assistant.pipeline import Assistant
from assistant.records import Citation, Query
from assistant.retrieval.understanding import focus_words
from assistant.text.danish import stem

AT_MOST = 8
"""Passages in a column unless told."""

NEAREST = 2
"""So many of those are shown for a silent document."""


@dataclass(frozen=True, slots=True)
class Column:
    """What one document says of the theme, in its own order of relevance; nothing where it is silent.

    ``found`` counts all its passages on the theme, of which the best are cited. ``near`` are passages of a
    silent document about something related; they say nothing of the theme itself.
    """

    document_id: str
    citations: tuple[Citation, ...]
    found: int
    near: tuple[Citation, ...] = ()

    @property
    def silent(self) -> bool:
        """Whether the document does not mention the theme."""
        return not self.citations


@dataclass(frozen=True, slots=True)
class Comparison:
    """A theme in several documents. Markers count from 1 through the columns."""

    theme: str
    query: Query
    columns: tuple[Column, ...]
    shared: tuple[Shared, ...]

    @property
    def empty(self) -> bool:
        """Whether no document mentions the theme."""
        return all(column.silent for column in self.columns)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All citations, by marker."""
        return tuple(c for column in self.columns for c in (*column.citations, *column.near))

    def only(self, column: Column) -> tuple[Citation, ...]:
        """Return what only this document says: its citations that are in no pair."""
        paired = {citation.marker for each in self.shared for citation in each.citations}
        return tuple(citation for citation in column.citations if citation.marker not in paired)


def compare(
    assistant: Assistant, theme: str, documents: Sequence[str], *, at_most: int = AT_MOST
) -> Comparison:
    """Put what ``documents`` say of a theme side by side.

    Args:
        assistant: what searches them.
        theme: a theme or a question.
        documents: ids, in the order of the columns.
        at_most: citations in a column.

    Raises:
        QuestionError: the theme is empty or too long, or there are fewer than two documents.
        UnknownDocument: a document is not in the index.
    """
    chosen = tuple(dict.fromkeys(documents))
    if len(chosen) < 2:
        raise QuestionError("Vælg mindst to dokumenter at sammenligne.")
    query = replace(assistant.understand(theme, (), chosen), intent="comparison", sides=chosen)
    ranking = assistant.searcher.rank(query)
    focus = tuple(stem(word) for word in focus_words(query.text, assistant.searcher.speakers))
    found = find(assistant, ranking, focus)
    columns: list[Column] = []
    marker = itertools.count(1)
    for document_id in chosen:
        document = assistant.document(document_id)
        own = [passage for passage in found.speaking if passage.document_id == document_id]
        near = [] if own else [passage for passage in found.near if passage.document_id == document_id]
        cited, nearest = (
            tuple(cite(document, passage, next(marker), focus) for passage in passages)
            for passages in (own[:at_most], near[:NEAREST])
        )
        columns.append(Column(document_id, cited, len(own), nearest))
    return Comparison(
        query.question, query, tuple(columns), pairs([column.citations for column in columns], ranking, focus)
    )
