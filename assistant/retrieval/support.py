"""How well a passage supports an answer: one calibrated probability, comparable across questions.

Logistic regression (Platt 1999) over absolute features, none of which is relative to the other
candidates: the best of bad passages must not look good.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assistant.records import Passage
from assistant.retrieval.contents import (
    NAME,
    actors_in,
    has_date,
    has_full_name,
    has_name,
    has_quantity,
    only_mentioned,
)
from assistant.retrieval.known import KNOWN_FEATURES
from assistant.text.danish import stem, stems


@dataclass(frozen=True, slots=True)
class Focus:
    """What a question is about: stems, the terms that mean the same, and how much each tells.

    ``weights`` are inverse document frequencies; ``known`` says whether the documents have a word or one
    that means the same, ``present`` whether they have the word itself. ``related`` holds the parts of a
    compound too, ``direct`` does not.
    """

    stems: tuple[str, ...]
    related: tuple[frozenset[str], ...]
    weights: tuple[float, ...]
    known: tuple[bool, ...]
    present: tuple[bool, ...]
    direct: tuple[frozenset[str], ...]


SUPPORT_FEATURES = (
    "constant",
    "cosine",
    "cosine_above_mean",
    "mean_cosine",
    "covered",
    "covered_exactly",
    "covered_with_heading",
    "unknown",
    "unknown_name",
    "asked_for_missing",
    "who_missing",
    "when_missing",
    "number_missing",
    "where_missing",
    "attribute_missing",
    "task",
    "fused",
    "english",
    "few_words",
    "speaker_absent",
    "by_part",
    "person_missing",
    "instances",
    "service",
    "only_mentioned",
    "stranger",
    *KNOWN_FEATURES,
)

PARTICULARS = (
    "person_missing",
    "service",
    "unknown_name",
    "when_missing",
    "number_missing",
    "where_missing",
    "attribute_missing",
    "task",
)
"""Features that show that something particular is asked for that a passage does not have."""

JUDGED_FOR_CONFIDENCE = 5
"""The confidence of an answer is the best support among so many of the first passages."""

_WHO = re.compile(
    r"\b(?:hvem|hvis\s+(?:ansvar|opgave)|hvilken\s+(?:minister|person|leverandør|afdeling|myndighed)|who|whose|which\s+minister)\b",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\b(?:hvornår|hvilket\s+år|hvilken\s+dato|dato(?:en)?|årstal\w*|when|what\s+(?:year|date))\b",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(
    r"\b(?:hvor\s+(?:mange|stor|store|stort|lang|langt|længe|høj|højt|ofte|gammel)|hvor\s+meget\s+(?:koster|tjener|får|fylder|betaler|bruger|penge|tid)|"
    r"koster?|pris(?:en)?|hvad\s+er\s+antallet|beløb\w*|procent\w*|kroner|how\s+(?:many|much|long|often|big|large|old)|costs?|price|percentage)\b",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"\b(?:hvor\s+(?:ligger|bor|foregår|holder|finder|er\s+\w+\s+placeret)|adresse\w*|where)\b", re.IGNORECASE
)
# What registers and budgets hold and papers like these seldom do.
_ATTRIBUTE = re.compile(
    r"\b(?:hvem\s+(?:er|var)\s+med\s+i|hvem\s+sidder|pligterne|pligter|formand\w*|medlem\w*|deltager\w*|leverandør\w*|forfatter\w*|løn\w*|tjener|adresse\w*|telefon\w*|mail\w*|budget\w*|"
    r"offentliggjort|udkom\w*|startede|begyndte|oprettet|nedsat|vedtaget|forkortelsen?|står\s+for|chairman|chairs?|"
    r"members?|salary|published|abbreviation|address|phone|budget|founded)\b",
    re.IGNORECASE,
)
_TASK = re.compile(
    r"\b(?:oversæt\w*|digt(?:et|e|er)?|vittighed\w*|joke\w*|sang\w*|julesang\w*|opskrift\w*|python\w*|programmer\w*|gange\s+\d|"
    r"vejret?|vejrudsigt\w*|translate|poem|recipe|weather)\b|\d\s*[+*/x]\s*\d",
    re.IGNORECASE,
)
# A single person's name, which stands as two words with capitals.
_PERSON = re.compile(
    r"\bhvem\s+(?:er|var|bliver|blev)\s+(?:\w+\s+){0,2}?\w*(?:minister|formand|borgmester|direktør|ordfører|forfatter)\w*|"
    r"\bhvilken\s+\w*(?:minister|person|borgmester|forfatter)\w*|\bhvem\s+(?:holdt|skrev|har\s+(?:skrevet|holdt|lavet))\b",
    re.IGNORECASE,
)
# Papers are by persons or by those who sent them: "Et debatoplæg fra Kommunaldirektørforeningen".
_WRITTEN = re.compile(r"\bhvem\s+(?:skrev|har\s+(?:skrevet|lavet))\b", re.IGNORECASE)
_FROM = re.compile(r"\b(?:fra|af|ved|by|from)\s+[A-ZÆØÅ]\w{2,}")
# What was in fact done, and by which: registers and news hold that, papers on principles do not.
_INSTANCES = re.compile(
    r"\bhvilke[nt]?\b[^?]*\bhar\b[^?]*\b(?:\w{3,}(?:et|dt|mt)|taget)\b|\bhvilke[nt]?\s+\w+\s+er\s+(?:bedst|størst|mest|flest|dårligst|først)\w*|"
    r"\bhvilke[nt]?\s+\w+\s+(?:kom|blev|fik|fremlagde|afgav|vedtog|besluttede)\b|\bhvad\s+(?:skete|svarede)\b|\bhar\s+\w+\s+svaret\b|\bi\s+dag\s*\?|\bdet\s+seneste\s+år\b",
    re.IGNORECASE,
)
_SERVICE = re.compile(
    r"\bhvordan\s+(?!ser\b)\w+\s+(?:jeg|man)\s+(?:over|mit|min|mine|om|et|en|på)\b|\bhar\s+jeg\s+ret\b|\b(?:skal|kan|må)\s+jeg\s+(?:skifte|betale|søge|få)\b",
    re.IGNORECASE,
)
_EXPLAIN = re.compile(
    r"^\W*(?:hvad\s+(?:er|handler|dækker|går|indeholder|indebærer|står|betyder)|hvem\s+(?:er\s+med|sidder|deltager)|hvilke\s+\w+\s+\w+\s+\w+\s+i)\b",
    re.IGNORECASE,
)
_FREQUENCY = frozenset("sjældent ofte altid aldrig hyppigt løbende dagligt årligt".split())
_QUANTITY = frozenset("få færre mange flere".split())
_OUGHT = re.compile(r"\b(?:skal|bør|må|vil)\b", re.IGNORECASE)


def support_features(  # noqa: PLR0913, PLR0917 - what a passage is judged by has that many sides
    question: str,
    language: str,
    focus: Focus,
    passages: Sequence[Passage],
    passage_terms: Sequence[frozenset[str]],
    heading_terms: Sequence[frozenset[str]],
    cosines: NDArray[np.float32],
    mean_cosine: float,
    fused: NDArray[np.float32],
    in_sides: Sequence[bool],
    *,
    stranger: bool = False,
    known: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Return what support is judged by; shape (len(passages), len(SUPPORT_FEATURES)).

    Args:
        question: the completed question.
        language: "da" or "en".
        focus: what the question is about.
        passages: the candidates to judge.
        passage_terms: index terms of each passage.
        heading_terms: index terms of what stands above each.
        cosines: dense similarity of each, not standardised.
        mean_cosine: mean of that over the index.
        fused: fused score of each.
        in_sides: for each, whether it is of the speaker that the question names; true where it names none.
        stranger: whether it asks for the words of somebody who has no document here.
        known: what known questions tell of each, shape (len(passages), len(KNOWN_FEATURES)).
    """
    n = len(passages)
    enough = _FREQUENCY | (_QUANTITY if _OUGHT.search(question) else frozenset())
    attributes = [stem(m.group().lower()) for m in _ATTRIBUTE.finditer(question)]
    total = sum(focus.weights) or 1.0
    unknown = sum(w for w, k in zip(focus.weights, focus.known, strict=True) if not k) / total
    covered = _covered(focus, passage_terms, heading_terms)
    written = _WRITTEN.search(question)
    cosine = cosines.astype(np.float64)

    def where(wanted: object, lacks: Callable[[str], bool]) -> NDArray[np.bool_] | float:
        """Texts are only looked at where the question asks for what they may lack."""
        return np.fromiter((lacks(p.text) for p in passages), bool, n) if wanted else 0.0

    asked = frozenset((*focus.stems, *stems(question)))
    columns: dict[str, ArrayLike] = {
        "constant": 1.0,
        "cosine": cosine * 10 - 8,
        "cosine_above_mean": (cosine - mean_cosine) * 10,
        "mean_cosine": mean_cosine * 10 - 8,
        "covered": covered.meant / total,
        "covered_exactly": covered.exact / total,
        "covered_with_heading": covered.wide / total,
        "unknown": unknown,
        "unknown_name": _names_unknown(question, focus),
        "asked_for_missing": covered.first_missing,
        "who_missing": where(_WHO.search(question), lambda text: actors_in(text) <= asked),
        "when_missing": where(_WHEN.search(question), lambda text: not has_date(text)),
        "number_missing": where(_HOW_MANY.search(question), lambda text: not has_quantity(text, enough)),
        "where_missing": where(_WHERE.search(question), lambda text: not has_name(text)),
        "attribute_missing": [any(a not in own for a in attributes) for own in passage_terms],
        "task": bool(_TASK.search(question)),
        "fused": fused.astype(np.float64) / 5,
        "english": language == "en",
        "few_words": len(focus.stems) <= 2,
        "speaker_absent": [not inside for inside in in_sides],
        "by_part": covered.by_part / total,
        "person_missing": where(
            _PERSON.search(question),
            lambda text: not has_full_name(text) and not (written and _FROM.search(text)),
        ),
        "instances": bool(_INSTANCES.search(question)),
        "service": bool(_SERVICE.search(question)),
        "stranger": stranger,
        "only_mentioned": where(
            _EXPLAIN.search(question), lambda text: only_mentioned(text, focus.stems, focus.related)
        ),
    }
    for column, name in enumerate(KNOWN_FEATURES):
        columns[name] = 0.0 if known is None else known[:, column]
    matrix = np.empty((n, len(SUPPORT_FEATURES)), dtype=np.float32)
    for column, name in enumerate(SUPPORT_FEATURES):
        matrix[:, column] = columns[name]
    return matrix


def probabilities(matrix: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probability that each passage supports an answer; shape (n,), in (0, 1)."""
    return np.asarray(1.0 / (1.0 + np.exp(-(matrix @ weights))), dtype=np.float32)


def _names_unknown(question: str, focus: Focus) -> bool:
    """Whether the question has a name that the documents do not: "Danske Regioner", "KL"."""
    absent = {s for s, here in zip(focus.stems, focus.known, strict=True) if not here}
    return any(stem(m.group().lower()) in absent for m in NAME.finditer(question))


@dataclass(frozen=True, slots=True)
class _Covered:
    """The weight of the words of a question that each passage has; each shape (n,), float64.

    ``exact``: in the question's own words; ``meant``: in any; ``wide``: with what stands above the passage;
    ``by_part``: only as a part of a compound. ``first_missing``: the first word is in neither.
    """

    exact: NDArray[np.float64]
    meant: NDArray[np.float64]
    wide: NDArray[np.float64]
    by_part: NDArray[np.float64]
    first_missing: NDArray[np.bool_]


def _covered(focus: Focus, own: Sequence[frozenset[str]], above: Sequence[frozenset[str]]) -> _Covered:
    n = len(own)
    exact, meant, wide, by_part = ([0.0] * n for _ in range(4))
    first_missing = [bool(focus.stems)] * n
    wanted = frozenset(focus.stems).union(*focus.related, *focus.direct)
    words = list(enumerate(zip(focus.stems, focus.related, focus.direct, focus.weights, strict=True)))
    # Most passages have none of the words, so that is asked first.
    for row, (terms, overhead) in enumerate(zip(own, above, strict=True)):
        inside, over = wanted & terms, wanted & overhead
        if not inside and not over:
            continue
        for word, (term, related, direct, weight) in words:
            held = not related.isdisjoint(inside)
            if not held and related.isdisjoint(over):
                continue
            wide[row] += weight
            if word == 0:
                first_missing[row] = False
            if held:
                meant[row] += weight
                exact[row] += weight * (term in inside)
                by_part[row] += weight * direct.isdisjoint(inside)
    return _Covered(
        np.asarray(exact, dtype=np.float64),
        np.asarray(meant, dtype=np.float64),
        np.asarray(wide, dtype=np.float64),
        np.asarray(by_part, dtype=np.float64),
        np.asarray(first_missing, dtype=bool),
    )
