"""Intervals and tests of significance, against scipy's and against what must hold."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

from eval.catalogue import METRICS, Metric
from eval.errors import EvaluationError
from eval.resampling import Difference, differences, estimates
from eval.sheets import Sheet

HIT = next(metric for metric in METRICS if metric.name == "hit@1")
DECLINED = next(metric for metric in METRICS if metric.name == "answerable_declined")


@pytest.fixture(scope="module")
def stats() -> Any:
    """scipy's, imported where they are asked for: it takes longer than all else that is imported here."""
    return importlib.import_module("scipy.stats")


def sheet(values: list[float], column: str = "hit_1", fingerprint: str = "sæt") -> Sheet:
    ids = tuple(f"q{at:03d}" for at in range(len(values)))
    return Sheet("ark", fingerprint, ids, ("fakta",) * len(values), {column: np.array(values)})


def change(before: list[float], after: list[float], metric: Metric = HIT) -> Difference:
    column = metric.columns[0]
    (difference,) = differences([metric], sheet(before, column), sheet(after, column))
    return difference


def test_an_interval_agrees_with_scipys_bootstrap(stats: Any) -> None:
    values = [1.0] * 70 + [0.0] * 30
    ((_, estimate),) = estimates([HIT], sheet(values))
    expected = stats.bootstrap(
        (values,), np.mean, n_resamples=5000, method="percentile", random_state=np.random.default_rng(1)
    ).confidence_interval
    assert estimate.value == pytest.approx(0.7)
    assert estimate.count == 100
    assert estimate.low == pytest.approx(expected.low, abs=0.02)
    assert estimate.high == pytest.approx(expected.high, abs=0.02)


def test_an_interval_is_the_same_every_time() -> None:
    values = [1.0, 0.0, 1.0, 1.0, 0.0]
    assert estimates([HIT], sheet(values)) == estimates([HIT], sheet(values))


def test_questions_that_a_figure_does_not_apply_to_are_left_out() -> None:
    ((_, estimate),) = estimates([HIT], sheet([1.0, np.nan, 0.0, np.nan]))
    assert (estimate.value, estimate.count) == (0.5, 2)


def test_a_p_value_agrees_with_scipys_permutation_test(stats: Any) -> None:
    before = [1.0] * 12 + [0.0] * 8
    after = [0.0] * 6 + [1.0] * 6 + [1.0] + [0.0] * 7
    expected = stats.permutation_test(
        (after, before),
        lambda x, y, axis: np.mean(x, axis=axis) - np.mean(y, axis=axis),
        permutation_type="samples",
        n_resamples=50_000,
        random_state=np.random.default_rng(1),
    ).pvalue
    assert change(before, after).p_change == pytest.approx(expected, abs=0.02)


def test_one_direction_is_asked_of_a_loss() -> None:
    worse = change([1.0] * 20, [1.0] * 12 + [0.0] * 8)
    assert worse.worse
    assert worse.p_loss == pytest.approx(0.5**8, abs=0.004)
    assert worse.high < 0
    better = change([1.0] * 12 + [0.0] * 8, [1.0] * 20)
    assert not better.worse
    assert better.p_loss > 0.95


def test_more_is_worse_where_lower_is_better() -> None:
    assert change([0.0] * 20, [0.0] * 12 + [1.0] * 8, DECLINED).worse
    assert change([0.0] * 20, [0.0] * 12 + [1.0] * 8, DECLINED).p_loss < 0.01
    assert not change([0.0] * 12 + [1.0] * 8, [0.0] * 20, DECLINED).worse


def test_equal_runs_do_not_differ() -> None:
    values = [1.0, 0.0, 1.0, 1.0]
    same = change(values, values)
    assert (same.change, same.low, same.high, same.p_change, same.worse) == (0.0, 0.0, 0.0, 1.0, False)


def test_a_pair_is_kept_together(stats: Any) -> None:
    """Eight losses among questions of very different difficulty stand out only when paired."""
    before = [1.0] * 100 + [0.0] * 100
    after = [0.0] * 8 + [1.0] * 92 + [0.0] * 100
    assert change(before, after).p_change < 0.02
    assert stats.ttest_ind(before, after).pvalue > 0.3


def test_questions_are_matched_by_id() -> None:
    before = sheet([1.0, 0.0, 1.0])
    (same,) = differences([HIT], before, before.rows([2, 0, 1]))
    assert same.p_change == 1.0


def test_other_questions_are_refused() -> None:
    with pytest.raises(EvaluationError, match="forskellige spørgsmål"):
        differences([HIT], sheet([1.0, 0.0]), sheet([1.0, 0.0], fingerprint="et andet"))
    with pytest.raises(EvaluationError, match="forskellige spørgsmål"):
        differences([HIT], sheet([1.0, 0.0]), sheet([1.0, 0.0, 1.0]))
