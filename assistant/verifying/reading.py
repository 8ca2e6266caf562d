"""A text as tokens with what verification needs of each: stem, clause, number, name, denied or not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from assistant.text.danish import stem
from assistant.text.sentences import sentence_ends
from assistant.verifying import wording
from assistant.verifying.numbers import MONTHS, number_keys

_TOKEN = re.compile(
    r"\d+(?:[.,:]\d+)*(?:\s?%)?|[^\W\d_]+(?:[-–/][^\W\d_]+)*(?:['’`]\w+)?\w*|[.,;:!?…()–—»«”“\"]|(?<=\s)-(?=\s)"
)
_CLAUSE_END = frozenset(".,;:!?…()–—-")
_CLAUSE_START = frozenset(
    "men mens fordi hvis når medmindre hvorimod hvorefter hvilket because while but if when".split()
)
_COORDINATING = frozenset("og eller samt men and or but".split())
_AND = frozenset({"og", "samt", "and", "eller", "or", "men", "but", "som", "der"})


@dataclass(frozen=True, slots=True)
class Token:
    """One word or number. ``sentence``, ``clause`` and ``segment`` count from 0 over the whole text.

    A segment is what stands between commas and "og": the smallest thing that may be true alone.
    ``numbers`` are the ways to read it as a number; ``content`` is true where it carries a subject.
    """

    text: str
    lower: str
    stem: str
    place: int
    sentence: int
    clause: int
    segment: int
    numbers: frozenset[str]
    name: bool
    content: bool
    denied: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A text read. ``asks`` says of each sentence whether it is a question."""

    tokens: tuple[Token, ...]
    asks: tuple[bool, ...]

    @property
    def content(self) -> tuple[Token, ...]:
        """The tokens that carry a subject."""
        return tuple(token for token in self.tokens if token.content)

    def clause(self, number: int) -> tuple[Token, ...]:
        """The tokens of one clause."""
        return tuple(token for token in self.tokens if token.clause == number)


@dataclass(slots=True)
class _Raw:
    text: str
    sentence: int
    clause: int
    segment: int
    opens: bool
    listed: bool


def read(text: str) -> Reading:
    """Read a sentence or a passage."""
    text = unicodedata.normalize("NFC", text)
    raw: list[_Raw] = []
    asks: list[bool] = []
    clause = segment = -1
    for number, sentence in enumerate(_sentences(text)):
        clause, segment, opens, comma = clause + 1, segment + 1, True, False
        asks.append("?" in sentence)
        for found in _TOKEN.finditer(sentence):
            token = found.group()
            lower = token.lower()
            if token in _CLAUSE_END:
                clause, segment, comma = clause + 1, segment + 1, found.group() == ","
                continue
            if not any(c.isalnum() for c in token):
                continue
            if lower in _CLAUSE_START and not opens:
                clause, segment, comma = clause + 1, segment + 1, False
            elif lower in _AND:
                segment += 1
            for part in re.split(r"[-–/]", token) if not token[0].isdigit() else [token]:
                bare = re.sub(r"['’`]\w*$", "", part)
                if bare and (len(bare) > 1 or bare.isdigit() or bare.isupper() or bare in "åøi"):
                    raw.append(_Raw(bare, number, clause, segment, opens, comma))
                    opens = False
    return Reading(tuple(_tokens(raw)), tuple(asks))


def _sentences(text: str) -> list[str]:
    found: list[str] = []
    start = 0
    for end in sentence_ends(text):
        # What follows a question in the same line is no part of it.
        found.extend(re.split(r"(?<=\?)\s+", text[start:end].strip()))
        start = end
    return found


def _tokens(raw: list[_Raw]) -> list[Token]:
    denied = _denied(raw)
    tokens: list[Token] = []
    for place, word in enumerate(raw):
        lower = word.text.lower()
        following = raw[place + 1].text if place + 1 < len(raw) else ""
        numbers = number_keys(word.text, following)
        name = _is_name(raw, place) and not numbers
        content = bool(numbers) or name or lower in MONTHS or _carries(lower, raw, place)
        tokens.append(
            Token(
                word.text,
                lower,
                stem(lower),
                place,
                word.sentence,
                word.clause,
                word.segment,
                numbers,
                name,
                content,
                place in denied,
            )
        )
    return tokens


def _carries(lower: str, raw: list[_Raw], place: int) -> bool:
    if len(lower) < 2 or lower in wording.NEGATORS or lower in wording.MODALS:
        return False
    if lower in wording.UPPER or lower in wording.LOWER:
        return False
    if lower == "få":
        return not _is_verb(raw, place)
    return lower not in wording.EMPTY_WORDS and not (lower[-1] == "s" and lower[:-1] in wording.EMPTY_WORDS)


def _is_verb(raw: list[_Raw], place: int) -> bool:
    """Whether "få" is the verb ("kan få", "at få") and not the few."""
    before = raw[place - 1].text.lower() if place else ""
    return before in wording.MODALS or before in ("at", "vi", "man", "de")


def _is_name(raw: list[_Raw], place: int) -> bool:
    """Names begin with a capital inside a sentence; at its start only initials or several in a row tell."""
    word = raw[place]
    text = word.text
    if not text[:1].isupper():
        return False
    if sum(c.isupper() for c in text) > 1:
        return True
    if not word.opens:
        return len(text) > 1
    following = raw[place + 1] if place + 1 < len(raw) else None
    return (
        following is not None
        and following.sentence == word.sentence
        and following.text[:1].isupper()
        and text.lower() not in wording.EMPTY_WORDS
    )


def _denied(raw: list[_Raw]) -> Collection[int]:
    """The places that a "not" reaches."""
    denied: set[int] = set()
    places = [place for place, word in enumerate(raw) if word.text.lower() in wording.NEGATORS]
    for place in places[:_MOST_NEGATORS]:
        word, lower = raw[place], raw[place].text.lower()
        following = raw[place + 1].text.lower() if place + 1 < len(raw) else ""
        if lower in ("ikke", "not") and following in wording.AFTER_NO_NEGATION:
            continue
        same = [i for i, other in enumerate(raw) if other.clause == word.clause and i != place]
        before = raw[place - 1].text.lower() if place else ""
        behind = [i for i in same if i > place]
        if behind and (lower in wording.FORWARD_NEGATORS or before in _COORDINATING):
            same = behind
        if not any(_has_subject(raw[i].text.lower()) for i in same):
            # "Det er ikke sådan, at ...": what is denied stands in the next clause.
            same = [i for i, other in enumerate(raw) if other.clause == word.clause + 1]
        denied.symmetric_difference_update(same)
        denied.update(_rest_of_list(raw, word))
    return denied


_MOST_NEGATORS = 200
"""More of them stand in no text that says anything."""


def _rest_of_list(raw: list[_Raw], negator: _Raw) -> list[int]:
    """The places of short clauses after a comma: "ikke regler, krav eller kontrol" denies all three."""
    found: list[int] = []
    clause = negator.clause
    while True:
        clause += 1
        members = [
            i for i, other in enumerate(raw) if other.clause == clause and other.sentence == negator.sentence
        ]
        if not members or len(members) > _LIST_MEMBER or not all(raw[i].listed for i in members):
            return found
        found.extend(members)


_LIST_MEMBER = 2


def _has_subject(lower: str) -> bool:
    return lower not in wording.EMPTY_WORDS and lower not in wording.MODALS and lower not in wording.NEGATORS


def joined(readings: Sequence[Reading]) -> Reading:
    """Return several readings as one; the sentences and clauses of each stay its own."""
    if len(readings) == 1:
        return readings[0]
    tokens: list[Token] = []
    asks: list[bool] = []
    clause = segment = 0
    for reading in readings:
        place = len(tokens)
        tokens.extend(
            replace(
                token,
                place=place + token.place,
                sentence=len(asks) + token.sentence,
                clause=clause + token.clause,
                segment=segment + token.segment,
            )
            for token in reading.tokens
        )
        asks.extend(reading.asks)
        clause = max((t.clause for t in tokens), default=-1) + 1
        segment = max((t.segment for t in tokens), default=-1) + 1
    return Reading(tuple(tokens), tuple(asks))
