"""Lists of different lengths in one array, each a run of entries, one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def starts_of(counts: Counts) -> Counts:
    """Return where runs of so many entries begin, and last where they end; shape (len(counts) + 1,)."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def places_in(begin: NDArray[Any], counts: NDArray[Any]) -> Counts:
    """Return the places of several runs: ``begin[i], begin[i] + 1, ...``, ``counts[i]`` of them, for each i in turn.

    Shape (sum of ``counts``,).
    """
    ends = np.cumsum(counts, dtype=np.int64)
    before = ends - counts
    places: Counts = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(begin - before, counts)
    return places
