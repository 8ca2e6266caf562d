"""BM25 over one field of the passages, through bm25s.

BM25 in Lucene's form (Robertson and Zaragoza 2009; Kamphuis et al. 2020): scores start at 0 and need
no correction for terms that stand in more than half of the passages.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.durable.files import FolderReader, FolderWriter, json_line
from assistant.indexes.arrays import load_array, save_array
from assistant.indexes.runs import places_in
from assistant.indexes.scoring import K1, B

__all__ = ["K1", "B", "LexicalField"]

_ARRAYS = ("data", "indices", "indptr")
"""The columns of bm25s's sparse matrix of scores."""


class LexicalField:
    """An inverted index over the terms of one field; row i belongs to passage i."""

    def __init__(self, model: Any, size: int, frequencies: dict[str, int]) -> None:
        """Wrap a fitted model; use :meth:`build` or :meth:`load`."""
        self._model = model
        self._size = size
        self._frequencies = frequencies

    @classmethod
    def build(cls, rows: Sequence[Sequence[str]]) -> LexicalField:
        """Index ``rows``, the terms of each passage in order."""
        # Numbered in the order in which they come, so that the same passages give the same index.
        column: defaultdict[str, int] = defaultdict()
        column.default_factory = column.__len__
        numbers = [list(map(column.__getitem__, row)) for row in rows]
        if not column:
            return cls(None, len(rows), {})
        model = _bm25()(k1=K1, b=B, method="lucene")
        terms = tuple(column)
        model.index((numbers, dict(column)), show_progress=False, leave_progress=False)
        frequencies = np.diff(model.scores["indptr"]).tolist()
        return cls(model, len(rows), dict(zip(terms, frequencies, strict=True)))

    def scores(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """Return the BM25 score of every passage for ``terms`` (a repeated term counts again); shape (n,)."""
        total: NDArray[np.float32] = self._added(terms, [0] * len(terms), 1)[0]
        return total

    def score_of_each(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """Return the BM25 score of every passage for each of ``terms`` alone; shape (len(terms), n)."""
        return self._added(terms, range(len(terms)), len(terms))

    def _added(self, terms: Sequence[str], rows: Sequence[int], height: int) -> NDArray[np.float32]:
        """Return the scores for ``terms``, each added to its one of ``rows``; shape (height, n)."""
        found = [
            (self._model.vocab_dict[t], row) for t, row in zip(terms, rows, strict=True) if t in self.terms
        ]
        if not found:
            return np.zeros((height, self._size), dtype=np.float32)
        # As bm25s adds them up, but for what it allows that cannot be here: a passage twice in a column.
        held = self._model.scores
        column, row = np.asarray(found, dtype=np.int64).T
        begin = held["indptr"][column].astype(np.int64)
        counts = held["indptr"][column + 1] - begin
        places = places_in(begin, counts)
        at = held["indices"][places] + np.repeat(row * self._size, counts)
        total = np.bincount(at, held["data"][places], minlength=height * self._size)
        return total.astype(np.float32).reshape(height, self._size)

    @property
    def terms(self) -> Collection[str]:
        """Every term of the field."""
        return self._frequencies.keys()

    def frequency(self, term: str) -> int:
        """Return in how many passages ``term`` stands."""
        return self._frequencies.get(term, 0)

    def save(self, out: FolderWriter, name: str) -> None:
        """Write the field into the folder ``name``: arrays and JSON, nothing that runs when read."""
        head = {"size": self._size, "frequencies": self._frequencies}
        with out.open(f"{name}/field.json") as file:
            file.write(json_line(head))
        if self._model is None:
            return
        with out.open(f"{name}/vocabulary.json") as file:
            file.write(json_line(self._model.vocab_dict))
        for part in _ARRAYS:
            save_array(out, f"{name}/{part}.npy", self._model.scores[part])

    @classmethod
    def load(cls, files: FolderReader, name: str) -> LexicalField:
        """Read what :meth:`save` wrote; raises ``Damage`` as the files are read."""
        head = json.loads(files.read(f"{name}/field.json"))
        size, frequencies = int(head["size"]), head["frequencies"]
        if not frequencies:
            return cls(None, size, frequencies)
        # bm25s itself loads from a folder, which may have changed since it was verified.
        model = _bm25()(k1=K1, b=B, method="lucene")
        model.vocab_dict = json.loads(files.read(f"{name}/vocabulary.json"))
        model.unique_token_ids_set = set(model.vocab_dict.values())
        model.scores = {part: load_array(files, f"{name}/{part}.npy") for part in _ARRAYS}
        model.scores["num_docs"] = size
        model.nonoccurrence_array = None  # the Lucene form has none
        return cls(model, size, frequencies)


def _bm25() -> Any:
    # bm25s compiles through numba where that is installed, which takes seconds at the first question.
    import bm25s

    return bm25s.BM25
