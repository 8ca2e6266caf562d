"""The passage index of many passages: what is found in its segments, and scored as if they were one.

A change adds a small segment and notes which documents of others are gone; what was written stays as it is.
Small segments are merged as they become many, see :meth:`LargeIndex.extend`.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.durable.files import FolderReader, FolderWriter, json_line
from assistant.embedding.base import Vectors
from assistant.errors import IndexDamaged
from assistant.indexes.base import SIGNALS, Candidates, SearchQuery
from assistant.indexes.large.contents import Contents
from assistant.indexes.large.finding import (
    Asked,
    Statistics,
    Weights,
    find,
    frequencies,
    heading_frequencies,
    wanted_by_each,
)
from assistant.indexes.large.maxscore import Mask, Scored
from assistant.indexes.large.parts import Part, part_name
from assistant.indexes.large.records import MappedPages
from assistant.indexes.large.sampling import Sample
from assistant.indexes.large.segment import Place, Segment
from assistant.indexes.large.signalling import Question, Rows, signals_of
from assistant.indexes.large.threads import searchers
from assistant.indexes.manifest import REBUILD, VectorFacts
from assistant.indexes.scoring import AskedWords
from assistant.indexes.sizes import STANDARD, Sizes
from assistant.indexes.whitening import Whitening
from assistant.records import Passage

PARTS = "parts.json"
"""Names the segments; an index of one segment that is not divided into any has no such file."""

_FOLDER = "parts"

_SAMPLE = 500
"""So many passages, spread evenly, stand for the index at large."""

_ALL_OF = 5
"""A filter that leaves at most so many times the wanted candidates makes all of them candidates."""


class _State:
    """What a search reads; replaced as a whole, never changed."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = tuple(parts)
        self.size = sum(map(len, parts))

    @cached_property
    def holder(self) -> dict[str, tuple[Part, int]]:
        """The part of each document and its number there."""
        return {name: (part, number) for part in self.parts for name, number in part.documents()}

    @cached_property
    def known(self) -> frozenset[str]:
        return frozenset().union(*(part.segment.known for part in self.parts))

    @cached_property
    def terms(self) -> Collection[str]:
        if len(self.parts) == 1:
            return self.parts[0].segment.terms.keys()
        return frozenset().union(*(part.segment.terms for part in self.parts))

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        return tuple(part.segment for part in self.parts)

    @cached_property
    def statistics(self) -> Statistics:
        return Statistics.of(self.segments)

    @cached_property
    def whitening(self) -> Whitening:
        return max(self.segments, key=len).whitening

    @cached_property
    def sample(self) -> Sample:
        """Passages that stand for the index at large."""
        return Sample(self.segments, self.spread(_SAMPLE), self.whitening)

    def spread(self, n: int) -> list[NDArray[np.int64]]:
        """Return rows of each part, ``n`` in all, evenly over the index."""
        places = np.linspace(0, self.size - 1, min(n, self.size)).astype(np.int64)
        spread, start = [], 0
        for part in self.parts:
            own = places[(places >= start) & (places < start + len(part))] - start
            spread.append(own if part.live is None else np.flatnonzero(part.live)[own])
            start += len(part)
        return spread


class LargeIndex:
    """A :class:`~assistant.indexes.base.PassageIndex` of segments."""

    def __init__(
        self,
        dimension: int,
        parts: Sequence[Part] = (),
        sizes: Sizes = STANDARD,
    ) -> None:
        """Index what is in ``parts``, of vectors of length ``dimension``.

        Args:
            dimension: of every vector.
            parts: what is there to begin with.
            sizes: what to do from which size on.
        """
        self.dimension = dimension
        self._sizes = sizes
        self._lock = threading.Lock()
        self._state = _State(parts)
        self.held: object = None
        """What lives as long as this index: the hold on the files that it was read from."""

    def __len__(self) -> int:
        """Return the number of passages."""
        return self._state.size

    @property
    def parts(self) -> tuple[Part, ...]:
        """The segments and what of them counts."""
        return self._state.parts

    @property
    def facts(self) -> tuple[VectorFacts, ...]:
        """How the vectors of each part are searched."""
        return tuple(
            VectorFacts(
                part.name,
                len(part),
                part.segment.vectors.kind,
                part.segment.vectors.again,
                part.segment.vectors.recall,
            )
            for part in self.parts
        )

    def documents(self) -> frozenset[str]:
        """Return the ids of all documents."""
        return frozenset(self._state.holder)

    def pages_of(self, document_id: str) -> MappedPages:
        """Return the pages of a document that is there, read when they are asked for."""
        part, number = self._state.holder[document_id]
        return MappedPages(part.segment.pages, number)

    def copy(self) -> LargeIndex:
        """Return an index of the same segments, which can be changed by itself."""
        return LargeIndex(self.dimension, self.parts, self._sizes)

    # --- files --------------------------------------------------------------------------------------

    def save(self, out: FolderWriter) -> None:
        """Write the segments; those that are on the disk already are linked."""
        facts = [[part.name, sorted(part.gone)] for part in self.parts]
        with out.open(PARTS) as file:
            file.write(json_line({"dimension": self.dimension, "parts": facts}))
        for part in self.parts:
            part.segment.save(out, f"{_FOLDER}/{part.name}")

    def written(self, home: Path, digests: Mapping[str, str]) -> None:
        """Note that all segments are files in ``home`` now, so that the next change links them."""
        files = FolderReader(home, digests)
        self._state = _State(
            [
                Part(part.name, part.segment.at(Place.of(files, f"{_FOLDER}/{part.name}")), part.gone)
                for part in self.parts
            ]
        )

    @classmethod
    def load(cls, files: FolderReader, sizes: Sizes = STANDARD) -> LargeIndex:
        """Map what :meth:`save` wrote.

        Raises:
            Damage: a file is not what was written, as far as it is checked now; see ``FolderReader.map``.
        """
        facts = json.loads(files.read(PARTS))
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # what is checked now is, on every core
            segments = pool.map(lambda part: Segment.load(files, f"{_FOLDER}/{part[0]}"), facts["parts"])
            parts = [
                Part(name, segment, frozenset(gone))
                for (name, gone), segment in zip(facts["parts"], segments, strict=True)
            ]
        return cls(facts["dimension"], parts, sizes)

    # --- changing -----------------------------------------------------------------------------------

    def add(self, passages: Sequence[Passage], vectors: Vectors, heading_vectors: Vectors) -> None:
        """Add passages; see :meth:`assistant.indexes.base.PassageIndex.add`."""
        shape = (len(passages), self.dimension)
        if vectors.shape != shape or heading_vectors.shape != shape:
            raise ValueError(
                f"expected two arrays of shape {shape}, got {vectors.shape} and {heading_vectors.shape}"
            )
        names = tuple(dict.fromkeys(p.document_id for p in passages))
        known = {p.id for name in names for p in self.passages_of(name)}
        double = [p.id for p in passages if p.id in known]
        if double or len({p.id for p in passages}) != len(passages):
            raise ValueError(f"passage ids must be unique; already there: {double[:3]}")
        holder = self._state.holder
        # A document lies in one segment; so one that grows is written again as a whole.
        grown = [holder[name][0].contents([holder[name][1]]) for name in names if name in holder]
        for name in names:
            self.delete(name)
        new = Contents.of({}, passages, vectors, heading_vectors)
        whole = Contents.joined([*grown, new])
        pages = {name: own for each in grown for name, own in zip(each.names, each.pages, strict=True)}
        self.extend(Contents.of(pages, whole.passages, whole.vectors, whole.heading_vectors))

    def extend(self, contents: Contents) -> None:
        """Add documents that are not there, in segments of their own.

        Once there are many small segments they go into the new one, the smallest first, as far as
        :class:`Sizes` says: so a small change stays quick, and a large one tidies up. A segment of which more
        than half was deleted is written again too.
        """
        with self._lock:
            worn = [part for part in self.parts if 2 * len(part) < len(part.segment)]
            self._state = _State([part for part in self.parts if part not in worn])
            contents = Contents.joined([*(part.contents() for part in worn), contents])
            for piece in contents.pieces(self._sizes.segment_rows):
                self._append(piece)

    def delete(self, document_id: str) -> int:
        """Remove a document; returns how many passages it had."""
        return self.delete_all([document_id])

    def delete_all(self, document_ids: Collection[str]) -> int:
        """Remove several documents; returns how many passages they had."""
        with self._lock:
            state = self._state
            gone: dict[int, set[int]] = {}
            for name in document_ids:
                if name in state.holder:
                    part, number = state.holder[name]
                    gone.setdefault(id(part), set()).add(number)
            if gone:
                parts = [part.without(gone[id(part)]) if id(part) in gone else part for part in state.parts]
                self._state = _State([part for part in parts if not part.is_empty])
            return state.size - self._state.size

    def _append(self, contents: Contents) -> None:
        room = max(self._sizes.merged_at_once, 4 * len(contents.passages))
        space = self._sizes.segment_rows - len(contents.passages)
        taken: list[Part] = []
        small = [part for part in sorted(self.parts, key=len) if len(part) <= self._sizes.small_up_to]
        for part in small if len(small) > self._sizes.small_ones else ():
            room, space = room - len(part), space - len(part)
            if room < 0 or space < 0:
                break
            taken.append(part)
        if taken:
            contents = Contents.joined([*(part.contents() for part in taken), contents])
            self._state = _State([part for part in self.parts if part not in taken])
        self._put(contents)

    def _put(self, contents: Contents) -> None:
        segment = Segment.build(contents, known=self._state.known, exact_up_to=self._sizes.exact_up_to)
        self._state = _State([*self.parts, Part(part_name(), segment)])

    # --- reading ------------------------------------------------------------------------------------

    def passages_of(self, document_id: str) -> tuple[Passage, ...]:
        """Return a document's passages in reading order."""
        segment, rows = self._rows_of(document_id)
        if segment is None:
            return ()
        return tuple(sorted((segment.passage(row) for row in rows), key=lambda p: p.order))

    def vectors_of(self, document_id: str) -> tuple[Vectors, Vectors]:
        """Return the vectors of a document's passages and of their headings, in the order of the passages."""
        segment, rows = self._rows_of(document_id)
        if segment is None:
            empty = np.zeros((0, self.dimension), dtype=np.float32)
            return empty, empty
        rows = np.asarray(sorted(rows, key=lambda row: segment.passage(row).order), dtype=np.int64)
        return segment.vectors.of(rows), segment.heading_vectors.of(segment.heading_of[rows].astype(np.int64))

    def count_of(self, document_id: str) -> int:
        """Return how many passages a document has."""
        return len(self._rows_of(document_id)[1])

    def sample(self, n: int) -> tuple[Passage, ...]:
        """Return ``n`` passages spread evenly over the index; all where it has at most ``n``."""
        state = self._state
        spread = zip(state.parts, state.spread(n), strict=True)
        return tuple(part.segment.passage(row) for part, rows in spread for row in rows)

    def document_frequency(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """Return in how many passages or headings each term stands, the larger of the two counts."""
        segments = self._state.segments
        found = np.maximum(frequencies(terms, segments), heading_frequencies(terms, segments))
        return found.astype(np.int64)

    def vocabulary(self) -> frozenset[str]:
        """Return the stems that compounds are split by."""
        return self._state.known

    def index_terms(self) -> Collection[str]:
        """Return every term that stands in some passage."""
        return self._state.terms

    def search(self, query: SearchQuery, *, documents: Collection[str] = (), limit: int = 200) -> Candidates:
        """Return candidates; see :meth:`assistant.indexes.base.PassageIndex.search`."""
        state = self._state
        if not state.size:
            empty = np.zeros(len(SIGNALS), dtype=np.float32)
            return Candidates((), np.zeros((0, len(SIGNALS)), dtype=np.float32), empty, empty)
        words = AskedWords.of(query, state.known)
        weights = Weights.of(words, state.segments, state.statistics)
        asked = Asked(query, words, weights, state.statistics)
        question = Question(asked, state.whitening.apply(query.vector[None, :])[0])
        try:
            candidates = [
                Rows(part.segment, rows)
                for part, rows in zip(state.parts, _candidates(state, asked, documents, limit), strict=True)
            ]
            signals, at_large = signals_of(question, candidates, state.sample, state.whitening)
        except IndexError as error:
            # Numbers of rows come from files that may not be checked yet.
            raise IndexDamaged(f"Indekset er beskadiget. Byg det igen med »{REBUILD}«.") from error
        return Candidates(
            tuple(passage for rows in candidates for passage in rows.passages),
            signals,
            at_large.mean(axis=0),
            at_large.std(axis=0),
        )

    def _rows_of(self, document_id: str) -> tuple[Segment | None, NDArray[np.int64]]:
        if document_id not in self._state.holder:
            return None, np.zeros(0, dtype=np.int64)
        part, number = self._state.holder[document_id]
        return part.segment, part.segment.rows_of(number)


def _candidates(
    state: _State, asked: Asked, documents: Collection[str], limit: int
) -> list[NDArray[np.int64]]:
    """Return the rows of each part that are among the best ``limit`` of the index by some signal."""
    masks = [_allowed(part, documents) for part in state.parts]
    if documents:
        all_of_them = [np.flatnonzero(mask) for mask in masks if mask is not None]
        if sum(map(len, all_of_them)) <= _ALL_OF * limit:
            return all_of_them

    def find_in(part: Part, mask: Mask | None) -> list[Scored]:
        if mask is None:
            return find(asked, part.segment, None, None, limit)
        headings = part.live_headings if mask is part.live else part.segment.headings_above(mask)
        return find(asked, part.segment, mask, headings, limit) if mask.any() else []

    found = list(searchers().map(find_in, state.parts, masks))
    kept: list[list[NDArray[np.int64]]] = [[] for _ in found]
    for signal, wanted in enumerate(wanted_by_each(limit) if any(found) else ()):
        of_parts: list[tuple[int, Scored]] = [
            (at, signals[signal]) for at, signals in enumerate(found) if signals
        ]
        scores = np.concatenate([own for _, (_, own) in of_parts])
        rows = np.concatenate([own for _, (own, _) in of_parts])
        holders = np.repeat([at for at, _ in of_parts], [len(own) for _, (own, _) in of_parts])
        best = np.argpartition(scores, -wanted)[-wanted:] if len(scores) > wanted else slice(None)
        for at, _ in of_parts:
            kept[at].append(rows[best][holders[best] == at])
    return [np.unique(np.concatenate([_NO_ROWS, *rows])) for rows in kept]


_NO_ROWS = np.zeros(0, dtype=np.int64)


def _allowed(part: Part, documents: Collection[str]) -> Mask | None:
    """Return which rows may be found, ``None`` for all of them."""
    if not documents:
        return part.live
    mask = np.zeros(len(part.segment), dtype=np.bool_)
    for name, number in part.documents():
        if name in documents:
            mask[part.segment.rows_of(number)] = True
    return mask
