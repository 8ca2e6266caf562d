"""Signals of different kinds added up: standardised, weighted, one score a passage.

Score fusion by standardised sums beats reciprocal ranks wherever the spread of a signal says how sure
it is (Bruch, Gai and Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.base import SIGNALS, Candidates
from assistant.records import Passage
from assistant.retrieval.followup import ordinal_in
from assistant.retrieval.known import KNOWN_FEATURES
from assistant.retrieval.standing import Standing, standing_of

NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Earlier:
    """The probability that a passage answered the question before, by its id, and whether this one goes on from it."""

    answered: Mapping[str, float] = field(default_factory=dict)
    goes_on: bool = False


ALONE = Earlier()

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
    "again_earlier",
    "again_after_earlier",
    "again_beside_earlier",
    "document_earlier",
    "not_asked",
    *KNOWN_FEATURES,
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
``beside_earlier`` that another of its section did; where it stands on its own in a conversation, those are
``again_earlier``, ``again_after_earlier`` and ``again_beside_earlier``, else 0; ``document_earlier`` is the
probability that the passage's document answered it, whatever is asked now. ``not_asked`` is 1 for a passage of
another speaker than the one whose words the question asks for ("Hvad siger staten ..."), beside
``other_speaker``. The last ones are what questions that were judged before tell, see
:data:`~assistant.retrieval.known.KNOWN_FEATURES`.
"""


def features(
    candidates: Candidates,
    sides: Collection[str],
    question: str,
    *,
    leans: bool = False,
    asked: bool = False,
    earlier: Earlier = ALONE,
    standing: Standing | None = None,
    known: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Return what a passage is scored by; shape (n, len(FEATURES)).

    Args:
        candidates: passages with raw signals.
        sides: documents of the one speaker that the question names; empty where it names none.
        question: the completed question.
        leans: whether it was completed from an earlier one.
        asked: whether it asks for the words of that one speaker, rather than only names one.
        earlier: what answered the question before, in a conversation.
        standing: of the candidates, where it is known already.
        known: what known questions tell, shape (n, len(KNOWN_FEATURES)); nothing where it is left out.
    """
    passages = candidates.passages
    standing = standing or standing_of(passages)
    spread = np.maximum(candidates.std, np.float32(1e-6))
    z = np.asarray((candidates.signals - candidates.mean) / spread, dtype=np.float32)
    match = np.asarray((z[:, SIGNALS.index("dense")] + z[:, SIGNALS.index("synonyms")]) / 2, dtype=np.float32)
    nothing = np.zeros(len(passages), dtype=np.float32)
    parent, child = nothing.copy(), nothing.copy()
    parent[standing.going_on] = match[standing.before]
    child[standing.before] = match[standing.going_on]
    inside = np.asarray([p.document_id in sides for p in passages], dtype=np.float32) if sides else nothing
    outside = 1 - inside if sides else nothing
    around = _around_earlier(passages, earlier.answered)
    rows = [
        *z.T,
        _section_mean(standing, z[:, SIGNALS.index("dense")]),
        _section_mean(standing, z[:, SIGNALS.index("terms")]),
        inside,
        outside,
        standing.fragment,
        parent,
        child,
        parent if _WHY.search(question) else nothing,
        parent if leans else nothing,
        standing.title,
        np.where(standing.prose, np.float32(0), standing.log_length),
        np.where(standing.prose, standing.log_length, np.float32(0)),
        _numbered(passages, question),
        *(around[:3] if earlier.goes_on else (nothing,) * 3),
        *((nothing,) * 3 if earlier.goes_on else around[:3]),
        around[3],
        outside if asked else nothing,
    ]
    matrix = np.zeros((len(passages), len(FEATURES)), dtype=np.float32)
    matrix[:, : len(rows)] = np.asarray(rows, dtype=np.float32).T
    if known is not None:
        matrix[:, len(rows) :] = known
    return matrix


_WHY = re.compile(r"\b(?:hvorfor|årsag\w*|begrund\w*|grund(?:en)?\s+til|skyldes|why|reason)\b", re.IGNORECASE)


def _numbered(passages: Sequence[Passage], question: str) -> NDArray[np.float32]:
    """Return 1 for the point with the number that the question names, 0 for the others."""
    ordinal = ordinal_in(question)
    start = None if ordinal is None else re.compile(rf"{ordinal[0]}[.)]\s")
    if start is None:
        return np.zeros(len(passages), dtype=np.float32)
    return np.asarray(
        [p.mark == "numbered" and bool(start.match(p.text)) for p in passages], dtype=np.float32
    )


def _around_earlier(
    passages: Sequence[Passage], earlier: Mapping[str, float]
) -> tuple[NDArray[np.float32], ...]:
    """Return the probability that a passage, the one before it, one beside it, or its document answered before."""
    own = np.zeros(len(passages), dtype=np.float32)
    after, beside, document = np.zeros_like(own), np.zeros_like(own), np.zeros_like(own)
    if earlier:
        own[:] = [earlier.get(p.id, 0.0) for p in passages]
        at = {(p.document_id, p.page, p.order): float(own[i]) for i, p in enumerate(passages)}
        held: dict[str, float] = {}
        of_document: dict[str, float] = {}
        for i, passage in enumerate(passages):
            held[passage.section] = held.get(passage.section, 0.0) + float(own[i])
            of_document[passage.document_id] = of_document.get(passage.document_id, 0.0) + float(own[i])
        for i, passage in enumerate(passages):
            after[i] = at.get((passage.document_id, passage.page, passage.order - 1), 0.0)
            beside[i] = held[passage.section] - own[i]
            document[i] = of_document[passage.document_id]
    return own, after, beside, document


def fuse(matrix: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the fused score of every row of ``matrix``; shape (n,)."""
    return np.asarray(matrix @ weights, dtype=np.float32)


def _section_mean(standing: Standing, values: NDArray[np.float32]) -> NDArray[np.float32]:
    if not len(values):
        return values
    total = np.bincount(standing.section, weights=values, minlength=len(standing.section_size))
    return np.asarray((total / standing.section_size)[standing.section], dtype=np.float32)
