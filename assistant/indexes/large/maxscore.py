"""The best rows of a segment by words, without reading every word: MaxScore.

Words are read from the rarest on. Once those that are left could not lift a row that has none of the others to the
best ones, they are only looked up in the rows that have, the best of them (Turtle and Flood 1995, "Query Evaluation:
Strategies and Optimizations"). What stands in every second passage is so not read at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.large.words import Postings
from assistant.indexes.scoring import K1, B

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
Scores = NDArray[np.float32]
Scored = tuple[Rows, Scores]
Term = tuple[int, float]
"""The number of a term, and what it weighs: more than it can add to a score."""

ENOUGH_PER_ROW = 3.0
"""So many postings are read for each row of a segment, where words are so frequent that it does not come to an end."""

_FEW = 20_000
"""So many postings are read sooner than it is found out whether they must be."""

_LOOKED_UP = 500
"""In so many of the rows that may be among the best, or twice as many as are wanted, the words that were not read are
looked up. Of 200 rows that were wanted of a million, 199.9 were found so, and all of the first 20."""

_STEP = 16


class Ranked:
    """The rows of a segment by some words, as far as these are read."""

    def __init__(
        self,
        postings: Postings,
        words: Iterable[Term],
        average: float,
        limit: int,
        allowed: Mask | None = None,
    ) -> None:
        """Read ``words``, from the heaviest on.

        Args:
            postings: of the words.
            words: that are asked for.
            average: how many terms a text of the index has on average.
            limit: so many rows are wanted, and their scores are the best there are.
            allowed: the rows that may be found, all of them where it is left out.
        """
        self._postings = postings
        self._average = average
        self._limit = limit
        self._allowed = allowed
        self._scores = np.zeros(len(postings.lengths), dtype=np.float32)
        self._left = self._ordered(words)
        self._least: float | None = None  # of the best scores, once it is known
        self._read()

    def with_words(self, words: Iterable[Term]) -> Ranked:
        """Return the rows by ``words`` too; what was read already is not read again."""
        more = copy(self)
        more._scores = self._scores.copy()
        more._left = self._ordered([*self._left, *words])
        more._read()
        return more

    def best(self) -> Scored:
        """Return the best rows, as many as are wanted, and their scores."""
        rest = sum(weight for _, weight in self._left)
        rows = np.flatnonzero(self._scores > max(self._least_of_best() - rest, 0.0))
        own = self._scores[rows]
        if self._left:
            rows, own = _cut(rows, own, max(_LOOKED_UP, 2 * self._limit))
            wanted = rows.astype(np.int32)
            for term, weight in self._left:
                found, counts = self._postings.of(term)
                at = np.minimum(np.searchsorted(found, wanted), len(found) - 1)
                there = np.flatnonzero(found[at] == wanted)
                own[there] += self._added(wanted[there], counts[at[there]], weight)
        return _cut(rows, own, self._limit)

    def _read(self) -> None:
        """Read words until those that are left cannot bring up other rows."""
        room = ENOUGH_PER_ROW * len(self._scores)
        rest = sum(weight for _, weight in self._left)
        while self._left:
            term, weight = self._left[0]
            many = self._postings.frequency(term)
            if many > _FEW and (many > room or self._scores.max() > rest > 0):
                if many > room and self._scores.any():
                    break
                if self._least_of_best() > rest:
                    break
            room, rest = room - many, rest - weight
            rows, counts = self._postings.of(term)
            self._scores[rows] += self._added(rows, counts, weight)
            if self._allowed is not None:
                self._scores[~self._allowed] = 0
            self._least = None
            del self._left[0]

    def _ordered(self, words: Iterable[Term]) -> list[Term]:
        """Return the heaviest first, without those that stand nowhere here."""
        return sorted(
            (word for word in words if self._postings.frequency(word[0])), key=lambda word: -word[1]
        )

    def _least_of_best(self) -> float:
        if self._least is None:
            self._least = _lowest_of_best(self._scores, self._limit)
        return self._least

    def _added(self, rows: NDArray[Any], counts: NDArray[np.uint8], weight: float) -> Scores:
        # In single precision, as these only find candidates, which are scored again.
        often = counts.astype(np.float32)
        damping = self._postings.lengths[rows].astype(np.float32)
        damping *= np.float32(K1 * B / max(self._average, 1e-9))
        damping += often + np.float32(K1 * (1 - B))
        often *= np.float32(weight)
        often /= damping
        return often


def _lowest_of_best(scores: Scores, limit: int) -> float:
    """Return the lowest of the ``limit`` best scores, 0 where there are fewer."""
    if len(scores) > _STEP * limit:
        # Most rows lie below what a sixteenth of them tells; if too many do, all are looked through.
        few = 3 * limit // _STEP
        bound = np.partition(scores[::_STEP], -few)[-few] if few else np.float32(0)
        above = scores[scores > bound]
        if bound > 0 and len(above) >= limit:
            return float(np.partition(above, -limit)[-limit])
    above = scores[scores > 0]
    return float(np.partition(above, -limit)[-limit]) if len(above) >= limit else 0.0


def _cut(rows: Rows, scores: Scores, limit: int) -> Scored:
    if len(rows) <= limit:
        return rows, scores
    best = np.sort(np.argpartition(scores, -limit)[-limit:])
    return rows[best], scores[best]
