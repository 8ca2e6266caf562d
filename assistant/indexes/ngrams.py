"""Character n-grams: how often those of a question stand in texts, all texts counted at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

SHORTEST, LONGEST = 3, 5
"""The lengths of the n-grams that are counted, in letters."""

_MOST_LETTERS = 100
"""Of so many different ones in a question a table of all three makes a megabyte or two."""


@dataclass(frozen=True, slots=True)
class SpacedTexts:
    """Texts as the characters of their words, one after the other, each word between spaces.

    ``letters[starts[i]:starts[i + 1]]`` are the code points of text i, ``lengths[i]`` is how many n-grams it has.
    """

    letters: NDArray[np.uint32]
    starts: Counts
    lengths: Counts

    @classmethod
    def of(cls, texts: Sequence[str]) -> SpacedTexts:
        """Take ``texts`` apart."""
        # All at once, as the words that :func:`assistant.text.danish.words` finds in each.
        whole = "".join([f"{_BEGINNING}{text.replace(_BEGINNING, ' ')}\n" for text in texts])
        whole = unicodedata.normalize("NFC", whole).lower()
        letters = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        inside = _in_words(letters)
        kept = inside | (letters == ord(_BEGINNING))
        kept[1:] |= inside[:-1]
        letters = letters[kept]
        starts = np.append(np.flatnonzero(letters == ord(_BEGINNING)), len(letters)).astype(np.int64)
        spaces = ~inside[kept]
        letters[spaces] = ord(" ")
        before = np.concatenate([[0], np.cumsum(spaces)])
        number = np.diff(before[starts]) - 1
        # A word of n letters has 3n - 3 n-grams of 3 to 5 characters, but one of one letter has 1.
        within = np.diff(starts) - 1 - number
        lengths = np.where(number, 3 * within - 3 * number + _single(letters, starts), 0)
        return cls(letters, starts, lengths)

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.lengths)


def gram_counts(texts: Sequence[str], asked: Sequence[str]) -> tuple[Counts, Counts]:
    """Return how often each character n-gram stands in each text, and how many n-grams that has.

    Shapes (n, len(asked)) and (n,).

    Args:
        texts: any texts.
        asked: distinct n-grams as :func:`~assistant.text.danish.character_ngrams` gives them.
    """
    spaced = SpacedTexts.of(texts)
    return counts_in(spaced.letters, spaced.starts, asked), spaced.lengths


def counts_in(
    letters: NDArray[np.uint32], starts: NDArray[np.int64], asked: Sequence[str]
) -> NDArray[np.int64]:
    """Return how often each of the distinct n-grams ``asked`` stands in each text; shape (texts, len(asked)).

    All texts are walked through at once, from each place down the tree of the n-grams' letters, as long as that goes
    on.

    Args:
        letters: the code points of all texts, each word of them between spaces.
        starts: where each text starts, and at the end where the last one ends.
        asked: none shorter than three letters.
    """
    size = len(starts) - 1
    if not asked or not size:
        return np.zeros((size, len(asked)), dtype=np.int64)
    numbers = {letter: at for at, letter in enumerate(sorted(set("".join(asked))), 1)}
    alphabet = len(numbers) + 1
    if alphabet > _MOST_LETTERS:
        return _counts_by_codes(letters, starts, asked)
    own = np.asarray([ord(letter) for letter in numbers])
    table = np.zeros(max(int(own.max()), int(letters.max(initial=0))) + 1, dtype=np.uint8)
    table[own] = [*numbers.values()]
    small = table.take(letters)
    ways, ends = _tree(asked, numbers)
    # The first three letters in one step, for nearly every place ends there.
    last = max(len(small) - SHORTEST + 1, 0)
    code = small[:last].astype(np.int32)
    for at in range(1, SHORTEST):
        code *= alphabet
        code += small[at : at + last]
    nodes = ways[0].take(code)
    places = np.flatnonzero(nodes != 0)
    nodes = nodes[places]
    found: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for n, ending in enumerate(ends, SHORTEST):
        if n > SHORTEST:
            inside = places + n <= len(small)
            places, nodes = places[inside], nodes[inside]
            nodes = ways[n - SHORTEST].take(nodes.astype(np.int32) * alphabet + small[places + n - 1])
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
    for n in range(SHORTEST, max(map(len, asked)) + 1):
        nodes = {start: at for at, start in enumerate(dict.fromkeys(g[:n] for g in asked if len(g) >= n), 1)}
        level = np.zeros(
            alphabet**SHORTEST if n == SHORTEST else (len(before) + 1) * alphabet, dtype=np.int16
        )
        ending = np.full(len(nodes) + 1, -1, dtype=np.int64)
        for start, node in nodes.items():
            code = 0
            for letter in start if n == SHORTEST else start[-1]:
                code = code * alphabet + numbers[letter]
            level[code + (0 if n == SHORTEST else before[start[:-1]] * alphabet)] = node
        for at, gram in enumerate(asked):
            if len(gram) == n:
                ending[nodes[gram]] = at
        ways.append(level)
        ends.append(ending)
        before = nodes
    return ways, ends


def _counts_by_codes(letters: NDArray[np.uint32], starts: Counts, asked: Sequence[str]) -> Counts:
    """Return what :func:`counts_in` does; slower, but in little memory however many letters there are.

    All texts are searched as one array of characters, of which those that are not in any of ``asked`` are all alike.
    """
    counts = np.zeros((len(starts) - 1, len(asked)), dtype=np.int64)
    numbers = {letter: at for at, letter in enumerate(sorted(set("".join(asked))), 1)}
    bits = len(numbers).bit_length()
    own = np.asarray([ord(letter) for letter in numbers])
    last = max(int(own.max()), int(letters.max(initial=0)))
    table = np.zeros(last + 1, dtype=np.uint8 if bits <= 8 else np.uint32)
    table[own] = list(numbers.values())
    own_letters: NDArray[Any] = table.take(letters)
    row_of = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    shortest, longest = min(map(len, asked)), max(map(len, asked))
    size = max(len(own_letters) - shortest + 1, 0)
    codes: NDArray[Any] = np.zeros(size, dtype=np.int64 if bits * shortest > 31 else np.int32)
    for begin in range(shortest):
        codes <<= bits
        codes |= own_letters[begin : begin + size]
    places: Counts | None = None  # all of them
    for n in range(shortest, longest + 1):
        if places is not None:
            inside = places + n <= len(own_letters)
            places, codes = places[inside], codes[inside]
            codes = (codes.astype(np.int64) << bits) | own_letters[places + n - 1]
        # Only where n letters begin one of them can more letters do so.
        beginning = _codes([gram[:n] for gram in asked if len(gram) >= n], numbers, bits)
        there = np.flatnonzero(_is_in(codes, beginning, bits * n))
        places, codes = there if places is None else places[there], codes[there]
        of_length = [at for at, gram in enumerate(asked) if len(gram) == n]
        if of_length:
            wanted = _codes([asked[at] for at in of_length], numbers, bits)
            order = np.argsort(wanted)
            ascending = wanted[order].astype(codes.dtype)
            nearest = np.minimum(np.searchsorted(ascending, codes), len(wanted) - 1)
            hit = np.flatnonzero(ascending[nearest] == codes)
            grams = np.asarray(of_length)[order[nearest[hit]]]
            flat = row_of[places[hit]] * len(asked) + grams
            counts += np.bincount(flat, minlength=counts.size).reshape(counts.shape)
    return counts


_BEGINNING = "\x1e"
"""Stands before each text; belongs to no word."""

_PLANE = 0x10000


@lru_cache(maxsize=1)
def _word_letters() -> NDArray[np.bool_]:
    """Return which of the first 65,536 characters words are made of; the letters and digits."""
    return np.fromiter((chr(code).isalnum() for code in range(_PLANE)), np.bool_, _PLANE)


def _in_words(letters: NDArray[np.uint32]) -> NDArray[np.bool_]:
    inside = _word_letters()[np.minimum(letters, _PLANE - 1)]
    rare = np.flatnonzero(letters >= _PLANE)
    inside[rare] = [chr(code).isalnum() for code in letters[rare].tolist()]
    return inside


def _single(letters: NDArray[np.uint32], starts: Counts) -> Counts:
    """Return how many words of one letter each text has."""
    spaces = letters == ord(" ")
    alone = np.zeros(len(letters) + 1, dtype=np.int64)
    alone[3:] = np.cumsum(spaces[:-2] & ~spaces[1:-1] & spaces[2:])
    return np.diff(alone[starts])


_TABLE_BITS = 20


def _is_in(codes: NDArray[Any], wanted: Counts, bits: int) -> NDArray[np.bool_]:
    if bits > _TABLE_BITS:
        return np.isin(codes, wanted)
    table = np.zeros(1 << bits, dtype=np.bool_)
    table[wanted] = True
    found: NDArray[np.bool_] = table.take(codes)
    return found


def _codes(grams: Sequence[str], numbers: Mapping[str, int], bits: int) -> Counts:
    codes = np.zeros(len(grams), dtype=np.int64)
    for row, gram in enumerate(grams):
        value = 0
        for letter in gram:
            value = (value << bits) | numbers[letter]
        codes[row] = value
    return codes
