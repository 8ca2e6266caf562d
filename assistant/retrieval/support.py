"""How well a passage supports an answer: one calibrated probability, comparable across questions.

Logistic regression (Platt 1999) over absolute features, none of which is relative to the other
candidates: the best of bad passages must not look good.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.records import Passage
from assistant.retrieval.followup import _NUMBERS as NUMBER_WORDS
from assistant.text.danish import words

SUPPORT_FEATURES = (
    "constant",
    "cosine",
    "covered",
    "covered_exactly",
    "covered_with_heading",
    "unknown",
    "fused",
    "english",
    "asks_who",
    "asks_when",
    "asks_how_many",
    "no_focus",
    "focus_words",
)

_WHO = re.compile(
    r"\b(?:hvem|hvilken\s+(?:minister|person|leverandør|kommune)|formand\w*|direktør\s+for|who|chairs?|chairman)\b", re.IGNORECASE
)
_WHEN = re.compile(r"\b(?:hvornår|hvilket\s+år|hvilken\s+dato|dato(?:en)?|årstal|when|what\s+(?:year|date))\b", re.IGNORECASE)
_HOW_MANY = re.compile(
    r"\b(?:hvor\s+(?:mange|meget|stor|store|lang|længe|høj|ofte)|hvad\s+koster|pris(?:en)?|antal\w*|beløb\w*|procent\w*|"
    r"kroner|how\s+(?:many|much|long|often|big|large)|cost|price|percentage)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-ZÆØÅ][a-zæøå]+\s+[A-ZÆØÅ][a-zæøå]+")


def support_features(
    question: str,
    language: str,
    focus: Sequence[str],
    related: Sequence[frozenset[str]],
    weights: Sequence[float],
    passages: Sequence[Passage],
    passage_terms: Sequence[frozenset[str]],
    heading_terms: Sequence[frozenset[str]],
    known: Sequence[bool],
    cosines: NDArray[np.float32],
    fused: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return what support is judged by; shape (len(passages), len(SUPPORT_FEATURES)).

    Args:
        question: the completed question.
        language: "da" or "en".
        focus: stems of the words that it is about.
        related: for each of ``focus``, terms that mean the same, itself included.
        weights: for each of ``focus``, how much it tells (inverse document frequency).
        passages: the candidates to judge.
        passage_terms: index terms of each passage.
        heading_terms: index terms of what stands above each.
        known: for each of ``focus``, whether the corpus has it or a word that means the same.
        cosines: dense similarity of each, not standardised.
        fused: fused score of each.
    """
    total = sum(weights) or 1.0
    unknown = sum(w for w, k in zip(weights, known, strict=True) if not k) / total
    who, when, many = (bool(p.search(question)) for p in (_WHO, _WHEN, _HOW_MANY))
    rows: list[list[float]] = []
    for i, passage in enumerate(passages):
        own, above = passage_terms[i], heading_terms[i]
        exact = sum(w for f, w in zip(focus, weights, strict=True) if f in own)
        meant = sum(w for r, w in zip(related, weights, strict=True) if r & own)
        wide = sum(w for r, w in zip(related, weights, strict=True) if r & own or r & above)
        rows.append(
            [
                1.0,
                float(cosines[i]) * 10,
                meant / total,
                exact / total,
                wide / total,
                unknown,
                float(fused[i]),
                float(language == "en"),
                float(who and not _NAME.search(passage.text)),
                float(when and not _has_number(passage.text)),
                float(many and not _has_number(passage.text)),
                float(not focus),
                min(len(focus), 6) / 6,
            ]
        )
    return np.asarray(rows, dtype=np.float32).reshape(len(rows), len(SUPPORT_FEATURES))


def probabilities(matrix: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probability that each passage supports an answer; shape (n,), in (0, 1)."""
    return np.asarray(1.0 / (1.0 + np.exp(-(matrix @ weights))), dtype=np.float32)


def _has_number(text: str) -> bool:
    return bool(re.search(r"\d", text)) or any(w in NUMBER_WORDS and len(w) > 2 for w in words(text))
