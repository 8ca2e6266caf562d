"""Passages, headings and counts of terms copied into their tables, some thousand in a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from assistant.embedding.base import Vectors
from assistant.indexes.home import StepCallback
from assistant.indexes.local import heading_text, searched_text
from assistant.indexes.ngrams import SpacedTexts
from assistant.indexes.postgres.candidates import norms
from assistant.indexes.postgres.postings import entries_of
from assistant.indexes.postgres.rows import digest, key, passage_json, readable, spread, stamp, to_json
from assistant.indexes.postgres.signals import Cutter
from assistant.indexes.postgres.statistics import COUNTED, LONGEST, NUMBERS, Counts, counted
from assistant.indexes.whitening import Whitening
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


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known of an index before its rows are written.

    ``known``: the stems that compounds are split by. ``whitening``: how vectors are whitened, as revision
    ``whitening_of`` tells.
    """

    known: frozenset[str]
    whitening: Whitening
    whitening_of: int


def copy_passages(
    connection: Connection, number: int, rows: Rows, learned: Learned, step: StepCallback
) -> Counts:
    """Write the passages of revision ``number``, which nobody reads yet; return what stands in them."""
    raw: Any = connection.connection.driver_connection
    cutter = Cutter(learned.known)
    total = Counts()
    batch = _Batch(number, rows, learned)
    for document, at in rows.by_document().items():
        total.add(batch.take(key(document), at, cutter))
        if len(batch.passages) >= _BATCH:
            batch.write(raw)
            step("file")
            batch = _Batch(number, rows, learned)
    if batch.passages:
        batch.write(raw)
        step("file")
    return total


_PASSAGE = (
    "document_id, added, position, id, spread, heading, content, letters, grams, terms, whitening, norm, embedding",
    (
        *("text", "int8", "int4", "text", "int4", "int4", "text", "text", "int4", "bytea"),
        *("int8", "float4", "vector"),
    ),
)
_TEXT = (
    "document_id, added, position, body, above, parts",
    ("text", "int8", "int4", "text", "text", "text[]"),
)
_HEADING = (
    "document_id, added, number, letters, grams, terms, embedding",
    ("text", "int8", "int4", "text", "int4", "bytea", "vector"),
)
_POSTING = ("term, field, document_id, added, entries", ("text", "int2", "text", "int8", "bytea"))
_TERMS = (
    "document_id, added, field, passages, terms, counts, length",
    ("text", "int8", "int2", "int4", "text[]", "int4[]", "int8"),
)


class _Batch:
    """Rows of whole documents, until there are enough of them for a transaction."""

    def __init__(self, number: int, rows: Rows, learned: Learned) -> None:
        self.passages: list[tuple[Any, ...]] = []
        self._number = number
        self._rows = rows
        self._learned = learned
        self._texts: list[tuple[Any, ...]] = []
        self._headings: list[tuple[Any, ...]] = []
        self._postings: list[tuple[Any, ...]] = []
        self._terms: list[tuple[Any, ...]] = []

    def take(self, document: str, at: Sequence[int], cutter: Cutter) -> Counts:
        rows, number = self._rows, self._number
        passages = [rows.passages[i] for i in at]
        own = [cutter.words(passage) for passage in passages]
        bodies, above = ([of(passage) for passage in passages] for of in (searched_text, heading_text))
        headings = {text: i for i, text in enumerate(dict.fromkeys(above))}
        first = {text: i for i, text in reversed(list(enumerate(above)))}
        for text, letters, grams in zip(headings, *_spaced(list(headings)), strict=True):
            place = first[text]
            terms = cutter.codes(own[place].terms_above)
            vector = _vector(rows.heading_vectors[at[place]])
            self._headings.append((document, number, headings[text], letters, grams, terms, vector))
        lengths = norms(rows.vectors[list(at)], self._learned.whitening).tolist()
        spaced, many = _spaced(bodies)
        for position, passage in enumerate(passages):
            self.passages.append(
                (
                    *(document, number, position, key(passage.id), spread(passage.id)),
                    *(headings[above[position]], passage_json(passage), spaced[position], many[position]),
                    *(cutter.codes(own[position].terms), self._learned.whitening_of, lengths[position]),
                    _vector(rows.vectors[at[position]]),
                )
            )
            parts = sorted(
                term for term in {*own[position].terms, *own[position].terms_above} if len(term) <= LONGEST
            )
            self._texts.append(
                (document, number, position, readable(bodies[position]), readable(above[position]), parts)
            )
        self._postings += [
            (term, field, document, number, entries)
            for term, field, entries in entries_of(stamp(document, number), own, LONGEST)
        ]
        counts = counted(own, cutter)
        for name in COUNTED:
            found = counts.passages[name]
            self._terms.append(
                (
                    *(document, number, NUMBERS[name], len(passages)),
                    *(list(found), list(found.values()), counts.lengths[name]),
                )
            )
        return counts

    def write(self, raw: Any) -> None:
        # A term's postings lie beside each other, so that few pages are read for it.
        self._postings.sort(key=lambda row: row[:2])
        with raw.transaction():
            _copy_rows(raw, "headings", _HEADING, self._headings)
            _copy_rows(raw, "passages", _PASSAGE, self.passages)
            _copy_rows(raw, "texts", _TEXT, self._texts)
            _copy_rows(raw, "postings", _POSTING, self._postings)
            _copy_rows(raw, "document_terms", _TERMS, self._terms)


def _spaced(texts: Sequence[str]) -> tuple[list[str], list[int]]:
    """Return each of ``texts`` as n-grams are counted in it, and how many it has."""
    spaced = SpacedTexts.of(texts)
    letters = spaced.letters.tobytes().decode("utf-32-le")
    starts = spaced.starts.tolist()
    cut = [letters[start:end] for start, end in pairwise(starts)]
    return cut, spaced.lengths.tolist()


def _copy_rows(
    raw: Any, table: str, columns: tuple[str, tuple[str, ...]], rows: Sequence[tuple[Any, ...]]
) -> None:
    names, types = columns
    with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _vector(values: NDArray[np.float32]) -> Any:
    # Here and not above: where it is not installed that is told by servers.py.
    from pgvector import Vector

    return Vector(np.asarray(values, dtype=np.float32))


def copy_documents(connection: Connection, number: int, documents: Sequence[Document]) -> None:
    """Write what is told of documents from revision ``number`` on."""
    raw: Any = connection.connection.driver_connection
    rows = [(key(d.id), number, digest(d), to_json(d)) for d in documents]
    _copy_rows(
        raw, "documents", ("document_id, added, digest, content", ("text", "int8", "text", "text")), rows
    )
