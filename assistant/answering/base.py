"""The contract of whatever writes answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from assistant.records import Block, Citation, Document
from assistant.retrieval.search import Ranking


@dataclass(frozen=True, slots=True)
class Draft:
    """What an answerer gives: blocks in reading order and the citations they point to.

    ``support`` is false where the documents do not answer; there are no citations then.
    """

    blocks: tuple[Block, ...]
    citations: tuple[Citation, ...]
    supported: bool
    notices: tuple[str, ...] = ()


class Answerer(Protocol):
    """Writes the answer to a ranked question."""

    @property
    def mode(self) -> str:
        """Who writes: "extractive", or the name of the model."""
        ...

    def answer(self, ranking: Ranking, documents: Mapping[str, Document]) -> Iterator[Block | Draft]:
        """Yield blocks as they are made and last the whole :class:`Draft`."""
        ...
