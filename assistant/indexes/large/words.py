"""Words of many texts as postings: for each term the texts in which it stands, and how often.

Every distinct word is taken apart once, however often it stands; the rest is arithmetic on arrays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.runs import places_in
from assistant.text.danish import MIN_PART, stem, terms, words

_CHUNK = 20_000
_MOST = 255


@dataclass(frozen=True, slots=True)
class Postings:
    """``rows[starts[t]:starts[t + 1]]`` are the texts with term t, ascending, ``counts`` how often each has it.

    ``lengths`` is how many terms each text has, repeated ones counted again.
    """

    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    counts: NDArray[np.uint8]
    lengths: NDArray[np.int32]

    def of(self, term: int) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Return the texts with a term, and how often it stands there."""
        where = slice(self.starts[term], self.starts[term + 1])
        return self.rows[where], self.counts[where]

    def frequency(self, term: int) -> int:
        """Return in how many texts a term stands."""
        return int(self.starts[term + 1] - self.starts[term])

    def in_rows(self, term: int, rows: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return how often a term stands in each of ``rows``; same shape."""
        there, counts = self.of(term)
        if not len(there):
            return np.zeros(len(rows), dtype=np.int64)
        at = np.minimum(np.searchsorted(there, rows), len(there) - 1)
        found: NDArray[np.int64] = np.where(there[at] == rows, counts[at], 0).astype(np.int64)
        return found


@dataclass(frozen=True, slots=True)
class CutTexts:
    """Texts as numbers of their distinct words: ``numbers[ends[i]:ends[i + 1]]`` are those of text i."""

    distinct: tuple[str, ...]
    numbers: NDArray[np.int32]
    ends: NDArray[np.int64]


def cut_texts(texts: Iterable[str], place: dict[str, int]) -> CutTexts:
    """Take texts apart; ``place`` numbers the words seen so far and is added to."""
    pieces: list[NDArray[np.int32]] = []
    lengths: list[int] = []
    held: list[int] = []
    for text in texts:
        found = words(text)
        lengths.append(len(found))
        held.extend([place.setdefault(word, len(place)) for word in found])
        if len(held) > 1_000_000:
            pieces.append(np.asarray(held, dtype=np.int32))
            held = []
    pieces.append(np.asarray(held, dtype=np.int32))
    return CutTexts(tuple(place), np.concatenate(pieces), np.cumsum([0, *lengths], dtype=np.int64))


def compound_stems(distinct: Iterable[str]) -> frozenset[str]:
    """Return the stems of words that can be parts of compounds, as :func:`assistant.text.danish.vocabulary`."""
    return frozenset(s for word in distinct if len(word) >= MIN_PART and word.isalpha() and (s := stem(word)))


@dataclass(frozen=True, slots=True)
class TermsOfWords:
    """The index terms of numbered words: ``numbers[ends[w]:ends[w + 1]]`` are those of word w."""

    terms: tuple[str, ...]
    numbers: NDArray[np.int32]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, distinct: Sequence[str], known: Collection[str]) -> TermsOfWords:
        """Take each word apart, compounds by the stems ``known``."""
        place: dict[str, int] = {}
        numbers: list[int] = []
        ends = [0]
        for word in distinct:
            numbers.extend(place.setdefault(term, len(place)) for term in terms(word, known))
            ends.append(len(numbers))
        return cls(tuple(place), np.asarray(numbers, dtype=np.int32), np.asarray(ends, dtype=np.int64))


def postings(cut: CutTexts, of_words: TermsOfWords) -> Postings:
    """Return where each term of ``of_words`` stands."""
    size = len(of_words.terms)
    per_word = np.diff(of_words.ends)
    frequencies = np.zeros(size, dtype=np.int64)
    lengths = np.zeros(len(cut.ends) - 1, dtype=np.int32)
    chunks: list[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]] = []
    for start in range(0, len(lengths), _CHUNK):
        end = min(start + _CHUNK, len(lengths))
        inside = cut.numbers[cut.ends[start] : cut.ends[end]]
        row_of_word = np.repeat(np.arange(end - start), np.diff(cut.ends[start : end + 1]))
        each = per_word[inside]
        row = np.repeat(row_of_word, each)
        term = of_words.numbers[places_in(of_words.ends[inside], each)].astype(np.int64)
        lengths[start:end] = np.bincount(row, minlength=end - start)
        keys, counts = np.unique(term * (end - start) + row, return_counts=True)
        found = (keys // (end - start)).astype(np.int32)
        frequencies += np.bincount(found, minlength=size)
        rows = (keys % (end - start) + start).astype(np.int32)
        chunks.append((found, rows, np.minimum(counts, _MOST).astype(np.uint8)))
    starts = np.concatenate([[0], np.cumsum(frequencies)]).astype(np.int64)
    all_rows = np.empty(starts[-1], dtype=np.int32)
    all_counts = np.empty(starts[-1], dtype=np.uint8)
    free = starts[:-1].copy()
    for found, rows, many in chunks:
        own = np.bincount(found, minlength=size)
        # Chunks come in the order of the texts, so each term's texts stay ascending.
        where = np.repeat(free - np.concatenate([[0], np.cumsum(own)[:-1]]), own) + np.arange(len(found))
        all_rows[where] = rows
        all_counts[where] = many
        free += own
    return Postings(starts, all_rows, all_counts, lengths)
