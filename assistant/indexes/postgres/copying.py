"""Passages, headings and counts of terms copied into their tables, some thousand in a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pgvector import Vector
from sqlalchemy import Connection

from assistant.embedding.base import Vectors
from assistant.indexes.home import StepCallback
from assistant.indexes.local import heading_text, searched_text
from assistant.indexes.postgres.rows import digest, key, readable, spread, to_json
from assistant.indexes.postgres.signals import Cutter, Words
from assistant.indexes.postgres.statistics import COUNTED, LONGEST, NUMBERS, Counts, counted
from assistant.records import Document, Passage

_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Rows:
    """Passages to write with their vectors, shape (len(passages), dimension) each."""

    passages: Sequence[Passage]
    vectors: Vectors
    heading_vectors: Vectors

    def by_document(self) -> dict[str, list[int]]:
        """Return the places of each document's passages, in their order."""
        found: dict[str, list[int]] = {}
        for i, passage in enumerate(self.passages):
            found.setdefault(passage.document_id, []).append(i)
        return found


def copy_passages(
    connection: Connection, number: int, rows: Rows, known: frozenset[str], step: StepCallback
) -> Counts:
    """Write the passages of revision ``number``, which nobody reads yet; return what stands in them."""
    raw: Any = connection.connection.driver_connection
    cutter = Cutter(known)
    total = Counts()
    batch = _Batch()
    for document, at in rows.by_document().items():
        total.add(batch.take(key(document), number, rows, at, cutter))
        if len(batch.passages) >= _BATCH:
            batch.write(raw)
            step("file")
            batch = _Batch()
    if batch.passages:
        batch.write(raw)
        step("file")
    return total


_PASSAGE = (
    "document_id, added, position, id, spread, heading, content, body, above, parts, embedding",
    ("text", "int8", "int4", "text", "int4", "int4", "text", "text", "text", "text[]", "vector"),
)
_HEADING = ("document_id, added, number, embedding", ("text", "int8", "int4", "vector"))
_TERMS = (
    "document_id, added, field, terms, counts, length",
    ("text", "int8", "int2", "text[]", "int4[]", "int8"),
)


class _Batch:
    """Rows of whole documents, until there are enough of them for a transaction."""

    def __init__(self) -> None:
        self.passages: list[tuple[Any, ...]] = []
        self._headings: list[tuple[Any, ...]] = []
        self._terms: list[tuple[Any, ...]] = []

    def take(self, document: str, number: int, rows: Rows, at: Sequence[int], cutter: Cutter) -> Counts:
        numbers: dict[str, int] = {}
        own: list[Words] = []
        for position, i in enumerate(at):
            passage = rows.passages[i]
            above = heading_text(passage)
            if above not in numbers:
                numbers[above] = len(numbers)
                self._headings.append((document, number, numbers[above], _vector(rows.heading_vectors[i])))
            found = cutter.words(passage)
            own.append(found)
            different = cutter.different(found, "terms") | cutter.different(found, "terms_heading")
            self.passages.append(
                (
                    document,
                    number,
                    position,
                    key(passage.id),
                    spread(passage.id),
                    numbers[above],
                    to_json(passage),
                    readable(searched_text(passage)),
                    readable(above),
                    sorted(term for term in different if len(term) <= LONGEST),
                    _vector(rows.vectors[i]),
                )
            )
        counts = counted(own, cutter)
        for name in COUNTED:
            by_term = counts.passages[name]
            self._terms.append(
                (document, number, NUMBERS[name], list(by_term), list(by_term.values()), counts.lengths[name])
            )
        return counts

    def write(self, raw: Any) -> None:
        with raw.transaction():
            _copy_rows(raw, "headings", _HEADING, self._headings)
            _copy_rows(raw, "passages", _PASSAGE, self.passages)
            _copy_rows(raw, "document_terms", _TERMS, self._terms)


def _copy_rows(
    raw: Any, table: str, columns: tuple[str, tuple[str, ...]], rows: Sequence[tuple[Any, ...]]
) -> None:
    names, types = columns
    with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _vector(values: NDArray[np.float32]) -> Vector:
    return Vector(np.asarray(values, dtype=np.float32))


def copy_documents(connection: Connection, number: int, documents: Sequence[Document]) -> None:
    """Write what is told of documents from revision ``number`` on."""
    raw: Any = connection.connection.driver_connection
    rows = [(key(d.id), number, digest(d), to_json(d)) for d in documents]
    _copy_rows(
        raw, "documents", ("document_id, added, digest, content", ("text", "int8", "text", "text")), rows
    )
