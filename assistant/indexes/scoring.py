"""The word signals of given passages, from counts in them and statistics of the whole index.

For indexes that do not score every passage: they find candidates their own way and have them scored here, with
the numbers that :class:`~assistant.indexes.lexical.LexicalField` gives. BM25 is in Lucene's form (Kamphuis et
al. 2020, "Which BM25 Do You Mean?")::

    score = log(1 + (N - df + 1/2) / (df + 1/2)) * tf / (tf + K1 * (1 - B + B * length / average))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.base import SearchQuery
from assistant.indexes.ngrams import gram_counts
from assistant.text.danish import character_ngrams, terms

K1 = 1.2
B = 0.75

WORD_SIGNALS = ("terms", "terms_heading", "chars", "chars_heading", "synonyms")
"""The signals that :func:`word_signals` gives, in the order of its columns."""

BY_HEADING = 4
"""Of passages that match by their heading this part of the others is found: all under a heading match alike."""

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FieldStatistics:
    """What BM25 has to know of one field of a whole index.

    ``passages``: how many there are. ``average``: how many terms (or n-grams) the field of one has on average,
    repeated ones counted again. ``frequencies``: in how many passages a term stands; for the terms of the
    question is enough, and one that is not named stands in none.
    """

    passages: int
    average: float
    frequencies: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class AskedWords:
    """What is looked for: distinct terms and n-grams of a question, and how often it has each.

    ``terms`` are the question's own, with the number of times in ``times``, and after them those of its
    alternatives alone, with 0. ``alternatives`` gives for each its weight and the places of its terms.
    """

    terms: tuple[str, ...]
    times: Counts
    grams: tuple[str, ...]
    gram_times: Counts
    alternatives: tuple[tuple[float, tuple[int, ...]], ...]

    @classmethod
    def of(cls, query: SearchQuery, known: Collection[str]) -> AskedWords:
        """Take a question apart; ``known`` are the stems that compounds are split by."""
        own = Counter(terms(query.text, known))
        others = (term for each in query.alternatives for term in each.terms)
        distinct = tuple(dict.fromkeys([*own, *others]))
        place = {term: at for at, term in enumerate(distinct)}
        grams = Counter(character_ngrams(query.text))
        return cls(
            distinct,
            np.asarray([own[term] for term in distinct], dtype=np.int64),
            tuple(grams),
            np.asarray(list(grams.values()), dtype=np.int64),
            tuple((each.weight, tuple(place[term] for term in each.terms)) for each in query.alternatives),
        )


def word_signals(
    asked: AskedWords,
    texts: Sequence[str],
    headings: Sequence[str],
    known: Collection[str],
    statistics: Mapping[str, FieldStatistics],
) -> NDArray[np.float32]:
    """Return the word signals of passages; shape (len(texts), len(WORD_SIGNALS)).

    Args:
        asked: what is looked for.
        texts: what is searched of each passage; see :func:`assistant.indexes.local.searched_text`.
        headings: what stands above each; see :func:`assistant.indexes.local.heading_text`.
        known: the stems that compounds are split by.
        statistics: of the fields "terms", "terms_heading", "chars" and "chars_heading".
    """
    of_texts = matches(*term_counts(texts, asked.terms, known), asked.terms, statistics["terms"])
    of_headings = matches(
        *term_counts(headings, asked.terms, known), asked.terms, statistics["terms_heading"]
    )
    chars = matches(*gram_counts(texts, asked.grams), asked.grams, statistics["chars"])
    chars_heading = matches(*gram_counts(headings, asked.grams), asked.grams, statistics["chars_heading"])
    columns = (
        of_texts @ asked.times,
        of_headings @ asked.times,
        chars @ asked.gram_times,
        chars_heading @ asked.gram_times,
        with_alternatives(of_texts, asked),
    )
    return np.column_stack(columns).astype(np.float32)


def matches(counts: Counts, lengths: Counts, asked: Sequence[str], statistics: FieldStatistics) -> Floats:
    """Return what each term adds to the BM25 score of each passage; shape (n, len(asked)).

    Args:
        counts: how often each term stands in each passage, shape (n, len(asked)).
        lengths: how many terms each passage has, shape (n,).
        asked: the terms.
        statistics: of the field.
    """
    frequencies = np.asarray([statistics.frequencies.get(term, 0) for term in asked], dtype=np.float64)
    return weighed(
        counts, lengths[:, None], inverse_frequencies(frequencies, statistics.passages), statistics.average
    )


def inverse_frequencies(frequencies: Floats, passages: int) -> Floats:
    """Return the inverse document frequency of terms, 0 for one that stands nowhere; same shape."""
    idf = np.log1p((passages - frequencies + 0.5) / (frequencies + 0.5))
    return np.where(frequencies > 0, idf, 0.0)


def weighed(counts: Counts, lengths: NDArray[Any], idf: Floats, average: float) -> Floats:
    """Return the BM25 score of each count; the arrays are broadcast against each other."""
    return idf * counts / (counts + K1 * (1 - B + B * lengths / max(average, 1e-9)))


def with_alternatives(matched: Floats, asked: AskedWords) -> Floats:
    """Return the score with synonyms: each word's best alternative counts by its weight; shape (n,)."""
    total: Floats = matched @ asked.times
    for weight, places in asked.alternatives:
        if places:
            total = total + weight * matched[:, list(places)].max(axis=1)
    return total


def term_counts(texts: Sequence[str], asked: Sequence[str], known: Collection[str]) -> tuple[Counts, Counts]:
    """Return how often each term stands in each text, shape (n, len(asked)), and all its terms, shape (n,)."""
    place = {term: at for at, term in enumerate(asked)}
    counts = np.zeros((len(texts), len(asked)), dtype=np.int64)
    lengths = np.zeros(len(texts), dtype=np.int64)
    for row, text in enumerate(texts):
        found = terms(text, known)
        lengths[row] = len(found)
        for term in found:
            if term in place:
                counts[row, place[term]] += 1
    return counts, lengths
