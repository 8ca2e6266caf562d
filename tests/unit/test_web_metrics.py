"""What Prometheus may read: right numbers, also from many threads, and nothing but numbers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from typing import Any, cast, get_args

import pytest

from assistant.answering.choice import Choice, Writing
from assistant.errors import IndexDamaged, LimitReached, QuestionError
from assistant.limits import QuestionLimiter, check_conversation, check_upload
from assistant.llm.faults import FaultKind
from assistant.llm.steady import CircuitBreaker, SteadyModel
from assistant.loading.reader import Problem
from assistant.progress import Progress, silent
from assistant.records import Query
from assistant.settings import LimitSettings
from assistant.timing import STAGES, Timing
from assistant.web.making import Part
from assistant.web.metrics import STAGE_SECONDS, Metrics
from tests.support.answers import answer, written
from tests.support.clocks import Clock
from tests.support.language_models import ScriptedModel
from tests.support.scraped import Scraped

QUESTION = "Hvad siger Anna om 010203-1234?"
QUERY = Query(QUESTION, QUESTION)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def scrape(metrics: Metrics) -> Scraped:
    page, content_type = metrics.page("")
    assert content_type.startswith("text/plain")
    return Scraped(page.decode())


def questions(metrics: Metrics) -> dict[str, float | None]:
    scraped = scrape(metrics)
    outcomes = ("answered", "abstained", "refused", "stopped", "failed")
    found = {outcome: scraped.value("assistant_questions_total", outcome=outcome) for outcome in outcomes}
    return {outcome: value for outcome, value in found.items() if value != 0}


# --- questions --------------------------------------------------------------------------------------


def test_nothing_has_happened_yet_and_that_can_be_read(metrics: Metrics) -> None:
    assert questions(metrics) == {}
    assert scrape(metrics).value("assistant_builds_total", result="failed") == 0


@pytest.mark.parametrize(
    ("last", "outcome"),
    [(answer(QUESTION), "answered"), (replace(answer(QUESTION), abstained=True), "abstained")],
)
def test_a_question_counts_by_how_it_went(metrics: Metrics, last: Part, outcome: str) -> None:
    assert list(metrics.counted([QUERY, last])) == [QUERY, last]

    assert questions(metrics) == {outcome: 1}


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (LimitReached("For mange.", "questions_per_minute"), "refused"),
        (QuestionError("For langt."), "refused"),
        (IndexDamaged("Beskadiget."), "failed"),
        (RuntimeError("uventet"), "failed"),
    ],
)
def test_an_error_counts_as_a_refusal_or_as_a_failure_and_goes_on(
    metrics: Metrics, error: Exception, outcome: str
) -> None:
    def parts() -> Iterator[Part]:
        yield QUERY
        raise error

    with pytest.raises(type(error)):
        list(metrics.counted(parts()))

    assert questions(metrics) == {outcome: 1}


def test_an_answer_that_is_left_counts_as_stopped_and_its_making_ends(metrics: Metrics) -> None:
    ended = []

    def parts() -> Iterator[Part]:
        try:
            yield QUERY
            yield answer(QUESTION)
        finally:
            ended.append(True)

    left = metrics.counted(parts())
    next(left)
    left.close()

    assert (questions(metrics), ended) == ({"stopped": 1}, [True])


def test_who_leaves_after_the_answer_was_answered(metrics: Metrics) -> None:
    taken = metrics.counted(iter([answer(QUESTION)]))
    next(taken)
    taken.close()

    assert questions(metrics) == {"answered": 1}


def test_the_time_of_an_answer_is_counted_by_who_wrote_it() -> None:
    clock = Clock()
    metrics = Metrics(clock)

    def parts(last: Part, seconds: float) -> Iterator[Part]:
        clock.now += seconds
        yield last
        clock.now += 100  # what comes after the answer is no part of it

    list(metrics.counted(parts(answer(QUESTION), 0.5)))
    list(metrics.counted(parts(written(QUESTION, "Sådan."), 8.0)))

    scraped = scrape(metrics)
    assert scraped.value("assistant_question_seconds_sum", answerer="extractive") == 0.5
    assert scraped.value("assistant_question_seconds_sum", answerer="llm") == 8.0
    assert scraped.value("assistant_question_seconds_bucket", answerer="llm", le="5.0") == 0
    assert scraped.value("assistant_question_seconds_bucket", answerer="llm", le="10.0") == 1


def test_many_threads_lose_no_count(metrics: Metrics) -> None:
    threads, times = 8, 50

    def ask(_: int) -> None:
        for _ in range(times):
            list(metrics.counted([QUERY, answer(QUESTION)]))
            metrics.timed(Timing(0.01, 0.002, 0.001, 0.001, 0, "extractive"))
            metrics.model_fault("busy")

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(ask, range(threads)))

    scraped = scrape(metrics)
    assert scraped.value("assistant_questions_total", outcome="answered") == threads * times
    assert scraped.value("assistant_llm_faults_total", kind="busy") == threads * times
    embedded = scraped.value("assistant_stage_seconds_count", stage="embed", answerer="extractive")
    assert embedded == threads * times


# --- stages, limits and faults ----------------------------------------------------------------------


def test_each_stage_that_was_run_is_a_histogram_of_its_own(metrics: Metrics) -> None:
    metrics.timed(Timing(0.012, 0.002, 0.003, 4.0, 0.2, "min-egen-model"))
    metrics.timed(Timing(0.012, 0.002, 0.003, 0.001, 0, "extractive"))

    scraped = scrape(metrics)

    def count(stage: str, answerer: str) -> float | None:
        return scraped.value("assistant_stage_seconds_count", stage=stage, answerer=answerer)

    assert [count(stage, "llm") for stage in STAGES] == [1, 1, 1, 1, 1]
    assert [count(stage, "extractive") for stage in STAGES] == [1, 1, 1, 1, None]
    assert scraped.value("assistant_stage_seconds_sum", stage="answer", answerer="llm") == 4.0


def test_the_buckets_tell_an_idle_machine_from_a_slow_model() -> None:
    assert STAGE_SECONDS[0] <= 0.001
    assert STAGE_SECONDS[-1] >= 60
    assert list(STAGE_SECONDS) == sorted(set(STAGE_SECONDS))


def refusals() -> Iterator[LimitReached]:
    """Every refusal that a limit can give."""
    limiter = QuestionLimiter(1, 1)

    def twice_at_once() -> None:
        with limiter.question("a"), limiter.question("a"):
            pass

    def twice_a_minute() -> None:
        with limiter.question("b"):
            pass
        with limiter.question("b"):
            pass

    def upload(*sizes: int) -> None:
        check_upload([(f"{n}.txt", size) for n, size in enumerate(sizes)], most_files=2, most_megabytes=1)

    for attempt in (
        twice_at_once,
        twice_a_minute,
        lambda: check_conversation(2, 2),
        lambda: upload(1, 1, 1),
        lambda: upload(2**21),
        lambda: upload(2**20, 2**20),
    ):
        with pytest.raises(LimitReached) as caught:
            attempt()
        yield caught.value


def test_every_refusal_names_a_limit_that_can_be_set(metrics: Metrics) -> None:
    known = {field.name for field in fields(LimitSettings)}
    met = list(refusals())
    for refusal in met:
        metrics.refused(refusal)

    scraped = scrape(metrics)
    assert {refusal.limit for refusal in met} <= known
    assert scraped.value("assistant_refusals_total", limit="upload_megabytes") == 2
    assert scraped.value("assistant_refusals_total", limit="questions_at_once") == 1


def test_what_is_no_refusal_by_a_limit_is_not_counted_as_one(metrics: Metrics) -> None:
    metrics.refused(IndexDamaged("Beskadiget."))

    assert scrape(metrics).families["assistant_refusals"].samples == []


def test_faults_of_the_database_and_of_the_model_are_told_apart(metrics: Metrics) -> None:
    metrics.database_fault()
    metrics.model_fault("slow")
    metrics.model_fault("slow")

    scraped = scrape(metrics)
    assert scraped.value("assistant_database_faults_total") == 1
    assert scraped.value("assistant_llm_faults_total", kind="slow") == 2


def test_a_build_is_counted_and_timed_however_it_ends() -> None:
    clock = Clock()
    metrics = Metrics(clock)

    def build(report: Any) -> str:
        report(Progress("Indlejrer", 1, 2))
        clock.now += 30
        return "rapporten"

    def broken(report: Any) -> None:
        raise IndexDamaged("Disken er fuld.")

    told: list[Progress] = []
    assert metrics.build(build)(told.append) == "rapporten"
    with pytest.raises(IndexDamaged):
        metrics.build(broken)(silent)

    scraped = scrape(metrics)
    assert len(told) == 1
    assert scraped.value("assistant_builds_total", result="ok") == 1
    assert scraped.value("assistant_builds_total", result="failed") == 1
    assert scraped.value("assistant_build_seconds_sum") == 30


# --- what is looked up ------------------------------------------------------------------------------


class Served:
    """A live assistant as far as the numbers look at it."""

    documents = ("a", "b")
    passage_count = 108
    problems = (Problem("c.pdf", "c.pdf kan ikke læses.", "unread"), Problem("d.pdf", "d.pdf", "notice"))
    index_created = "2026-11-20T12:00:00+00:00"

    def __init__(self, name: str = "000007-0123abcd", notice: str = "", choice: Choice | None = None) -> None:
        self.notice = notice
        self.writing = Writing(choice)
        self.serving = name, cast("Any", self)


def test_the_index_that_serves_is_told_with_its_size_and_age(metrics: Metrics) -> None:
    metrics.watch(cast("Any", Served()))

    scraped = scrape(metrics)

    assert scraped.value("assistant_index_generation") == 7
    assert scraped.value("assistant_index_passages") == 108
    assert scraped.value("assistant_index_documents") == 2
    assert scraped.value("assistant_index_unread_documents") == 1
    assert scraped.value("assistant_index_created_timestamp_seconds") == 1795176000
    assert scraped.value("assistant_index_degraded") == 0


def test_an_older_index_that_serves_is_told_as_degraded(metrics: Metrics) -> None:
    metrics.watch(cast("Any", Served(notice="Indekset er beskadiget.")))

    assert scrape(metrics).value("assistant_index_degraded") == 1


def test_the_breaker_is_told_where_there_is_a_model(metrics: Metrics) -> None:
    metrics.watch(cast("Any", Served()))
    assert "assistant_llm_breaker" not in scrape(metrics).families

    breaker = CircuitBreaker(failures=1)
    model = SteadyModel(ScriptedModel(), breaker)
    metrics.watch(cast("Any", Served(choice=Choice(model, "llm"))))
    assert scrape(metrics).value("assistant_llm_breaker", state="closed") == 1

    from assistant.llm.faults import ModelFault

    breaker.failed(ModelFault("slow", seconds=1))
    states = {s: scrape(metrics).value("assistant_llm_breaker", state=s) for s in ("closed", "open")}
    assert states == {"closed": 0, "open": 1}


def test_sessions_work_and_parts_are_told_as_they_are_now(metrics: Metrics) -> None:
    metrics.connected(1)
    metrics.connected(1)
    metrics.connected(-1)
    metrics.watch(
        underway=lambda: {"answer": 3, "job": 0}, failed_parts=lambda: {"index": False, "llm": True}
    )

    scraped = scrape(metrics)

    assert scraped.value("assistant_sessions") == 1
    assert scraped.value("assistant_underway", kind="answer") == 3
    assert scraped.value("assistant_part_failed", part="llm") == 1
    assert scraped.value("assistant_part_failed", part="index") == 0


# --- nothing but numbers ----------------------------------------------------------------------------


def test_no_word_of_a_user_a_document_or_a_model_is_among_the_labels(metrics: Metrics) -> None:
    """Everything that could become a label is given a telling name, and none of it may be seen."""
    model = SteadyModel(ScriptedModel())
    metrics.watch(cast("Any", Served(choice=Choice(model, "llm"))))
    list(metrics.counted([QUERY, written(QUESTION, "Anna bor på Nørregade.")]))
    with pytest.raises(QuestionError):
        list(metrics.counted(_failing(QuestionError(f"»{QUESTION}« er for langt."))))
    metrics.timed(Timing(1, 1, 1, 1, 1, "hemmelig-model"))
    metrics.refused(LimitReached("lønsedler.pdf: filen fylder 99 MB."))
    for kind in get_args(FaultKind):
        metrics.model_fault(kind)
    metrics.build(lambda _: None)(silent)

    page = metrics.page("")[0].decode()

    for word in (QUESTION, "Anna", "010203", "Nørregade", "hemmelig", "lønsedler", "komdir", "pdf"):
        assert word not in page


def test_the_number_of_series_does_not_grow_with_use(metrics: Metrics) -> None:
    def use(name: str) -> int:
        list(metrics.counted([QUERY, written(name, name)]))
        metrics.timed(Timing(1, 1, 1, 1, 1, name))
        metrics.refused(LimitReached(name))
        return sum(len(family.samples) for family in scrape(metrics).families.values())

    first = use("den første")

    assert {use(f"nummer {n}") for n in range(20)} == {first}


def _failing(error: Exception) -> Iterator[Part]:
    raise error
    yield QUERY
