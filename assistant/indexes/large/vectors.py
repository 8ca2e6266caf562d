"""Vectors in FAISS, its type chosen by how many there are and its recall measured when it is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from assistant.embedding.base import Vectors

StoredVectors = NDArray[np.float32] | NDArray[np.float16]
"""As they are embedded, or in half precision, as they are stored."""

WANTED_RECALL = 0.98
"""Of the ten nearest so many shall be found; what was found is written in the manifest."""

_LEARNED_FROM = 20_000
_BATCH = 50_000
_TRIED = 200
_NEAREST = 10
_LEAST, _MOST = 500, 8_000
_ASIDE = 0.35
"""How far a vector that stands for a question lies from its passage; questions are no passages."""


@dataclass(frozen=True, slots=True)
class VectorField:
    """Half-precision vectors, ``exact``; where they are many, ``quick`` has them in one bit a dimension.

    All are compared with a question by their bits (Gao and Long 2024, "RaBitQ"), and the best ``again`` of
    them by the vectors themselves. ``recall`` is the share of the ten nearest that this finds, measured with
    vectors of its own moved aside. There is nothing to train but a mean, so a segment is built as fast as it
    is read. ``source`` keeps the memory in which the indexes lie.
    """

    exact: Any  # a faiss.Index, or where ``quick`` is mapped its vectors alone
    quick: Any = None  # a faiss.Index or None
    again: int = 0
    recall: float = 1.0
    source: object = None

    @classmethod
    def build(cls, vectors: StoredVectors, exact_up_to: int) -> VectorField:
        """Index ``vectors``, shape (n, dimension), exactly up to so many of them."""
        n, dimension = vectors.shape
        exact = faiss.IndexScalarQuantizer(
            dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        _add(exact, vectors)
        if n <= exact_up_to:
            return cls(exact)
        quick = faiss.IndexRaBitQFastScan(dimension, faiss.METRIC_INNER_PRODUCT)
        quick.train(np.ascontiguousarray(vectors[_spread(n, _LEARNED_FROM)], dtype=np.float32))
        _add(quick, vectors)
        again, recall = _tuned(cls(exact, quick), vectors)
        return cls(exact, quick, again, recall)

    @classmethod
    def over(
        cls, exact: NDArray[np.uint8], quick: NDArray[np.uint8] | None, again: int, recall: float
    ) -> VectorField:
        """Use what :meth:`write` wrote where it lies.

        Where ``quick`` finds the candidates, single vectors of ``exact`` are read and nothing else, which takes no more
        of FAISS than where they begin; so that file, which is nearly all of the index, need not be read before.

        Raises:
            RuntimeError: it is no index, or not one of these vectors.
        """
        if quick is None:
            return cls(_read(exact), None, again, recall, source=exact)
        nearly = _read(quick)
        return cls(_HalfRows.last_in(exact, nearly.ntotal, nearly.d), nearly, again, recall, source=quick)

    def __len__(self) -> int:
        """Return the number of vectors."""
        return int(self.exact.ntotal)

    @property
    def kind(self) -> str:
        """FAISS's name for what is searched."""
        return "SQfp16" if self.quick is None else "RaBitQfs,Refine(SQfp16)"

    def write(self, which: str, write: Callable[[bytes], int]) -> None:
        """Give the index ``which``, "exact" or "quick", to ``write``, piece by piece."""
        # FAISS's own writer does not tell when closing the file failed, as it does on a full disk.
        faiss.write_index(getattr(self, which), faiss.PyCallbackIOWriter(write))

    def search(
        self, vector: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the rows of the ``k`` nearest, of those ``allowed``, and their scores, best first."""
        count = max(self.again, 2 * k)
        if self.quick is None and allowed is None:
            return _found(self.exact.search(vector[None, :], k))
        if allowed is not None and self._of_few(allowed, count):
            rows = np.flatnonzero(allowed)
        else:
            rows = self._near(vector, count, allowed)
        scores = self.of(rows) @ vector
        best = np.argsort(-scores, kind="stable")[:k]
        return rows[best], scores[best]

    def of(self, rows: NDArray[np.int64]) -> Vectors:
        """Return the vectors of ``rows``, shape (len(rows), dimension)."""
        if not len(rows):
            return np.zeros((0, self.exact.d), dtype=np.float32)
        return np.asarray(self.exact.reconstruct_batch(np.asarray(rows, dtype=np.int64)), dtype=np.float32)

    def stored(self, rows: NDArray[np.int64]) -> NDArray[np.float16]:
        """Return the vectors of ``rows`` as they are stored, shape (len(rows), dimension)."""
        kept = np.empty((len(rows), self.exact.d), dtype=np.float16)
        for start in range(0, len(rows), _BATCH):
            kept[start : start + _BATCH] = self.of(rows[start : start + _BATCH])
        return kept

    def _of_few(self, allowed: NDArray[np.bool_], count: int) -> bool:
        """Whether it is best to compare all that are allowed."""
        there = int(allowed.sum())
        return self.quick is None or (there <= _BATCH // 2 and len(allowed) - there > count)

    def _near(
        self, vector: NDArray[np.float32], count: int, allowed: NDArray[np.bool_] | None
    ) -> NDArray[np.int64]:
        if allowed is None:
            return _found(self.quick.search(vector[None, :], count))[0]
        # This kind of index knows no filter; among more of the nearest there are as many that are allowed: certainly
        # where those that are not are few, and most likely where they are many.
        there = int(allowed.sum())
        gone = len(allowed) - there
        more = min(count + gone if gone <= count else int(1.5 * count * len(allowed) / there), len(self))
        rows = _found(self.quick.search(vector[None, :], more))[0]
        return rows[allowed[rows]][:count]


@dataclass(frozen=True, slots=True)
class _HalfRows:
    """The vectors of a FAISS file in half precision, which come last in it; read as they are asked for."""

    rows: NDArray[np.float16]

    @classmethod
    def last_in(cls, file: NDArray[np.uint8], n: int, dimension: int) -> _HalfRows:
        size = n * dimension * 2
        if file.size < size:
            raise RuntimeError(f"{file.size} bytes hold no {n} vectors of {dimension} dimensions")
        rows = np.frombuffer(file, dtype="<f2", offset=file.size - size)
        return cls(rows.reshape(n, dimension))

    @property
    def ntotal(self) -> int:
        return len(self.rows)

    @property
    def d(self) -> int:
        return int(self.rows.shape[1])

    def reconstruct_batch(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        return self.rows[rows].astype(np.float32)


def _found(answer: tuple[Any, Any]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    scores, rows = answer
    there = rows[0] >= 0  # FAISS fills up with -1
    return rows[0][there].astype(np.int64), scores[0][there].astype(np.float32)


def _read(data: NDArray[np.uint8]) -> Any:
    return faiss.read_index(faiss.ZeroCopyIOReader(faiss.swig_ptr(data), data.size))


def _add(index: Any, vectors: StoredVectors) -> None:
    for start in range(0, len(vectors), _BATCH):
        index.add(np.ascontiguousarray(vectors[start : start + _BATCH], dtype=np.float32))


def _spread(n: int, count: int) -> NDArray[np.int64]:
    return np.linspace(0, n - 1, min(n, count)).astype(np.int64)


def _tuned(field: VectorField, vectors: StoredVectors) -> tuple[int, float]:
    """Return how many must be compared again for the wanted recall, and the recall that this gives."""
    asked = _questions(vectors)
    nearest = [set(rows) for rows in _exactly(vectors, asked).tolist()]
    again = _LEAST
    while True:
        hits = 0
        for question, wanted in zip(asked, nearest, strict=True):
            rows = field._near(question, again, None)
            best = np.argsort(-(field.of(rows) @ question), kind="stable")[:_NEAREST]
            hits += len(wanted.intersection(rows[best].tolist()))
        recall = hits / sum(map(len, nearest))
        if recall >= WANTED_RECALL or again >= min(_MOST, len(vectors)):
            return again, round(recall, 4)
        again *= 2


def _questions(vectors: StoredVectors) -> Vectors:
    """Return vectors that lie beside those of passages, each on the way to another one."""
    own = np.asarray(vectors[_spread(len(vectors), _TRIED)], dtype=np.float32)
    moved = (1 - _ASIDE) * own + _ASIDE * np.roll(own, 1, axis=0)
    return np.asarray(
        moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9), dtype=np.float32
    )


def _exactly(vectors: StoredVectors, asked: Vectors) -> NDArray[np.int64]:
    """Return the rows of the ten nearest vectors, by comparing with all; shape (len(asked), at most 10)."""
    best = np.zeros((len(asked), 0), dtype=np.float32)
    rows = np.zeros((len(asked), 0), dtype=np.int64)
    for start in range(0, len(vectors), _BATCH):
        scores = asked @ np.asarray(vectors[start : start + _BATCH], dtype=np.float32).T
        own = np.argpartition(-scores, min(_NEAREST, scores.shape[1]) - 1, axis=1)[:, :_NEAREST]
        best = np.hstack([best, np.take_along_axis(scores, own, axis=1)])
        rows = np.hstack([rows, own + start])
        keep = np.argsort(-best, axis=1)[:, :_NEAREST]
        best, rows = np.take_along_axis(best, keep, axis=1), np.take_along_axis(rows, keep, axis=1)
    return rows
