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
_FULL_NAME = re.compile(r"\b[A-ZÆØÅ][a-zæøå]+\s+(?:[A-ZÆØÅ]\.?\s+)?[A-ZÆØÅ][a-zæøå]+")
# What was in fact done, and by which: registers and news hold that, papers on principles do not.
_INSTANCES = re.compile(
    r"\bhvilke[nt]?\b[^?]*\bhar\b[^?]*\b(?:\w{3,}(?:et|dt|mt)|taget)\b|\bhvilke[nt]?\s+\w+\s+er\s+(?:bedst|størst|mest|flest|dårligst|først)\w*|"
    r"\bhvad\s+(?:skete|svarede)\b|\bhar\s+\w+\s+svaret\b|\bi\s+dag\s*\?|\bdet\s+seneste\s+år\b",
    re.IGNORECASE,
)
_SERVICE = re.compile(
    r"\bhvordan\s+\w+\s+(?:jeg|man)\s+(?:over|mit|min|mine|om|et|en|på)\b|\bhar\s+jeg\s+ret\b|\b(?:skal|kan|må)\s+jeg\s+(?:skifte|betale|søge|få)\b",
    re.IGNORECASE,
)
_EXPLAIN = re.compile(
    r"^\W*(?:hvad\s+(?:er|handler|dækker|går|indeholder|indebærer|står|betyder)|hvem\s+(?:er\s+med|sidder|deltager)|hvilke\s+\w+\s+\w+\s+\w+\s+i)\b",
    re.IGNORECASE,
)
_MENTIONED = re.compile(
    r"[”“\"»][^”“\"«]{2,60}[”“\"«]|\([^)]{2,60}\)|\b[A-ZÆØÅ]{2,}\w*(?:\s+\w+)?|\b[A-ZÆØÅ]\w+\s+\d+"
)
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:januar|februar|marts|april|maj|juni|juli|august|september|oktober|november|december)\b|"
    r"\b(?:mandag|tirsdag|onsdag|torsdag|fredag|lørdag|søndag)\w*|\b(?:sidste|næste|første|inden)\s+(?:år|måned|uge|kvartal)\w*",
    re.IGNORECASE,
)
_FREQUENCY = frozenset("sjældent ofte altid aldrig hyppigt løbende dagligt årligt".split())
_QUANTITY = frozenset("få færre mange flere".split())
_OUGHT = re.compile(r"\b(?:skal|bør|må|vil)\b", re.IGNORECASE)
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
    direct = list(zip(focus.direct, focus.related, focus.weights, strict=True))
    enough = _FREQUENCY | (_QUANTITY if _OUGHT.search(question) else frozenset())
    person, service = bool(_PERSON.search(question)), float(bool(_SERVICE.search(question)))
    instances, explain = float(bool(_INSTANCES.search(question))), bool(_EXPLAIN.search(question))
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
        by_part = sum(w for d, r, w in direct if r & own and not d & own) / total
        has_number = _has_number(passage.text)
        has_quantity = has_number or not enough.isdisjoint(words(passage.text))
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
                float(asks[1] and not _DATE.search(passage.text)),
                float(asks[2] and not has_quantity),
                float(asks[3] and not _NAME.search(passage.text)),
                float(any(a not in own for a in attributes)),
                task,
                float(fused[i]) / 5,
                float(language == "en"),
                float(len(focus.stems) <= 2),
                float(not in_sides[i]),
                by_part,
                float(person and not _FULL_NAME.search(passage.text)),
                instances,
                service,
                float(explain and _only_mentioned(passage.text, [r for _, r, _ in pairs])),
            ]
        )
    return np.asarray(rows, dtype=np.float32).reshape(len(rows), len(SUPPORT_FEATURES))


def probabilities(matrix: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probability that each passage supports an answer; shape (n,), in (0, 1)."""
    return np.asarray(1.0 / (1.0 + np.exp(-(matrix @ weights))), dtype=np.float32)


def _names_unknown(question: str, focus: Focus) -> bool:
    """Whether the question has a name that the documents do not: "Danske Regioner", "KL"."""
    absent = {s for s, here in zip(focus.stems, focus.known, strict=True) if not here}
    return any(stem(m.group().lower()) in absent for m in _NAME.finditer(question))


def _only_mentioned(text: str, related: Sequence[frozenset[str]]) -> bool:
    """Whether what ``text`` has of the question is a name, a title or an aside, which it does not explain."""
    inside: set[str] = set()
    outside = text
    for match in _MENTIONED.finditer(text):
        inside.update(stem(w) for w in words(match.group()))
        outside = outside.replace(match.group(), " ")
    around = set(stems(outside))
    touched = [r for r in related if r & inside or r & around]
    return bool(touched) and all(r & inside and not r & around for r in touched)


def _has_actor(text: str, asked: Collection[str]) -> bool:
    """Whether ``text`` names somebody beyond what the question names itself."""
    fresh = (w for w in words(text) if stem(w) not in asked)
    return any(
        stem(w) in _ACTORS or any(part in _ACTORS for part in compound_parts(w, _ACTORS)) for w in fresh
    )


def _has_number(text: str) -> bool:
    return bool(re.search(r"\d", text)) or any(w in NUMBER_WORDS and len(w) > 2 for w in words(text))
