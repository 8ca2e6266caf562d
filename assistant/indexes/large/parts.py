"""A segment in an index: its name there, and which of its documents are gone."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.large.contents import NO_PAGES, Contents
from assistant.indexes.large.segment import Segment


class Part:
    """A segment without the documents whose numbers are ``gone``. Never changes."""

    def __init__(self, name: str, segment: Segment, gone: frozenset[int] = frozenset()) -> None:
        """Take a segment into an index."""
        self.name = name
        self.segment = segment
        self.gone = gone

    def __len__(self) -> int:
        """Return the number of passages that count."""
        return len(self.segment) - sum(len(self.segment.rows_of(number)) for number in self.gone)

    @property
    def is_empty(self) -> bool:
        """Whether every document is gone."""
        return len(self.gone) == len(self.segment.documents)

    @cached_property
    def live(self) -> NDArray[np.bool_] | None:
        """Which rows count; ``None`` where all do."""
        if not self.gone:
            return None
        live = np.ones(len(self.segment), dtype=np.bool_)
        for number in self.gone:
            live[self.segment.rows_of(number)] = False
        return live

    @cached_property
    def live_headings(self) -> NDArray[np.bool_] | None:
        """Which headings stand above rows that count; ``None`` where all do."""
        return None if self.live is None else self.segment.headings_above(self.live)

    def documents(self) -> Iterator[tuple[str, int]]:
        """Yield the id and number of each document that counts."""
        for number, name in enumerate(self.segment.documents):
            if number not in self.gone:
                yield name, number

    def without(self, numbers: Collection[int]) -> Part:
        """Return this part with more documents gone."""
        return Part(self.name, self.segment, self.gone.union(numbers))

    def contents(self, numbers: Sequence[int] | None = None) -> Contents:
        """Return what is in the part, or in some of its documents, for writing it again."""
        segment = self.segment
        if numbers is None:
            numbers = [number for _, number in self.documents()]
        rows = np.concatenate([np.zeros(0, dtype=np.int64), *(segment.rows_of(number) for number in numbers)])
        return Contents(
            tuple(segment.documents[number] for number in numbers),
            tuple(segment.pages[number] if len(segment.pages) else NO_PAGES for number in numbers),
            [segment.passage(row) for row in rows],
            segment.vectors.stored(rows),
            segment.heading_vectors.stored(segment.heading_of[rows].astype(np.int64)),
        )


def part_name() -> str:
    """Return a new name, which no other part of any index has."""
    return secrets.token_hex(6)
