"""The contract of every embedder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Shape (n, dimension), float32, rows of unit length: their dot product is the cosine."""


class Embedder(Protocol):
    """Turns queries and passages into unit vectors of one space. Safe to call from many threads."""

    @property
    def fingerprint(self) -> str:
        """Names model and weights: equal fingerprints give vectors of one space that may stand in one index.

        Engines may share one only where their vectors are proven to agree; see docs/embedding.md.
        """
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


@runtime_checkable
class WithBulk(Embedder, Protocol):
    """An embedder that has a faster way where many passages are waiting."""

    def for_many(self, characters: int) -> Embedder:
        """Return what embeds passages fastest where so many characters are waiting; its fingerprint is the same."""
        ...


@runtime_checkable
class EmbedsAsReady(Embedder, Protocol):
    """An embedder that works at many passages at once, and gives each as soon as it has it."""

    def embed_as_ready(self, texts: Sequence[str]) -> Iterator[tuple[Sequence[str], Vectors]]:
        """Yield some of ``texts`` with their vectors, shape (number of them, dimension), until all are done."""
        ...


def clean(text: str) -> str:
    """Return ``text`` as every tokenizer takes it: with something in it, no NUL and no half surrogate pair."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8") or " "


def engine_for(embedder: Embedder, characters: int) -> Embedder:
    """Return what is to embed passages where so many characters are waiting."""
    return embedder.for_many(characters) if isinstance(embedder, WithBulk) else embedder
