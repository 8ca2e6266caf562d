"""The signals of rows of a segment, exactly, as :data:`assistant.indexes.base.SIGNALS` has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.base import Vectors
from assistant.indexes.base import SIGNALS
from assistant.indexes.large.finding import Asked
from assistant.indexes.large.segment import Segment
from assistant.indexes.large.words import Postings
from assistant.indexes.local import searched_text
from assistant.indexes.scoring import SpacedTexts, gram_counts, weighed, with_alternatives
from assistant.indexes.whitening import Whitening
from assistant.records import Passage


class Rows:
    """Some rows of a segment with what scoring needs of them, each read once."""

    def __init__(self, segment: Segment, rows: NDArray[np.int64], whitening: Whitening) -> None:
        """Look at ``rows``; ``whitening`` is that of the index."""
        self.segment = segment
        self.rows = rows.astype(np.int32)
        self._whitening = whitening
        self._all_headings = segment.heading_of[rows]
        self.headings, self.heading_at = np.unique(self._all_headings, return_inverse=True)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The passages themselves."""
        return tuple(self.segment.passage(row) for row in self.rows)

    @cached_property
    def texts(self) -> SpacedTexts:
        """What is searched of them."""
        return SpacedTexts.of([searched_text(passage) for passage in self.passages])

    @cached_property
    def heading_texts(self) -> SpacedTexts:
        """Their distinct headings."""
        return SpacedTexts.of([self.segment.heading(number) for number in self.headings])

    @cached_property
    def vectors(self) -> Vectors:
        """Their vectors."""
        return self.segment.vectors.of(self.rows.astype(np.int64))

    @cached_property
    def whitened(self) -> Vectors:
        """Their whitened vectors."""
        return self._whitening.apply(self.vectors)

    @cached_property
    def heading_vectors(self) -> Vectors:
        """The vectors of the distinct headings."""
        return self.segment.heading_vectors.of(self.headings.astype(np.int64))


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its whitened vector."""

    asked: Asked
    whitened: NDArray[np.float32]


def signals_of(question: Question, groups: Sequence[Rows]) -> NDArray[np.float32]:
    """Return the signals of all rows of ``groups``, one group after the other; shape (n, len(SIGNALS))."""
    words, weights, statistics = question.asked.words, question.asked.weights, question.asked.statistics
    grams, lengths = gram_counts(SpacedTexts.joined([rows.texts for rows in groups]), words.grams)
    chars = weighed(grams, lengths[:, None], weights.grams, statistics.grams) @ words.gram_times
    grams, lengths = gram_counts(SpacedTexts.joined([rows.heading_texts for rows in groups]), words.grams)
    above = weighed(grams, lengths[:, None], weights.heading_grams, statistics.heading_grams)
    chars_above = above @ words.gram_times
    signals = []
    row = heading = 0
    for rows in groups:
        columns = _by_arrays(question, rows)
        columns["chars"] = chars[row : row + len(rows)]
        columns["chars_heading"] = chars_above[heading : heading + len(rows.headings)][rows.heading_at]
        signals.append(np.column_stack([columns[name] for name in SIGNALS]))
        row, heading = row + len(rows), heading + len(rows.headings)
    return np.vstack([np.zeros((0, len(SIGNALS))), *signals]).astype(np.float32)


def _by_arrays(question: Question, rows: Rows) -> dict[str, NDArray[np.floating[Any]]]:
    """Return the signals that need no text."""
    asked, segment = question.asked, rows.segment
    words, weights, statistics = asked.words, asked.weights, asked.statistics
    at = [segment.terms.get(term, -1) for term in words.terms]
    own = weighed(
        _counts(segment.words, at, rows.rows),
        segment.words.lengths[rows.rows][:, None],
        weights.words,
        statistics.words,
    )
    above = weighed(
        _counts(segment.heading_words, at, rows.headings),
        segment.heading_words.lengths[rows.headings][:, None],
        weights.heading_words,
        statistics.heading_words,
    )
    vector = asked.query.vector
    return {
        "dense": rows.vectors @ vector,
        "dense_whitened": rows.whitened @ question.whitened,
        "dense_heading": (rows.heading_vectors @ vector)[rows.heading_at],
        "terms": own @ words.times,
        "terms_heading": (above @ words.times)[rows.heading_at],
        "synonyms": with_alternatives(own, words),
    }


def _counts(postings: Postings, terms: Sequence[int], rows: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return how often each term stands in each row; shape (len(rows), len(terms))."""
    columns = [
        postings.in_rows(term, rows) if term >= 0 else np.zeros(len(rows), dtype=np.int64) for term in terms
    ]
    return np.column_stack(columns) if columns else np.zeros((len(rows), 0), dtype=np.int64)
