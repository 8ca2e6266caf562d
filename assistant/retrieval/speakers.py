"""Who a question names: the organisations behind the documents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.records import Document
from assistant.text.danish import stem, words


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a question that names an organisation: word positions ``start`` to ``end``."""

    organisation: str
    documents: tuple[str, ...]
    start: int
    end: int


class Speakers:
    """The organisations of a corpus, with the names people use for them."""

    def __init__(self, documents: Sequence[Document]) -> None:
        """Learn the names from ``organisation`` and ``aliases`` of each document."""
        self._documents_of: dict[str, tuple[str, ...]] = {}
        self._names: dict[tuple[str, ...], str] = {}
        self._of_kind: dict[str, set[str]] = {}
        for document in documents:
            held = self._documents_of.get(document.organisation, ())
            self._documents_of[document.organisation] = (*held, document.id)
            self._of_kind.setdefault(document.kind.lower(), set()).add(document.organisation)
            for name in (document.organisation, *document.aliases):
                key = tuple(_name_stem(word) for word in words(name))
                if key:
                    self._names.setdefault(key, document.organisation)
        self._longest = max((len(key) for key in self._names), default=0)
        self._documents = {document.id: document for document in documents}
        self._name = lru_cache(maxsize=4096)(self._organisation_named)
        self._mentioned = lru_cache(maxsize=256)(self._find_mentions)
        self._paper = lru_cache(maxsize=4096)(self._organisation_called)

    @property
    def organisations(self) -> tuple[str, ...]:
        """All organisations, in the order of the documents."""
        return tuple(self._documents_of)

    def documents_of(self, organisation: str) -> tuple[str, ...]:
        """Return the ids of an organisation's documents."""
        return self._documents_of.get(organisation, ())

    def called_by_kind(self, token: str) -> str | None:
        """Return whose document a word calls by its kind: "debatoplægget", where no other document is one."""
        return self._paper(token)

    def _organisation_called(self, token: str) -> str | None:
        whose = [organisations for kind, organisations in self._of_kind.items() if is_form(token, kind)]
        alone = whose[0] if len(whose) == 1 else ()
        return next(iter(alone)) if len(alone) == 1 else None

    def mentions(self, tokens: Sequence[str]) -> list[Mention]:
        """Return the organisations named in ``tokens`` (lower-case words), longest names first taken."""
        return list(self._mentioned(tuple(tokens)))

    def _find_mentions(self, tokens: tuple[str, ...]) -> tuple[Mention, ...]:
        stemmed = [_name_stem(token) for token in tokens]
        found: list[Mention] = []
        position = 0
        while position < len(tokens):
            for length in range(self._longest, 0, -1):
                key = tuple(stemmed[position : position + length])
                organisation = self._name(key) if len(key) == length else None
                if organisation is not None:
                    found.append(
                        Mention(organisation, self._documents_of[organisation], position, position + length)
                    )
                    position += length - 1
                    break
            position += 1
        return tuple(found)

    def _organisation_named(self, key: tuple[str, ...]) -> str | None:
        found = self._names.get(key)
        if found is None and len(key) == 1 and len(key[0]) >= _FUZZY_FROM:
            close = (
                n
                for n in self._names
                if len(n) == 1 and len(n[0]) >= _FUZZY_FROM and _one_apart(n[0], key[0])
            )
            return next((self._names[n] for n in close), None)
        return found


def is_form(token: str, noun: str) -> bool:
    """Whether a word is a noun with an ending: "rapporterne", "oplæggets"."""
    return bool(noun) and token.startswith(noun) and len(token) - len(noun) <= _LONGEST_ENDING


_LONGEST_ENDING = 4


def spoken_words(text: str) -> list[str]:
    """Return the words of ``text`` for :meth:`Speakers.mentions`: one municipality is not the municipalities.

    They are as many as :func:`words` gives, in the same places.
    """
    found = words(text)
    for match in _ONE_MUNICIPALITY.finditer(text):
        if match["name"].lower() not in _NO_NAMES:
            found[len(words(text[: match.start("kind")]))] += _OF_ITS_OWN
    return found


# "Aarhus Kommune", "sin kommune".
_ONE_MUNICIPALITY = re.compile(r"\b(?P<name>[A-ZÆØÅ][\w-]+|sin|min|din|egen) (?P<kind>[Kk]ommunes?)\b")
_OF_ITS_OWN = "-of-its-own"
_NO_NAMES = frozenset(
    """hvilken hver enhver en vores jeres deres min din mellem fra når hvis er har og eller både ingen samme denne
    hele som for i på stat staten region""".split()
)

_FUZZY_FROM = 5


def _one_apart(a: str, b: str) -> bool:
    """Whether one letter more, less or other, or two swapped, turns ``a`` into ``b`` (misspelt names)."""
    if abs(len(a) - len(b)) > 1 or a[0] != b[0]:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[start:], b[start:]
    if len(a) == len(b):
        return rest_a[1:] == rest_b[1:] or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
    return rest_a[1:] == rest_b or rest_a == rest_b[1:]


@lru_cache(maxsize=4096)
def _name_stem(word: str) -> str:
    # "KOMDIRs" is a genitive that the stemmer does not know.
    return stem(re.sub(r"(?<=[a-zæøå]{3})s$", "", word) if len(word) > 4 else word)
