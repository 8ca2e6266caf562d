"""Danish words to index terms: stems, parts of compounds, character n-grams.

The stemmer is Snowball's for Danish (https://snowballstem.org/algorithms/danish/stemmer.html).
Compounds are split where both parts are words of the vocabulary at hand, so that the index needs no
lexicon of its own and learns the words of whatever corpus it holds.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache, partial

import Stemmer

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_local = threading.local()

MIN_PART = 4
"""Shortest part of a compound that counts, in letters."""

_LINKING = ("", "s", "e", "er", "n")


def words(text: str) -> list[str]:
    """Return the lower-case words and numbers of ``text``, composed (NFC)."""
    return list(_words_of(text))


@lru_cache(maxsize=256)
def _words_of(text: str) -> tuple[str, ...]:
    """Every room that reads a question asks for its words."""
    return tuple(_WORD.findall(unicodedata.normalize("NFC", text).lower()))


def _stemmer() -> Stemmer.Stemmer:
    # A Stemmer keeps a buffer, so each thread has one of its own.
    stemmer: Stemmer.Stemmer | None = getattr(_local, "stemmer", None)
    if stemmer is None:
        stemmer = _local.stemmer = Stemmer.Stemmer("danish", 0)
    return stemmer


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the Danish stem of one lower-case word.

    Snowball turns "tidligere" into "tid" and "mening" into "men"; where so little of a longer word would
    be left, only its inflection is taken off.
    """
    short = str(_stemmer().stemWord(word))
    if len(short) <= _TOO_SHORT and len(word) >= len(short) + _TAKEN_OFF:
        return _INFLECTION.sub("", word)
    return short


_TOO_SHORT = 3
_TAKEN_OFF = 3
_INFLECTION = re.compile(r"(?<=\w{4})(?:ernes|erne|eres|ere|enes|ene|ens|ets|er|en|et|es|e|s)$")


def stems(text: str) -> list[str]:
    """Return the stems of the words of ``text``, in order."""
    return [stem(word) for word in words(text)]


def vocabulary(texts: Iterable[str]) -> frozenset[str]:
    """Return the stems of all words in ``texts`` that can be a part of a compound."""
    return frozenset(
        s
        for text in texts
        for word in words(text)
        if len(word) >= MIN_PART and word.isalpha() and (s := stem(word))
    )


def compound_parts(word: str, known: Collection[str]) -> tuple[str, ...]:
    """Return the stems of the parts of ``word`` that are in ``known``, or none where it is no compound.

    Both parts must have at least :data:`MIN_PART` letters. The split with both parts known wins; else
    a known head (the end of a Danish compound carries its meaning) or a known first part is enough.
    """
    if len(word) < 2 * MIN_PART or not word.isalpha():
        return ()
    best: tuple[str, ...] = ()
    for cut in range(MIN_PART, len(word) - MIN_PART + 1):
        head = stem(word[cut:])
        first = _first_part(word[:cut], known)
        if head in known and len(head) >= MIN_PART - 1:
            if first:
                return (first, head)
            best = best or (head,)
        elif first and len(first) > MIN_PART:
            best = best or (first,)
    return best


def _first_part(text: str, known: Collection[str]) -> str:
    for link in _LINKING:
        if text.endswith(link):
            bare = text[: len(text) - len(link)] if link else text
            if len(bare) >= MIN_PART - 1 and (s := stem(bare)) in known:
                return s
    return ""


def terms(text: str, known: Collection[str]) -> list[str]:
    """Return stems of ``text`` with the parts of its compounds beside them."""
    return [term for word in words(text) for term in _terms_of(word, known)]


class Terms:
    """As :func:`terms`, but a word is taken apart once; for many texts with the same words."""

    def __init__(self, known: Collection[str]) -> None:
        """Split compounds by the stems ``known``, which must not change."""
        self._of = lru_cache(maxsize=65_536)(partial(_terms_of, known=known))

    def __call__(self, text: str) -> list[str]:
        """Return the terms of ``text``."""
        return [term for word in words(text) for term in self._of(word)]


def _terms_of(word: str, known: Collection[str]) -> tuple[str, ...]:
    own = stem(word)
    return (own, *(part for part in compound_parts(word, known) if part != own))


def character_ngrams(text: str, low: int = 3, high: int = 5) -> list[str]:
    """Return the character n-grams of each word of ``text``, padded with one space at both ends."""
    return [gram for word in words(text) for gram in _ngrams_of(word, low, high)]


@lru_cache(maxsize=65_536)
def _ngrams_of(word: str, low: int, high: int) -> tuple[str, ...]:
    padded = f" {word} "
    grams: list[str] = []
    for n in range(low, high + 1):
        if len(padded) <= n:
            grams.append(padded)
            break
        grams.extend(padded[i : i + n] for i in range(len(padded) - n + 1))
    return tuple(grams)
