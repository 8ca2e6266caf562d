"""How well a passage supports a sentence: what speaks against it, and how much of it stands there.

The second part is a logistic regression over shares of the sentence's words, fitted and its threshold
chosen by ``python -m eval.verification`` on cases written for it. What speaks against a sentence is not
weighed: anything found there is enough not to verify it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from assistant.verifying import wording
from assistant.verifying.alignment import Evidence, Match, align
from assistant.verifying.contradiction import contradictions
from assistant.verifying.numbers import MONTHS
from assistant.verifying.reading import Reading, Token

FEATURES = (
    "constant",
    "covered",
    "covered_exactly",
    "least_covered_segment",
    "uncovered_words",
    "subject_uncovered",
    "few_words",
)
NOT_COVERED = "Kilden støtter ikke hele sætningen."
PARTICULAR = "»{what}« står ikke i kilden."
_LIGHT, _NO_WEIGHT = 0.4, 0.1


@dataclass(frozen=True, slots=True)
class Weights:
    """What :data:`FEATURES` count for, and the probability from which a sentence counts as supported."""

    weights: tuple[float, ...]
    threshold: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether evidence supports a claim. ``against`` says in Danish what speaks against it."""

    supported: bool
    probability: float
    against: tuple[str, ...]


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """Return the fitted weights."""
    stored = json.loads((files("assistant.verifying") / "measure.json").read_text(encoding="utf-8"))
    return Weights(tuple(stored["weights"]), float(stored["threshold"]))


def judge(
    claim: Reading, evidence: Evidence, *, english: bool = False, weights: Weights | None = None
) -> Judgement:
    """Hold a claim against evidence.

    Args:
        claim: the sentence, without markers.
        evidence: what it cites.
        english: the claim is in English: its words count in translation too.
        weights: other than the fitted ones.
    """
    weights = weights or load_weights()
    matches = align(claim, evidence, english=english)
    missing = absent_particulars(claim, evidence)
    against = tuple(PARTICULAR.format(what=token.text) for token in missing)
    against += contradictions(claim, evidence, matches)
    probability = float(1 / (1 + np.exp(-float(features(claim, matches) @ np.asarray(weights.weights)))))
    if not against and probability < weights.threshold:
        against = (NOT_COVERED,)
    return Judgement(not against, probability, against)


def features(claim: Reading, matches: Sequence[Match]) -> NDArray[np.float64]:
    """Return what support is judged by; shape (len(FEATURES),)."""
    own = [m for m in matches if m.token.content and _weight(m.token) > _NO_WEIGHT]
    if not own:
        return np.asarray([1.0, 0, 0, 0, 0, 1, 1])
    covered = _share(own)
    exact = _share([_only_exact(m) for m in own])
    segments = [[m for m in own if m.token.segment == s] for s in dict.fromkeys(m.token.segment for m in own)]
    # What stands between commas counts alone where it says something: "og mindsker sygefraværet".
    telling = [s for s in segments if sum(_weight(m.token) for m in s) > _LIGHT] or [own]
    least = min(_share(s) for s in telling)
    uncovered = sum(_weight(m.token) for m in own if m.quality == 0)
    subject = float(own[0].quality == 0)
    return np.asarray([1.0, covered, exact, least, uncovered / 3, subject, float(len(own) <= 2)])


def absent_particulars(claim: Reading, evidence: Evidence) -> tuple[Token, ...]:
    """Return the numbers, dates and names of a claim that its evidence does not have."""
    return tuple(t for t in particulars(claim) if not stands_in(t, (evidence.reading, evidence.context)))


def particulars(claim: Reading) -> tuple[Token, ...]:
    """Return the numbers, dates and names of a text."""
    return tuple(t for t in claim.tokens if t.numbers or t.name or _is_date(t, claim))


def stands_in(token: Token, readings: Sequence[Reading]) -> bool:
    """Whether a number or name stands in any of the texts: numbers by value, names but for the genitive."""
    for reading in readings:
        for other in reading.tokens:
            if token.numbers:
                if token.numbers & other.numbers:
                    return True
            elif (
                token.lower == other.lower
                or token.stem == other.stem
                or token.lower.rstrip("s") == other.lower.rstrip("s")
            ):
                return True
    return False


def _is_date(token: Token, claim: Reading) -> bool:
    if token.lower not in MONTHS:
        return False
    return token.place > 0 and bool(claim.tokens[token.place - 1].numbers)


def _share(matches: Sequence[Match]) -> float:
    total = sum(_weight(m.token) for m in matches)
    return sum(_weight(m.token) * m.quality for m in matches) / total


def _weight(token: Token) -> float:
    if token.stem in wording.ASKING or token.stem in wording.QUESTIONING:
        return _NO_WEIGHT
    if token.stem in wording.LIGHT or token.lower in wording.LIGHT:
        return _LIGHT
    return 1.0


def _only_exact(match: Match) -> Match:
    return match if match.quality > 0.8 else Match(match.token, match.place, 0.0)
