"""Candidates of one question in each segment of a large index, before they are scored exactly.

The best of each signal are wanted: cosine of passage and of heading, words, words or their synonyms, words of
the heading. Words are added up from the rarest on, until enough postings are read, of the whole index, so that each
segment is searched by the same words; a word that stands in every tenth passage adds little to what the rarer ones
have found, and is counted when these are scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.base import SearchQuery
from assistant.indexes.large.grams import code
from assistant.indexes.large.segment import Segment
from assistant.indexes.large.words import Postings
from assistant.indexes.scoring import K1, AskedWords, B, inverse_frequencies

ENOUGH_POSTINGS = 200_000
"""So many postings are read for the words of a question, and for those of its alternatives ..."""

ENOUGH_PER_PASSAGE = 0.8
"""... or so many for each passage of the index, where that is more."""

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
Scored = tuple[Rows, NDArray[np.float32]]
Wanted = tuple[int, float]
"""The place of a term among those that are asked for, and what it weighs."""


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
    """A question and what is known of its words.

    ``own`` are the places of its words among the terms, with their weights, ``others`` those of its alternatives and
    ``above`` those that are looked for in headings: each as far as they are read, the rarest first.
    """

    query: SearchQuery
    words: AskedWords
    weights: Weights
    statistics: Statistics
    own: Sequence[Wanted]
    others: Sequence[Wanted]
    above: Sequence[Wanted]

    @classmethod
    def of(
        cls, query: SearchQuery, words: AskedWords, segments: Sequence[Segment], statistics: Statistics
    ) -> Asked:
        """Look up how rare the words are, and so which of them are read."""
        weights = Weights.of(words, segments, statistics)
        enough = max(ENOUGH_POSTINGS, int(ENOUGH_PER_PASSAGE * statistics.passages))
        own = [(place, float(times)) for place, times in enumerate(words.times) if times]
        others = [(place, weight) for weight, places in words.alternatives for place in places]
        many = _postings([s.words for s in segments], words.terms, segments)
        headings = _postings([s.heading_words for s in segments], words.terms, segments)
        return cls(
            query,
            words,
            weights,
            statistics,
            _rarest(own, weights.words, many, enough),
            _rarest(others, weights.words, many, enough),
            _rarest(own, weights.heading_words, headings, enough),
        )


def _postings(fields: Sequence[Postings], terms: Sequence[str], segments: Sequence[Segment]) -> list[int]:
    """Return how many postings each term has in the ``fields``, one of each segment."""
    return [
        sum(
            field.frequency(at)
            for field, s in zip(fields, segments, strict=True)
            if (at := s.terms.get(term, -1)) >= 0
        )
        for term in terms
    ]


def _rarest(
    wanted: Sequence[Wanted], idf: NDArray[np.float64], postings: Sequence[int], enough: int
) -> list[Wanted]:
    """Return those of ``wanted`` that have ``enough`` postings together, the rarest first; at least one."""
    kept: list[Wanted] = []
    left = enough
    for place, weight in sorted(wanted, key=lambda each: -idf[each[0]]):
        left -= postings[place]
        if left < 0 and kept:
            break
        kept.append((place, weight))
    return kept


def find(asked: Asked, segment: Segment, allowed: Mask | None, limit: int) -> list[Scored]:
    """Return for each signal the rows of a segment that are best by it, and their scores."""
    vector = asked.query.vector
    headings = None if allowed is None else _headings_of(segment, allowed)
    weights, statistics = asked.weights, asked.statistics
    terms, others = asked.words.terms, asked.others
    words = _added(segment, segment.words, terms, asked.own, weights.words, statistics.words)
    with_others = (
        words + _added(segment, segment.words, terms, others, weights.words, statistics.words)
        if others
        else words
    )
    above = _added(
        segment,
        segment.heading_words,
        terms,
        asked.above,
        weights.heading_words,
        statistics.heading_words,
    )
    return [
        segment.vectors.search(vector, limit, allowed),
        _best(words, allowed, limit),
        _best(with_others, allowed, limit) if others else _NONE,
        _passages_under(segment, segment.heading_vectors.search(vector, limit, headings), allowed, limit),
        _passages_under(segment, _best(above, headings, limit), allowed, limit),
    ]


_NONE: Scored = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))


def _added(
    segment: Segment,
    postings: Postings,
    terms: Sequence[str],
    wanted: Sequence[Wanted],
    idf: NDArray[np.float64],
    average: float,
) -> NDArray[np.float32]:
    """Return the scores of all texts for the ``wanted`` places of ``terms``, by their weights."""
    scores = np.zeros(len(postings.lengths), dtype=np.float32)
    for place, weight in wanted:
        at = segment.terms.get(terms[place], -1)
        if at < 0:
            continue
        rows, counts = postings.of(at)
        # In single precision, as these only find candidates, which are scored again.
        often = counts.astype(np.float32)
        damping = postings.lengths[rows].astype(np.float32)
        damping *= np.float32(K1 * B / max(average, 1e-9))
        damping += often + np.float32(K1 * (1 - B))
        often *= np.float32(weight * idf[place])
        often /= damping
        scores[rows] += often
    return scores


def _best(scores: NDArray[np.float32], allowed: Mask | None, limit: int) -> Scored:
    there = scores > 0 if allowed is None else (scores > 0) & allowed
    rows = np.flatnonzero(there)
    own = scores[rows]
    if len(rows) > limit:
        best = np.argpartition(own, -limit)[-limit:]
        rows, own = rows[best], own[best]
    return rows, own


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


def _headings_of(segment: Segment, allowed: Mask) -> Mask:
    headings = np.zeros(len(segment.headings), dtype=np.bool_)
    headings[segment.heading_of[allowed]] = True
    return headings
