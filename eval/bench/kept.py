"""An embedder that keeps the vectors of passages in a file, so that every run and every peer has the same."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant.embedding.base import Embedder, Vectors


class KeptEmbedder:
    """Embeds a passage once for all runs; questions anew each time, with the seconds added up."""

    def __init__(self, embedder: Embedder, file: Path) -> None:
        """Keep the vectors of ``embedder`` in ``file``, which grows."""
        self.fingerprint, self.dimension = embedder.fingerprint, embedder.dimension
        self.seconds = 0.0
        self._embedder = embedder
        self._file = file
        self._vectors: dict[str, Vectors] = {}
        if file.is_file():
            with np.load(file) as kept:
                self._vectors = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions; returns shape (len(texts), dimension)."""
        started = time.perf_counter()
        vectors = self._embedder.embed_queries(texts)
        self.seconds += time.perf_counter() - started
        return vectors

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of passages; returns shape (len(texts), dimension)."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        names = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        fresh = [i for i, name in enumerate(names) if name not in self._vectors]
        if fresh:
            vectors = self._embedder.embed_passages([texts[i] for i in fresh])
            self._vectors.update({names[i]: vector for i, vector in zip(fresh, vectors, strict=True)})
            self._file.parent.mkdir(parents=True, exist_ok=True)
            np.savez(
                self._file,
                texts=np.asarray(list(self._vectors)),
                vectors=np.stack(list(self._vectors.values())),
            )
        return np.stack([self._vectors[name] for name in names])
