"""Other words with the same meaning, for questions that do not use the words of the documents."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from threading import local

import Stemmer

from assistant.indexes.base import Alternatives
from assistant.retrieval.spelling import Spelling
from assistant.retrieval.wordlists import DANISH_FUNCTION_WORDS
from assistant.text.danish import stem, stems, words

_DATA = "assistant.text"
_MAX_PHRASE = 4
_local = local()


@dataclass(slots=True)
class Lexicon:
    """Entries by the stems of their left side; values are stems of documents' words."""

    entries: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    longest: int = 1

    def add(self, key: Sequence[str], values: Sequence[str]) -> None:
        """Add ``values`` to what ``key`` expands to."""
        if not key or not values:
            return
        have = self.entries.get(tuple(key), ())
        fresh = dict.fromkeys((*have, *values))
        self.entries[tuple(key)] = tuple(fresh)
        self.longest = max(self.longest, min(len(key), _MAX_PHRASE))

    def groups(self, tokens: Sequence[str]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Return each word or phrase of ``tokens`` that has an expansion, with it.

        A phrase may have one other word inside ("trække alle på samme hammel").
        """
        found: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
        for start in range(len(tokens)):
            for length in range(1, self.longest + 1):
                window = tuple(tokens[start : start + length])
                if len(window) < length:
                    break
                if window in self.entries:
                    found.append((window, self.entries[window]))
                if length >= 3:
                    for gap in range(1, length - 1):
                        shorter = window[:gap] + window[gap + 1 :]
                        if len(shorter) >= 2 and shorter in self.entries:
                            found.append((shorter, self.entries[shorter]))
        return found


@lru_cache(maxsize=1)
def danish_synonyms() -> Lexicon:
    """Return the Danish synonyms: symmetric groups and "what people ask => what documents say"."""
    lexicon = Lexicon()
    for line in _lines("synonyms_da.txt"):
        left, arrow, right = line.partition("=>")
        members = [part.strip() for part in left.split(",")]
        if arrow:
            values = [s for part in right.split(",") for s in _value_stems(part)]
            for member in members:
                key = stems(member)
                lexicon.add(key, [v for v in values if v not in key])
        else:
            for member in members:
                key = stems(member)
                values = [s for other in members if other != member for s in _value_stems(other)]
                lexicon.add(key, [v for v in values if v not in key])
    return lexicon


@lru_cache(maxsize=1)
def english_glossary() -> Lexicon:
    """Return English words and phrases with Danish stems, keyed by English stems."""
    lexicon = Lexicon()
    for line in _lines("glossary_en_da.txt"):
        left, _, right = line.partition("=>")
        values = [s for part in right.split(",") for s in _value_stems(part)]
        for member in left.split(","):
            lexicon.add([english_stem(w) for w in words(member)], values)
    return lexicon


def english_stem(word: str) -> str:
    """Return the English Snowball stem of a lower-case word."""
    stemmer: Stemmer.Stemmer | None = getattr(_local, "english", None)
    if stemmer is None:
        stemmer = _local.english = Stemmer.Stemmer("english")
    return str(stemmer.stemWord(word))


KNOWN_WORD_WEIGHT = 1 / 3
"""What a synonym counts for where the question's own word stands in the documents too."""


def expand(
    text: str, language: str, known: Collection[str], spelling: Spelling | None = None
) -> tuple[Alternatives, ...]:
    """Return index terms that may stand for words or phrases of a question.

    Synonyms for Danish, translations and their synonyms for English, and for a word that the documents
    do not have, the words one or two letters away and the compound that it makes with its neighbour.

    Args:
        text: the question as it is searched.
        language: "da" or "en".
        known: index terms; others are left out.
        spelling: made of ``known``, where it was made before.
    """
    found: list[Alternatives] = []
    if language == "en":
        for key, values in english_glossary().groups([english_stem(w) for w in words(text)]):
            _add(found, (*values, *_synonyms_of(values)), 1.0, " ".join(key), known)
        return tuple(found)
    tokens = stems(text)
    for key, values in danish_synonyms().groups(tokens):
        weight = KNOWN_WORD_WEIGHT if len(key) == 1 and key[0] in known else 1.0
        _add(found, values, weight, " ".join(key), known)
    for word, near in _respelled(words(text), known, spelling or Spelling(known)):
        _add(found, (*near, *(v for v in _synonyms_of(near) if len(near) == 1)), 1.0, word, known)
    return tuple(found)


def _add(
    found: list[Alternatives], values: Iterable[str], weight: float, word: str, known: Collection[str]
) -> None:
    kept = tuple(dict.fromkeys(v for v in values if v in known))
    if kept:
        found.append(Alternatives(kept, weight, word))


def _synonyms_of(values: Iterable[str]) -> list[str]:
    entries = danish_synonyms().entries
    return [synonym for value in values for synonym in entries.get((value,), ())[:3]]


def _respelled(
    tokens: Sequence[str], known: Collection[str], spelling: Spelling
) -> list[tuple[str, tuple[str, ...]]]:
    """Return words that the documents do not have with those that may have been meant."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for i, token in enumerate(tokens):
        if i + 1 < len(tokens):
            following = tokens[i + 1]
            if min(len(token), len(following)) > 3 and (
                stem(token) not in known or stem(following) not in known
            ):
                joined = stem(token + following)
                near = (joined,) if joined in known else spelling.near(joined)
                if near:
                    found.extend([(token, near), (following, near)])
        own = stem(token)
        if (
            own in known
            or not own.isalpha()
            or token in DANISH_FUNCTION_WORDS
            or (own,) in danish_synonyms().entries
        ):
            continue
        near = spelling.near(own)
        if near:
            found.append((token, near))
    return found


def _value_stems(phrase: str) -> list[str]:
    tokens = words(phrase)
    content = [word for word in tokens if word not in DANISH_FUNCTION_WORDS]
    return [stem(word) for word in content or tokens]


def _lines(name: str) -> list[str]:
    path = files(_DATA) / "data" / name
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    lines = (line.split("#", 1)[0].strip() for line in text.splitlines())
    return [line for line in lines if line]
