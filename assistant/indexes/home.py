"""Where an index lives, and what changes it: a folder (:mod:`assistant.indexes.writing`) or a database.

An index can also be filled from arrays, without documents on the disk or an embedder: hand the writer a
:class:`Change` of everything, or several, each keeping what the ones before brought::

    with FolderHome(folder).writing() as writer:
        for documents, passages, vectors, headings in parts:
            kept = frozenset(document.id for document in have)
            have += documents
            change = Change(tuple(have), kept, passages, vectors, headings)
            generation = writer.write(change, Origin(model=..., created=...))

``vectors`` may be mapped from a file (``numpy.memmap``); a writer reads them piece by piece.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from assistant.embedding.base import Vectors
from assistant.indexes.manifest import Origin
from assistant.indexes.store import Generation
from assistant.records import Document, Passage

Step = Literal["begun", "file", "manifest", "flushed", "moved", "pointer", "switched", "collected"]
StepCallback = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Change:
    """What a build found out, and all that a writer has to do.

    ``documents``: every document as it will be, in order. ``kept``: the ids of those whose passages and
    vectors stay as they are; what is told of them may have changed. ``passages``: those of all the other
    documents. ``vectors`` and ``heading_vectors``: theirs, shape (len(passages), dimension) each.
    """

    documents: tuple[Document, ...]
    kept: frozenset[str]
    passages: tuple[Passage, ...]
    vectors: Vectors
    heading_vectors: Vectors


class IndexWriter(Protocol):
    """The right to change an index, for whoever holds its lock."""

    def current(self, model: str) -> Generation | None:
        """Return what serves, or ``None`` where there is nothing that fits ``model`` and can be used."""
        ...

    def write(self, change: Change, origin: Origin, step: StepCallback = lambda _: None) -> Generation:
        """Write what :meth:`current` returned with ``change`` made to it, and let that serve.

        ``step`` is told each step that has changed something.

        Raises:
            IndexUnusable: it cannot be written; what served before still does.
            ValueError: the change keeps documents that are not there.
        """
        ...


class IndexHome(Protocol):
    """Where an index lives: a folder, or a PostgreSQL database. Safe for many threads."""

    def read(self, *, model: str) -> Generation:
        """Open what serves.

        Raises:
            IndexMissing: there is no index yet. IndexDamaged: it cannot be trusted.
            IndexMismatch: it was made with another model, schema or way of cutting passages.
        """
        ...

    def current_name(self) -> str | None:
        """Return the name of what serves; cheap, for it is asked at every question."""
        ...

    def is_there(self, name: str) -> bool:
        """Return whether a generation is where it can be opened, damaged or not."""
        ...

    def writing(self, *, waiting: Callable[[], None] = lambda: None) -> AbstractContextManager[IndexWriter]:
        """Be the only builder, after waiting for another to finish; ``waiting`` is called once if there is one.

        Raises:
            IndexUnusable: it cannot be written, or another builder does not finish.
        """
        ...
