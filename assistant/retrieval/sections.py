"""Whether a question asks for a whole section or list, and which.

A conditional logit over the sections of the best candidates, with "none of them" as one more choice
(McFadden 1974). Its features are about the question, the heading and the passages below it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from assistant.records import Passage
from assistant.retrieval.followup import NUMBER_WORDS, ordinal_in
from assistant.retrieval.known import KNOWN_FEATURES
from assistant.retrieval.standing import is_fragment
from assistant.retrieval.wordlists import DANISH_FUNCTION_WORDS
from assistant.text.danish import stem, words

SECTION_FEATURES = (
    "constant",
    "focus_in_headings",
    "focus_in_heading",
    "heading_in_focus",
    "both",
    "all_in_headings",
    "all_in_heading",
    "heading_dense",
    "mean_below_best",
    "holds_best",
    "list_cue",
    "section_cue",
    "cue_and_focus",
    "ordinal",
    "speaker",
    "known_inside",
    "known_whole",
    "known_words_inside",
    "known_words_whole",
    "known_whitened_inside",
    "known_whitened_whole",
    "known_learned_inside",
    "known_learned_whole",
)

_LIST_CUE = re.compile(
    r"\b(?:hvilke|nævn|list(?:e|er)?|oprems\w*|punktform|punkter(?:ne)?|oversigt\w*|which|what\s+are|list|enumerate)\b",
    re.IGNORECASE,
)
_SECTION_CUE = re.compile(
    r"\b(?:indebærer|omfatter|rummer|dækker|kendetegner|karakteriserer|gennemgå|beskriv|overblik|oversigt|hovedpunkter\w*|indhold\w*|"
    r"handler|forstår|forstås|består|hører\s+under|går\s+ud\s+på|involve|entail|cover|overview|summari[sz]e|opsummer\w*|"
    r"fortæl\s+om|alle?\s+(?:punkter\w*|det)|det\s+hele|redegør\w*)\b",
    re.IGNORECASE,
)


_NUMBERED = re.compile(r"(\d{1,2})[.)]\s")

_order = attrgetter("order")


@dataclass(frozen=True, slots=True)
class Section:
    """Passages under one heading of one page: their rows among the candidates, and those that say something."""

    id: str
    rows: tuple[int, ...]
    telling: tuple[int, ...]


def sections_of(
    passages: Sequence[Passage], order: Iterable[int] | None = None, silent: NDArray[np.bool_] | None = None
) -> list[Section]:
    """Return the sections with at least two passages that say something.

    Args:
        passages: the candidates.
        order: the rows to look at, in whose order sections and their rows are; all of them where it is left out.
        silent: which passages say nothing by themselves, where it is known already; see :func:`is_fragment`.
    """
    rows: dict[str, list[int]] = {}
    for row in range(len(passages)) if order is None else order:
        rows.setdefault(passages[row].section, []).append(row)
    empty = [is_fragment(p) for p in passages] if silent is None else silent.tolist()
    found = (
        Section(name, tuple(held), tuple(r for r in held if not empty[r])) for name, held in rows.items()
    )
    # What stands on a title page under the title is no section of it.
    return [s for s in found if len(s.telling) > 1 and all(passages[r].heading for r in s.rows)]


def section_features(  # noqa: PLR0913, PLR0917 - what a section is chosen by has that many sides
    question: str,
    focus: Sequence[str],
    related: Sequence[frozenset[str]],
    sections: Sequence[Section],
    passages: Sequence[Passage],
    scores: NDArray[np.float32],
    heading_dense: NDArray[np.float32],
    sides: Sequence[str],
    known: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Return what a section is chosen by; shape (len(sections), len(SECTION_FEATURES)).

    Args:
        question: the completed question.
        focus: stems of the words that it is about.
        related: for each of ``focus``, terms that mean the same, itself included.
        sections: from :func:`sections_of`.
        passages: the candidates.
        scores: their fused scores.
        heading_dense: their standardised "dense_heading" signals.
        sides: documents of the speaker that the question names, if any.
        known: what known questions tell of the candidates, shape (len(passages), len(KNOWN_FEATURES)).
    """
    list_cue = float(bool(_LIST_CUE.search(question)))
    section_cue = float(bool(_SECTION_CUE.search(question)))
    ordinal = ordinal_in(question)
    best = int(np.argmax(scores)) if len(scores) else -1
    counting = {stem(w) for w in words(question[ordinal[1] : ordinal[2]])} if ordinal else set()
    elsewhere = _heading_stems_of(passages) if ordinal else {}
    digits = [frozenset(map(as_digit, terms)) for terms in related]
    meant = frozenset().union(*digits)
    each = scores.tolist()
    dense = heading_dense.tolist()
    rows: list[list[float]] = []
    for section in sections:
        first = max((passages[r] for r in section.rows), key=_order)  # a lead is not below itself
        heading = _heading_of(first.heading, first.lead)
        numbered = ordinal is not None and heading.number == ordinal[0]
        left = [i for i, f in enumerate(focus) if f not in counting] if numbered else range(len(focus))
        spoken = [related[i] for i in left]
        if numbered:
            own = [digits[i] for i in left]
            wide, inner, of_heading = _overlap(own, frozenset().union(*own), heading)
        else:
            wide, inner, of_heading = _overlap(digits, meant, heading)
        if numbered and all(r & elsewhere[first.document_id] for r in spoken):
            wide = inner = of_heading = 1.0  # "pejlemærke nummer to", where some heading says "pejlemærker"
        mean = sum(each[r] for r in section.telling) / len(section.telling)
        rows.append(
            [
                1.0,
                wide,
                inner,
                of_heading,
                inner * of_heading,
                float(wide == 1.0),
                float(inner == 1.0),
                dense[section.rows[0]],
                mean - each[best],
                float(best in section.rows),
                list_cue,
                section_cue,
                max(list_cue, section_cue) * wide,
                float(numbered),
                float(bool(sides) and first.document_id in sides),
            ]
        )
    matrix = np.zeros((len(rows), len(SECTION_FEATURES)), dtype=np.float32)
    if rows:
        own_columns = len(SECTION_FEATURES) - 2 * len(_TOLD)
        matrix[:, :own_columns] = rows
        if known is not None:
            matrix[:, own_columns:] = _known_inside(known[:, _TOLD], sections)
    return matrix


_TOLD = [KNOWN_FEATURES.index(name) for name in ("known", "known_words", "known_whitened", "known_learned")]


def _known_inside(known: NDArray[np.float32], sections: Sequence[Section]) -> NDArray[np.float64]:
    """Return what is known of what sections hold: two columns for each of ``known``, shape (len(sections), 2 * told).

    Of the first, a share, the sum and as much as all have where they have its median, of the others mean and median.
    Many questions may be about single points; one that all points answer is in their median.

    Args:
        known: shape (number of passages, told).
        sections: at least one.
    """
    sizes = np.asarray([len(section.telling) for section in sections])
    there = np.arange(sizes.max()) < sizes[:, None]
    rows = np.zeros(there.shape, dtype=np.int64)
    rows[there] = [row for section in sections for row in section.telling]
    inside = known[rows].astype(np.float64)  # (sections, places, told)
    total = np.where(there[..., None], inside, 0.0).sum(axis=1)
    inside[~there] = np.inf  # sorted behind all that is there
    inside.sort(axis=1)
    each = np.arange(len(sizes))
    medians = (inside[each, (sizes - 1) // 2] + inside[each, sizes // 2]) / 2
    found = np.empty((len(sizes), 2 * known.shape[1]))
    found[:, 0::2], found[:, 1::2] = total / sizes[:, None], medians
    found[:, :2] *= sizes[:, None]
    return found


def choose_section(matrix: NDArray[np.float32], weights: NDArray[np.float32]) -> tuple[int, float]:
    """Return the row of the likeliest section and its probability; (-1, 0.0) where there are none."""
    if not len(matrix):
        return -1, 0.0
    utility = matrix @ weights
    top = max(float(utility.max()), 0.0)
    odds = np.exp(utility - top)
    row = int(np.argmax(odds))
    return row, float(odds[row] / (odds.sum() + math.exp(-top)))


@lru_cache(maxsize=20_000)
def heading_stems(heading: str) -> frozenset[str]:
    """Return the stems of the words of a heading that carry meaning, number words as digits."""
    return frozenset(stem(as_digit(w)) for w in words(heading) if w not in DANISH_FUNCTION_WORDS)


def as_digit(word: str) -> str:
    """Return "4" for "fire"; other words as they are."""
    return str(NUMBER_WORDS[word]) if word in NUMBER_WORDS and len(word) > 2 else word


def _overlap(
    related: Sequence[frozenset[str]], meant: frozenset[str], heading: _Heading
) -> tuple[float, float, float]:
    """Return the share of the focus in all headings above, in the innermost, and of that in the focus.

    ``related`` are the terms of each word of the focus, number words as digits, ``meant`` all of them.
    """
    if not related:
        return 0.0, 0.0, 0.0
    wide = sum(not r.isdisjoint(heading.every) for r in related) / len(related)
    narrow = sum(not r.isdisjoint(heading.inner) for r in related) / len(related)
    counted = heading.counted
    of_heading = len(counted & meant) / len(counted) if counted else 0.0
    return wide, narrow, of_heading


@dataclass(frozen=True, slots=True)
class _Heading:
    """What a section is called: its number, and the stems of all headings above, and of the innermost.

    ``counted`` are those of the innermost that say something. The number of a heading says nothing, that of a list
    does: "2. DEN KOMPETENTE", "4 PEJLEMÆRKER".
    """

    number: int | None
    every: frozenset[str]
    inner: frozenset[str]
    counted: frozenset[str]


@lru_cache(maxsize=20_000)
def _heading_of(heading: str, lead: str) -> _Heading:
    innermost = heading.rsplit(" › ", 1)[-1]
    inner = heading_stems(f"{innermost} {lead}")
    whole, own = _NUMBERED.match(heading), _NUMBERED.match(innermost)
    return _Heading(
        int(whole.group(1)) if whole else None,
        heading_stems(f"{heading} {lead}"),
        inner,
        inner - {own.group(1)} if own else inner,
    )


def last_numbers(passages: Sequence[Passage]) -> dict[str, int]:
    """Return the largest number of a heading in each document that has any: 4 for "4. DEN KULTURBÆRENDE"."""
    found: dict[str, int] = {}
    for passage in passages:
        if number := _NUMBERED.match(passage.heading):
            found[passage.document_id] = max(found.get(passage.document_id, 0), int(number.group(1)))
    return found


def _heading_stems_of(passages: Sequence[Passage]) -> dict[str, set[str]]:
    """Return the stems of all headings of each document."""
    found: dict[str, set[str]] = {}
    for passage in passages:
        found.setdefault(passage.document_id, set()).update(heading_stems(passage.heading))
    return found
