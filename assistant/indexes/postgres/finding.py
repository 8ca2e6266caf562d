"""Reading passages from a revision: the nearest by vector through HNSW, and those that are named."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from assistant.indexes.postgres.candidates import UNREAD, Candidate, Heading, Place, Text
from assistant.indexes.postgres.rows import key, passages_from, text_array, vectors_from
from assistant.indexes.postgres.signals import Cutter, Row
from assistant.records import Passage

_VISIBLE = "p.added <= %(revision)s AND p.removed > %(revision)s"
_ROWS = (
    "SELECT p.document_id, p.added, p.position, vector_send(p.embedding), vector_send(h.embedding), p.content "
    "FROM passages p "
    "JOIN headings h ON h.document_id = p.document_id AND h.added = p.added AND h.number = p.heading "
)
_PASSAGES = """
SELECT document_id, added, position, heading, letters, grams, terms, whitening, norm, vector_send(embedding), content
FROM passages WHERE (document_id, added, position) IN
    (SELECT * FROM unnest(%(documents)s::text[], %(added)s::bigint[], %(numbers)s::int[]))
"""
_HEADINGS = """
SELECT document_id, added, number, letters, grams, terms, vector_send(embedding)
FROM headings WHERE (document_id, added, number) IN
    (SELECT * FROM unnest(%(documents)s::text[], %(added)s::bigint[], %(numbers)s::int[]))
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A passage as it was read."""

    place: Place
    passage: Passage
    vector: NDArray[np.float32]
    heading_vector: NDArray[np.float32]

    def cut(self, cutter: Cutter) -> Row:
        """Return it as it is scored again and again."""
        return cutter.row(self.place, self.passage, self.vector, self.heading_vector)


@dataclass(frozen=True, slots=True)
class Scope:
    """What is searched: one revision, and of it the documents with these keys, if any are named."""

    revision: int
    dimension: int
    documents: tuple[str, ...] = ()

    @classmethod
    def of(cls, revision: int, dimension: int, documents: Collection[str]) -> Scope:
        """Return the scope of a search in ``documents``."""
        return cls(revision, dimension, tuple(key(each) for each in documents))

    @property
    def condition(self) -> str:
        """The condition on passages ``p``."""
        return _VISIBLE + (" AND p.document_id = ANY(%(documents)s)" if self.documents else "")

    @property
    def values(self) -> dict[str, Any]:
        """What the condition refers to."""
        return {"revision": self.revision, "documents": list(self.documents)}


def nearest(connection: Connection, scope: Scope, vector: NDArray[np.float32], limit: int) -> list[Place]:
    """Return about the ``limit`` passages with the largest inner product with ``vector``, best first."""
    d = scope.dimension
    return _rows(
        connection,
        f"SELECT p.document_id, p.added, p.position FROM passages p "  # noqa: S608  numbers and our own words
        f"WHERE vector_dims(p.embedding) = {d} AND {scope.condition} "
        f"ORDER BY (p.embedding::halfvec({d})) <#> %(vector)s::halfvec({d}) LIMIT %(limit)s",
        {**scope.values, "vector": literal(vector), "limit": limit},
    )


def passages_at(connection: Connection, places: Sequence[Place]) -> tuple[list[Candidate], list[Place]]:
    """Return the passages at ``places``, those that are there, in any order; and where their headings are.

    The headings themselves are not read: each has :data:`~assistant.indexes.postgres.candidates.UNREAD`.
    """
    found = _rows(connection, _PASSAGES, _names(places)) if places else []
    passages = passages_from(row[-1] for row in found)
    vectors = vectors_from([row[-2] for row in found])
    candidates = [
        Candidate((row[0], row[1], row[2]), passage, Text(*row[4:7]), vector, row[7], row[8], UNREAD)
        for row, passage, vector in zip(found, passages, vectors, strict=True)
    ]
    return candidates, [(row[0], row[1], row[3]) for row in found]


def headings_at(connection: Connection, places: Sequence[Place]) -> dict[Place, Heading]:
    """Return the headings at ``places``."""
    if not places:
        return {}
    found = _rows(connection, _HEADINGS, _names(places))
    vectors = vectors_from([row[-1] for row in found])
    return {
        (document, added, number): Heading(Text(letters, grams, terms), vector)
        for (document, added, number, letters, grams, terms, _), vector in zip(found, vectors, strict=True)
    }


def all_rows(connection: Connection, revision: int) -> list[Found]:
    """Return every row of a revision, a document's in reading order."""
    return _read(
        connection, f"{_VISIBLE} ORDER BY p.document_id, p.added, p.position", {"revision": revision}
    )


def sampled_rows(connection: Connection, revision: int, n: int) -> list[Found]:
    """Return about ``n`` rows that stand for the revision, always the same."""
    return _read(
        connection, f"{_VISIBLE} ORDER BY p.spread, p.id LIMIT %(n)s", {"revision": revision, "n": n}
    )


def rows_of(connection: Connection, revision: int, document_id: str) -> list[Found]:
    """Return a document's rows in reading order."""
    return _read(
        connection,
        f"{_VISIBLE} AND p.document_id = %(document)s ORDER BY p.added, p.position",
        {"revision": revision, "document": key(document_id)},
    )


def literal(vector: NDArray[np.float32]) -> str:
    """Return a vector as pgvector reads it."""
    return f"[{','.join(map(repr, vector.tolist()))}]"


def _read(connection: Connection, condition: str, values: dict[str, Any]) -> list[Found]:
    found = _rows(connection, f"{_ROWS} WHERE {condition}", values)
    passages = passages_from(row[-1] for row in found)
    vectors, above = (vectors_from([row[at] for row in found]) for at in (3, 4))
    return [
        Found((row[0], row[1], row[2]), passage, vector, heading_vector)
        for row, passage, vector, heading_vector in zip(found, passages, vectors, above, strict=True)
    ]


def _rows(connection: Connection, statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows as the driver has them, for there are many of them."""
    cursor: Any = connection.exec_driver_sql(statement, values).cursor
    return list(cursor.fetchall())


def _names(places: Sequence[Place]) -> dict[str, Any]:
    documents, added, numbers = zip(*places, strict=True)
    # Written out here, which takes the driver longer.
    return {
        "documents": text_array(documents),
        "added": f"{{{','.join(map(str, added))}}}",
        "numbers": f"{{{','.join(map(str, numbers))}}}",
    }
