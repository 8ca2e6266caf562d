"""Embedding many texts: each once, the longest first, and not again after a stop."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.embedding.base import Embedder, EmbedsAsReady, Vectors, engine_for
from assistant.indexes.journal import Journal
from assistant.progress import Progress, ProgressCallback

STAGE = "Indlejrer tekststykker"

_BATCH_SECONDS = 1.0
"""So long a batch should take: often enough for progress, and the most that is lost by a stop."""

_FIRST_BATCH = 4_096  # characters
_LARGEST_BATCH = 1 << 20
_OVERHEAD = 16
"""What a text costs besides its own characters, in characters: prefix and markers of the model."""

_ENOUGH_SECONDS = 2.0
"""After so long the pace is known well enough to be told."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """Distinct texts and their vectors; ``rows`` is where each text's vector is in ``vectors``."""

    rows: Mapping[str, int]
    vectors: Vectors  # (len(rows), dimension)

    def __getitem__(self, text: str) -> Vectors:
        """Return the vector of one text, shape (dimension,)."""
        vector: Vectors = self.vectors[self.rows[text]]
        return vector

    def of(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of ``texts``, which may repeat; shape (len(texts), dimension).

        Nothing is copied where the texts are neighbours in the order they were embedded for.
        """
        rows = np.fromiter((self.rows[text] for text in texts), dtype=np.int64, count=len(texts))
        if rows.size and (np.diff(rows) == 1).all():
            return self.vectors[rows[0] : rows[-1] + 1]
        return self.vectors[rows]


def embed_texts(
    embedder: Embedder,
    texts: Iterable[str],
    progress: ProgressCallback,
    keep: Path | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Embedded:
    """Embed every distinct text of ``texts`` as a passage.

    Args:
        embedder: its engine for many texts is used where it has one and they are many.
        texts: any number, also several times the same; ``Embedded.rows`` has their order.
        progress: told how many are embedded and, after a moment, how long the rest will take.
        keep: a folder where each batch is kept as soon as it is embedded, so that the same call after a stop
            goes on where this one was. It is for whoever has put the vectors in safety to call
            :func:`forget`.
        clock: seconds.

    Raises:
        IndexUnusable: a batch cannot be kept in ``keep``.
    """
    rows = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    vectors = np.zeros((len(rows), embedder.dimension), dtype=np.float32)
    if not rows:
        return Embedded(rows, vectors)
    with Journal.opened(keep, embedder.fingerprint, embedder.dimension) as journal:
        waiting = _not_kept(journal, rows, vectors)
        _embed(embedder, waiting, rows, vectors, journal, _Telling(progress, waiting, len(rows), clock))
    return Embedded(rows, vectors)


def forget(keep: Path) -> None:
    """Remove what :func:`embed_texts` kept in ``keep``, as far as the disk allows."""
    Journal.remove(keep)


# --- helpers --------------------------------------------------------------------------------------


class _Telling:
    """Tells how far it is, and from its pace so far how long the rest will take."""

    def __init__(
        self, progress: ProgressCallback, waiting: Sequence[str], total: int, clock: Callable[[], float]
    ) -> None:
        self._progress = progress
        self._clock = clock
        self._total = total
        self._waiting = len(waiting)
        self._work = sum(map(_work, waiting))
        self._work_done = 0
        self._started = clock()
        self._tell(None)

    def embedded(self, texts: Sequence[str]) -> float:
        """Tell that ``texts`` are embedded; returns the pace in characters a second."""
        self._waiting -= len(texts)
        self._work_done += sum(map(_work, texts))
        seconds = max(self._clock() - self._started, 1e-3)
        pace = self._work_done / seconds
        # The longest texts went first and cost most a character, so this errs on the long side and shrinks.
        self._tell((self._work - self._work_done) / pace if seconds >= _ENOUGH_SECONDS else None)
        return pace

    def _tell(self, seconds_left: float | None) -> None:
        self._progress(Progress(STAGE, self._total - self._waiting, self._total, seconds_left))


def _not_kept(journal: Journal, rows: Mapping[str, int], vectors: Vectors) -> list[str]:
    """Fill ``vectors`` with what was kept; returns the other texts, the longest first."""
    kept = journal.read()
    if not kept:
        return sorted(rows, key=len, reverse=True)
    waiting = []
    for text, row in rows.items():
        vector = kept.get(digest(text))
        if vector is None:
            waiting.append(text)
        else:
            vectors[row] = vector
    return sorted(waiting, key=len, reverse=True)


def _embed(
    embedder: Embedder,
    waiting: Sequence[str],
    rows: Mapping[str, int],
    vectors: Vectors,
    journal: Journal,
    telling: _Telling,
) -> None:
    if not waiting:
        return

    def take(batch: Sequence[str], fresh: Vectors) -> float:
        vectors[[rows[text] for text in batch]] = fresh
        journal.append([digest(text) for text in batch], fresh)
        return telling.embedded(batch)

    if isinstance(embedder, EmbedsAsReady):
        for batch, fresh in embedder.embed_as_ready(waiting):
            take(batch, fresh)
        return
    engine = engine_for(embedder, sum(map(len, waiting)))
    budget = _FIRST_BATCH
    start = 0
    while start < len(waiting):
        batch = _batch(waiting, start, budget)
        start += len(batch)
        pace = take(batch, engine.embed_passages(batch))
        budget = int(min(_LARGEST_BATCH, max(_FIRST_BATCH, pace * _BATCH_SECONDS)))


def _batch(waiting: Sequence[str], start: int, budget: int) -> Sequence[str]:
    end, work = start, 0
    while end < len(waiting) and (end == start or work + _work(waiting[end]) <= budget):
        work += _work(waiting[end])
        end += 1
    return waiting[start:end]


def _work(text: str) -> int:
    return len(text) + _OVERHEAD


def digest(text: str) -> bytes:
    """Return what stands for ``text`` in a journal: its SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
