"""Signals of different kinds added up: standardised, weighted, one score a passage.

Score fusion by standardised sums beats reciprocal ranks wherever the spread of a signal says how sure
it is (Bruch, Gai and Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval").
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.base import SIGNALS, Candidates
from assistant.records import Passage

FEATURES = (*SIGNALS, "section_dense", "section_words", "speaker", "other_speaker", "fragment")
"""Columns of :func:`features`.

The standardised signals; the mean of "dense" and of "terms" over the passages of the section; 1 for a
passage of a speaker that the question names and 1 for one of another; 1 for a passage that says
nothing by itself (a line that introduces a list, a single word).
"""


def features(candidates: Candidates, sides: Collection[str]) -> NDArray[np.float32]:
    """Return what a passage is scored by; shape (n, len(FEATURES)).

    Args:
        candidates: passages with raw signals.
        sides: documents of the one speaker that the question names; empty where it names none.
    """
    passages = candidates.passages
    z = (candidates.signals - candidates.mean) / np.maximum(candidates.std, 1e-6)
    section_dense = _section_mean(passages, z[:, SIGNALS.index("dense")])
    section_words = _section_mean(passages, z[:, SIGNALS.index("terms")])
    inside = np.asarray([bool(sides) and p.document_id in sides for p in passages], dtype=np.float32)
    outside = np.asarray([bool(sides) and p.document_id not in sides for p in passages], dtype=np.float32)
    fragment = np.asarray([is_fragment(p) for p in passages], dtype=np.float32)
    return np.column_stack([z, section_dense, section_words, inside, outside, fragment]).astype(np.float32)


def is_fragment(passage: Passage) -> bool:
    """Whether a passage says nothing by itself: a lead-in, or a word or two that is no list item."""
    if passage.text.endswith(":"):
        return True
    return passage.mark == "paragraph" and len(passage.text.split()) <= 2


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
