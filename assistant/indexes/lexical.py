"""BM25 over one field of the passages, through bm25s.

BM25 in Lucene's form (Robertson and Zaragoza 2009; Kamphuis et al. 2020): scores start at 0 and need
no correction for terms that stand in more than half of the passages.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.75


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
        frequencies = Counter(term for row in rows for term in set(row))
        if not frequencies:
            return cls(None, len(rows), {})
        model = _bm25()(k1=K1, b=B, method="lucene")
        model.index([list(row) for row in rows], show_progress=False, leave_progress=False)
        return cls(model, len(rows), dict(frequencies))

    def scores(self, terms: Iterable[str]) -> NDArray[np.float32]:
        """Return the BM25 score of every passage for ``terms`` (a repeated term counts again); shape (n,)."""
        known = [term for term in terms if term in self._frequencies]
        if self._model is None or not known:
            return np.zeros(self._size, dtype=np.float32)
        scores: NDArray[np.float32] = self._model.get_scores(known)
        return scores

    @property
    def terms(self) -> Collection[str]:
        """Every term of the field."""
        return self._frequencies.keys()

    def frequency(self, term: str) -> int:
        """Return in how many passages ``term`` stands."""
        return self._frequencies.get(term, 0)

    def save(self, folder: Path) -> None:
        """Write the index under ``folder``: arrays and JSON, nothing that runs when read."""
        folder.mkdir(parents=True, exist_ok=True)
        head = {"size": self._size, "frequencies": self._frequencies}
        (folder / "field.json").write_text(json.dumps(head, ensure_ascii=False), encoding="utf-8")
        if self._model is not None:
            self._model.save(folder / "bm25", show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> LexicalField:
        """Read what :meth:`save` wrote."""
        head = json.loads((folder / "field.json").read_text(encoding="utf-8"))
        model = None
        if head["frequencies"]:
            model = _bm25().load(folder / "bm25", load_corpus=False)
        return cls(model, int(head["size"]), head["frequencies"])


def _bm25() -> Any:
    # bm25s compiles through numba where that is installed, which takes seconds at the first question.
    import bm25s

    return bm25s.BM25
