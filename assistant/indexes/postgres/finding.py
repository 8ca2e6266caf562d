"""Finding candidates in SQL: by vector through HNSW, by words through Danish text search."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from assistant.indexes.postgres.rows import key, passage_from
from assistant.indexes.postgres.signals import Cutter, Question, Row, Statistics
from assistant.records import Passage

MOST_MATCHED = 4_000
"""So many passages at most are looked at for the words of a question: those of its rarest words."""

Place = tuple[str, int, int]

_VISIBLE = "p.added <= %(revision)s AND p.removed > %(revision)s"
_ROWS = (
    "SELECT p.document_id, p.added, p.position, p.content, p.embedding, h.embedding FROM passages p "
    "JOIN headings h ON h.document_id = p.document_id AND h.added = p.added AND h.number = p.heading "
)


@dataclass(frozen=True, slots=True)
class Found:
    """A passage as it was read."""

    place: Place
    passage: Passage
    vector: NDArray[np.float32]
    heading_vector: NDArray[np.float32]

    def cut(self, cutter: Cutter) -> Row:
        """Return it as it is scored."""
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
    found = connection.exec_driver_sql(
        f"SELECT p.document_id, p.added, p.position FROM passages p "  # noqa: S608  numbers and our own words
        f"WHERE vector_dims(p.embedding) = {d} AND {scope.condition} "
        f"ORDER BY (p.embedding::halfvec({d})) <#> %(vector)s::halfvec({d}) LIMIT %(limit)s",
        {**scope.values, "vector": literal(vector), "limit": limit},
    )
    return [(row[0], row[1], row[2]) for row in found]


def matching(
    connection: Connection, scope: Scope, question: Question, statistics: Statistics, limit: int
) -> list[Place]:
    """Return the ``limit`` passages that match the words best, and as many with other words of their meaning.

    BM25 with every term counted once and the number of different terms for the length: what it finds is
    scored exactly afterwards. Only passages with one of the rarest words are looked at.
    """
    own = dict.fromkeys(question.terms, 1.0)
    every = dict(own)
    for each in question.query.alternatives:
        for term in each.terms:
            every[term] = max(every.get(term, 0.0), each.weight)
    counts = {term: statistics.frequency("terms", term) for term in every}
    terms = sorted((term for term in every if counts[term]), key=lambda term: counts[term])
    if not terms:
        return []
    idf = statistics.idf("terms", terms).tolist()
    weights = list(enumerate(zip(terms, idf, strict=True)))
    mean = sum(statistics.lengths[field] for field in ("terms", "terms_heading")) or 1.0
    found = connection.exec_driver_sql(
        # Words are unpacked once for each passage, not for each term.
        f"""
        WITH looked AS MATERIALIZED (
            SELECT p.document_id, p.added, p.position, strip(p.words) AS words
            FROM passages p WHERE p.words @@ %(rarest)s::tsquery AND {scope.condition} LIMIT %(most)s
        ), matched AS MATERIALIZED (
            SELECT document_id, added, position,
                ({_sum("own", terms)}) / (1 + length(words) / %(mean)s::float8) AS own,
                ({_sum("every", terms)}) / (1 + length(words) / %(mean)s::float8) AS every
            FROM looked
        )
        (SELECT document_id, added, position FROM matched
         WHERE own > 0 ORDER BY own DESC, document_id, position LIMIT %(limit)s)
        UNION
        (SELECT document_id, added, position FROM matched
         ORDER BY every DESC, document_id, position LIMIT %(limit)s)
        """,  # noqa: S608  our own words
        {
            **scope.values,
            **{f"term{i}": _lexeme(term) for i, term in enumerate(terms)},
            **{f"own{i}": weight * own.get(term, 0.0) for i, (term, weight) in weights},
            **{f"every{i}": weight * every[term] for i, (term, weight) in weights},
            "mean": mean,
            "rarest": _rarest(terms, counts, MOST_MATCHED if not scope.documents else statistics.passages),
            "most": MOST_MATCHED,
            "limit": limit,
        },
    )
    return [(row[0], row[1], row[2]) for row in found]


def _sum(weight: str, terms: Sequence[str]) -> str:
    """Return the sum of the weights of those terms that stand in ``words``."""
    return " + ".join(
        f"CASE WHEN words @@ %(term{i})s::tsquery THEN %({weight}{i})s::float8 ELSE 0 END"
        for i in range(len(terms))
    )


def rows_at(connection: Connection, places: Sequence[Place]) -> list[Found]:
    """Return the rows at ``places``, those that are there, in any order."""
    if not places:
        return []
    documents, added, positions = zip(*places, strict=True)
    found = connection.exec_driver_sql(
        f"{_ROWS} WHERE (p.document_id, p.added, p.position) IN "  # noqa: S608  our own words
        "(SELECT * FROM unnest(%(documents)s::text[], %(added)s::bigint[], %(positions)s::int[]))",
        {"documents": list(documents), "added": list(added), "positions": list(positions)},
    )
    return [_found(row) for row in found]


def all_rows(connection: Connection, revision: int) -> list[Found]:
    """Return every row of a revision, a document's in reading order."""
    found = connection.exec_driver_sql(
        f"{_ROWS} WHERE {_VISIBLE} ORDER BY p.document_id, p.added, p.position", {"revision": revision}
    )
    return [_found(row) for row in found]


def sampled_rows(connection: Connection, revision: int, n: int) -> list[Found]:
    """Return about ``n`` rows that stand for the revision, always the same."""
    found = connection.exec_driver_sql(
        f"{_ROWS} WHERE {_VISIBLE} ORDER BY p.spread, p.id LIMIT %(n)s", {"revision": revision, "n": n}
    )
    return [_found(row) for row in found]


def rows_of(connection: Connection, revision: int, document_id: str) -> list[Found]:
    """Return a document's rows in reading order."""
    found = connection.exec_driver_sql(
        f"{_ROWS} WHERE {_VISIBLE} AND p.document_id = %(document)s ORDER BY p.added, p.position",
        {"revision": revision, "document": key(document_id)},
    )
    return [_found(row) for row in found]


def literal(vector: NDArray[np.float32]) -> str:
    """Return a vector as pgvector reads it."""
    return f"[{','.join(map(repr, vector.tolist()))}]"


def _found(row: Any) -> Found:
    document, added, position, content, vector, heading = row
    return Found((document, added, position), passage_from(content), _numbers(vector), _numbers(heading))


def _numbers(vector: Any) -> NDArray[np.float32]:
    return np.asarray(vector.to_numpy(), dtype=np.float32)


def _rarest(terms: Sequence[str], counts: dict[str, int], most: int) -> str:
    """Return the query for the rarest terms, as many as stand in ``most`` passages together."""
    total = np.cumsum([counts[term] for term in terms])
    few = int(np.searchsorted(total, most, side="right"))
    if few:
        return " | ".join(_lexeme(term) for term in terms[:few])
    # Even the rarest is common: it shall at least stand beside the next.
    return " & ".join(_lexeme(term) for term in terms[:2])


def _lexeme(term: str) -> str:
    quoted = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}'"
