"""Who does what to whom: the words of a claim in another order than the evidence has them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from assistant.verifying import wording
from assistant.verifying.alignment import ROOT, SYNONYM, Match, by_clause, main_sentence
from assistant.verifying.reading import Reading, Token


def swapped(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    """Whether exchanging two things of the claim, or its two sides, would give the order of the evidence."""
    words = [m for m in found if m.quality >= SYNONYM]
    places = [m.place for m in words]
    if len(set(places)) < len(places):
        unique = {m.place: m for m in reversed(words)}
        words = [m for m in words if unique[m.place] is m]
        places = [m.place for m in words]
    if _passive(claim, evidence, words) or places == sorted(places):
        return False
    if _numbers_reversed(claim, evidence, words) or _around_pivot(words, evidence):
        return True
    if _uncoupled(claim, evidence, [m for m in words if m.token.content]):
        return True
    if _stolen(claim, evidence, [m for m in words if m.token.content]):
        return True
    before = _inversions(places)
    for first, second in combinations(range(len(places)), 2):
        if second - first < 2 or not (words[first].token.content and words[second].token.content):
            continue
        exchanged = list(places)
        exchanged[first], exchanged[second] = exchanged[second], exchanged[first]
        left = _inversions(exchanged)
        if (left == 0 or (before >= _MANY and left <= before * _FEW)) and not _listed(
            claim, words[first].token, words[second].token
        ):
            return True
    return False


def _inversions(places: Sequence[int]) -> int:
    return sum(a > b for a, b in combinations(places, 2))


_MANY, _FEW = 6, 0.3


def _around_pivot(words: Sequence[Match], evidence: Reading) -> bool:
    """Whether what stands on the two sides of a word, or of words that keep their order, changed sides."""
    for start in range(1, len(words) - 1):
        for end in range(start + 1, len(words)):
            beside = (words[start - 1].token, words[end].token)
            if beside[0].clause != beside[1].clause or any(token.numbers for token in beside):
                continue  # another order of clauses, or a date put first, changes nothing
            middle = [m.place for m in words[start:end]]
            between = range(min(middle), max(middle))
            if middle != sorted(middle) or any(
                evidence.tokens[p].content and p not in middle for p in between
            ):
                break
            if any(m.quality == ROOT for m in words[start:end]):
                continue  # "kerneopgaven udvikles" is said of "udvikling af kerneopgaven"
            if words[start - 1].place > middle[-1] and words[end].place < middle[0]:
                return True
    return False


def _uncoupled(claim: Reading, evidence: Reading, words: Sequence[Match]) -> bool:
    """Whether two that the evidence names together ("medarbejdere og ledere") do something to each other."""
    for first, second in combinations(words, 2):
        low, high = sorted((first.place, second.place))
        if high - low != 2 or evidence.tokens[low + 1].lower not in ("og", "eller", "samt"):
            continue
        if first.token.clause != second.token.clause:
            continue
        between = [m for m in words if first.token.place < m.token.place < second.token.place]
        joined = any(
            t.lower in ("og", "eller", "samt") for t in claim.tokens[first.token.place : second.token.place]
        )
        if between and not joined:
            return True
    return False


def _stolen(claim: Reading, evidence: Reading, words: Sequence[Match]) -> bool:
    """Whether what "vi" does in the evidence is done by something that stands there as another part."""
    for own in by_clause(words):
        first = own[0]
        if len(own) < 2 or not _is_subject(first.token, claim):
            continue
        following = own[1].place
        if _verb_first(evidence, own[1]) and first.place > following:
            return True
        clause = evidence.tokens[following].clause
        pronoun = [t for t in evidence.tokens if t.place < following and t.lower in _PRONOUNS]
        beside = any(
            evidence.tokens[following].sentence == t.sentence and clause - t.clause <= 1 for t in pronoun
        )
        if (
            beside
            and first.place > following
            and evidence.tokens[first.place].sentence == pronoun[-1].sentence
        ):
            return True
    return False


def _verb_first(evidence: Reading, match: Match) -> bool:
    """Whether a line begins with its verb: what comes behind it cannot be who does it."""
    here = evidence.tokens[match.place]
    begins = match.place == 0 or evidence.tokens[match.place - 1].sentence != here.sentence
    return begins and here.lower.endswith("r") and here.lower == match.token.lower and not here.name


_PRONOUNS = frozenset("vi jeg du i de man we you they".split())


def _numbers_reversed(claim: Reading, evidence: Reading, words: Sequence[Match]) -> bool:
    numbers = [m.place for m in words if m.token.numbers]
    ranged = any(t.lower == "til" for t in claim.tokens) and any(t.lower == "til" for t in evidence.tokens)
    return ranged and len(numbers) > 1 and numbers == sorted(numbers, reverse=True)


def _listed(claim: Reading, first: Token, second: Token) -> bool:
    """Whether only "og" and commas stand between two words: the order of a list says nothing."""
    between = [t for t in claim.tokens if first.place < t.place < second.place]
    joined = first.segment != second.segment and first.sentence == second.sentence
    return (
        joined
        and all(t.content or t.lower in ("og", "eller", "samt", "for") for t in between)
        and len(between) <= 2
    )


def _passive(claim: Reading, evidence: Reading, words: Sequence[Match]) -> bool:
    """Whether one says it in the passive and the other does not: the order is then rightly another."""
    for match in words:
        own, other = match.token, evidence.tokens[match.place]
        if _passive_of(own, other, claim) or _passive_of(other, own, evidence):
            return True
    said, given = ({t.lower for t in reading.tokens} & _BECOMING for reading in (claim, evidence))
    return bool(said) != bool(given)


def _passive_of(word: Token, other: Token, reading: Reading) -> bool:
    """Whether ``word`` is the passive of ``other``: "bringes" of "bringer"; not the genitive "ledelses"."""
    if not word.lower.endswith("es"):
        return False
    bare = word.lower[:-1]
    if other.lower == bare + "r":
        return True
    before = reading.tokens[word.place - 1].lower if word.place else ""
    return other.lower in (bare, bare[:-1]) and (before in wording.MODALS or before == "at")


_BECOMING = frozenset({"bliver", "blive", "blevet", "blev"})


def misbound(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    """Whether the subject of a claim stands elsewhere than the rest, which there has another subject."""
    for own in by_clause([m for m in found if m.token.content]):
        if len(own) < 2:
            continue
        first = own[0]
        rest = main_sentence(evidence, own[1:])
        there = evidence.tokens[first.place].sentence
        if there == rest or any(t.stem == first.token.stem for t in evidence.tokens if t.sentence == rest):
            continue
        subject = next((t for t in evidence.tokens if t.sentence == rest and t.content), None)
        mentioned = {t.stem for t in claim.tokens}
        if subject is None or subject.stem in mentioned or not _is_subject(first.token, claim):
            continue
        if first.token.name or subject.name:
            return True
    return False


def _is_subject(token: Token, claim: Reading) -> bool:
    return all(not t.content for t in claim.clause(token.clause) if t.place < token.place)
