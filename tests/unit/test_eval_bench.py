"""Pairs are timed in turns and told as medians. No test depends on how long anything takes."""

from __future__ import annotations

import pytest

from eval.bench import timing
from eval.bench.timing import Figure, Pair, paired


def test_whoever_goes_first_alternates_and_times_are_not_mixed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 0.0
    order: list[str] = []
    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock)

    def taking(name: str, seconds: float):  # type: ignore[no-untyped-def]
        def work() -> None:
            nonlocal clock
            clock += seconds
            order.append(name)

        return work

    behind: list[int] = []
    pairs = paired([(taking("ours", 3.0), taking("reference", 2.0))] * 3, behind.append)
    assert pairs == (Pair(3.0, 2.0),) * 3
    assert order == ["ours", "reference", "reference", "ours", "ours", "reference"]
    assert behind == [1, 2, 3]


def test_a_figure_is_the_median_of_its_pairs_ratios() -> None:
    # One moment of load slows both of a pair: the ratio of medians would be 3/2.
    figure = Figure("x", "X", "Y", 1.2, (Pair(1.0, 1.0), Pair(3.0, 3.0), Pair(9.0, 2.0)))
    assert (figure.ours, figure.reference, figure.ratio) == (3.0, 2.0, 1.0)
    assert figure.reached
    assert not Figure("x", "X", "Y", 0.9, figure.pairs).reached
