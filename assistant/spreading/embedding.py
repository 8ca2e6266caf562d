"""Passages embedded by the workers of a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from assistant.embedding.base import Embedder, Vectors
from assistant.errors import ClusterError
from assistant.spreading import tasks
from assistant.spreading.cluster import Cluster
from assistant.spreading.tasks import Terms
from assistant.spreading.working import Failed, Part, worked

_CHARACTERS = 16_000
"""Of a batch: some seconds of one core, so that little is lost when a worker dies."""

_GPU_CHARACTERS = 256_000
"""Of a batch where every worker has a GPU, for which the others would be over before they are sent."""

_TEXTS = 2048
_OVERHEAD = 16
"""What a text costs besides its own characters, in characters."""


class Unembeddable(ClusterError):
    """Texts that workers died of, or failed at, also when they were alone; all others are embedded."""

    def __init__(self, texts: Sequence[str], reason: str) -> None:
        """Name ``texts``; ``reason`` is what the last of them failed with."""
        count = "Ét tekststykke" if len(texts) == 1 else f"{len(texts)} tekststykker"
        super().__init__(f"{count} kan ikke indlejres af Dask-arbejderne ({reason[:200]}). Byg uden --dask.")
        self.texts = tuple(texts)


class SpreadEmbedder:
    """Embeds passages on workers, whatever is asked of it alone here."""

    def __init__(self, cluster: Cluster, terms: Terms, here: Embedder, *, gpu: bool = False) -> None:
        """Use ``cluster``; ``here`` is the same embedder in this process. With ``gpu`` every worker has one."""
        self._cluster = cluster
        self._terms = terms
        self._here = here
        self._characters = _GPU_CHARACTERS if gpu else _CHARACTERS

    @property
    def fingerprint(self) -> str:
        """That of the embedder here, which every worker has too."""
        return self._here.fingerprint

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._here.dimension

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions here; returns shape (len(texts), dimension)."""
        return self._here.embed_queries(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages on the workers; returns shape (len(texts), dimension).

        Raises:
            Unembeddable: workers died of some. ClusterError: the cluster is lost.
        """
        rows = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        vectors = np.zeros((len(rows), self.dimension), dtype=np.float32)
        for batch, fresh in self.embed_as_ready(list(rows)):
            vectors[[rows[text] for text in batch]] = fresh
        return vectors[[rows[text] for text in texts]]

    def embed_as_ready(self, texts: Sequence[str]) -> Iterator[tuple[Sequence[str], Vectors]]:
        """Embed passages on the workers; yields some of them with their vectors as soon as these are there.

        Raises:
            Unembeddable: workers died of some, told when all the others are embedded.
            ClusterError: the cluster is lost.
        """
        failed: list[str] = []
        reason = ""
        waiting = sum(map(len, texts)) // max(1, len(self._cluster.workers))  # for each of them

        def submit(batch: tuple[str, ...]) -> Any:
            return self._cluster.submit(tasks.embed, self._terms, batch, waiting)

        for batch, result in worked(self._cluster, self._batches(texts), submit):
            if isinstance(result, Failed):
                failed.extend(batch)
                reason = "de gik ned" if result.died else result.reason
            elif self._fits(result, len(batch)):
                yield batch, result
            else:
                failed.extend(batch)
                reason = "svaret var ikke vektorer"
        if failed:
            raise Unembeddable(failed, reason)

    def _batches(self, texts: Sequence[str]) -> Iterator[Part[str]]:
        """Yield batches of like length, the longest first: they would hold up the end."""
        batch: list[str] = []
        characters = 0
        for text in sorted(texts, key=len, reverse=True):
            cost = len(text) + _OVERHEAD
            if batch and (characters + cost > self._characters or len(batch) == _TEXTS):
                yield Part(tuple(batch), characters)
                batch, characters = [], 0
            batch.append(text)
            characters += cost
        if batch:
            yield Part(tuple(batch), characters)

    def _fits(self, vectors: Any, count: int) -> bool:
        return (
            isinstance(vectors, np.ndarray)
            and vectors.shape == (count, self.dimension)
            and vectors.dtype == np.float32
            and bool(np.isfinite(vectors).all())
        )
