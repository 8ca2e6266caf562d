"""Signals of different kinds added up: standardised, weighted, one score a passage.

Score fusion by standardised sums beats reciprocal ranks wherever the spread of a signal says how sure
it is (Bruch, Gai and Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.base import SIGNALS, Candidates
from assistant.indexes.local import is_prose
from assistant.records import Passage
from assistant.retrieval.followup import ordinal_in
from assistant.text.danish import words

NOTHING: Mapping[str, float] = MappingProxyType({})

FEATURES = (
    *SIGNALS,
    "section_dense",
    "section_words",
    "speaker",
    "other_speaker",
    "fragment",
    "parent",
    "child",
    "why_parent",
    "lean_parent",
    "title",
    "length",
    "prose_length",
    "numbered",
    "earlier",
    "after_earlier",
    "beside_earlier",
    "not_asked",
)
"""Columns of :func:`features`.

The standardised signals; the mean of "dense" and of "terms" over the passages of the section; 1 for a
passage of a speaker that the question names and 1 for one of another; 1 for a passage that says
nothing by itself (a line that introduces a list, a name that is also a heading). ``parent`` is how well
the passage matches that this one goes on from, ``child`` how well the one that goes on from it does,
``why_parent`` and ``lean_parent`` the former where the question asks for a reason, or leans on
another; ``title`` is 1 on a title page.
``length`` and ``prose_length``: logarithm of the number of characters less its mean over the candidates,
of a point and of running text; long texts match a little of everything. ``numbered`` is 1 for the point
with the number that the question names. Where a question goes on from an earlier one, ``earlier`` is the
probability that the passage answered that, ``after_earlier`` that the one before it did, and
``beside_earlier`` that another of its section did; else 0. ``not_asked`` is 1 for a passage of another speaker
than the one whose words the question asks for ("Hvad siger staten ..."), beside ``other_speaker``.
"""


def features(
    candidates: Candidates,
    sides: Collection[str],
    question: str,
    *,
    leans: bool = False,
    asked: bool = False,
    earlier: Mapping[str, float] = NOTHING,
) -> NDArray[np.float32]:
    """Return what a passage is scored by; shape (n, len(FEATURES)).

    Args:
        candidates: passages with raw signals.
        sides: documents of the one speaker that the question names; empty where it names none.
        question: the completed question.
        leans: whether it was completed from an earlier one.
        asked: whether it asks for the words of that one speaker, rather than only names one.
        earlier: for a question that goes on from an earlier one, the probability that a passage answered
            that, by passage id.
    """
    passages = candidates.passages
    spread = np.maximum(candidates.std, np.float32(1e-6))
    z = np.asarray((candidates.signals - candidates.mean) / spread, dtype=np.float32)
    section_dense = _section_mean(passages, z[:, SIGNALS.index("dense")])
    section_words = _section_mean(passages, z[:, SIGNALS.index("terms")])
    inside = np.asarray([bool(sides) and p.document_id in sides for p in passages], dtype=np.float32)
    outside = np.asarray([bool(sides) and p.document_id not in sides for p in passages], dtype=np.float32)
    headings = _headings(passages)
    fragment = np.asarray([is_fragment(p, headings) for p in passages], dtype=np.float32)
    match = np.asarray((z[:, SIGNALS.index("dense")] + z[:, SIGNALS.index("synonyms")]) / 2, dtype=np.float32)
    parent, child = _neighbours(passages, match)
    why = float(bool(_WHY.search(question)))
    title = np.asarray(
        [p.page == 1 and not p.lead and p.mark == "paragraph" for p in passages], dtype=np.float32
    )
    log_length = np.log([max(len(p.text), 1) for p in passages]).astype(np.float32)
    log_length -= log_length.mean() if len(log_length) else 0
    prose = np.asarray([is_prose(p) for p in passages], dtype=bool)
    length = np.where(prose, np.float32(0), log_length)
    prose_length = np.where(prose, log_length, np.float32(0))
    columns = [
        z,
        section_dense,
        section_words,
        inside,
        outside,
        fragment,
        parent,
        child,
        why * parent,
        leans * parent,
        title,
        length,
        prose_length,
        _numbered(passages, question),
        *_around_earlier(passages, earlier),
        asked * outside,
    ]
    return np.column_stack(columns).astype(np.float32)


_WHY = re.compile(r"\b(?:hvorfor|årsag\w*|begrund\w*|grund(?:en)?\s+til|skyldes|why|reason)\b", re.IGNORECASE)


def is_fragment(passage: Passage, headings: Collection[str] = ()) -> bool:
    """Whether a passage says nothing by itself.

    A line that introduces a list, a word or two, or a line that is a heading elsewhere (``headings``, as
    :func:`bare` gives them).
    """
    if passage.text.endswith(":"):
        return True
    if passage.mark != "paragraph":
        return False
    return len(passage.text.split(None, 2)) <= 2 or (bool(passage.heading) and bare(passage.text) in headings)


@lru_cache(maxsize=20_000)
def bare(heading: str) -> str:
    """Return the words of the innermost heading, lower case and without its number, for comparing."""
    found = words(heading.rsplit(" › ", 1)[-1])
    return " ".join(found[1:] if len(found) > 1 and found[0].isdigit() else found)


def _headings(passages: Sequence[Passage]) -> frozenset[str]:
    return frozenset(bare(p.heading) for p in passages if p.heading)


def _numbered(passages: Sequence[Passage], question: str) -> NDArray[np.float32]:
    """Return 1 for the point with the number that the question names, 0 for the others."""
    ordinal = ordinal_in(question)
    start = None if ordinal is None else re.compile(rf"{ordinal[0]}[.)]\s")
    wanted = [start is not None and p.mark == "numbered" and bool(start.match(p.text)) for p in passages]
    return np.asarray(wanted, dtype=np.float32)


def _around_earlier(
    passages: Sequence[Passage], earlier: Mapping[str, float]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return the probability that a passage, the one before it, or one beside it answered before."""
    own = np.asarray([earlier.get(p.id, 0.0) for p in passages], dtype=np.float32)
    after, beside = np.zeros_like(own), np.zeros_like(own)
    if earlier:
        at = {(p.document_id, p.page, p.order): float(own[i]) for i, p in enumerate(passages)}
        held: dict[str, float] = {}
        for i, passage in enumerate(passages):
            held[passage.section] = held.get(passage.section, 0.0) + float(own[i])
        for i, passage in enumerate(passages):
            after[i] = at.get((passage.document_id, passage.page, passage.order - 1), 0.0)
            beside[i] = held[passage.section] - own[i]
    return own, after, beside


def _neighbours(
    passages: Sequence[Passage], match: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how well the passage before and the one after match, where the two go together; 0 elsewhere."""
    row_of = {(p.document_id, p.order): i for i, p in enumerate(passages)}
    parent = np.zeros(len(passages), dtype=np.float32)
    child = np.zeros(len(passages), dtype=np.float32)
    for i, passage in enumerate(passages):
        if passage.follows and (before := row_of.get((passage.document_id, passage.order - 1))) is not None:
            parent[i] = match[before]
            child[before] = match[i]
    return parent, child


def fuse(matrix: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the fused score of every row of ``matrix``; shape (n,)."""
    return np.asarray(matrix @ weights, dtype=np.float32)


def _section_mean(passages: Sequence[Passage], values: NDArray[np.float32]) -> NDArray[np.float32]:
    names = {name: i for i, name in enumerate(dict.fromkeys(p.section for p in passages))}
    of = np.asarray([names[p.section] for p in passages], dtype=np.int64)
    if not len(of):
        return values
    total = np.bincount(of, weights=values, minlength=len(names))
    count = np.bincount(of, minlength=len(names))
    return np.asarray((total / count)[of], dtype=np.float32)
