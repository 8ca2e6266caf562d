"""What an index is after a change: one piece in memory while it is small, segments from then on."""

from __future__ import annotations

import numpy as np

from assistant.embedding.base import Vectors
from assistant.indexes.base import PassageIndex
from assistant.indexes.home import Change
from assistant.indexes.large.contents import Contents
from assistant.indexes.large.index import LargeIndex
from assistant.indexes.large.records import pages_record
from assistant.indexes.large.vectors import StoredVectors
from assistant.indexes.local import LocalIndex
from assistant.indexes.sizes import Sizes
from assistant.records import Passage


def changed(old: PassageIndex | None, change: Change, sizes: Sizes) -> LocalIndex | LargeIndex:
    """Return ``old`` after ``change``; ``old`` stays as it is.

    Args:
        old: the index before, if there is one.
        change: what to do; all that it keeps is there.
        sizes: what to do from which size on.
    """
    if isinstance(old, LargeIndex):
        kept = sum(old.count_of(name) for name in change.kept)
        if kept + len(change.passages) > sizes.score_all_up_to:
            return _with_segments(old.copy(), change)
    passages, vectors, headings = _everything(old, change)
    if len(passages) <= sizes.score_all_up_to:
        index = LocalIndex(change.vectors.shape[1])
        if passages:
            index.add(passages, vectors, headings)
        return index
    large = LargeIndex(change.vectors.shape[1], sizes=sizes)
    pages = {d.id: pages_record(d.pages) for d in change.documents}
    large.extend(Contents.of(pages, passages, vectors, headings))
    return large


def _with_segments(index: LargeIndex, change: Change) -> LargeIndex:
    index.delete_all(index.documents() - change.kept)
    pages = {d.id: pages_record(d.pages) for d in change.documents if d.id not in change.kept}
    if pages:
        index.extend(Contents.of(pages, change.passages, change.vectors, change.heading_vectors))
    return index


def _everything(old: PassageIndex | None, change: Change) -> tuple[list[Passage], Vectors, Vectors]:
    """Return all passages with their vectors, in the order of their documents."""
    if not change.kept:
        whole = Contents.of(
            {d.id: b"" for d in change.documents}, change.passages, change.vectors, change.heading_vectors
        )
        return list(whole.passages), _single(whole.vectors), _single(whole.heading_vectors)
    passages: list[Passage] = []
    vectors: list[Vectors] = []
    headings: list[Vectors] = []
    new: dict[str, list[int]] = {}
    for row, passage in enumerate(change.passages):
        new.setdefault(passage.document_id, []).append(row)
    for document in change.documents:
        if old is not None and document.id in change.kept:
            own, above = old.vectors_of(document.id)
            passages.extend(old.passages_of(document.id))
        else:
            rows = new.get(document.id, [])
            own, above = change.vectors[rows], change.heading_vectors[rows]
            passages.extend(change.passages[row] for row in rows)
        vectors.append(own)
        headings.append(above)
    return passages, np.vstack(vectors), np.vstack(headings)


def _single(vectors: StoredVectors) -> Vectors:
    return np.asarray(vectors, dtype=np.float32)
