"""Passages of several documents about the same point."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.comparing.speaking import akin
from assistant.records import Citation
from assistant.retrieval.search import JUDGED, Ranking
from assistant.retrieval.wordlists import DANISH_FRAME_WORDS, DANISH_FUNCTION_WORDS
from assistant.text.danish import compound_parts, stem, vocabulary, words

SAME_POINT = 0.18
"""Weighted cosine of their words from which two passages are put side by side; see :func:`pairs`."""

BEFORE_VERBS = frozenset("at vi skal kan vil der som ikke har er må bør man kunne skulle".split())
"""Words behind which a verb stands rather than a noun."""

SAYS_LITTLE = (
    DANISH_FUNCTION_WORDS
    | DANISH_FRAME_WORDS
    | frozenset(
        """
        sikre sikrer skabe skaber skabes holde holder levere leverer tværs stedet gang hånd tid ord dag stor store
        god gode bedre bedste høj høje muligt muligheder mulighed rum plads udgangspunkt forhold rette retter øget
        """.split()
    )
)
"""Words that stand everywhere and make no point by themselves."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Passages of two documents or more about the same point, and the words that they share."""

    citations: tuple[Citation, ...]
    words: tuple[str, ...]


def pairs(
    columns: Sequence[Sequence[Citation]], ranking: Ranking, focus: Sequence[str]
) -> tuple[Shared, ...]:
    """Put passages about the same point together, each used once, the most alike first.

    Two passages are about the same point where the words that they share weigh enough: the cosine of
    their words, weighted by how few of the passages found for the theme have them. The theme's own words
    bring them into their columns; for a pair, something beside those must be shared.
    """
    known = vocabulary(hit.passage.text for hit in ranking.hits[:JUDGED])
    found = Counter(term for hit in ranking.hits[:JUDGED] for term in bag(hit.passage.text, known))
    weights = {term: math.log(1 + len(ranking.hits) / (1 + n)) for term, n in found.items()}
    bags = {c.marker: bag(c.quote, known) for column in columns for c in column}
    scored: list[tuple[float, Citation, Citation]] = []
    for left, right in itertools.combinations(columns, 2):
        for a, b in itertools.product(left, right):
            common = bags[a.marker] & bags[b.marker]
            beside = any(not any(akin(word, wanted) for wanted in focus) for word in common)
            score = _cosine(bags[a.marker], bags[b.marker], weights) if beside else 0.0
            if score >= SAME_POINT:
                scored.append((score, a, b))
    scored.sort(key=lambda entry: (-entry[0], entry[1].marker, entry[2].marker))
    used: set[int] = set()
    together: list[Shared] = []
    for _, a, b in scored:
        if a.marker not in used and b.marker not in used:
            used.update((a.marker, b.marker))
            together.append(Shared((a, b), _shared_words(a.quote, bags[b.marker], known)))
    return tuple(together)


def bag(text: str, known: frozenset[str]) -> frozenset[str]:
    """Return the stems of the words that say something, with the heads of compounds beside them.

    A "styringssystem" is a system, so the two share a word; a "topledernetværk" is no leader.
    """
    bag: set[str] = set()
    for before, word in itertools.pairwise(["", *words(text)]):
        few = word == "få" and before not in BEFORE_VERBS  # a number here, a verb elsewhere
        if (word in SAYS_LITTLE and not few) or len(word) < 2:
            continue
        own = stem(word)
        bag.add(own)
        bag.update(part for part in compound_parts(word, known) if own.endswith(part))
    return frozenset(bag)


def _cosine(a: frozenset[str], b: frozenset[str], weights: dict[str, float]) -> float:
    def length(bag: Iterable[str]) -> float:
        return math.sqrt(sum(weights.get(term, 0.0) ** 2 for term in bag))

    scale = length(a) * length(b)
    return length(a & b) ** 2 / scale if scale else 0.0


def _shared_words(text: str, other: frozenset[str], known: frozenset[str]) -> tuple[str, ...]:
    """Return the words of ``text`` that the other passage has too, as ``text`` writes them."""
    return tuple(dict.fromkeys(word for word in words(text) if bag(word, known) & other))
