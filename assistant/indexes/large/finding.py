"""Candidates of one question in each segment of a large index, before they are scored exactly.

The best of each signal are wanted: cosine of passage and of heading, words, words or their synonyms, words of
the heading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.base import SearchQuery
from assistant.indexes.large.grams import code
from assistant.indexes.large.maxscore import Mask, Ranked, Scored, Term
from assistant.indexes.large.segment import Segment
from assistant.indexes.scoring import BY_HEADING, AskedWords, inverse_frequencies


@dataclass(frozen=True, slots=True)
class Statistics:
    """What BM25 has to know of the index as a whole; passages that were deleted count until they are merged away.

    Averages are those of the numbers of terms and n-grams of a passage and of its heading.
    """

    passages: int
    words: float
    heading_words: float
    grams: float
    heading_grams: float

    @classmethod
    def of(cls, segments: Sequence[Segment]) -> Statistics:
        """Add up the segments."""
        n = max(sum(map(len, segments)), 1)
        return cls(
            sum(map(len, segments)),
            sum(int(s.words.lengths.sum(dtype=np.int64)) for s in segments) / n,
            sum(int((s.heading_words.lengths * under(s)).sum(dtype=np.int64)) for s in segments) / n,
            sum(s.grams.total / max(s.grams.counted, 1) * len(s) for s in segments) / n,
            sum(s.heading_grams.total / max(s.heading_grams.counted, 1) * len(s) for s in segments) / n,
        )


@dataclass(frozen=True, slots=True)
class Weights:
    """How rare each asked term and n-gram is, shape (number of them,) each; 0 where it stands nowhere."""

    words: NDArray[np.float64]
    heading_words: NDArray[np.float64]
    grams: NDArray[np.float64]
    heading_grams: NDArray[np.float64]

    @classmethod
    def of(cls, asked: AskedWords, segments: Sequence[Segment], statistics: Statistics) -> Weights:
        """Look up how many passages of all segments have them."""
        n = statistics.passages
        shares = [len(s) / max(n, 1) for s in segments]
        grams, above = np.zeros(len(asked.grams)), np.zeros(len(asked.grams))
        codes = np.asarray([code(gram) for gram in asked.grams], dtype=np.int64)
        for segment, share in zip(segments, shares, strict=True):
            grams += share * segment.grams.shares(codes)
            above += share * segment.heading_grams.shares(codes)
        return cls(
            inverse_frequencies(frequencies(asked.terms, segments), n),
            inverse_frequencies(heading_frequencies(asked.terms, segments), n),
            # One that was not met in the sample is rarer than all that were.
            inverse_frequencies(np.maximum(grams * n, 0.5), n),
            inverse_frequencies(np.maximum(above * n, 0.5), n),
        )


def under(segment: Segment) -> NDArray[np.int64]:
    """Return how many passages stand under each heading."""
    return np.diff(segment.heading_first)


def frequencies(terms: Sequence[str], segments: Sequence[Segment]) -> NDArray[np.float64]:
    """Return in how many passages each term stands."""
    found = [
        sum(s.words.frequency(at) for s in segments if (at := s.terms.get(term, -1)) >= 0) for term in terms
    ]
    return np.asarray(found, dtype=np.float64)


def heading_frequencies(terms: Sequence[str], segments: Sequence[Segment]) -> NDArray[np.float64]:
    """Return above how many passages each term stands."""
    found = np.zeros(len(terms))
    for segment in segments:
        counts = under(segment)
        for place, term in enumerate(terms):
            if (at := segment.terms.get(term, -1)) >= 0:
                found[place] += counts[segment.heading_words.of(at)[0]].sum()
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what is known of its words."""

    query: SearchQuery
    words: AskedWords
    weights: Weights
    statistics: Statistics

    def terms(self, segment: Segment, idf: NDArray[np.float64]) -> list[Term]:
        """Return the question's own words that a segment has, and what they weigh."""
        return _weighing(segment, self.words.terms, enumerate(self.words.times), idf)

    def others(self, segment: Segment, idf: NDArray[np.float64]) -> list[Term]:
        """Return the words of its alternatives that a segment has; each counts as if it were the only one."""
        wanted = ((place, weight) for weight, places in self.words.alternatives for place in places)
        return _weighing(segment, self.words.terms, wanted, idf)


def _weighing(
    segment: Segment, terms: Sequence[str], wanted: Iterable[tuple[int, float]], idf: NDArray[np.float64]
) -> list[Term]:
    there = ((segment.terms.get(terms[place], -1), float(weight * idf[place])) for place, weight in wanted)
    return [(term, weight) for term, weight in there if term >= 0 and weight > 0]


def find(
    asked: Asked, segment: Segment, allowed: Mask | None, headings: Mask | None, limit: int
) -> list[Scored]:
    """Return for each signal the rows of a segment that are best by it, and their scores.

    Args:
        asked: the question.
        segment: where to look.
        allowed: the rows that may be found, all of them where it is left out.
        headings: those that stand above such rows, see :meth:`Segment.headings_above`.
        limit: so many rows are wanted, see :func:`wanted_by_each`.
    """
    vector, weights, statistics = asked.query.vector, asked.weights, asked.statistics
    *_, fewer = wanted_by_each(limit)
    own, others = asked.terms(segment, weights.words), asked.others(segment, weights.words)
    words = Ranked(segment.words, own, statistics.words, limit, allowed)
    own = asked.terms(segment, weights.heading_words)
    above = Ranked(segment.heading_words, own, statistics.heading_words, fewer, headings)
    return [
        segment.vectors.search(vector, limit, allowed),
        words.best(),
        words.with_words(others).best() if others else _NONE,
        _passages_under(segment, segment.heading_vectors.search(vector, fewer, headings), allowed, fewer),
        _passages_under(segment, above.best(), allowed, fewer),
    ]


def wanted_by_each(limit: int) -> tuple[int, ...]:
    """Return how many rows are wanted by each signal of :func:`find`, in its order."""
    fewer = -(-limit // BY_HEADING)
    return limit, limit, limit, fewer, fewer


_NONE: Scored = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))


def _passages_under(segment: Segment, found: Scored, allowed: Mask | None, limit: int) -> Scored:
    """Return passages under the headings ``found``, of the best headings first."""
    headings, scores = found
    rows: list[NDArray[np.int64]] = []
    own: list[NDArray[np.float32]] = []
    room = limit
    for at in np.argsort(-scores, kind="stable"):
        where = slice(segment.heading_first[headings[at]], segment.heading_first[headings[at] + 1])
        below = segment.heading_rows[where].astype(np.int64)
        below = below if allowed is None else below[allowed[below]]
        rows.append(below[:room])
        own.append(np.full(len(rows[-1]), scores[at], dtype=np.float32))
        room -= len(rows[-1])
        if room <= 0:
            break
    return (np.concatenate(rows), np.concatenate(own)) if rows else _NONE
