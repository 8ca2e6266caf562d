"""What a passage has in it, whatever is asked: dates, numbers, names, actors, asides.

The same passages are judged for one question after another, so what they have is remembered.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from assistant.retrieval.followup import NUMBER_WORDS
from assistant.text.danish import compound_parts, stem, stems, words

_REMEMBERED = 20_000
"""So many texts are kept for each of these."""

NAME = re.compile(r"(?<![.!?:]\s)(?<!^)\b(?:[A-ZÆØÅ][\wæøå]+|[A-ZÆØÅ]{2,}\w*)")
_FULL_NAME = re.compile(r"\b[A-ZÆØÅ][a-zæøå]+\s+(?:[A-ZÆØÅ]\.?\s+)?[A-ZÆØÅ][a-zæøå]+")
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:januar|februar|marts|april|maj|juni|juli|august|september|oktober|november|december)\b|"
    r"\b(?:mandag|tirsdag|onsdag|torsdag|fredag|lørdag|søndag)\w*|\b(?:sidste|næste|første|inden)\s+(?:år|måned|uge|kvartal)\w*",
    re.IGNORECASE,
)
_MENTIONED = re.compile(
    r"[”“\"»][^”“\"«]{2,60}[”“\"«]|\([^)]{2,60}\)|\b[A-ZÆØÅ]{2,}\w*(?:\s+\w+)?|\b[A-ZÆØÅ]\w+\s+\d+"
)
_ACTORS = frozenset(
    stem(w)
    for w in """
    leder ledelse topledelse topleder ledelseskæde borger medarbejder politiker folkevalgte
    kommunalbestyrelse embedsværk virksomhed forening aktør stat kommune region administration
    forvaltning professionerne læge folketing regering myndighed frivillige folk interessent
    organisation velfærdsaktører embedsmand minister chef direktør
    """.split()
)


@lru_cache(maxsize=_REMEMBERED)
def has_date(text: str) -> bool:
    """Whether ``text`` has a date, a year or a day."""
    return bool(_DATE.search(text))


@lru_cache(maxsize=_REMEMBERED)
def has_name(text: str) -> bool:
    """Whether ``text`` has a name inside a sentence."""
    return bool(NAME.search(text))


@lru_cache(maxsize=_REMEMBERED)
def has_full_name(text: str) -> bool:
    """Whether ``text`` has the name of a person, first name and last."""
    return bool(_FULL_NAME.search(text))


def has_quantity(text: str, enough: Collection[str]) -> bool:
    """Whether ``text`` has a number, in digits or words, or a word that is ``enough`` instead of one."""
    return _has_number(text) or any(w in enough for w in words(text))


@lru_cache(maxsize=_REMEMBERED)
def _has_number(text: str) -> bool:
    return bool(re.search(r"\d", text)) or any(w in NUMBER_WORDS and len(w) > 2 for w in words(text))


@lru_cache(maxsize=_REMEMBERED)
def actors_in(text: str) -> frozenset[str]:
    """Return the stems of the words of ``text`` that name somebody ("ledere", "kommunalbestyrelsen")."""
    return frozenset(
        stem(w)
        for w in words(text)
        if stem(w) in _ACTORS or any(part in _ACTORS for part in compound_parts(w, _ACTORS))
    )


@lru_cache(maxsize=_REMEMBERED)
def stems_in(text: str) -> frozenset[str]:
    """Return the stems of the words of ``text``."""
    return frozenset(stems(text))


def only_mentioned(text: str, own: Collection[str], related: Sequence[frozenset[str]]) -> bool:
    """Whether what ``text`` has of the question is a name, a title or an aside, which it does not explain.

    Where the very words ``own`` of the question stand there they decide, else the words ``related`` to each.
    """
    inside, around = _asides(text)
    very = [frozenset((word,)) for word in own if word in inside or word in around]
    touched = very or [r for r in related if r & inside or r & around]
    return bool(touched) and all(r & inside and not r & around for r in touched)


@lru_cache(maxsize=_REMEMBERED)
def _asides(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the stems of the names, titles and asides of ``text``, and those of what stands around them."""
    inside: set[str] = set()
    outside = text
    for match in _MENTIONED.finditer(text):
        inside.update(stem(w) for w in words(match.group()))
        outside = outside.replace(match.group(), " ")
    return frozenset(inside), frozenset(stems(outside))
