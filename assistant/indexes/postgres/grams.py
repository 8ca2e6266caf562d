"""Character n-grams: of passages that are scored again and again, and those of a question in its candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.scoring import SpacedTexts, counts_in, weighed

_SHORTEST, _LONGEST = 3, 5
_MOST_LETTERS = 100
"""Of so many different ones in a question a table of all three makes a megabyte or two."""

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
        letters = np.asarray(grams, dtype=f"<U{_LONGEST}").reshape(-1, 1).view(np.uint32)
        inside = np.arange(_LONGEST) < np.asarray([*map(len, grams)])[:, None]
        at = np.minimum(np.searchsorted(self._letters, letters), len(self._letters) - 1)
        known = (self._letters[at] == letters) | ~inside
        numbers = np.minimum(at + 1, (1 << self._bits) - 1)
        codes = np.zeros(len(grams), dtype=np.int64)
        for place in range(_LONGEST):
            codes = np.where(inside[:, place], codes << self._bits | numbers[:, place], codes)
        at = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        there = np.flatnonzero(known.all(axis=1) & (self._codes[at] == codes))
        starts[there], ends[there] = self._starts[at[there]], self._starts[at[there] + 1]
        return starts, ends


def counts_of(
    letters: NDArray[np.uint32], starts: NDArray[np.int64], asked: Sequence[str]
) -> NDArray[np.int64]:
    """Return how often each of the distinct n-grams ``asked`` stands in each text; shape (texts, len(asked)).

    The numbers are those of :func:`assistant.indexes.scoring.counts_in`. All texts are walked through at once, from
    each place down the tree of the n-grams' letters, as long as that goes on.

    Args:
        letters: the code points of all texts, each word of them between spaces.
        starts: where each text starts, and at the end where the last one ends.
        asked: none shorter than three letters.
    """
    size = len(starts) - 1
    numbers = {letter: at for at, letter in enumerate(sorted(set("".join(asked))), 1)}
    alphabet = len(numbers) + 1
    if not asked or alphabet > _MOST_LETTERS:
        texts = SpacedTexts(letters, starts, np.zeros(size, dtype=np.int64))
        return counts_in(texts, asked)
    own = np.asarray([ord(letter) for letter in numbers])
    table = np.zeros(max(int(own.max()), int(letters.max(initial=0))) + 1, dtype=np.uint8)
    table[own] = [*numbers.values()]
    small = table.take(letters)
    ways, ends = _tree(asked, numbers)
    # The first three letters in one step, for nearly every place ends there.
    last = max(len(small) - _SHORTEST + 1, 0)
    code = small[:last].astype(np.int32)
    for at in range(1, _SHORTEST):
        code *= alphabet
        code += small[at : at + last]
    nodes = ways[0].take(code)
    places = np.flatnonzero(nodes != 0)
    nodes = nodes[places]
    found: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for n, ending in enumerate(ends, _SHORTEST):
        if n > _SHORTEST:
            inside = places + n <= len(small)
            places, nodes = places[inside], nodes[inside]
            nodes = ways[n - _SHORTEST].take(nodes.astype(np.int32) * alphabet + small[places + n - 1])
            goes_on = np.flatnonzero(nodes != 0)
            places, nodes = places[goes_on], nodes[goes_on]
        grams = ending.take(nodes)
        ended = np.flatnonzero(grams >= 0)
        found.append((places[ended], grams[ended]))
    at_places, of_grams = (np.concatenate(each) for each in zip(*found, strict=True))
    rows = np.searchsorted(starts, at_places, side="right") - 1
    counts = np.bincount(rows * len(asked) + of_grams, minlength=size * len(asked))
    return counts.reshape(size, len(asked))


def _tree(
    asked: Sequence[str], numbers: Mapping[str, int]
) -> tuple[list[NDArray[np.int16]], list[NDArray[np.int64]]]:
    """Return the tree of n-grams by their letters, a level for each length from three on.

    Of each level the ways that lead to its nodes, by the node before and a letter (at first by three letters), 0 for
    no way; and for each node the place of the n-gram that ends there, -1 where none does.
    """
    alphabet = len(numbers) + 1
    ways: list[NDArray[np.int16]] = []
    ends: list[NDArray[np.int64]] = []
    before: dict[str, int] = {}
    for n in range(_SHORTEST, max(map(len, asked)) + 1):
        nodes = {start: at for at, start in enumerate(dict.fromkeys(g[:n] for g in asked if len(g) >= n), 1)}
        level = np.zeros(
            alphabet**_SHORTEST if n == _SHORTEST else (len(before) + 1) * alphabet, dtype=np.int16
        )
        ending = np.full(len(nodes) + 1, -1, dtype=np.int64)
        for start, node in nodes.items():
            code = 0
            for letter in start if n == _SHORTEST else start[-1]:
                code = code * alphabet + numbers[letter]
            level[code + (0 if n == _SHORTEST else before[start[:-1]] * alphabet)] = node
        for at, gram in enumerate(asked):
            if len(gram) == n:
                ending[nodes[gram]] = at
        ways.append(level)
        ends.append(ending)
        before = nodes
    return ways, ends


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
    for n in range(2, _LONGEST + 1):
        size = max(len(letters) - n + 1, 0)
        codes = (codes[:size] << bits) | letters[n - 1 :]
        if n >= _SHORTEST:
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
    if bits * _LONGEST + row_bits > 63:
        distinct, codes = np.unique(codes, return_inverse=True)
    keys, times = np.unique((codes << row_bits) | rows, return_counts=True)
    codes, rows = keys >> row_bits, keys & ((1 << row_bits) - 1)
    return (codes if distinct is None else distinct[codes]), rows, times
