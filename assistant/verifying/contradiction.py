"""What turns a claim against its evidence although the words are there.

Each check looks for one way of getting it wrong and says in Danish what it found; a reader is told, and the
claim does not count as verified. They err on the side of finding something.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from assistant.verifying import wording
from assistant.verifying.alignment import ROOT, SYNONYM, Evidence, Match, opposite, sides
from assistant.verifying.reading import Reading, Token

DENIED = "Sætningen og kilden er uenige om et »ikke«."
MODALITY = "Kilden siger ikke det samme om, hvad der skal, bør eller kan ske."
OPPOSITE = "Kilden siger noget, der peger den modsatte vej."
SWAPPED = "Rækkefølgen er byttet om: kilden siger det om den anden."
SWAPPED_SUBJECT = "Kilden siger det om en anden eller noget andet."
NUMBER = "Et tal hører til noget andet i kilden."
ABSOLUTE = "Sætningen siger mere generelt, end kilden gør."
CONDITION = "Kilden har en betingelse, som sætningen ikke har."
ASKED = "Kilden stiller det som et spørgsmål."
CAUSE = "Kilden siger ikke, at det ene er grunden til det andet."
BOUND = "Kilden sætter grænsen anderledes."


def contradictions(claim: Reading, evidence: Evidence, matches: Sequence[Match]) -> tuple[str, ...]:
    """Return what speaks against the claim, as Danish sentences; empty where nothing does."""
    found = [m for m in matches if m.place >= 0]
    checks = (
        (DENIED, _denied),
        (MODALITY, _modality),
        (OPPOSITE, _turned),
        (SWAPPED, _swapped),
        (SWAPPED_SUBJECT, _misbound),
        (NUMBER, _number_elsewhere),
        (BOUND, _other_bound),
        (ABSOLUTE, _absolute),
        (CONDITION, _condition),
        (ASKED, _asked),
        (CAUSE, _cause),
    )
    return tuple(message for message, check in checks if check(claim, evidence.reading, found))


def _clauses(found: Sequence[Match]) -> Iterator[list[Match]]:
    for clause in dict.fromkeys(m.token.clause for m in found):
        yield [m for m in found if m.token.clause == clause]


def _sentence(evidence: Reading, found: Sequence[Match]) -> int:
    """The sentence of the evidence that has most of the matches."""
    counted = Counter(evidence.tokens[m.place].sentence for m in found if m.token.content)
    return counted.most_common(1)[0][0] if counted else -1


def _clause_tokens(evidence: Reading, found: Sequence[Match]) -> list[Token]:
    """The tokens of those clauses of the evidence that hold the matches."""
    clauses = {evidence.tokens[m.place].clause for m in found if m.token.content}
    return [token for token in evidence.tokens if token.clause in clauses]


def _denied(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    for own in _clauses([m for m in found if m.token.content]):
        denies = any(t.lower in wording.NEGATORS for t in claim.clause(own[0].token.clause))
        here = _sentence(evidence, own)
        main = [m for m in own if not _beside(evidence, evidence.tokens[m.place], here)]
        if not main or _opens_beside(claim.clause(own[0].token.clause)):
            main = own
        differing = sum(m.token.denied != evidence.tokens[m.place].denied for m in main)
        if differing * 2 >= max(len(main), 1) or (differing and denies):
            return True
    return False


def _beside(evidence: Reading, token: Token, sentence: int) -> bool:
    """Whether a token stands in a clause beside the main one: "..., der leveres af ...", "hvis ..."."""
    clause = evidence.clause(token.clause)
    if token.sentence != sentence or not clause or evidence.asks[sentence]:
        return False
    return _opens_beside(clause)


def _opens_beside(clause: Sequence[Token]) -> bool:
    first = clause[0].lower
    return first in wording.RELATIVE or (first in wording.CONDITIONAL and first not in wording.NEGATORS)


def _modality(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    for own in _clauses([m for m in found if m.token.content]):
        said = _modals(claim.clause(own[0].token.clause))
        given = _modals(_clause_tokens(evidence, own))
        if said == given:
            continue
        if not given:
            if wording.MAY in said or _told_as_fact(claim, evidence, own):
                return True
        elif (not said and _modal_governs(evidence, own)) or (
            said
            and (
                wording.MUST in said ^ given or wording.SHOULD in said ^ given or wording.MAY in said ^ given
            )
        ):
            return True
    return False


def _modals(tokens: Sequence[Token]) -> frozenset[str]:
    found = set()
    for place, token in enumerate(tokens):
        kind = wording.MODALS.get(token.lower)
        if token.lower == "må" and place + 1 < len(tokens) and tokens[place + 1].lower == "gerne":
            kind = wording.MAY
        if token.lower == "muligt" and place and tokens[place - 1].lower == "vidt":
            continue
        if kind and kind != wording.WILL:
            found.add(kind)
    return frozenset(found)


def _told_as_fact(claim: Reading, evidence: Reading, own: Sequence[Match]) -> bool:
    """Whether the evidence has the claim's infinitive ("skal skabe") in the present tense ("skaber")."""
    for match in own:
        here = evidence.tokens[match.place]
        if match.token.lower.endswith("e") and here.lower == match.token.lower + "r":
            return True
    return False


def _modal_governs(evidence: Reading, own: Sequence[Match]) -> bool:
    """Whether a verb of the claim stands under a modal in the evidence: "skal skabe" told as "skaber"."""
    for match in own:
        here = evidence.tokens[match.place]
        infinitive = here.lower.endswith("e") and match.token.lower == here.lower + "r"
        passive = here.lower.endswith("es") and match.token.lower.rstrip("s") == here.lower.rstrip("s")
        before = [t for t in evidence.tokens if t.clause == here.clause and t.place < here.place]
        modal = any(t.lower in wording.MODALS and wording.MODALS[t.lower] != wording.WILL for t in before)
        if modal and (infinitive or passive):
            return True
    return False


def _turned(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    """Whether a word of the claim has its opposite, and not itself, where the words around it stand."""
    for token in claim.tokens:
        if not sides(token) and len(token.stem) < 5:
            continue
        beside = [m for m in found if m.token.segment == token.segment and m.token.place != token.place]
        here = _sentence(evidence, beside or found)
        near = [t for t in evidence.tokens if t.sentence == here]
        if any(t.stem == token.stem or sides(t) & sides(token) for t in near):
            if _bound_to_the_other(token, claim, evidence, found):
                return True
        elif any(opposite(token, t) for t in near):
            return True
    return False


def _bound_to_the_other(token: Token, claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    """Whether the word beside ``token`` has the opposite beside it in the evidence ("flere mål, færre krav")."""
    if not sides(token):
        return False
    place = {m.token.place: m.place for m in found}
    following = next((t for t in claim.tokens if t.place > token.place and t.content), None)
    if following is None or following.place - token.place > 2 or following.place not in place:
        return False
    here = place[following.place]
    before = [t for t in evidence.tokens if here - 3 <= t.place < here and sides(t)]
    same = [t for t in before if sides(t) & sides(token)]
    return not same and any(opposite(token, t) for t in before)


def _swapped(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
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
            if _made_a_verb(words[start:end], words[end], evidence):
                continue
            if words[start - 1].place > middle[-1] and words[end].place < middle[0]:
                return True
    return False


def _made_a_verb(middle: Sequence[Match], following: Match, evidence: Reading) -> bool:
    """Whether "udvikle lokalsamfundet" is said of "lokalsamfundets udvikling"."""
    genitive = evidence.tokens[following.place].lower.endswith("s")
    return genitive and following.place == middle[0].place - 1 and middle[0].quality == ROOT


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
    for own in _clauses(words):
        first = own[0]
        if len(own) < 2 or not _is_subject(first.token, claim):
            continue
        following = own[1].place
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


def _number_elsewhere(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    """Whether what a number counts has another number in the evidence."""
    place = {m.token.place: m.place for m in found}
    for own in _clauses([m for m in found if m.token.content]):
        here = _sentence(evidence, [m for m in own if not m.token.numbers])
        others = [m for m in own if m.token.numbers and evidence.tokens[m.place].sentence != here]
        if here >= 0 and others and any(t.numbers for t in evidence.tokens if t.sentence == here):
            return True
    for token in claim.tokens:
        following = next((t for t in claim.tokens if t.place > token.place and t.content), None)
        if not token.numbers or following is None or following.place - token.place > 2 or following.numbers:
            continue
        if following.place not in place:
            continue
        here = place[following.place]
        before = [t for t in evidence.tokens if here - 3 <= t.place < here and t.numbers]
        if before and not any(t.numbers & token.numbers for t in before):
            return True
    return False


def _other_bound(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    for match in found:
        if match.token.numbers:
            said, given = _bound(claim, match.token.place), _bound(evidence, match.place)
            if said and said != given:
                return True
    return False


def _bound(reading: Reading, place: int) -> str:
    near = [
        t for t in reading.tokens if place - 4 <= t.place < place and t.clause == reading.tokens[place].clause
    ]
    kinds = [wording.BOUNDS[t.lower] for t in near if t.lower in wording.BOUNDS]
    if any(t.lower == "op" for t in near) and any(t.lower == "til" for t in near):
        kinds.append("upper")
    return kinds[-1] if kinds else ""


def _absolute(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    here = _sentence(evidence, found)
    given = {t.lower for t in evidence.tokens if t.sentence == here}
    said = {t.lower for t in claim.tokens}
    return any(said & group and not given & group for group in wording.UNIVERSAL)


def _condition(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    """Whether the evidence holds only under a condition that the claim leaves out."""
    here = _sentence(evidence, found)
    tokens = [t for t in evidence.tokens if t.sentence == here]
    said = {t.lower for t in claim.tokens}
    if said & wording.CONDITIONAL:
        return False
    matched = {m.place for m in found}
    for token in tokens:
        only_when = token.lower in ("når", "when") and any(t.lower in wording.ONLY for t in tokens)
        if token.lower not in wording.CONDITIONAL and not only_when:
            continue
        if only_when and said & wording.ONLY:
            continue
        reach = {token.clause}
        following = [t for t in tokens if t.clause == token.clause + 1]
        if following and following[0].lower in ("at", "der", "som"):
            reach.add(token.clause + 1)
        inside = [t for t in tokens if t.clause in reach and t.content]
        if not inside or sum(t.place in matched for t in inside) * 2 < len(inside):
            return True
    return False


def _asked(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    """Whether one asks and the other tells."""
    here = _sentence(evidence, found)
    if here < 0 or any(claim.asks):
        return False
    asking = {t.stem for t in claim.tokens if t.stem in wording.ASKING}
    if not evidence.asks[here]:
        return bool(asking) and not asking & {t.stem for t in evidence.tokens} and not any(evidence.asks)
    return not any(t.stem in wording.QUESTIONING for t in claim.tokens)


def _misbound(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    """Whether the subject of a claim stands elsewhere than the rest, which there has another subject."""
    for own in _clauses([m for m in found if m.token.content]):
        if len(own) < 2:
            continue
        first = own[0]
        rest = _sentence(evidence, own[1:])
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


def _cause(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    if not found:
        return False
    said = {t.lower for t in claim.tokens} & wording.CAUSAL
    given = {t.lower for t in evidence.tokens} & (wording.CAUSAL | {"for", "så", "af"})
    return bool(said) and not given
