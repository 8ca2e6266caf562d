"""What a segment is made of: documents with their pages, passages and vectors, in the order of their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.indexes.large.records import pages_record
from assistant.indexes.large.vectors import StoredVectors
from assistant.records import Passage

NO_PAGES = pages_record(())


@dataclass(frozen=True, slots=True)
class Contents:
    """``passages`` are those of the documents ``names``, one document after the other.

    ``pages`` are those of each document as :func:`~assistant.indexes.large.records.pages_record` writes
    them; ``vectors`` and ``heading_vectors`` have shape (len(passages), dimension) and may be mapped, or in half
    precision, as they are stored.
    """

    names: tuple[str, ...]
    pages: tuple[bytes, ...]
    passages: Sequence[Passage]
    vectors: StoredVectors
    heading_vectors: StoredVectors

    @classmethod
    def of(
        cls,
        pages: Mapping[str, bytes],
        passages: Sequence[Passage],
        vectors: StoredVectors,
        heading_vectors: StoredVectors,
    ) -> Contents:
        """Put passages in the order of their documents: that of ``pages``, then that of the passages."""
        names = tuple(dict.fromkeys([*pages, *(p.document_id for p in passages)]))
        number = {name: at for at, name in enumerate(names)}
        numbers = np.asarray([number[p.document_id] for p in passages], dtype=np.int64)
        own = tuple(pages.get(name, NO_PAGES) for name in names)
        if (np.diff(numbers) >= 0).all():
            return cls(names, own, passages, vectors, heading_vectors)
        order = np.argsort(numbers, kind="stable")
        return cls(names, own, [passages[at] for at in order], vectors[order], heading_vectors[order])

    @classmethod
    def joined(cls, several: Sequence[Contents]) -> Contents:
        """Return all of them as one, vectors in half precision: in a large merge they take most of the memory."""
        if len(several) == 1:
            return several[0]
        return cls(
            tuple(name for each in several for name in each.names),
            tuple(pages for each in several for pages in each.pages),
            [passage for each in several for passage in each.passages],
            np.vstack([each.vectors for each in several], dtype=np.float16, casting="same_kind"),
            np.vstack([each.heading_vectors for each in several], dtype=np.float16, casting="same_kind"),
        )

    def pieces(self, rows: int) -> Iterator[Contents]:
        """Yield parts of about so many passages at most; a document is never divided."""
        number = {name: at for at, name in enumerate(self.names)}
        counts = np.bincount(
            np.asarray([number[p.document_id] for p in self.passages], dtype=np.int64),
            minlength=len(self.names),
        )
        start = row = 0
        while start < len(self.names):
            end, size = start + 1, int(counts[start])
            while end < len(self.names) and size + counts[end] <= rows:
                size += int(counts[end])
                end += 1
            where = slice(row, row + size)
            yield Contents(
                self.names[start:end],
                self.pages[start:end],
                self.passages[where],
                self.vectors[where],
                self.heading_vectors[where],
            )
            start, row = end, row + size
