"""Words that are written almost like another: what a misspelt word of a question may stand for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from functools import cached_property

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

_MIN_RESPELLED = 5
_LONG_WORD = 8
_FOLDED = str.maketrans({"å": "a", "ø": "o", "æ": "a", "é": "e", "ö": "o", "ä": "a"})


class Spelling:
    """The index terms by their length, each as somebody without Danish letters would write it.

    Made once for an index: at the first word that it does not have, all its terms are gone through.
    """

    def __init__(self, known: Collection[str]) -> None:
        """Know the terms of ``known``, which must not change."""
        self._known = known

    def near(self, own: str) -> tuple[str, ...]:
        """Return the terms that ``own`` may be a misspelling of, in the order of the index."""
        folded = _fold_letters(own)
        if len(folded) < _MIN_RESPELLED - 1:
            return ()
        # Short words are only read as written on a keyboard without Danish letters.
        limit = (0 if len(folded) < _MIN_RESPELLED else 1) if len(folded) < _LONG_WORD else 2
        lengths, places, terms, written = self._by_length
        start = bisect_left(lengths, max(len(folded) - limit - 1, _MIN_RESPELLED - 1))
        end = bisect_left(lengths, len(folded) + limit + 2)
        if start >= end:
            return ()
        # Optimal string alignment: one letter more, less or other, or two neighbours swapped, is one step.
        steps = cdist([folded], written[start:end], scorer=OSA.distance, score_cutoff=limit, dtype=np.uint8)[
            0
        ]
        found = [start + int(i) for i in np.flatnonzero(steps <= limit)]
        return tuple(terms[i] for i in sorted(found, key=places.__getitem__))

    @cached_property
    def _by_length(self) -> tuple[list[int], list[int], list[str], list[str]]:
        """Lengths in rising order, and of each term its place in the index, itself and how it is written."""
        ordered = sorted((len(term), place, term) for place, term in enumerate(self._known))
        return (
            [length for length, _, _ in ordered],
            [place for _, place, _ in ordered],
            [term for _, _, term in ordered],
            [_fold_letters(term) for _, _, term in ordered],
        )


def _fold_letters(word: str) -> str:
    # People without a Danish keyboard write aa, oe and ae.
    return word.replace("aa", "å").replace("oe", "ø").replace("ae", "æ").translate(_FOLDED)
