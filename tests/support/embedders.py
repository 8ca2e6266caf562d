"""Embedders that mean something without a model."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from assistant.embedding.base import Vectors
from assistant.text.danish import words


class HashedEmbedder:
    """A bag of words: each word adds one to a dimension chosen by its hash, each side its own prompt."""

    def __init__(self, dimension: int = 64, name: str = "hashed") -> None:
        self.dimension = dimension
        self.fingerprint = f"{name}/{dimension}"
        self.embedded: list[str] = []
        """Every passage text that was embedded, in order."""

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed("query", texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded.extend(texts)
        return self._embed("passage", texts)

    def _embed(self, prompt: str, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in [prompt, *words(text)]:
                vectors[row, int(hashlib.sha256(word.encode()).hexdigest()[:8], 16) % self.dimension] += 1
            vectors[row] /= np.linalg.norm(vectors[row])
        return vectors
