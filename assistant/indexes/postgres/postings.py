"""Where each term stands: which passages match the words of a question best.

A row of ``postings`` says in which passages of a document a term stands, as entries of :data:`ENTRY`. Those of
the asked terms are looked up in SQL and weighed here by BM25; what is looked up is kept, for questions share
their commonest words.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from assistant.indexes.postgres.candidates import Place
from assistant.indexes.postgres.rows import stamp
from assistant.indexes.postgres.signals import FIELDS, Question, Statistics, Words
from assistant.indexes.scoring import BY_HEADING, weighed

if TYPE_CHECKING:
    from psycopg import Cursor

    from assistant.indexes.postgres.driver import Pipeline

ENTRY = np.dtype([("stamp", "<i8"), ("position", "<i4"), ("times", "<u2"), ("length", "<u2")])
"""A term in a passage: :func:`~assistant.indexes.postgres.rows.stamp` and position of that, how often the term
stands there, and how many terms that has in all."""

_packed = Struct("<qiHH").pack  # an entry

LOOKED_UP = FIELDS[:2]
"""The fields whose terms can be looked up."""

MOST_ENTRIES = 20_000
"""So many entries are looked up for a question: those of its rarest words. A word that stands in a large share of
all passages adds little to what the rarer ones find, and is counted when these are scored."""

_TABLE = 200_000
"""Up to so many passages it is quicker to add scores in a table of all of them."""

_KEPT_ENTRIES = 2_000_000
_MOST = np.iinfo(np.uint16).max


def entries_of(numbers: int, passages: Sequence[Words], longest: int) -> list[tuple[str, int, bytes]]:
    """Return term, field and entries of every term in the passages of a document, whose stamp is ``numbers``."""
    found: dict[tuple[str, int], list[bytes]] = {}
    for position, own in enumerate(passages):
        for field, counts in enumerate((own.terms, own.terms_above)):
            length = min(own.lengths[field], _MOST)
            for term, n in counts.items():
                if len(term) <= longest:
                    entry = _packed(numbers, position, min(n, _MOST), length)
                    found.setdefault((term, field), []).append(entry)
    return [(term, field, b"".join(entries)) for (term, field), entries in found.items()]


@dataclass(frozen=True, slots=True)
class Layout:
    """The passages of a revision in some order, a document's beside each other.

    ``documents``: keys and revisions they came with, ``starts``: the number of the first passage of each and at the
    end that of all, ``stamps``: their stamps in ascending order, ``order``: the documents in that order.
    """

    documents: tuple[tuple[str, int], ...]
    starts: NDArray[np.int64]
    stamps: NDArray[np.int64]
    order: NDArray[np.int64]

    @classmethod
    def read(cls, connection: Connection, revision: int) -> Layout:
        """Read what ``revision`` has."""
        found = connection.exec_driver_sql(
            "SELECT document_id, added, passages FROM document_terms "
            "WHERE field = 0 AND added <= %(revision)s AND removed > %(revision)s",
            {"revision": revision},
        ).all()
        documents = tuple((row[0], row[1]) for row in found)
        stamps = np.asarray([stamp(*each) for each in documents], dtype=np.int64)
        order = np.argsort(stamps)
        return cls(documents, np.cumsum([0, *(row[2] for row in found)]), stamps[order], order)

    @property
    def passages(self) -> int:
        """How many there are."""
        return int(self.starts[-1])

    def rows(self, entries: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the number of the passage of each entry that is of the revision, and which entries are."""
        at = np.minimum(np.searchsorted(self.stamps, entries["stamp"]), len(self.stamps) - 1)
        there = self.stamps[at] == entries["stamp"]
        return self.starts[self.order[at[there]]] + entries["position"][there], there

    def places(self, rows: NDArray[Any]) -> list[Place]:
        """Return where the passages with these numbers are."""
        documents = np.searchsorted(self.starts, rows, side="right") - 1
        positions = rows - self.starts[documents]
        return [
            (*self.documents[document], position)
            for document, position in zip(documents.tolist(), positions.tolist(), strict=True)
        ]

    def of(self, documents: Collection[str]) -> NDArray[np.bool_]:
        """Return which passages are those of the documents with these keys; shape (passages,)."""
        wanted = [document in documents for document, _ in self.documents]
        return np.repeat(np.asarray(wanted, dtype=np.bool_), np.diff(self.starts))


@dataclass(frozen=True, slots=True)
class _Column:
    """The passages in which a term stands, and what it counts there if it were in none other."""

    rows: NDArray[np.int32]
    shares: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Matches:
    """Passages, each once, and what of them matches counts."""

    rows: NDArray[Any]
    scores: NDArray[np.float32]


_Columns = Mapping[tuple[str, str], _Column]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked up for a question, by field and term.

    ``own`` and ``others``: what its words and those like them count. ``documents``: where, everywhere if none is
    named. ``kept``: what is known of it already, ``missing``: what is not.
    """

    own: Mapping[str, float]
    others: Mapping[str, float]
    documents: tuple[str, ...]
    kept: _Columns
    missing: tuple[tuple[str, str], ...]


class Lookup:
    """Finds the passages of a revision that match words. Safe for many threads."""

    def __init__(self, layout: Layout, statistics: Statistics) -> None:
        """Look in the passages of ``layout``."""
        self._layout = layout
        self._statistics = statistics
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], _Column] = OrderedDict()
        self._entries = 0

    def asked(self, question: Question, documents: Collection[str]) -> Asked:
        """Return what is to be looked up for ``question``, in the documents with these keys, if any are named."""
        words = question.words
        own = {term: float(n) for term, n in zip(words.terms, words.times, strict=True) if n}
        others: dict[str, float] = {}
        for weight, places in words.alternatives:
            for at in places:
                others[words.terms[at]] = others.get(words.terms[at], 0.0) + weight
        wanted = [
            *(("terms", term) for term in self._rarest("terms", own.keys() | others.keys())),
            *(("terms_heading", term) for term in self._rarest("terms_heading", own)),
        ]
        with self._lock:
            kept = {each: self._kept[each] for each in wanted if each in self._kept}
            for each in kept:
                self._kept.move_to_end(each)
        missing = tuple(each for each in wanted if each not in kept)
        return Asked(own, others, tuple(documents), kept, missing)

    def send(self, pipeline: Pipeline, asked: Asked) -> Cursor[Any] | None:
        """Ask where the terms stand of which that is not kept; ``None`` where all is."""
        if not asked.missing:
            return None
        only = "AND document_id = ANY(%(documents)s)" if asked.documents else ""
        each_field = " UNION ALL ".join(
            f"SELECT {number}::smallint AS field, term, string_agg(entries, ''::bytea) FROM postings "  # noqa: S608
            f"WHERE term = ANY(%({field})s) AND field = {number} {only} GROUP BY term"
            for number, field in enumerate(LOOKED_UP)
        )
        terms = {field: [term for of, term in asked.missing if of == field] for field in LOOKED_UP}
        return pipeline.send(each_field, {**terms, "documents": list(asked.documents)})

    def best(self, asked: Asked, found: Iterable[tuple[int, str, bytes]], limit: int) -> list[Place]:
        """Return the ``limit`` passages that match best: by words, by these and others like them, by headings.

        Args:
            asked: what was asked for.
            found: what came of that.
            limit: so many are found in each of these ways, fewer by headings.
        """
        columns = {**asked.kept, **self._learned(asked, found)}
        allowed = self._layout.of(asked.documents) if asked.documents else None
        by_own = self._added(columns, "terms", asked.own)
        rows = [
            _best(by_own, allowed, limit),
            _best(self._added(columns, "terms_heading", asked.own), allowed, limit // BY_HEADING),
        ]
        if asked.others:
            rows.append(_best(self._added(columns, "terms", asked.others, by_own), allowed, limit))
        return self._layout.places(np.unique(np.concatenate(rows)))

    def _rarest(self, field: str, terms: Collection[str]) -> list[str]:
        """Return the rarest terms, as many as have :data:`MOST_ENTRIES` together, the two rarest in any case."""
        counts = dict(zip(terms, self._statistics.frequencies(field, [*terms]), strict=True))
        there = sorted((term for term in terms if counts[term]), key=lambda term: counts[term])
        total = np.cumsum([counts[term] for term in there])
        return there[: max(int(np.searchsorted(total, MOST_ENTRIES, side="right")), 2)]

    def _learned(self, asked: Asked, found: Iterable[tuple[int, str, bytes]]) -> _Columns:
        columns = {each: _Column(np.zeros(0, np.int32), np.zeros(0, np.float32)) for each in asked.missing}
        for number, term, entries in found:
            columns[LOOKED_UP[number], term] = self._column(LOOKED_UP[number], entries)
        if not asked.documents:
            with self._lock:
                self._keep(columns)
        return columns

    def _column(self, field: str, sent: bytes) -> _Column:
        entries = np.frombuffer(sent, dtype=ENTRY)
        rows, there = self._layout.rows(entries)
        shares = weighed(
            entries["times"][there].astype(np.int64),
            entries["length"][there],
            np.ones(1),
            self._statistics.lengths[field],
        )
        return _Column(rows.astype(np.int32), shares.astype(np.float32))

    def _keep(self, new: _Columns) -> None:
        for each, column in new.items():
            if each not in self._kept:
                self._kept[each] = column
                self._entries += len(column.rows)
        while self._entries > _KEPT_ENTRIES:
            _, gone = self._kept.popitem(last=False)
            self._entries -= len(gone.rows)

    def _added(
        self, columns: _Columns, field: str, weights: Mapping[str, float], to: _Matches | None = None
    ) -> _Matches:
        """Return the passages in which a term stands, each term counting by its weight, added ``to`` others."""
        terms = [term for term in weights if (field, term) in columns]
        found = [] if to is None else [to]
        for term, idf in zip(terms, self._statistics.idf(field, terms), strict=True):
            column = columns[field, term]
            found.append(_Matches(column.rows, np.float32(weights[term] * idf) * column.shares))
        if not found:
            return _Matches(np.zeros(0, np.int32), np.zeros(0, np.float32))
        rows, scores = (
            np.concatenate(each) for each in zip(*((f.rows, f.scores) for f in found), strict=True)
        )
        if self._layout.passages <= _TABLE:
            total = np.bincount(rows, weights=scores, minlength=self._layout.passages)
            rows = np.flatnonzero(total)
            return _Matches(rows, total[rows].astype(np.float32))
        # Only those, not all there are: a question takes as long however many passages have none of its words.
        rows, at = np.unique(rows, return_inverse=True)
        return _Matches(rows, np.bincount(at, weights=scores, minlength=len(rows)).astype(np.float32))


def _best(found: _Matches, allowed: NDArray[np.bool_] | None, limit: int) -> NDArray[Any]:
    there = np.flatnonzero(found.scores if allowed is None else found.scores * allowed[found.rows])
    if len(there) > limit:
        there = there[np.argpartition(found.scores[there], -limit)[-limit:]]
    return found.rows[there]
