"""Reading passages from a revision: the nearest by vector through HNSW, and those that are named."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from assistant.indexes.postgres.candidates import Candidate, Heading, Place, Text
from assistant.indexes.postgres.rows import key, passages_from, text_array, vectors_from
from assistant.indexes.postgres.signals import Cutter, Row
from assistant.records import Passage

if TYPE_CHECKING:
    from psycopg import Cursor

    from assistant.indexes.postgres.driver import Pipeline

_VISIBLE = "p.added <= %(revision)s AND p.removed > %(revision)s"
_ROWS = (
    "SELECT p.document_id, p.added, p.position, vector_send(p.embedding), vector_send(h.embedding), p.content "
    "FROM passages p "
    "JOIN headings h ON h.document_id = p.document_id AND h.added = p.added AND h.number = p.heading "
)
_CANDIDATES = (
    "SELECT p.document_id, p.added, p.position, p.letters, p.grams, p.terms, p.whitening, p.norm, p.heading, "
    "h.letters, h.grams, h.terms, p.content, vector_send(p.embedding), vector_send(h.embedding) "
    "FROM passages p "
    "JOIN headings h ON h.document_id = p.document_id AND h.added = p.added AND h.number = p.heading "
    "WHERE (p.document_id, p.added, p.position) IN "
    "(SELECT * FROM unnest(%(documents)s::text[], %(added)s::bigint[], %(numbers)s::int[]))"
)

LEAST_EF, MOST_EF = 200, 1_000
"""``hnsw.ef_search`` at least, and at most: pgvector takes no more."""

EF_AT_50_000, EF_GROWS = 300, 0.6


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


@dataclass(frozen=True, slots=True)
class Effort:
    """How far the graph is searched: ``rounds`` times as far as ``ef_search`` passages, which pgvector goes at once."""

    ef_search: int
    rounds: int

    @classmethod
    def of(cls, passages: int) -> Effort:
        """Return what so many passages take.

        The more there are, the farther a search has to go to miss no more of the ten nearest. In the graphs of
        eval/bench/results/postgres-graph.json, of 20,000 to 500,000 passages, a recall@10 of .98 takes 267 at 50,000
        and grows as their number to the power of .62. Beyond half a million that is extrapolated.
        """
        wanted = max(LEAST_EF, round(EF_AT_50_000 * (passages / 50_000) ** EF_GROWS))
        rounds = -(-wanted // MOST_EF)
        return cls(-(-wanted // rounds), rounds)

    @property
    def reached(self) -> int:
        """How many passages are gone over in all."""
        return self.ef_search * self.rounds


def send_nearest(
    pipeline: Pipeline, scope: Scope, vector: NDArray[np.float32], limit: int, effort: Effort
) -> Cursor[Any]:
    """Ask for the places of about the ``limit`` passages with the largest inner product with ``vector``.

    ``hnsw.ef_search`` is that of ``effort`` already. A search goes on for another round while rows are wanted.
    """
    d = scope.dimension
    far = f"(p.embedding::halfvec({d})) <#> %(vector)s::halfvec({d})"
    values = {**scope.values, "vector": literal(vector), "limit": limit, "rows": max(limit, effort.reached)}
    near = f"FROM passages p WHERE vector_dims(p.embedding) = {d} AND {scope.condition} ORDER BY {far} "
    if effort.rounds == 1:
        statement = f"SELECT p.document_id, p.added, p.position {near} LIMIT %(limit)s"
    else:
        # What another round brings may be nearer than what the one before did (hnsw.iterative_scan is
        # relaxed_order); the planner takes it for ordered, unless it is ordered by a sum.
        statement = (
            "SELECT document_id, added, position FROM "  # noqa: S608
            f"(SELECT p.document_id, p.added, p.position, {far} AS far {near} LIMIT %(rows)s) AS n "
            "ORDER BY far + 0 LIMIT %(limit)s"
        )
    return pipeline.send(statement, values)


def send_candidates(pipeline: Pipeline, places: Sequence[Place]) -> Cursor[Any]:
    """Ask for the passages at ``places`` with their headings; see :func:`candidates_from`."""
    return pipeline.send(_CANDIDATES, _names(places))


def candidates_from(rows: Sequence[tuple[Any, ...]]) -> list[Candidate]:
    """Return what :func:`send_candidates` asked for; passages under the same heading have one and the same."""
    above = {(row[0], row[1], row[8]): row for row in rows}
    vectors_above = vectors_from([row[14] for row in above.values()])
    headings = {
        place: Heading(place, Text(*row[9:12]), vector)
        for (place, row), vector in zip(above.items(), vectors_above, strict=True)
    }
    passages = passages_from(row[12] for row in rows)
    vectors = vectors_from([row[13] for row in rows])
    return [
        Candidate(
            *(row[:3], passage, Text(*row[3:6]), vector, row[6], row[7]),
            headings[row[0], row[1], row[8]],
        )
        for row, passage, vector in zip(rows, passages, vectors, strict=True)
    ]


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
