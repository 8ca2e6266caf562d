"""With what force something is said: denied or not, and whether it must, should or can be."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.verifying import wording
from assistant.verifying.alignment import Match, by_clause, clause_tokens, main_sentence
from assistant.verifying.reading import Reading, Token


def denied_otherwise(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    """Whether one denies what the other does not."""
    for own in by_clause([m for m in found if m.token.content]):
        denies = any(t.lower in wording.NEGATORS for t in claim.clause(own[0].token.clause))
        here = main_sentence(evidence, own)
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
    if token.denied or token.sentence != sentence or not clause or evidence.asks[sentence]:
        return False
    return _opens_beside(clause)


def _opens_beside(clause: Sequence[Token]) -> bool:
    first = clause[0].lower
    return first in wording.RELATIVE or (first in wording.CONDITIONAL and first not in wording.NEGATORS)


def other_modality(claim: Reading, evidence: Reading, found: Sequence[Match]) -> bool:
    """Whether one says that it must, should or can be, and the other something else."""
    for own in by_clause([m for m in found if m.token.content]):
        said = _modals(claim.clause(own[0].token.clause))
        given = _modals(clause_tokens(evidence, own))
        if said == given:
            continue
        if not given:
            if wording.MAY in said or _told_as_fact(claim, evidence, own):
                return True
        elif (not said and (_modal_governs(evidence, own) or _told_as_done(claim, evidence, own))) or (
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


def _told_as_done(claim: Reading, evidence: Reading, own: Sequence[Match]) -> bool:
    """Whether "kan blive slettet" is told as "bliver slettet"."""
    said = {t.lower for t in claim.clause(own[0].token.clause)}
    given = {t.lower for t in clause_tokens(evidence, own)}
    return bool(said & _FINITE) and bool(given & _INFINITE) and not given & _FINITE


_FINITE = frozenset("er bliver blev har var".split())
_INFINITE = frozenset("være blive have".split())
