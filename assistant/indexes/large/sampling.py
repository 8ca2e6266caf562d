"""Passages that stand for an index at large, with what scoring them for every question takes, made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.base import Vectors
from assistant.indexes.large.grams import code, grams_of
from assistant.indexes.large.segment import Segment
from assistant.indexes.local import searched_text
from assistant.indexes.scoring import weighed
from assistant.indexes.whitening import Whitening


@dataclass(frozen=True, slots=True)
class GramTable:
    """Where each n-gram of a few texts stands: ``codes[i]`` stands in text ``rows[i]`` ``counts[i]`` times.

    ``codes`` ascend; ``lengths`` is how many n-grams each text has.
    """

    codes: NDArray[np.int64]
    rows: NDArray[np.int64]
    counts: NDArray[np.int64]
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[str]) -> GramTable:
        """Count the n-grams of ``texts``."""
        found = [np.unique(grams_of(text), return_counts=True) for text in texts]
        none = np.zeros(0, dtype=np.int64)
        codes = np.concatenate([none, *(own for own, _ in found)])
        counts = np.concatenate([none, *(many for _, many in found)])
        rows = np.repeat(np.arange(len(texts)), [len(own) for own, _ in found])
        order = np.argsort(codes, kind="stable")
        lengths = np.asarray([many.sum() for _, many in found], dtype=np.int64)
        return cls(codes[order], rows[order], counts[order], lengths)

    def scores(
        self,
        grams: Sequence[str],
        times: NDArray[np.int64],
        idf: NDArray[np.float64],
        average: float,
    ) -> NDArray[np.float64]:
        """Return the BM25 score of each text for ``grams``, each of which is asked for so many ``times``."""
        wanted = np.asarray([code(gram) for gram in grams], dtype=np.int64)
        start = np.searchsorted(self.codes, wanted, side="left")
        many = np.searchsorted(self.codes, wanted, side="right") - start
        gram = np.repeat(np.arange(len(wanted)), many)
        entry = np.arange(len(gram)) + np.repeat(start - np.cumsum(many) + many, many)
        rows = self.rows[entry]
        scores = times[gram] * weighed(self.counts[entry], self.lengths[rows], idf[gram], average)
        return np.bincount(rows, weights=scores, minlength=len(self.lengths)).astype(np.float64)


class Sample:
    """Some rows of the segments of an index."""

    def __init__(
        self, segments: Sequence[Segment], rows: Sequence[NDArray[np.int64]], whitening: Whitening
    ) -> None:
        """Look at ``rows`` of each of ``segments``."""
        self.rows = tuple(own.astype(np.int32) for own in rows)
        self._segments = tuple(segments)
        self._whitening = whitening

    def __len__(self) -> int:
        """Return the number of passages."""
        return sum(map(len, self.rows))

    @cached_property
    def vectors(self) -> Vectors:
        """Their vectors."""
        pairs = zip(self._segments, self.rows, strict=True)
        return np.vstack([s.vectors.of(rows.astype(np.int64)) for s, rows in pairs])

    @cached_property
    def heading_vectors(self) -> Vectors:
        """The vectors of their headings."""
        pairs = zip(self._segments, self.rows, strict=True)
        return np.vstack([s.heading_vectors.of(s.heading_of[rows].astype(np.int64)) for s, rows in pairs])

    @cached_property
    def whitened(self) -> Vectors:
        """Their whitened vectors."""
        return self._whitening.apply(self.vectors)

    @cached_property
    def grams(self) -> GramTable:
        """The n-grams of what is searched of them."""
        pairs = zip(self._segments, self.rows, strict=True)
        return GramTable.of([searched_text(passage) for s, rows in pairs for passage in s.passages_in(rows)])

    @cached_property
    def heading_grams(self) -> GramTable:
        """The n-grams of their headings."""
        pairs = zip(self._segments, self.rows, strict=True)
        return GramTable.of([text for s, rows in pairs for text in s.headings_in(s.heading_of[rows])])
