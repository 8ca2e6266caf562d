"""A ranked question over the small world, answered by a language model or in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from retrieval_world import COAST, FOREST

from assistant.answering.base import Draft, WritingLimits
from assistant.answering.extractive import ExtractiveAnswerer, Thresholds
from assistant.answering.written import LlmAnswerer
from assistant.llm.base import LanguageModel
from assistant.records import Block, Delta, Document, Hit, Passage, Query
from assistant.retrieval.search import Ranking
from assistant.text.passages import cut_document

DOCUMENTS: dict[str, Document] = {d.id: d for d in (COAST, FOREST)}
PASSAGES = tuple(p for d in DOCUMENTS.values() for p in cut_document(d))
EXTRACTIVE = ExtractiveAnswerer(Thresholds(answer=0.5, comparison=0.3))
LIMITS = WritingLimits(first_text_seconds=30, answer_seconds=60, answer_tokens=100)

DIKE = "Diget skal være tre meter højt [1]."
"""What the first source says, cited."""


def the(start: str) -> Passage:
    """The passage that begins so."""
    (found,) = [p for p in PASSAGES if p.text.startswith(start)]
    return found


def ranked(
    *starts: str, question: str = "Hvor højt skal diget være?", confidence: float = 0.9, **facts: object
) -> Ranking:
    """A ranking of passages by how they begin, each as likely as the next."""
    passages = [the(start) for start in starts or ("Diget", "Stranden", "Havnen")]
    hits = tuple(Hit(passage, 5.0 - rank, rank) for rank, passage in enumerate(passages, 1))
    query = replace(Query(question, question), **facts)  # type: ignore[arg-type]
    ones = tuple(0.9 for _ in hits)
    return Ranking(query, hits, support=ones, covered=ones, group=(), confidence=confidence)


def verbatim(ranking: Ranking) -> Draft:
    """The answer without a model."""
    *_, draft = EXTRACTIVE.answer(ranking, DOCUMENTS)
    assert isinstance(draft, Draft)
    return draft


def written(
    model: LanguageModel, ranking: Ranking | None = None, limits: WritingLimits = LIMITS
) -> tuple[Sequence[Block | Delta], Draft]:
    """All that an answer yields: what comes on the way, and the draft."""
    answerer = LlmAnswerer(model, EXTRACTIVE, limits)
    *parts, draft = answerer.answer(ranking or ranked(), DOCUMENTS)
    assert isinstance(draft, Draft)
    return [part for part in parts if not isinstance(part, Draft)], draft


def deltas(parts: Sequence[Block | Delta]) -> list[str]:
    return [part.text for part in parts if isinstance(part, Delta)]


def blocks(parts: Sequence[Block | Delta]) -> tuple[Block, ...]:
    return tuple(part for part in parts if isinstance(part, Block))
