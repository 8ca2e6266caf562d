"""Passages expanded by the questions that they answer, and scored by those words.

Document expansion by queries (Nogueira et al. 2019, "Document Expansion by Query Prediction"), but with questions
that were judged rather than predicted: whoever asks in the words of an earlier question finds what answered that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.runs import places_in, starts_of
from assistant.indexes.scoring import inverse_frequencies, weighed


@dataclass(frozen=True)
class ExpandedPassages:
    """BM25 over what was asked of each passage, as postings.

    ``scored[starts[i]:starts[i + 1]]`` is what term ``terms[i]``, ascending, adds to the passages in the same place
    of ``columns``.
    """

    size: int
    terms: NDArray[np.uint32]
    starts: NDArray[np.int64]
    columns: NDArray[np.int64]
    scored: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        terms: NDArray[np.uint32],
        term_starts: NDArray[np.int64],
        answered: NDArray[np.int64],
        column: NDArray[np.int64],
        size: int,
    ) -> ExpandedPassages:
        """Index ``size`` passages.

        Args:
            terms: keys of the terms of all questions, one question after the other.
            term_starts: ``terms[term_starts[i]:term_starts[i + 1]]`` are those of question i, shape (n + 1,).
            answered: how many passages answer each question, shape (n,).
            column: the passages that answer them, one question after the other, shape (sum of ``answered``,).
            size: the number of passages.
        """
        question = np.repeat(np.arange(len(answered)), answered)
        lengths = np.diff(term_starts)[question]
        spoken = terms[places_in(term_starts[:-1][question], lengths)]
        distinct, word = np.unique(spoken, return_inverse=True)
        pairs, counts = np.unique(word * size + np.repeat(column, lengths), return_counts=True)
        word, place = np.divmod(pairs, max(size, 1))
        frequencies = np.bincount(word, minlength=len(distinct))
        total = np.bincount(place, weights=counts, minlength=size)
        idf = inverse_frequencies(frequencies.astype(np.float64), size)
        scored = weighed(counts, total[place], idf[word], float(total.mean()) if size else 0.0)
        return cls(size, distinct, starts_of(frequencies), place, scored)

    def scores(self, asked: Sequence[int]) -> NDArray[np.float64]:
        """Return the score of every passage; shape (size,). A repeated term counts again."""
        at = known_terms(self.terms, asked)
        there = at[at >= 0]
        here = places_in(self.starts[there], self.starts[there + 1] - self.starts[there])
        total = np.bincount(self.columns[here], self.scored[here], minlength=self.size)
        return total.astype(np.float64)  # NumPy counts in whole numbers where there is nothing


def known_terms(terms: NDArray[np.uint32], asked: Sequence[int]) -> NDArray[np.int64]:
    """Return where each of ``asked`` stands in ``terms``, which ascend, -1 where it does not; shape (len(asked),)."""
    wanted = np.asarray(asked, dtype=np.uint32)
    if not len(terms):
        return np.full(len(wanted), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(terms, wanted), len(terms) - 1)
    return np.where(terms[at] == wanted, at, -1)


def term_keys(terms: Iterable[str]) -> list[int]:
    """Return a key of each of ``terms``."""
    return [crc32(term.encode("utf-8", "surrogatepass")) for term in terms]
