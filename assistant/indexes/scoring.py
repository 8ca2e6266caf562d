"""What words score, for indexes that do not score every passage: they find candidates and score those.

The numbers are those that :class:`~assistant.indexes.lexical.LexicalField` gives. BM25 is in Lucene's form (Kamphuis
et al. 2020, "Which BM25 Do You Mean?")::

    score = log(1 + (N - df + 1/2) / (df + 1/2)) * tf / (tf + K1 * (1 - B + B * length / average))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.base import SearchQuery
from assistant.text.danish import character_ngrams, terms

K1 = 1.2
B = 0.75

BY_HEADING = 4
"""Of passages that match by their heading this part of the others is found: all under a heading match alike."""

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


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
