"""Passages of several documents about the same point."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
    """Put passages about the same point together, one of a document and each used once, the most alike first.

    Two passages are about the same point where the words that they share weigh enough: the cosine of
    their words, weighted by how few of the passages found for the theme have them. The theme's own words
    bring them into their columns; for a pair, something beside those must be shared. A third document's
    passage joins a pair where it is about the same point as both and there is a word that all of them share.
    """
    known = vocabulary(hit.passage.text for hit in ranking.hits[:JUDGED])
    found = Counter(term for hit in ranking.hits[:JUDGED] for term in bag(hit.passage.text, known))
    weights = {term: math.log(1 + len(ranking.hits) / (1 + n)) for term, n in found.items()}
    bags = {c.marker: bag(c.quote, known) for column in columns for c in column}

    def beside(common: frozenset[str]) -> bool:
        return any(not any(akin(word, wanted) for wanted in focus) for word in common)

    scored: list[tuple[float, Citation, Citation]] = []
    for left, right in itertools.combinations(columns, 2):
        for a, b in itertools.product(left, right):
            shared = beside(bags[a.marker] & bags[b.marker])
            score = _cosine(bags[a.marker], bags[b.marker], weights) if shared else 0.0
            if score >= SAME_POINT:
                scored.append((score, a, b))
    scored.sort(key=lambda entry: (-entry[0], entry[1].marker, entry[2].marker))
    alike = {frozenset((a.marker, b.marker)) for _, a, b in scored}
    groups: list[list[Citation]] = []
    of: dict[int, list[Citation]] = {}
    for _, a, b in scored:
        group = of.get(a.marker) or of.get(b.marker)
        if group is None:
            group = [a, b]
            groups.append(group)
        elif a.marker not in of or b.marker not in of:
            new = b if a.marker in of else a
            documents = {each.passage.document_id for each in group}
            if new.passage.document_id in documents:
                continue
            if not all(frozenset((each.marker, new.marker)) in alike for each in group):
                continue
            if not beside(bags[new.marker].intersection(*(bags[each.marker] for each in group))):
                continue
            group.append(new)
        of.update((each.marker, group) for each in group)
    return tuple(_shared(group, bags, known) for group in groups)


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


def _shared(group: Sequence[Citation], bags: Mapping[int, frozenset[str]], known: frozenset[str]) -> Shared:
    """Return the group in the order of the columns, with the words that all share as the first writes them."""
    first, *others = sorted(group, key=lambda citation: citation.marker)
    common = frozenset.intersection(*(bags[each.marker] for each in others))
    found = dict.fromkeys(word for word in words(first.quote) if bag(word, known) & common)
    return Shared((first, *others), tuple(found))
