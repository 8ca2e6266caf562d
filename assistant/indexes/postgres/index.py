"""The passage index over one revision in PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from assistant.embedding.base import Vectors
from assistant.errors import IndexUnusable
from assistant.indexes.base import SIGNALS, Candidates, SearchQuery
from assistant.indexes.local import heading_text, searched_text
from assistant.indexes.postgres import finding, revisions
from assistant.indexes.postgres.candidates import Candidate, signals_of
from assistant.indexes.postgres.finding import Found
from assistant.indexes.postgres.large import Known, Large
from assistant.indexes.postgres.revisions import Revision, check_there, read_whitening
from assistant.indexes.postgres.rows import key
from assistant.indexes.postgres.servers import Behind, Servers
from assistant.indexes.postgres.signals import Cutter, Question, Row, Scored
from assistant.indexes.postgres.statistics import term_frequencies
from assistant.indexes.postgres.writer import change_passages
from assistant.indexes.whitening import Whitening
from assistant.records import Passage
from assistant.text.danish import vocabulary

T = TypeVar("T")
Placed = TypeVar("Placed", Row, Found, Candidate)

SAMPLE = 2_000
"""So many passages stand for a larger index, for means and spreads."""


@dataclass(frozen=True, slots=True)
class _State:
    """What a search needs of its revision; read once and never changed."""

    known: frozenset[str]
    whitening: Whitening
    sample: Scored
    rows: tuple[Row, ...]  # those of the sample
    large: Large | None  # ``None`` where the sample is all there is


class PostgresIndex:
    """Passages, vectors and words of one revision; see :class:`assistant.indexes.base.PassageIndex`.

    What it finds is that revision's whatever is built meanwhile, and whichever server is read from.
    """

    def __init__(self, servers: Servers, revision: Revision) -> None:
        """Search ``revision``; nothing is read yet."""
        self._servers = servers
        self._revision = revision
        self._lock = threading.Lock()
        self._state: _State | None = None
        self._numbers: dict[str, int] | None = None

    def __len__(self) -> int:
        """Return the number of passages."""
        return self._revision.passages

    def add(self, passages: Sequence[Passage], vectors: Vectors, heading_vectors: Vectors) -> None:
        """Add passages, in a revision of their own; see :meth:`assistant.indexes.base.PassageIndex.add`."""
        shape = (len(passages), self._revision.dimension)
        if vectors.shape != shape or heading_vectors.shape != shape:
            raise ValueError(
                f"expected two arrays of shape {shape}, got {vectors.shape} and {heading_vectors.shape}"
            )
        if len({p.id for p in passages}) != len(passages):
            raise ValueError("passage ids must be unique")
        self._renew(change_passages(self._servers, self._revision, (), passages, vectors, heading_vectors))

    def delete(self, document_id: str) -> int:
        """Remove a document, in a revision of its own; returns how many passages it had."""
        if key(document_id) not in self._revision.documents:
            return 0
        before = len(self)
        none = np.zeros((0, self._revision.dimension), dtype=np.float32)
        self._renew(change_passages(self._servers, self._revision, (document_id,), (), none, none))
        return before - len(self)

    def passages_of(self, document_id: str) -> tuple[Passage, ...]:
        """Return a document's passages in reading order."""
        return tuple(row.passage for row in self._rows_of(document_id))

    def vectors_of(self, document_id: str) -> tuple[Vectors, Vectors]:
        """Return the vectors of a document's passages and of their headings, in their order."""
        rows = self._rows_of(document_id)
        empty = np.zeros((0, self._revision.dimension), dtype=np.float32)
        if not rows:
            return empty, empty
        return np.vstack([row.vector for row in rows]), np.vstack([row.heading_vector for row in rows])

    def sample(self, n: int) -> tuple[Passage, ...]:
        """Return ``n`` passages spread evenly over the index; all where it has at most ``n``."""
        state = self._current()
        if state.large is None:
            at = np.linspace(0, len(state.rows) - 1, min(n, len(state.rows))).astype(np.int64)
            return tuple(state.rows[i].passage for i in at)
        if n <= len(state.rows):
            return tuple(row.passage for row in state.rows[:n])
        rows = self._read(lambda connection: finding.sampled_rows(connection, self._revision.number, n))
        return tuple(row.passage for row in self._ordered(rows))

    def search(self, query: SearchQuery, *, documents: Collection[str] = (), limit: int = 200) -> Candidates:
        """Return candidates; see :meth:`assistant.indexes.base.PassageIndex.search`."""
        state = self._current()
        if not state.rows:
            empty = np.zeros(len(SIGNALS), dtype=np.float32)
            return Candidates((), np.zeros((0, len(SIGNALS)), dtype=np.float32), empty, empty)
        question = Question.of(query, state.known)
        if state.large is None:
            everything = state.sample.signals(question)
            at = np.flatnonzero([not documents or row.passage.document_id in documents for row in state.rows])
            passages = tuple(state.rows[i].passage for i in at)
            return Candidates(passages, everything[at], everything.mean(axis=0), everything.std(axis=0))
        large = state.large
        found = self._tried(lambda connection: large.reach(connection, question, documents, limit))
        ordered = self._ordered(found.candidates)
        signals = signals_of(ordered, question, found.weights, state.whitening)
        return Candidates(tuple(each.passage for each in ordered), signals, found.mean, found.std)

    def document_frequency(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """Return in how many passages or headings each term stands, the larger of the two counts."""
        frequencies = self._current().sample.statistics.frequencies
        return np.maximum(
            *(np.asarray(frequencies(field, terms), dtype=np.int64) for field in ("terms", "terms_heading"))
        )

    def vocabulary(self) -> frozenset[str]:
        """Return the stems that compounds are split by."""
        return self._current().known

    def index_terms(self) -> Collection[str]:
        """Return every term that stands in some passage."""
        state = self._current()
        return state.sample.terms if state.large is None else state.large.terms

    # --- reading --------------------------------------------------------------------------------------

    def _read(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` where this very revision is."""

        def checked(connection: Connection) -> T:
            check_there(connection, self._revision)
            return work(connection)

        return self._tried(checked)

    def _tried(self, work: Callable[[Connection], T]) -> T:
        """Do ``work``, which raises :class:`Behind` where this revision is not."""
        try:
            return self._servers.read(work)
        except Behind as error:
            raise IndexUnusable(
                "Indekset er blevet skiftet ud, siden det blev åbnet. Prøv igen, så bruges det nye."
            ) from error

    def _current(self) -> _State:
        state = self._state
        if state is None:
            with self._lock:
                state = self._state = self._state or self._read(self._opened)
        return state

    def _renew(self, revision: Revision) -> None:
        with self._lock:
            self._revision, self._state, self._numbers = revision, None, None

    def _opened(self, connection: Connection) -> _State:
        revision = self._revision
        whitening = read_whitening(connection, revision)
        if revision.passages <= revisions.EVERY_UP_TO:
            found = finding.all_rows(connection, revision.number)
            known = vocabulary(
                text for each in found for text in (searched_text(each.passage), heading_text(each.passage))
            )
            cutter = Cutter(known)
            rows = self._ordered(each.cut(cutter) for each in found)
            sample = Scored(rows, None, whitening)
            return _State(known, whitening, sample, tuple(rows), None)
        known = frozenset(term_frequencies(connection, revision.number, "stems"))
        cutter = Cutter(known)
        of_terms = Known(connection, revision)
        found = finding.sampled_rows(connection, revision.number, SAMPLE)
        rows = self._ordered(each.cut(cutter) for each in found)
        sample = Scored(rows, of_terms.statistics, whitening)
        large = Large(connection, revision, of_terms, sample, whitening)
        return _State(known, whitening, sample, tuple(rows), large)

    def _ordered(self, rows: Iterable[Placed]) -> list[Placed]:
        """Return rows in the order of the documents, and of their reading."""
        if self._numbers is None:
            self._numbers = {document: i for i, document in enumerate(self._revision.documents)}
        number = self._numbers
        return sorted(rows, key=lambda row: (number[row.place[0]], *row.place[1:]))

    def _rows_of(self, document_id: str) -> Sequence[Row | Found]:
        state = self._state
        if state is not None and state.large is None:
            return [row for row in state.rows if row.passage.document_id == document_id]
        return self._read(lambda connection: finding.rows_of(connection, self._revision.number, document_id))
