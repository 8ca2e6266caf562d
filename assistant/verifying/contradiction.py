"""What turns a claim against its evidence although the words are there.

Each check looks for one way of getting it wrong and says in Danish what it found; a reader is told, and the
claim does not count as verified. They err on the side of finding something.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.verifying import wording
from assistant.verifying.alignment import Evidence, Match, by_clause, main_sentence, opposite, sides
from assistant.verifying.force import denied_otherwise, other_modality
from assistant.verifying.order import misbound, swapped
from assistant.verifying.reading import Reading, Token

DENIED = "Sætningen og kilden er uenige om et »ikke«."
MODALITY = "Kilden siger ikke det samme om, hvad der skal, bør eller kan ske."
OPPOSITE = "Kilden siger noget, der peger den modsatte vej."
SWAPPED = "Der er byttet om på, hvem der gør hvad."
SWAPPED_SUBJECT = "Kilden siger det om en anden eller noget andet."
NUMBER = "Et tal hører til noget andet i kilden."
ABSOLUTE = "Sætningen siger det mere generelt, eller om en anden tid, end kilden gør."
CONDITION = "Kilden har en betingelse, som sætningen ikke har."
ASKED = "Kilden stiller det som et spørgsmål."
CAUSE = "Kilden siger ikke, at det ene er grunden til det andet."
BOUND = "Kilden sætter grænsen anderledes."


def contradictions(claim: Reading, evidence: Evidence, matches: Sequence[Match]) -> tuple[str, ...]:
    """Return what speaks against the claim, as Danish sentences; empty where nothing does."""
    found = [m for m in matches if m.place >= 0]
    checks = (
        (DENIED, denied_otherwise),
        (MODALITY, other_modality),
        (OPPOSITE, _turned),
        (SWAPPED, swapped),
        (SWAPPED_SUBJECT, misbound),
        (NUMBER, _number_elsewhere),
        (BOUND, _other_bound),
        (ABSOLUTE, _absolute),
        (CONDITION, _condition),
        (ASKED, _asked),
        (CAUSE, _cause),
    )
    return tuple(message for message, check in checks if check(claim, evidence.reading, found))


def _turned(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    """Whether a word of the claim has its opposite, and not itself, where the words around it stand."""
    for token in claim.tokens:
        if not sides(token) and len(token.stem) < 5:
            continue
        beside = [m for m in found if m.token.segment == token.segment and m.token.place != token.place]
        here = main_sentence(evidence, beside or found)
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


def _number_elsewhere(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    """Whether what a number counts has another number in the evidence."""
    place = {m.token.place: m.place for m in found}
    for own in by_clause([m for m in found if m.token.content]):
        here = main_sentence(evidence, [m for m in own if not m.token.numbers])
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
    here = main_sentence(evidence, found)
    given = {t.lower for t in evidence.tokens if t.sentence == here}
    said = {t.lower for t in claim.tokens}
    return any(said & group and not given & group for group in wording.UNIVERSAL)


def _condition(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    """Whether the evidence holds only under a condition that the claim leaves out."""
    here = main_sentence(evidence, found)
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
    here = main_sentence(evidence, found)
    if here < 0 or any(claim.asks):
        return False
    asking = {t.stem for t in claim.tokens if t.stem in wording.ASKING}
    if not evidence.asks[here]:
        return bool(asking) and not asking & {t.stem for t in evidence.tokens} and not any(evidence.asks)
    return not any(t.stem in wording.QUESTIONING for t in claim.tokens)


def _cause(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    if not found:
        return False
    said = {t.lower for t in claim.tokens} & wording.CAUSAL
    given = {t.lower for t in evidence.tokens} & (wording.CAUSAL | {"for", "så", "af"})
    return bool(said) and not given
