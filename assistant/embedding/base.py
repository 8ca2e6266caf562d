"""The contract of every embedder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Shape (n, dimension), float32, rows of unit length: their dot product is the cosine."""


class Embedder(Protocol):
    """Turns queries and passages into unit vectors of one space. Safe to call from many threads."""

    @property
    def fingerprint(self) -> str:
        """Names engine, model and weights; equal fingerprints give equal vectors."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions; returns shape (len(texts), dimension)."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages; returns shape (len(texts), dimension)."""
        ...
