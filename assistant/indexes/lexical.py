"""BM25 over one field of the passages, through bm25s.

BM25 in Lucene's form (Robertson and Zaragoza 2009; Kamphuis et al. 2020): scores start at 0 and need
no correction for terms that stand in more than half of the passages.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.durable.files import FolderReader, FolderWriter, json_line
from assistant.indexes.arrays import load_array, save_array
from assistant.indexes.runs import places_in, starts_of
from assistant.indexes.scoring import K1, B

__all__ = ["K1", "Asked", "B", "JoinedFields", "LexicalField"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Terms that are looked for in one field, and to which row of the answer the scores of each are added."""

    field: str
    terms: Sequence[str]
    rows: Sequence[int]


_ARRAYS = ("data", "indices", "indptr")
"""The columns of bm25s's sparse matrix of scores."""


class LexicalField:
    """An inverted index over the terms of one field; row i belongs to passage i."""

    def __init__(self, model: Any, size: int, frequencies: dict[str, int]) -> None:
        """Wrap a fitted model; use :meth:`build` or :meth:`load`."""
        self._model = model
        self.size = size
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
        total: NDArray[np.float32] = self._alone.added([Asked("", terms, [0] * len(terms))], 1)[0]
        return total

    def score_of_each(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """Return the BM25 score of every passage for each of ``terms`` alone; shape (len(terms), n)."""
        return self._alone.added([Asked("", terms, range(len(terms)))], len(terms))

    @cached_property
    def _alone(self) -> JoinedFields:
        return JoinedFields.of({"": self})

    @property
    def columns(self) -> Mapping[str, int]:
        """The column of each term in :attr:`scored`."""
        columns: dict[str, int] = {} if self._model is None else self._model.vocab_dict
        return columns

    @property
    def scored(self) -> dict[str, NDArray[Any]]:
        """What bm25s holds: the scores of term i, and whose they are, are ``indptr[i]:indptr[i + 1]`` of its arrays."""
        if self._model is None:
            return {
                "data": np.zeros(0, np.float32),
                "indices": np.zeros(0, np.int32),
                "indptr": np.zeros(1, np.int32),
            }
        return {part: self._model.scores[part] for part in _ARRAYS}

    @property
    def terms(self) -> Collection[str]:
        """Every term of the field."""
        return self._frequencies.keys()

    def frequency(self, term: str) -> int:
        """Return in how many passages ``term`` stands."""
        return self._frequencies.get(term, 0)

    def save(self, out: FolderWriter, name: str) -> None:
        """Write the field into the folder ``name``: arrays and JSON, nothing that runs when read."""
        head = {"size": self.size, "frequencies": self._frequencies}
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


@dataclass(frozen=True, slots=True)
class JoinedFields:
    """Several fields of the same passages in the same arrays, so that a question is scored in all of them at once.

    The scores of column i are ``data[starts[i]:starts[i + 1]]``, those of the passages ``passages`` in the same place;
    ``columns`` has the column of each term of each field.
    """

    size: int
    columns: dict[str, dict[str, int]]
    starts: NDArray[np.int64]
    passages: NDArray[np.int64]
    data: NDArray[np.float32]

    @classmethod
    def of(cls, fields: Mapping[str, LexicalField]) -> JoinedFields:
        """Put fields of the same passages one behind the other."""
        held = [field.scored for field in fields.values()]
        columns, first = {}, 0
        for (name, field), own in zip(fields.items(), held, strict=True):
            columns[name] = {term: first + column for term, column in field.columns.items()}
            first += len(own["indptr"]) - 1
        return cls(
            next(iter(fields.values())).size,
            columns,
            starts_of(np.concatenate([np.diff(own["indptr"]) for own in held])),
            np.concatenate([own["indices"] for own in held]).astype(np.int64),
            np.concatenate([own["data"] for own in held]),
        )

    def added(self, asked: Sequence[Asked], height: int) -> NDArray[np.float32]:
        """Return the BM25 scores of every passage, added up row by row; shape (height, n)."""
        found: list[int] = []
        rows: list[int] = []
        for one in asked:
            columns = self.columns[one.field]
            for term, row in zip(one.terms, one.rows, strict=True):
                if (column := columns.get(term)) is not None:
                    found.append(column)
                    rows.append(row)
        # As bm25s adds them up, but for what it allows that cannot be here: a passage twice in a column.
        column, row = np.asarray([found, rows], dtype=np.int64)
        begin = self.starts[column]
        counts = self.starts[column + 1] - begin
        places = places_in(begin, counts)
        at = self.passages[places] + np.repeat(row * self.size, counts)
        total = np.bincount(at, self.data[places], minlength=height * self.size)
        return total.astype(np.float32).reshape(height, self.size)


def _bm25() -> Any:
    # bm25s compiles through numba where that is installed, which takes seconds at the first question.
    import bm25s

    return bm25s.BM25
