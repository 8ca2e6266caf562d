"""How well a passage supports an answer: one calibrated probability, comparable across questions.

Logistic regression (Platt 1999) over absolute features, none of which is relative to the other
candidates: the best of bad passages must not look good.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.records import Passage
from assistant.retrieval.followup import NUMBER_WORDS
from assistant.text.danish import compound_parts, stem, stems, words


@dataclass(frozen=True, slots=True)
class Focus:
    """What a question is about: stems, the terms that mean the same, and how much each tells.

    ``weights`` are inverse document frequencies; ``known`` says whether the documents have a word or one
    that means the same, ``present`` whether they have the word itself.
    """

    stems: tuple[str, ...]
    related: tuple[frozenset[str], ...]
    weights: tuple[float, ...]
    known: tuple[bool, ...]
    present: tuple[bool, ...]


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
)

PARTICULARS = ("unknown_name", "when_missing", "number_missing", "where_missing", "attribute_missing", "task")
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
    r"\b(?:hvor\s+(?:mange|meget|stor|store|stort|lang|langt|længe|høj|højt|ofte|gammel)|koster?|pris(?:en)?|antal\w*|beløb\w*|procent\w*|"
    r"kroner|how\s+(?:many|much|long|often|big|large|old)|costs?|price|percentage)\b",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"\b(?:hvor\s+(?:ligger|bor|foregår|holder|finder|er\s+\w+\s+placeret)|adresse\w*|where)\b", re.IGNORECASE
)
# What registers and budgets hold and papers like these seldom do.
_ATTRIBUTE = re.compile(
    r"\b(?:formand\w*|medlem\w*|deltager\w*|leverandør\w*|forfatter\w*|løn\w*|tjener|adresse\w*|telefon\w*|mail\w*|budget\w*|"
    r"offentliggjort|udkom\w*|startede|begyndte|oprettet|nedsat|vedtaget|forkortelsen?|står\s+for|chairman|chairs?|"
    r"members?|salary|published|abbreviation|address|phone|budget|founded)\b",
    re.IGNORECASE,
)
_TASK = re.compile(
    r"\b(?:oversæt\w*|digt\w*|vittighed\w*|joke\w*|sang\w*|julesang\w*|opskrift\w*|python\w*|programmer\w*|gange\s+\d|"
    r"vejret?|vejrudsigt\w*|translate|poem|recipe|weather)\b|\d\s*[+*/x]\s*\d",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)\b(?:[A-ZÆØÅ][\wæøå]+|[A-ZÆØÅ]{2,}\w*)")
_ACTORS = frozenset(
    stem(w)
    for w in """
    leder ledelse topledelse topleder ledelseskæde borger medarbejder politiker folkevalgte
    kommunalbestyrelse embedsværk virksomhed forening aktør stat kommune region administration
    forvaltning professionerne læge folketing regering myndighed frivillige folk interessent
    organisation velfærdsaktører embedsmand minister chef direktør
    """.split()
)


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
    """
    total = sum(focus.weights) or 1.0
    pairs = list(zip(focus.stems, focus.related, focus.weights, strict=True))
    unknown = sum(w for w, k in zip(focus.weights, focus.known, strict=True) if not k) / total
    asks = [bool(p.search(question)) for p in (_WHO, _WHEN, _HOW_MANY, _WHERE)]
    attributes = [stem(m.group().lower()) for m in _ATTRIBUTE.finditer(question)]
    task = float(bool(_TASK.search(question)))
    unknown_name = float(_names_unknown(question, focus))
    asked = {*focus.stems, *stems(question)}
    rows: list[list[float]] = []
    for i, passage in enumerate(passages):
        own, above = passage_terms[i], heading_terms[i]
        exact = sum(w for f, _, w in pairs if f in own) / total
        meant = sum(w for _, r, w in pairs if r & own) / total
        wide = sum(w for _, r, w in pairs if r & own or r & above) / total
        first_missing = bool(pairs) and not pairs[0][1] & (own | above)
        has_number = _has_number(passage.text)
        actors = _has_actor(passage.text, asked)
        rows.append(
            [
                1.0,
                float(cosines[i]) * 10 - 8,
                (float(cosines[i]) - mean_cosine) * 10,
                mean_cosine * 10 - 8,
                meant,
                exact,
                wide,
                unknown,
                unknown_name,
                float(first_missing),
                float(asks[0] and not actors),
                float(asks[1] and not has_number),
                float(asks[2] and not has_number),
                float(asks[3] and not _NAME.search(passage.text)),
                float(any(a not in own for a in attributes)),
                task,
                float(fused[i]) / 5,
                float(language == "en"),
                float(len(focus.stems) <= 2),
                float(not in_sides[i]),
            ]
        )
    return np.asarray(rows, dtype=np.float32).reshape(len(rows), len(SUPPORT_FEATURES))


def probabilities(matrix: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probability that each passage supports an answer; shape (n,), in (0, 1)."""
    return np.asarray(1.0 / (1.0 + np.exp(-(matrix @ weights))), dtype=np.float32)


def _names_unknown(question: str, focus: Focus) -> bool:
    """Whether the question has a name that the documents do not: "Danske Regioner", "KL"."""
    absent = {s for s, here in zip(focus.stems, focus.present, strict=True) if not here}
    return any(stem(m.group().lower()) in absent for m in _NAME.finditer(question))


def _has_actor(text: str, asked: Collection[str]) -> bool:
    """Whether ``text`` names somebody beyond what the question names itself."""
    fresh = (w for w in words(text) if stem(w) not in asked)
    return any(
        stem(w) in _ACTORS or any(part in _ACTORS for part in compound_parts(w, _ACTORS)) for w in fresh
    )


def _has_number(text: str) -> bool:
    return bool(re.search(r"\d", text)) or any(w in NUMBER_WORDS and len(w) > 2 for w in words(text))
