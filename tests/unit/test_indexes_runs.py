"""Runs of entries in one array."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.indexes.runs import places_in, starts_of


def test_runs_begin_where_those_before_them_end() -> None:
    assert starts_of(np.asarray([2, 0, 3])).tolist() == [0, 2, 2, 5]
    assert starts_of(np.asarray([], dtype=np.int64)).tolist() == [0]


@pytest.mark.parametrize(
    ("begin", "counts", "places"),
    [([5, 0, 9], [2, 3, 1], [5, 6, 0, 1, 2, 9]), ([4, 7], [0, 2], [7, 8]), ([3], [0], []), ([], [], [])],
)
def test_places_of_runs_come_one_run_after_the_other(
    begin: list[int], counts: list[int], places: list[int]
) -> None:
    found = places_in(np.asarray(begin, dtype=np.int64), np.asarray(counts, dtype=np.int64))
    assert found.tolist() == places


def test_counts_may_be_of_a_small_type() -> None:
    assert places_in(np.asarray([0, 300]), np.asarray([200, 200], dtype=np.uint8))[-1] == 499
