"""The word signals of given passages, from counts in them and statistics of the whole index.

For indexes that do not score every passage: they find candidates their own way and have them scored here, with
the numbers that :class:`~assistant.indexes.lexical.LexicalField` gives. BM25 is in Lucene's form (Kamphuis et
al. 2020, "Which BM25 Do You Mean?")::

    score = log(1 + (N - df + 1/2) / (df + 1/2)) * tf / (tf + K1 * (1 - B + B * length / average))
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.base import SearchQuery
from assistant.text.danish import character_ngrams, terms

K1 = 1.2
B = 0.75

WORD_SIGNALS = ("terms", "terms_heading", "chars", "chars_heading", "synonyms")
"""The signals that :func:`word_signals` gives, in the order of its columns."""

BY_HEADING = 4
"""Of passages that match by their heading this part of the others is found: all under a heading match alike."""

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FieldStatistics:
    """What BM25 has to know of one field of a whole index.

    ``passages``: how many there are. ``average``: how many terms (or n-grams) the field of one has on average,
    repeated ones counted again. ``frequencies``: in how many passages a term stands; for the terms of the
    question is enough, and one that is not named stands in none.
    """

    passages: int
    average: float
    frequencies: Mapping[str, int]


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


def word_signals(
    asked: AskedWords,
    texts: Sequence[str],
    headings: Sequence[str],
    known: Collection[str],
    statistics: Mapping[str, FieldStatistics],
) -> NDArray[np.float32]:
    """Return the word signals of passages; shape (len(texts), len(WORD_SIGNALS)).

    Args:
        asked: what is looked for.
        texts: what is searched of each passage; see :func:`assistant.indexes.local.searched_text`.
        headings: what stands above each; see :func:`assistant.indexes.local.heading_text`.
        known: the stems that compounds are split by.
        statistics: of the fields "terms", "terms_heading", "chars" and "chars_heading".
    """
    of_texts = matches(*term_counts(texts, asked.terms, known), asked.terms, statistics["terms"])
    of_headings = matches(
        *term_counts(headings, asked.terms, known), asked.terms, statistics["terms_heading"]
    )
    chars = matches(*gram_counts(texts, asked.grams), asked.grams, statistics["chars"])
    chars_heading = matches(*gram_counts(headings, asked.grams), asked.grams, statistics["chars_heading"])
    columns = (
        of_texts @ asked.times,
        of_headings @ asked.times,
        chars @ asked.gram_times,
        chars_heading @ asked.gram_times,
        with_alternatives(of_texts, asked),
    )
    return np.column_stack(columns).astype(np.float32)


def matches(counts: Counts, lengths: Counts, asked: Sequence[str], statistics: FieldStatistics) -> Floats:
    """Return what each term adds to the BM25 score of each passage; shape (n, len(asked)).

    Args:
        counts: how often each term stands in each passage, shape (n, len(asked)).
        lengths: how many terms each passage has, shape (n,).
        asked: the terms.
        statistics: of the field.
    """
    frequencies = np.asarray([statistics.frequencies.get(term, 0) for term in asked], dtype=np.float64)
    return weighed(
        counts, lengths[:, None], inverse_frequencies(frequencies, statistics.passages), statistics.average
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


def term_counts(texts: Sequence[str], asked: Sequence[str], known: Collection[str]) -> tuple[Counts, Counts]:
    """Return how often each term stands in each text, shape (n, len(asked)), and all its terms, shape (n,)."""
    place = {term: at for at, term in enumerate(asked)}
    counts = np.zeros((len(texts), len(asked)), dtype=np.int64)
    lengths = np.zeros(len(texts), dtype=np.int64)
    for row, text in enumerate(texts):
        found = terms(text, known)
        lengths[row] = len(found)
        for term in found:
            if term in place:
                counts[row, place[term]] += 1
    return counts, lengths


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
    return counts_in(spaced, asked), spaced.lengths


def counts_in(spaced: SpacedTexts, asked: Sequence[str]) -> Counts:
    """Return how often each of the distinct n-grams ``asked`` stands in each text; shape (n, len(asked)).

    All texts are searched at once, as one array of characters, of which those that are not in any of
    ``asked`` are all alike.
    """
    counts = np.zeros((len(spaced), len(asked)), dtype=np.int64)
    if not asked or not len(spaced):
        return counts
    numbers = {letter: at for at, letter in enumerate(sorted(set("".join(asked))), 1)}
    bits = len(numbers).bit_length()
    own = np.asarray([ord(letter) for letter in numbers])
    last = max(int(own.max()), int(spaced.letters.max(initial=0)))
    table = np.zeros(last + 1, dtype=np.uint8 if bits <= 8 else np.uint32)
    table[own] = list(numbers.values())
    letters: NDArray[Any] = table.take(spaced.letters)
    row_of = np.repeat(np.arange(len(spaced)), np.diff(spaced.starts))
    shortest, longest = min(map(len, asked)), max(map(len, asked))
    size = max(len(letters) - shortest + 1, 0)
    codes: NDArray[Any] = np.zeros(size, dtype=np.int64 if bits * shortest > 31 else np.int32)
    for begin in range(shortest):
        codes <<= bits
        codes |= letters[begin : begin + size]
    places: Counts | None = None  # all of them
    for n in range(shortest, longest + 1):
        if places is not None:
            inside = places + n <= len(letters)
            places, codes = places[inside], codes[inside]
            codes = (codes.astype(np.int64) << bits) | letters[places + n - 1]
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
