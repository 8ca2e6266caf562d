"""The passage index of a few thousand passages: every one is scored, so nothing is lost before fusion.

FAISS for vectors, bm25s for words, one folder of files. Larger ones: :mod:`assistant.indexes.large`.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from assistant.durable.files import FolderReader, FolderWriter, json_line
from assistant.embedding.base import Vectors
from assistant.indexes.arrays import load_array, save_array
from assistant.indexes.base import SIGNALS, Candidates, SearchQuery
from assistant.indexes.lexical import Asked, JoinedFields, LexicalField
from assistant.indexes.manifest import VectorFacts
from assistant.indexes.sizes import STANDARD
from assistant.indexes.whitening import Whitening
from assistant.records import Passage, Span
from assistant.text.danish import Terms, character_ngrams, vocabulary

_TEXT_FIELDS = ("terms", "terms_heading", "chars", "chars_heading")

_DENSE, _WHITENED, _HEADING = map(SIGNALS.index, ("dense", "dense_whitened", "dense_heading"))
_LEXICAL = [SIGNALS.index(name) for name in (*_TEXT_FIELDS, "synonyms")]


@dataclass(frozen=True, slots=True)
class _State:
    """What a search reads; replaced as a whole, never changed."""

    passages: tuple[Passage, ...]
    vectors: Any  # a faiss.Index
    headings: NDArray[np.float32]  # (unique headings, dimension)
    heading_of: NDArray[np.int32]  # (n,) rows of ``headings``
    document_of: NDArray[np.int32]  # (n,)
    documents: tuple[str, ...]
    fields: dict[str, LexicalField]
    joined: JoinedFields  # all of them
    known: frozenset[str]
    taken_apart: Terms  # by what is known
    whitening: Whitening
    whitened: NDArray[np.float32]  # (n, dimension)


class LocalIndex:
    """Passages in memory, saved to and loaded from files."""

    def __init__(self, dimension: int, *, every_one_up_to: int = STANDARD.every_one_up_to) -> None:
        """Start empty, for vectors of length ``dimension``; ``every_one_up_to`` as in :class:`Sizes`."""
        self._dimension = dimension
        self._every_one_up_to = every_one_up_to
        self._lock = threading.Lock()
        self._passages: list[Passage] = []
        self._vectors = np.zeros((0, dimension), dtype=np.float32)
        self._heading_vectors = np.zeros((0, dimension), dtype=np.float32)
        self._state: _State | None = None
        self._rows: dict[str, list[int]] | None = None
        self.held: object = None
        """What lives as long as this index: the hold on the files that it was read from."""

    def __len__(self) -> int:
        """Return the number of passages."""
        return len(self._passages)

    def add(self, passages: Sequence[Passage], vectors: Vectors, heading_vectors: Vectors) -> None:
        """Add passages; see :meth:`assistant.indexes.base.PassageIndex.add`."""
        shape = (len(passages), self._dimension)
        if vectors.shape != shape or heading_vectors.shape != shape:
            raise ValueError(
                f"expected two arrays of shape {shape}, got {vectors.shape} and {heading_vectors.shape}"
            )
        with self._lock:
            known = {p.id for p in self._passages}
            double = [p.id for p in passages if p.id in known]
            if double or len({p.id for p in passages}) != len(passages):
                raise ValueError(f"passage ids must be unique; already there: {double[:3]}")
            self._rows = None
            self._passages.extend(passages)
            self._vectors = np.vstack([self._vectors, vectors])
            self._heading_vectors = np.vstack([self._heading_vectors, heading_vectors])
            self._state = None

    def delete(self, document_id: str) -> int:
        """Remove a document; returns how many passages it had."""
        with self._lock:
            keep = [i for i, p in enumerate(self._passages) if p.document_id != document_id]
            removed = len(self._passages) - len(keep)
            if removed:
                self._rows = None
                self._passages = [self._passages[i] for i in keep]
                self._vectors = self._vectors[keep]
                self._heading_vectors = self._heading_vectors[keep]
                self._state = None
            return removed

    def passages_of(self, document_id: str) -> tuple[Passage, ...]:
        """Return a document's passages in reading order."""
        passages, rows = self._rows_of(document_id)
        return tuple(passages[row] for row in rows)

    def sample(self, n: int) -> tuple[Passage, ...]:
        """Return ``n`` passages spread evenly over the index; all where it has at most ``n``."""
        size = len(self._passages)
        return tuple(self._passages[row] for row in np.linspace(0, size - 1, min(n, size)).astype(np.int64))

    def vectors_of(self, document_id: str) -> tuple[Vectors, Vectors]:
        """Return the vectors of a document's passages and of their headings, in their order."""
        _, rows = self._rows_of(document_id)
        return self._vectors[rows], self._heading_vectors[rows]

    def search(self, query: SearchQuery, *, documents: Collection[str] = (), limit: int = 200) -> Candidates:
        """Return candidates; of a small index all passages, or those of ``documents``, however many are asked for."""
        state = self._current()
        n = len(state.passages)
        if n == 0:
            empty = np.zeros(len(SIGNALS), dtype=np.float32)
            return Candidates((), np.zeros((0, len(SIGNALS)), dtype=np.float32), empty, empty)
        spread = np.empty((len(SIGNALS), n), dtype=np.float32)
        spread[_DENSE] = _dense_signal(state, query.vector)
        spread[_WHITENED] = _whitened_signal(state, query.vector)
        spread[_HEADING] = (state.headings @ query.vector)[state.heading_of]
        spread[_LEXICAL] = _lexical_signals(state, query)
        allowed = _allowed(state, documents)
        if n > self._every_one_up_to:
            allowed = _best_by_each(spread, allowed, limit)
        # The same tuple for all of them: what is known of them need not be found out again.
        passages = state.passages if allowed is None else tuple(state.passages[i] for i in allowed)
        signals = spread if allowed is None else spread[:, allowed]
        return Candidates(
            passages,
            np.ascontiguousarray(signals.T, dtype=np.float32),
            np.asarray(spread.mean(axis=1), dtype=np.float32),
            np.asarray(spread.std(axis=1), dtype=np.float32),
        )

    def document_frequency(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """Return in how many passages or headings each term stands, the larger of the two counts."""
        fields = self._current().fields
        return np.asarray(
            [max(fields["terms"].frequency(t), fields["terms_heading"].frequency(t)) for t in terms],
            dtype=np.int64,
        )

    def vocabulary(self) -> frozenset[str]:
        """Return the stems that compounds are split by."""
        return self._current().known

    def index_terms(self) -> Collection[str]:
        """Return every term that stands in some passage."""
        return self._current().fields["terms"].terms

    def save(self, out: FolderWriter) -> None:
        """Write the index: arrays, JSON and one FAISS file, nothing that runs when read."""
        state = self._current()
        with out.open("passages.jsonl") as file:
            for passage in state.passages:
                file.write(json_line(_plain(passage)))
        with out.open("vectors.faiss") as file:
            # FAISS's own writer does not tell when closing the file failed, as it does on a full disk.
            faiss.write_index(state.vectors, faiss.PyCallbackIOWriter(file.write))
        arrays = {
            "headings": state.headings,
            "heading_of": state.heading_of,
            "whitening_mean": state.whitening.mean,
            "whitening_matrix": state.whitening.matrix,
        }
        for name, array in arrays.items():
            save_array(out, f"{name}.npy", array)
        with out.open("vocabulary.json") as file:
            file.write(json_line(sorted(state.known)))
        for name, lexical in state.fields.items():
            lexical.save(out, name)

    @property
    def facts(self) -> tuple[VectorFacts, ...]:
        """How its vectors are searched: all of them."""
        return (VectorFacts("", len(self), "Flat", 0, 1.0),)

    @classmethod
    def load(cls, files: FolderReader) -> LocalIndex:
        """Read what :meth:`save` wrote; raises ``Damage`` before anything is made of a damaged file."""
        passages = tuple(_passage(json.loads(line)) for line in files.read("passages.jsonl").splitlines())
        vectors = faiss.read_index(faiss.PyCallbackIOReader(io.BytesIO(files.read("vectors.faiss")).read))
        headings = load_array(files, "headings.npy")
        heading_of = load_array(files, "heading_of.npy")
        known = frozenset(json.loads(files.read("vocabulary.json")))
        fields = {name: LexicalField.load(files, name) for name in _TEXT_FIELDS}
        index = cls(vectors.d)
        index._passages = list(passages)
        index._vectors = vectors.reconstruct_n(0, vectors.ntotal) if vectors.ntotal else index._vectors
        index._heading_vectors = headings[heading_of] if len(heading_of) else index._heading_vectors
        document_of, documents = _documents(passages)
        whitening = Whitening(
            load_array(files, "whitening_mean.npy"), load_array(files, "whitening_matrix.npy")
        )
        whitened = whitening.apply(index._vectors)
        index._state = _State(
            passages,
            vectors,
            headings,
            heading_of,
            document_of,
            documents,
            fields,
            JoinedFields.of(fields),
            known,
            Terms(known),
            whitening,
            whitened,
        )
        return index

    def _rows_of(self, document_id: str) -> tuple[Sequence[Passage], list[int]]:
        """Return the passages and which of them are a document's, in reading order."""
        passages = self._passages
        rows = self._rows
        if rows is None:
            rows = {}
            for row, passage in enumerate(passages):
                rows.setdefault(passage.document_id, []).append(row)
            self._rows = rows
        return passages, sorted(rows.get(document_id, []), key=lambda row: passages[row].order)

    def _current(self) -> _State:
        state = self._state
        if state is None:
            with self._lock:
                state = self._state = self._state or self._fresh()
        return state

    def _fresh(self) -> _State:
        passages = tuple(self._passages)
        texts = [searched_text(p) for p in passages]
        headings = [heading_text(p) for p in passages]
        known = vocabulary([*texts, *dict.fromkeys(headings)])
        unique = {heading: row for row, heading in enumerate(dict.fromkeys(headings))}
        heading_of = np.asarray([unique[h] for h in headings], dtype=np.int32)
        first = {heading: row for row, heading in reversed(list(enumerate(headings)))}
        matrix = self._heading_vectors[[first[h] for h in unique]] if unique else self._heading_vectors
        taken_apart = Terms(known)
        fields = {
            "terms": LexicalField.build([taken_apart(t) for t in texts]),
            "terms_heading": LexicalField.build([taken_apart(h) for h in headings]),
            "chars": LexicalField.build([character_ngrams(t) for t in texts]),
            "chars_heading": LexicalField.build([character_ngrams(h) for h in headings]),
        }
        document_of, documents = _documents(passages)
        vectors = _vector_index(self._vectors)
        whitening = Whitening.learn(self._vectors)
        whitened = whitening.apply(self._vectors)
        return _State(
            passages,
            vectors,
            matrix,
            heading_of,
            document_of,
            documents,
            fields,
            JoinedFields.of(fields),
            known,
            taken_apart,
            whitening,
            whitened,
        )


PROSE_FROM = 150
"""A paragraph of more characters is prose: it is searched with its heading, by which a bullet is hurt."""


def is_prose(passage: Passage) -> bool:
    """Whether a passage is running text rather than a point on a slide or list."""
    if passage.mark != "paragraph":
        return False
    # What stands alone under a heading is its text, however short: "Hvad er kravene?" and one line.
    return len(passage.text) > PROSE_FROM or passage.alone or not passage.heading


def searched_text(passage: Passage) -> str:
    """Return the text that is embedded and whose words are indexed."""
    above = heading_text(passage)
    return f"{above}\n{passage.text}" if above and is_prose(passage) else passage.text


def heading_text(passage: Passage) -> str:
    """Return what stands above a passage, as one text: heading path and the line that introduces it."""
    return f"{passage.heading} {passage.lead}".strip()


def _vector_index(vectors: NDArray[np.float32]) -> Any:
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors))
    return index


def _documents(passages: Sequence[Passage]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    names = tuple(dict.fromkeys(p.document_id for p in passages))
    number = {name: i for i, name in enumerate(names)}
    return np.asarray([number[p.document_id] for p in passages], dtype=np.int32), names


def _plain(passage: Passage) -> dict[str, Any]:
    # As dataclasses.asdict, which copies every text and takes ten times as long.
    values = {name: getattr(passage, name) for name in Passage.__slots__}
    return {**values, "span": {"start": passage.span.start, "end": passage.span.end}}


def _passage(raw: dict[str, Any]) -> Passage:
    return Passage(**{**raw, "span": Span(**raw["span"])})


def _allowed(state: _State, documents: Collection[str]) -> NDArray[np.int64] | None:
    if not documents:
        return None
    wanted = [i for i, name in enumerate(state.documents) if name in documents]
    return np.flatnonzero(np.isin(state.document_of, wanted))


def _best_by_each(
    signals: NDArray[np.float32], allowed: NDArray[np.int64] | None, limit: int
) -> NDArray[np.int64]:
    """Return the ``limit`` best rows by each of ``signals``, shape (signals, n), in the order of the index."""
    rows = np.arange(signals.shape[1]) if allowed is None else allowed
    if len(rows) <= limit:
        return rows
    best = np.argpartition(signals[:, rows], -limit, axis=1)[:, -limit:]
    return rows[np.unique(best)]


def _lexical_signals(state: _State, query: SearchQuery) -> NDArray[np.float32]:
    """Return the signals of words; shape (5, n), in the order of :data:`SIGNALS`."""
    words = state.taken_apart(query.text)
    grams = character_ngrams(query.text)
    others = [alternatives for alternatives in query.alternatives if alternatives.terms]
    other_terms = [term for alternatives in others for term in alternatives.terms]
    asked = [
        Asked(field, texts, [row] * len(texts))
        for row, (field, texts) in enumerate(zip(_TEXT_FIELDS, (words, words, grams, grams), strict=True))
    ]
    start = len(_TEXT_FIELDS)
    asked.append(Asked("terms", other_terms, range(start, start + len(other_terms))))
    found = state.joined.added(asked, start + len(other_terms))
    expanded = found[0].copy()
    for alternatives in others:
        end = start + len(alternatives.terms)
        expanded += alternatives.weight * found[start:end].max(axis=0)
        start = end
    return np.concatenate([found[: len(_TEXT_FIELDS)], expanded[None, :]])


def _dense_signal(state: _State, vector: NDArray[np.float32]) -> NDArray[np.float32]:
    n = len(state.passages)
    scores, order = state.vectors.search(vector[None, :], n)
    everything = np.empty(n, dtype=np.float32)
    everything[order[0]] = scores[0]
    return everything


def _whitened_signal(state: _State, vector: NDArray[np.float32]) -> NDArray[np.float32]:
    question = state.whitening.apply(vector[None, :])[0]
    whitened: NDArray[np.float32] = state.whitened @ question
    return whitened
