"""Words that are written almost like another: what a misspelt word of a question may stand for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

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
        lengths, places, terms, written, letters = self._by_length
        start = bisect_left(lengths, max(len(folded) - limit - 1, _MIN_RESPELLED - 1))
        end = bisect_left(lengths, len(folded) + limit + 2)
        if start >= end:
            return ()
        # A step adds or takes away two letters at most: so most terms need not be compared letter by letter.
        apart = np.bitwise_count(letters[start:end] ^ _letters_in(folded))
        near = (start + np.flatnonzero(apart <= 2 * limit)).tolist()
        # Optimal string alignment: one letter more, less or other, or two neighbours swapped, is one step.
        found = [i for i in near if OSA.distance(folded, written[i], score_cutoff=limit) <= limit]
        return tuple(terms[i] for i in sorted(found, key=places.__getitem__))

    @cached_property
    def _by_length(self) -> tuple[list[int], list[int], list[str], list[str], NDArray[np.uint32]]:
        """Lengths in rising order, and of each term its place in the index, itself, how it is written, its letters."""
        known = list(self._known)
        of_known = np.fromiter(map(len, known), dtype=np.int64, count=len(known))
        places = np.argsort(of_known, kind="stable")
        terms = [known[place] for place in places.tolist()]
        # All at once: nothing that is folded reaches beyond a line, and no term has two.
        written = _fold_letters("\n".join(terms)).split("\n")
        return of_known[places].tolist(), places.tolist(), terms, written, _letters_of(written)


def _letters_in(text: str) -> np.uint32:
    """Return what :func:`_letters_of` gives for one text."""
    bits = 1
    for letter in text:
        bits |= 1 << (ord(letter) & 31)
    return np.uint32(bits)


def _letters_of(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Return which letters each text has, as bits; letters 32 apart in Unicode share one. Shape (len(texts),)."""
    if not texts:
        return np.zeros(0, dtype=np.uint32)
    # Each text ends in a letter of its own, so that none is empty; it is the same in all of them.
    whole = np.frombuffer("`".join([*texts, ""]).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    starts = np.cumsum([0, *(len(text) + 1 for text in texts[:-1])])
    return np.bitwise_or.reduceat(np.uint32(1) << (whole & np.uint32(31)), starts)


def _fold_letters(word: str) -> str:
    # People without a Danish keyboard write aa, oe and ae.
    return word.replace("aa", "å").replace("oe", "ø").replace("ae", "æ").translate(_FOLDED)
