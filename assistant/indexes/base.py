"""The contract of every passage index."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.base import Vectors
from assistant.records import Passage

SIGNALS = (
    "dense",
    "dense_whitened",
    "dense_heading",
    "terms",
    "terms_heading",
    "chars",
    "chars_heading",
    "synonyms",
)
"""The signals of a candidate, in the order of the columns of :attr:`Candidates.signals`.

``dense``: cosine of question and passage; ``dense_whitened``: the same after whitening;
``dense_heading``: cosine of question and heading path.
``terms``, ``terms_heading``: BM25 over Danish stems and compound parts of passage and heading.
``chars``, ``chars_heading``: BM25 over character n-grams of the same two texts.
``synonyms``: "terms" plus BM25 for other words with the meaning of the question's, each word of the
question through the best of its alternatives.
"""


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Index terms that may stand for a word of the question, and how much their match counts (0 to 1)."""

    terms: tuple[str, ...]
    weight: float
    word: str


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is searched: the text for the word signals, its vector, and expansion terms.

    ``vector`` has shape (dimension,) and unit length. ``alternatives`` holds synonyms, translations and
    corrected spellings of the question's words.
    """

    text: str
    vector: NDArray[np.float32]
    alternatives: tuple[Alternatives, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidates:
    """Passages worth ranking, with raw signals and what those are in the index at large.

    ``signals``: shape (n, len(SIGNALS)), float32; higher is better for each. ``mean`` and ``std``:
    shape (len(SIGNALS),), over all passages of the index or a fair sample of them.
    """

    passages: tuple[Passage, ...]
    signals: NDArray[np.float32]
    mean: NDArray[np.float32]
    std: NDArray[np.float32]


class PassageIndex(Protocol):
    """Vectors and words together. Safe to search from many threads."""

    def __len__(self) -> int:
        """Return the number of passages."""
        ...

    def add(self, passages: Sequence[Passage], vectors: Vectors, heading_vectors: Vectors) -> None:
        """Add passages with their vectors and those of their headings, both shape (n, dimension).

        Raises:
            ValueError: the numbers of passages and vectors differ, or a passage id is there already.
        """
        ...

    def delete(self, document_id: str) -> int:
        """Remove the passages of a document; returns how many there were."""
        ...

    def passages_of(self, document_id: str) -> tuple[Passage, ...]:
        """Return a document's passages in reading order; none for a document that is not there."""
        ...

    def sample(self, n: int) -> tuple[Passage, ...]:
        """Return ``n`` passages spread evenly over the index, in its order; all where it has at most ``n``."""
        ...

    def vectors_of(self, document_id: str) -> tuple[Vectors, Vectors]:
        """Return the vectors of a document's passages and of their headings, in the order of the passages."""
        ...

    def search(self, query: SearchQuery, *, documents: Collection[str] = (), limit: int = 200) -> Candidates:
        """Return the best ``limit`` passages by each signal, of ``documents`` only if any are named."""
        ...

    def document_frequency(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """Return in how many passages (or their headings) each index term stands; shape (len(terms),)."""
        ...

    def vocabulary(self) -> frozenset[str]:
        """Return the stems that compounds are split by."""
        ...

    def index_terms(self) -> Collection[str]:
        """Return every term that stands in some passage."""
        ...
