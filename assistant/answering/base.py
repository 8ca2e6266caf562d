"""The contract of whatever writes answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from assistant.records import Block, Citation, Delta, Document, Query
from assistant.retrieval.search import Ranking


@dataclass(frozen=True, slots=True)
class Draft:
    """What an answerer gives: blocks in reading order and the citations they point to.

    ``supported`` is false where the documents do not answer; there are no citations then.
    ``mode`` says who wrote it where that is not who was asked to. ``verify_seconds`` is how much of the
    writing went to verifying what a model wrote.
    """

    blocks: tuple[Block, ...]
    citations: tuple[Citation, ...]
    supported: bool
    notices: tuple[str, ...] = ()
    mode: str = ""
    verify_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class WritingLimits:
    """Seconds until the first text and for the whole answer, and tokens of an answer."""

    first_text_seconds: float = 20.0
    answer_seconds: float = 60.0
    answer_tokens: int = 700


class Answerer(Protocol):
    """Writes the answer to a ranked question."""

    @property
    def mode(self) -> str:
        """Who writes: "extractive", or the name of the model."""
        ...

    def answer(self, ranking: Ranking, documents: Mapping[str, Document]) -> Iterator[Block | Delta | Draft]:
        """Yield blocks as they are made and last the whole :class:`Draft`.

        A model's text may come first as :class:`Delta`; see :meth:`assistant.pipeline.Assistant.stream`.
        """
        ...


@runtime_checkable
class Rewriter(Protocol):
    """An answerer that can also complete a question which leans on the conversation."""

    def rewrite(self, query: Query) -> str | None:
        """Return the question as one that stands alone, or ``None`` where the rules should complete it."""
        ...
