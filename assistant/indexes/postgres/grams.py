"""Character n-grams of passages that are scored again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.ngrams import LONGEST, SHORTEST, SpacedTexts
from assistant.indexes.scoring import weighed

_MOST_BITS = 12
"""So that five letters fit into a whole number; of more than 4,095 different letters the last share a code."""


class GramPostings:
    """In which texts each n-gram stands, and what it counts there; row i belongs to text i."""

    def __init__(self, plain: Sequence[str], average: float | None) -> None:
        """Index texts; ``average`` is how many n-grams one has, ``None`` where these are all there are."""
        texts = SpacedTexts.of(plain)
        self.lengths = texts.lengths
        self._size = len(texts)
        distinct = np.unique(texts.letters)
        bits = min(len(distinct).bit_length(), _MOST_BITS)
        self._bits = bits
        self._letters = distinct
        letters = np.minimum(np.searchsorted(distinct, texts.letters) + 1, (1 << bits) - 1)
        row_of = np.repeat(np.arange(self._size), np.diff(texts.starts))
        codes, rows = _grams(letters.astype(np.int64), texts.letters == ord(" "), row_of, bits)
        codes, rows, times = _counted(codes, rows, self._size, bits)
        first = np.flatnonzero(np.diff(codes, prepend=-1))
        self._codes = codes[first]
        self._starts = np.append(first, len(codes))
        self._rows = rows
        self._share = weighed(times, texts.lengths[rows], np.ones(1), _mean(texts.lengths, average))

    def frequencies(self, grams: Sequence[str]) -> list[int]:
        """Return in how many of the texts each n-gram stands."""
        starts, ends = self._found(grams)
        return [int(n) for n in ends - starts]

    def scores(self, grams: Sequence[str], weights: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the BM25 score of every text, each n-gram counting ``weights`` times; shape (n,)."""
        starts, ends = self._found(grams)
        many = ends - starts
        at = np.arange(many.sum()) + np.repeat(starts - np.cumsum(many) + many, many)
        shares = self._share[at] * np.repeat(weights, many)
        return np.bincount(self._rows[at], weights=shares, minlength=self._size).astype(np.float32)

    def _found(self, grams: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where the entries of each n-gram start and end."""
        starts, ends = np.zeros(len(grams), dtype=np.int64), np.zeros(len(grams), dtype=np.int64)
        if not len(self._codes) or not grams:
            return starts, ends
        letters = np.asarray(grams, dtype=f"<U{LONGEST}").reshape(-1, 1).view(np.uint32)
        inside = np.arange(LONGEST) < np.asarray([*map(len, grams)])[:, None]
        at = np.minimum(np.searchsorted(self._letters, letters), len(self._letters) - 1)
        known = (self._letters[at] == letters) | ~inside
        numbers = np.minimum(at + 1, (1 << self._bits) - 1)
        codes = np.zeros(len(grams), dtype=np.int64)
        for place in range(LONGEST):
            codes = np.where(inside[:, place], codes << self._bits | numbers[:, place], codes)
        at = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        there = np.flatnonzero(known.all(axis=1) & (self._codes[at] == codes))
        starts[there], ends[there] = self._starts[at[there]], self._starts[at[there] + 1]
        return starts, ends


def _mean(lengths: NDArray[np.int64], average: float | None) -> float:
    if average is not None:
        return average
    return float(lengths.mean()) if len(lengths) else 0.0


def _grams(
    letters: NDArray[np.int64], spaces: NDArray[np.bool_], row_of: NDArray[np.int64], bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return every stretch of 3 to 5 letters with no space inside, and the text it stands in."""
    codes = letters
    whole = np.ones(len(letters), dtype=np.bool_)
    found: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for n in range(2, LONGEST + 1):
        size = max(len(letters) - n + 1, 0)
        codes = (codes[:size] << bits) | letters[n - 1 :]
        if n >= SHORTEST:
            whole = whole[:size] & ~spaces[n - 2 : n - 2 + size]
            found.append((codes[whole], row_of[:size][whole]))
    all_codes, all_rows = zip(*found, strict=True)
    return np.concatenate(all_codes), np.concatenate(all_rows)


def _counted(
    codes: NDArray[np.int64], rows: NDArray[np.int64], size: int, bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any]]:
    """Return each code with each of its rows once, in order, and how often it stands there."""
    row_bits = max(size - 1, 1).bit_length()
    distinct: NDArray[np.int64] | None = None
    if bits * LONGEST + row_bits > 63:
        distinct, codes = np.unique(codes, return_inverse=True)
    keys, times = np.unique((codes << row_bits) | rows, return_counts=True)
    codes, rows = keys >> row_bits, keys & ((1 << row_bits) - 1)
    return (codes if distinct is None else distinct[codes]), rows, times
