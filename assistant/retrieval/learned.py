"""What known questions teach: which passages answer a question, or that none does, by kernel ridge regression.

Each answer is regressed on how alike questions are (Saunders, Gammerman and Vovk 1998, "Ridge Regression Learning
Algorithm in Dual Variables")::

    weights = (K + RIDGE * I)^-1 @ Y            K: (n, n), Y: (n, answers)
    scores = k @ weights                        k: (n,), of a new question

Two questions are alike in what they mean, by the square of their whitened cosine where that is positive, and in
their words, by the cosine of their tf-idf vectors. The nearest known question may be about something else that
is told in the same way; here it is learnt what tells them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.runs import starts_of
from assistant.retrieval.expanded import known_terms

RIDGE = 1.0

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Wordings:
    """The words of ``size`` questions as postings of their tf-idf vectors, which have unit length.

    ``parts[starts[i]:starts[i + 1]]`` is what term ``terms[i]``, ascending, gives to the vectors of ``questions`` in
    the same place. ``rarity``: inverse document frequencies, shape (len(terms),), and last that of a new term.
    """

    size: int
    terms: NDArray[np.uint32]
    starts: NDArray[np.int64]
    questions: NDArray[np.int64]
    parts: Floats
    rarity: Floats

    @classmethod
    def of(cls, terms: NDArray[np.uint32], term_starts: NDArray[np.int64]) -> Wordings:
        """Index questions; ``terms[term_starts[i]:term_starts[i + 1]]`` are the keys of those of question i."""
        size = len(term_starts) - 1
        distinct, word = np.unique(terms, return_inverse=True)
        pairs = np.unique(word * max(size, 1) + np.repeat(np.arange(size), np.diff(term_starts)))
        word, question = np.divmod(pairs, max(size, 1))
        frequencies = np.bincount(word, minlength=len(distinct))
        rarity = np.log1p(size / np.maximum(np.append(frequencies, 1), 1)).astype(np.float32)
        parts = rarity[word]
        lengths = np.sqrt(np.bincount(question, weights=parts**2, minlength=size))
        parts = (parts / np.maximum(lengths, 1e-9)[question]).astype(np.float32)
        return cls(size, distinct, starts_of(frequencies), question, parts, rarity)

    def among_themselves(self) -> Floats:
        """Return the cosines of all questions with each other; shape (size, size)."""
        found = np.zeros((self.size, self.size), dtype=np.float32)
        for begin, end in zip(self.starts[:-1], self.starts[1:], strict=True):
            questions, parts = self.questions[begin:end], self.parts[begin:end]
            found[np.ix_(questions, questions)] += np.outer(parts, parts)
        return found


class LearnedWords:
    """What the words of a question give to the scores: of ``k @ weights``, the part of ``k`` that is by words.

    That is linear in the words, so each gives the same whatever else is asked; it is worked out when first asked for.
    """

    def __init__(self, wordings: Wordings, weights: Floats) -> None:
        """Take the ``weights`` of the known questions, shape (n, answers), and their ``wordings``."""
        self._wordings, self._weights = wordings, weights
        self._of: dict[int, Floats] = {}

    def scores(self, asked: Sequence[int]) -> Floats:
        """Return what the terms ``asked`` give to each answer; shape (answers,)."""
        known = self._wordings
        at = known_terms(known.terms, sorted(set(asked)))
        own = known.rarity[at]  # the last one for a new term
        there = at >= 0
        given = [self._given(place) for place in at[there].tolist()]
        if not given:
            return np.zeros(self._weights.shape[1], dtype=np.float32)
        return np.asarray(own[there] @ np.stack(given) / max(float(own @ own), 1e-9) ** 0.5, dtype=np.float32)

    def _given(self, place: int) -> Floats:
        if place not in self._of:
            known = self._wordings
            held = slice(known.starts[place], known.starts[place + 1])
            self._of[place] = known.parts[held] @ self._weights[known.questions[held]]
        return self._of[place]


def likeness(meaning: Floats) -> Floats:
    """Return how alike questions are in what they mean, by their whitened cosines; same shape."""
    positive = np.maximum(meaning, np.float32(0))
    return positive * positive


def learn(alike: Floats, answers: Floats) -> Floats:
    """Return the weights of the known questions; shape (n, number of answers).

    Args:
        alike: :func:`likeness` and :meth:`Wordings.among_themselves` together, shape (n, n).
        answers: the share that each answer has in a question, shape (n, number of answers).
    """
    ridge = alike + RIDGE * np.eye(len(alike), dtype=np.float32)
    return np.linalg.solve(ridge, answers).astype(np.float32)
