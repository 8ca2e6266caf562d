"""Softly whitened vectors: what all passages have in common counts less.

Sentence embeddings crowd into a cone, so that cosines say more about the common direction than about
the text. Dividing by a power of the covariance's eigenvalues spreads them again (Su et al. 2021,
"Whitening Sentence Representations for Better Semantics and Faster Retrieval"). The eigenvalues are
shrunk towards their mean, so that it also works for fewer passages than dimensions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

POWER = 0.75
"""0 leaves the vectors as they are, 1 makes their covariance the identity."""

SHRINKAGE = 1.0
"""How much of the mean eigenvalue is added to each."""

LEARNED_FROM = 20_000
"""So many vectors, spread over the index, are enough to learn from."""


@dataclass(frozen=True, slots=True)
class Whitening:
    """A mean of shape (dimension,) and a matrix of shape (dimension, dimension)."""

    mean: NDArray[np.float32]
    matrix: NDArray[np.float32]

    @classmethod
    def learn(cls, vectors: NDArray[np.float32] | NDArray[np.float16]) -> Whitening:
        """Learn from ``vectors``, shape (n, dimension); with fewer than two, nothing is changed."""
        n, dimension = vectors.shape
        if n < 2:
            return cls(np.zeros(dimension, dtype=np.float32), np.eye(dimension, dtype=np.float32))
        rows = np.linspace(0, n - 1, min(n, LEARNED_FROM)).astype(np.int64)
        sample = vectors[rows].astype(np.float64)
        mean = sample.mean(axis=0)
        centred = sample - mean
        values, directions = np.linalg.eigh(centred.T @ centred / len(rows))
        values = np.maximum(values, 0.0)
        scale = (values + SHRINKAGE * max(float(values.mean()), 1e-12)) ** (-POWER / 2)
        return cls(mean.astype(np.float32), (directions * scale).astype(np.float32))

    def apply(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return whitened unit vectors of the same shape; a zero row stays zero."""
        centred = vectors - self.mean
        moved = centred @ self.matrix
        norms = np.linalg.norm(moved, axis=-1, keepdims=True)
        return np.asarray(moved / np.maximum(norms, 1e-12), dtype=np.float32)
