"""Signals of different kinds added up: standardised, weighted, one score a passage.

Score fusion by standardised sums beats reciprocal ranks wherever the spread of a signal says how sure
it is (Bruch, Gai and Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.base import SIGNALS, Candidates
from assistant.indexes.local import is_prose
from assistant.records import Passage
from assistant.text.danish import words

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
)
"""Columns of :func:`features`.

The standardised signals; the mean of "dense" and of "terms" over the passages of the section; 1 for a
passage of a speaker that the question names and 1 for one of another; 1 for a passage that says
nothing by itself (a line that introduces a list, a name that is also a heading). ``parent`` is how well
the passage matches that this one goes on from, ``child`` how well the one that goes on from it does,
``why_parent`` and ``lean_parent`` the former where the question asks for a reason, or leans on
another; ``title`` is 1 on a title page.
``length`` and ``prose_length``: logarithm of the number of characters less its mean over the candidates,
of a point and of running text; long texts match a little of everything.
"""


def features(
    candidates: Candidates, sides: Collection[str], question: str, *, leans: bool = False
) -> NDArray[np.float32]:
    """Return what a passage is scored by; shape (n, len(FEATURES)).

    Args:
        candidates: passages with raw signals.
        sides: documents of the one speaker that the question names; empty where it names none.
        question: the completed question.
        leans: whether it goes on from an earlier one, so that the earlier answer is not wanted again.
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
    return len(passage.text.split()) <= 2 or (bool(passage.heading) and bare(passage.text) in headings)


@lru_cache(maxsize=20_000)
def bare(heading: str) -> str:
    """Return the words of the innermost heading, lower case and without its number, for comparing."""
    found = words(heading.rsplit(" › ", 1)[-1])
    return " ".join(found[1:] if len(found) > 1 and found[0].isdigit() else found)


def _headings(passages: Sequence[Passage]) -> frozenset[str]:
    return frozenset(bare(p.heading) for p in passages if p.heading)


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
