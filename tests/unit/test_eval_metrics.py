"""Every metric against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from eval_world import QUESTIONS

from eval import metrics
from eval.catalogue import METRICS, Metric
from eval.questions import Gold, Question
from eval.runs import FoundHit, QuestionResult, Quote, Run, RunStamp
from eval.sheets import Sheet, sheet_of
from eval.summary import summarise

DIKE = Gold("kyst", ("tre meter", "tre m"))
SNOW = Gold("skov", ("om vinteren",))


def test_a_text_holds_gold_by_document_and_folded_snippet() -> None:
    assert metrics.holds(("kyst", "Diget er tre\n  meter."), DIKE)
    assert metrics.holds(("kyst", "Diget er tre m."), DIKE)
    assert not metrics.holds(("skov", "Diget er tre meter."), DIKE)
    assert not metrics.holds(("kyst", "Diget er Tre Meter."), DIKE)


def test_an_entry_stands_at_the_first_hit_that_holds_it() -> None:
    hits = [("skov", "sne"), ("skov", "kun om vinteren"), ("kyst", "tre meter"), ("skov", "om vinteren")]
    assert metrics.positions([DIKE, SNOW], hits) == (3, 2)
    assert metrics.positions([DIKE, SNOW], hits[:2]) == (None, 2)


@pytest.mark.parametrize(
    ("found", "rank"),
    [
        ((1,), 1),
        ((4,), 4),
        ((1, 2), 1),  # both documents within the first two hits
        ((2, 1), 1),
        ((1, 3), 2),
        ((5, 2, 7), 5),
        ((1, 1), 1),  # both in the same hit: not better than the best
        ((3, 3), 2),
        ((1, None), None),
        ((None,), None),
    ],
)
def test_the_rank_is_the_last_entrys_less_n_minus_1(found: tuple[int | None, ...], rank: int | None) -> None:
    assert metrics.question_rank(found) == rank


def test_a_question_without_gold_has_no_rank() -> None:
    with pytest.raises(ValueError, match="no rank"):
        metrics.question_rank(())


def test_hit_and_recall_ask_whether_the_rank_is_within_k() -> None:
    assert [metrics.within(rank, 1) for rank in (1, 2, None)] == [1.0, 0.0, 0.0]
    assert [metrics.within(rank, 5) for rank in (5, 6)] == [1.0, 0.0]


def test_reciprocal_rank() -> None:
    assert [metrics.reciprocal_rank(rank) for rank in (1, 4, None)] == [1.0, 0.25, 0.0]


def test_ndcg_of_positions() -> None:
    assert metrics.discounted_gain((1,), 10) == 1.0
    assert metrics.discounted_gain((3,), 10) == 0.5  # 1 / log2(4)
    assert metrics.discounted_gain((11,), 10) == 0.0
    assert metrics.discounted_gain((None,), 10) == 0.0
    # Entries at 1 and 3 of two: (1 + 1/2) / (1 + 1/log2(3))
    assert metrics.discounted_gain((1, 3), 10) == pytest.approx(1.5 / (1 + 1 / math.log2(3)))
    assert metrics.discounted_gain((1, 1), 10) == 1.0


def test_ndcg_of_graded_judgments() -> None:
    judged = {"a": 2.0, "b": 1.0, "c": 0.0}
    # b, c, a: 1 + 0 + 2/2; ideal a, b: 2 + 1/log2(3)
    assert metrics.graded_gain(["b", "c", "a"], judged, 10) == pytest.approx(2 / (2 + 1 / math.log2(3)))
    assert metrics.graded_gain(["b", "c", "a"], judged, 2) == pytest.approx(1 / (2 + 1 / math.log2(3)))
    assert metrics.graded_gain(["a", "b"], judged, 10) == 1.0


def test_answer_recall_is_the_share_of_entries_that_a_quote_holds() -> None:
    assert metrics.answer_recall([DIKE, SNOW], [("kyst", "diget er tre meter")]) == 0.5
    assert metrics.answer_recall([DIKE], []) == 0.0


def test_answer_precision_is_the_share_of_quotes_that_are_gold() -> None:
    quotes = [("kyst", "diget er tre meter"), ("kyst", "stranden renses"), ("skov", "tre meter")]
    assert metrics.answer_precision([DIKE], quotes) == pytest.approx(1 / 3)
    assert metrics.answer_precision([DIKE], []) is None


def test_a_quote_inside_a_longer_snippet_is_gold() -> None:
    long = Gold("kyst", ("Diget skal være tre meter højt hele vejen",))
    assert metrics.answer_precision([long], [("kyst", "tre meter højt")]) == 1.0
    assert metrics.answer_recall([long], [("kyst", "tre meter højt")]) == 0.0


def test_a_comparison_covers_every_gold_document_or_not() -> None:
    assert metrics.covers_documents([DIKE, SNOW], [("kyst", "x"), ("skov", "y")]) == 1.0
    assert metrics.covers_documents([DIKE, SNOW], [("kyst", "x"), ("kyst", "y")]) == 0.0


def test_the_risk_coverage_curve_and_its_area() -> None:
    # Sorted: .9 right, .8 wrong, .5 right, .1 wrong: risks 0, 1/2, 1/3, 1/2
    curve = metrics.risk_coverage([0.5, 0.9, 0.1, 0.8], [0.0, 0.0, 1.0, 1.0])
    assert curve == (
        (0.9, 0.25, 0.0),
        (0.8, 0.5, 0.5),
        (0.5, 0.75, pytest.approx(1 / 3)),
        (0.1, 1.0, 0.5),
    )
    assert metrics.area_under_risk(curve) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_no_threshold_parts_equal_confidences() -> None:
    curve = metrics.risk_coverage([0.9, 0.5, 0.5], [0.0, 1.0, 0.0])
    assert curve == ((0.9, pytest.approx(1 / 3), 0.0), (0.5, 1.0, pytest.approx(1 / 3)))
    assert curve == metrics.risk_coverage([0.9, 0.5, 0.5], [0.0, 0.0, 1.0])


def test_a_perfect_order_of_confidence_has_less_area_than_a_reversed_one() -> None:
    errors = [0.0, 0.0, 1.0, 1.0]
    good = metrics.area_under_risk(metrics.risk_coverage([4, 3, 2, 1], errors))
    bad = metrics.area_under_risk(metrics.risk_coverage([1, 2, 3, 4], errors))
    assert good == pytest.approx((0 + 0 + 1 / 3 + 1 / 2) / 4)
    assert bad == pytest.approx((1 + 1 + 2 / 3 + 1 / 2) / 4)


# The same figures over a run of five questions: what is counted for which of them.

STAMP = RunStamp("", "", "", "", "", "", "", "aftryk", "lille", "")


def result(question: Question, hits: str, *, quotes: str = "", confidence: float = 0.5, ms: float = 10.0,
           valid: bool = True) -> QuestionResult:  # fmt: skip
    """``hits`` and ``quotes`` are letters: d the dike, p parking, w winter, m mushrooms, o other."""
    texts = {
        "d": ("kyst", "Diget skal være tre meter højt"),
        "p": ("kyst", "Borgerne betaler ikke for at parkere"),
        "w": ("skov", "Træerne fældes kun om vinteren"),
        "m": ("skov", "Borgerne må samle svampe"),
        "o": ("skov", "noget andet"),
    }
    return QuestionResult(
        question,
        ms,
        tuple(FoundHit(texts[letter][0], 1, texts[letter][1], 1.0) for letter in hits),
        text="",
        abstained=not quotes,
        mode="extractive",
        confidence=confidence,
        citations=tuple(Quote(texts[letter][0], 1, texts[letter][1], True, valid) for letter in quotes),
    )


DIKE_Q, WINTER_Q, BOTH_Q, DOGS_Q, MONACO_Q = QUESTIONS


@pytest.fixture
def sheet() -> Sheet:
    return sheet_of(
        Run(
            STAMP,
            (
                result(DIKE_Q, "dow", quotes="do", confidence=0.9, ms=10),  # rank 1, one of two quotes gold
                result(WINTER_Q, "oow", confidence=0.2, ms=20),  # rank 3, wrongly declined
                result(BOTH_Q, "pdm", quotes="p", confidence=0.8, ms=30),  # rank 2, one side only
                result(DOGS_Q, "odw", quotes="ooo", confidence=0.4, ms=40),  # not found
                result(MONACO_Q, "odw", confidence=0.1, ms=50),  # rightly declined
            ),
        ),
        "kørsel",
    )


EXPECTED = {
    "hit@1": 1 / 4,
    "recall@5": 3 / 4,
    "recall@10": 3 / 4,
    "mrr": (1 + 1 / 3 + 1 / 2 + 0) / 4,
    "ndcg@10": (1 + 1 / 2 + 1.5 / (1 + 1 / math.log2(3)) + 0) / 4,
    "answer_recall": (1 + 0 + 1 / 2 + 0) / 4,
    "answer_precision": (1 / 2 + 1 + 0) / 3,
    "citation_validity": 1.0,
    "comparison_coverage": 0.0,
    "abstention_recall": 1.0,
    "abstention_precision": 1 / 2,
    "answerable_declined": 1 / 4,
    # Errors in order of confidence (.9 .8 .4 .2 .1): 0 1 1 1 1
    "aurc": (0 + 1 / 2 + 2 / 3 + 3 / 4 + 4 / 5) / 5,
    "quotes": (2 + 1 + 3) / 3,
    "quotes_max": 3,
    "latency_p50_ms": 30,
    "latency_p95_ms": 50,
}


OF_A_MODEL = ("written", "groundedness", "citation_precision", "citation_recall")
"""Figures of what a model wrote; tests/unit/test_eval_grounding.py has them."""


@pytest.mark.parametrize(
    "metric", [m for m in METRICS if m.name not in OF_A_MODEL], ids=lambda metric: metric.name
)
def test_a_run_gives_the_figures_worked_out_by_hand(metric: Metric, sheet: Sheet) -> None:
    assert metric.value(sheet) == pytest.approx(EXPECTED[metric.name])


@pytest.mark.parametrize("name", OF_A_MODEL)
def test_a_run_without_a_model_has_no_figures_of_one(name: str, sheet: Sheet) -> None:
    assert summarise(sheet).overall.figure(name) is None


def test_a_quote_that_stands_nowhere_counts_against_validity() -> None:
    run = Run(STAMP, (result(DIKE_Q, "d", quotes="d", valid=False), result(WINTER_Q, "w", quotes="w")))
    assert _named("citation_validity").value(sheet_of(run, "")) == 0.5


def test_lists_do_not_count_towards_the_most_quotes() -> None:
    listing = Question("l", "?", "liste", DIKE_Q.gold)
    run = Run(STAMP, (result(listing, "d", quotes="d" * 9), result(DIKE_Q, "d", quotes="dd")))
    assert _named("quotes_max").value(sheet_of(run, "")) == 2


def test_the_ninety_fifth_percentile_of_twenty_is_the_nineteenth() -> None:
    run = Run(STAMP, tuple(result(DIKE_Q, "d", ms=float(ms)) for ms in range(1, 21)))
    sheet = sheet_of(run, "")
    assert _named("latency_p95_ms").value(sheet) == 19
    assert _named("latency_p50_ms").value(sheet) == 10


def test_weights_count_a_question_as_often_as_they_say(sheet: Sheet) -> None:
    """What the bootstrap rests on: weights give the figure of the rows repeated."""
    counts = [2, 0, 1, 3, 1]
    repeated = sheet.rows([row for row, count in enumerate(counts) for _ in range(count)])
    weights = np.array([counts], dtype=float)
    for metric in METRICS:
        if metric.applies(repeated):
            assert metric.sampled(sheet, weights)[0] == pytest.approx(metric.value(repeated)), metric.name


def test_a_metric_does_not_apply_without_a_question_to_count() -> None:
    unanswerable = sheet_of(Run(STAMP, (result(MONACO_Q, "odw"),)), "")
    assert not _named("hit@1").applies(unanswerable)
    assert _named("abstention_recall").applies(unanswerable)


def _named(name: str) -> Metric:
    return next(metric for metric in METRICS if metric.name == name)
