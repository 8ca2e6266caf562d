"""The signals of rows of segments, exactly, as :data:`assistant.indexes.base.SIGNALS` has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.base import Vectors
from assistant.indexes.base import SIGNALS
from assistant.indexes.large.finding import Asked
from assistant.indexes.large.sampling import Sample
from assistant.indexes.large.segment import Segment
from assistant.indexes.large.words import Postings
from assistant.indexes.local import searched_text
from assistant.indexes.ngrams import gram_counts
from assistant.indexes.scoring import weighed, with_alternatives
from assistant.indexes.whitening import Whitening
from assistant.records import Passage

Floats = NDArray[np.float64]


class Rows:
    """Some rows of a segment with what scoring needs of them, each read once."""

    def __init__(self, segment: Segment, rows: NDArray[np.int64]) -> None:
        """Look at ``rows``."""
        self.segment = segment
        self.rows = rows.astype(np.int32)
        self.headings, self.heading_at = np.unique(segment.heading_of[rows], return_inverse=True)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The passages themselves."""
        return self.segment.passages_in(self.rows)

    @property
    def vectors(self) -> Vectors:
        """Their vectors."""
        return self.segment.vectors.of(self.rows.astype(np.int64))

    @property
    def heading_vectors(self) -> Vectors:
        """The vectors of the distinct headings."""
        return self.segment.heading_vectors.of(self.headings.astype(np.int64))


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its whitened vector."""

    asked: Asked
    whitened: NDArray[np.float32]


def signals_of(
    question: Question, groups: Sequence[Rows], sample: Sample, whitening: Whitening
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the signals of all rows of ``groups``, one for each segment, and of ``sample``.

    Shapes (n, len(SIGNALS)) and (len(sample), len(SIGNALS)).
    """
    # In one thread: these are many small steps, and handing the interpreter to and fro takes longer than they do.
    vector = question.asked.query.vector
    chars, chars_heading = _by_grams(question.asked, groups)
    vectors = np.vstack([rows.vectors for rows in groups])
    found, samples = _by_words(question.asked, groups, sample.rows)
    found |= {
        "dense": vectors @ vector,
        "dense_whitened": whitening.apply(vectors) @ question.whitened,
        "dense_heading": np.concatenate(
            [(rows.heading_vectors @ vector)[rows.heading_at] for rows in groups]
        ),
        "chars": chars,
        "chars_heading": chars_heading,
    }
    words, weights, statistics = question.asked.words, question.asked.weights, question.asked.statistics
    samples |= {
        "dense": sample.vectors @ vector,
        "dense_whitened": sample.whitened @ question.whitened,
        "dense_heading": sample.heading_vectors @ vector,
        "chars": sample.grams.scores(words.grams, words.gram_times, weights.grams, statistics.grams),
        "chars_heading": sample.heading_grams.scores(
            words.grams, words.gram_times, weights.heading_grams, statistics.heading_grams
        ),
    }
    return _columns(found), _columns(samples)


def _columns(signals: dict[str, NDArray[np.floating]]) -> NDArray[np.float32]:
    return np.column_stack([signals[name] for name in SIGNALS]).astype(np.float32)


def _by_grams(asked: Asked, groups: Sequence[Rows]) -> tuple[Floats, Floats]:
    words, weights, statistics = asked.words, asked.weights, asked.statistics
    texts = [searched_text(passage) for rows in groups for passage in rows.passages]
    grams, lengths = gram_counts(texts, words.grams)
    chars = weighed(grams, lengths[:, None], weights.grams, statistics.grams) @ words.gram_times
    headings = [text for rows in groups for text in rows.segment.headings_in(rows.headings)]
    grams, lengths = gram_counts(headings, words.grams)
    above = weighed(grams, lengths[:, None], weights.heading_grams, statistics.heading_grams)
    starts = np.cumsum([0, *(len(rows.headings) for rows in groups)])
    at = [start + rows.heading_at for start, rows in zip(starts[:-1], groups, strict=True)]
    return chars, (above @ words.gram_times)[np.concatenate(at)]


def _by_words(
    asked: Asked, groups: Sequence[Rows], samples: Sequence[NDArray[np.int32]]
) -> tuple[dict[str, NDArray[np.floating]], dict[str, NDArray[np.floating]]]:
    """Return the signals of terms of ``groups`` and of the rows ``samples`` of the same segments."""
    words, weights, statistics = asked.words, asked.weights, asked.statistics
    columns: list[tuple[Floats, Floats, Floats]] = []
    for rows, others in zip(groups, samples, strict=True):
        segment = rows.segment
        both = np.concatenate([rows.rows, others])
        headings, heading_at = np.unique(segment.heading_of[both], return_inverse=True)
        at = [segment.terms.get(term, -1) for term in words.terms]
        own = weighed(
            _counts(segment.words, at, both),
            segment.words.lengths[both][:, None],
            weights.words,
            statistics.words,
        )
        above = weighed(
            _counts(segment.heading_words, at, headings),
            segment.heading_words.lengths[headings][:, None],
            weights.heading_words,
            statistics.heading_words,
        )
        columns.append((own @ words.times, (above @ words.times)[heading_at], with_alternatives(own, words)))
    names = ("terms", "terms_heading", "synonyms")
    sizes = [len(rows) for rows in groups]
    found: dict[str, NDArray[np.floating]] = {}
    spread: dict[str, NDArray[np.floating]] = {}
    for name, parts in zip(names, zip(*columns, strict=True), strict=True):
        found[name] = np.concatenate([part[:n] for part, n in zip(parts, sizes, strict=True)])
        spread[name] = np.concatenate([part[n:] for part, n in zip(parts, sizes, strict=True)])
    return found, spread


def _counts(postings: Postings, terms: Sequence[int], rows: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return how often each term stands in each row; shape (len(rows), len(terms))."""
    columns = [
        postings.in_rows(term, rows) if term >= 0 else np.zeros(len(rows), dtype=np.int64) for term in terms
    ]
    return np.column_stack(columns) if columns else np.zeros((len(rows), 0), dtype=np.int64)
