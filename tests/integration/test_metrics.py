"""The numbers of real questions over the real documents: asked, answered, timed, and a model that fails."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.live import LiveAssistant
from assistant.settings import PROJECT, load_settings
from assistant.web.metrics import Metrics
from tests.support.model_server import Reply, serving, words
from tests.support.scraped import Scraped

QUESTIONS = (
    "Hvad er de fire pejlemærker?",
    "Hvad indebærer den kompetente forvaltning?",
    "Hvad er hovedstaden i Frankrig?",
)
STAGES = ("embed", "search", "fuse", "answer")
WROTE = "KOMDIR nævner den demokratisk funderede forvaltning [1]."


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def live(metrics: Metrics, environment: Mapping[str, str], **environ: str) -> LiveAssistant:
    """A live assistant that is watched, as the page opens it."""
    settings = load_settings(PROJECT, {**environment, **environ})
    opened = LiveAssistant(settings, build_if_missing=False, observe=metrics.timed, fault=metrics.model_fault)
    metrics.watch(opened)
    return opened


def scrape(metrics: Metrics) -> Scraped:
    return Scraped(metrics.page("")[0].decode())


def test_questions_from_several_threads_are_all_counted_with_all_their_stages(
    metrics: Metrics, environment: Mapping[str, str]
) -> None:
    opened = live(metrics, environment)
    threads = 4

    def ask(_: int) -> None:
        for question in QUESTIONS:
            list(metrics.counted(opened.current().stream(question)))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(ask, range(threads)))

    seen = scrape(metrics)
    asked = threads * len(QUESTIONS)
    assert seen.value("assistant_questions_total", outcome="answered") == threads * 2
    assert seen.value("assistant_questions_total", outcome="abstained") == threads
    for stage in STAGES:
        assert seen.value("assistant_stage_seconds_count", stage=stage, answerer="extractive") == asked
    whole = seen.value("assistant_question_seconds_sum", answerer="extractive") or 0
    parts = [seen.value("assistant_stage_seconds_sum", stage=s, answerer="extractive") or 0 for s in STAGES]
    assert all(part > 0 for part in parts)
    assert sum(parts) <= whole


def test_what_is_asked_to_make_suggestions_is_no_question(
    metrics: Metrics, environment: Mapping[str, str]
) -> None:
    assistant = live(metrics, environment).current()
    assistant.starter_questions()
    answer = assistant.ask(QUESTIONS[0])
    assistant.follow_ups(answer)

    embedded = scrape(metrics).value("assistant_stage_seconds_count", stage="embed", answerer="extractive")
    assert embedded == 1


def test_a_models_answer_has_a_stage_of_verifying(metrics: Metrics, environment: Mapping[str, str]) -> None:
    with serving(Reply(words(WROTE), between=0.01)) as server:
        opened = live(
            metrics,
            environment,
            ASSISTANT_LLM__BASE_URL=server.url,
            ASSISTANT_LLM__MODEL="lille",
            ASSISTANT_ANSWER__ANSWERER="llm",
        )
        list(metrics.counted(opened.current().stream(QUESTIONS[0])))

    seen = scrape(metrics)
    assert seen.value("assistant_stage_seconds_count", stage="verify", answerer="llm") == 1
    verified = seen.value("assistant_stage_seconds_sum", stage="verify", answerer="llm") or 0
    written = seen.value("assistant_stage_seconds_sum", stage="answer", answerer="llm") or 0
    assert verified > 0
    assert written >= 0.01 * (len(words(WROTE)) - 1)
    assert seen.value("assistant_llm_breaker", state="closed") == 1


def test_a_model_that_cannot_be_reached_is_counted_until_it_is_left_alone(
    metrics: Metrics, environment: Mapping[str, str]
) -> None:
    opened = live(
        metrics,
        environment,
        ASSISTANT_LLM__BASE_URL="http://127.0.0.1:9/v1",
        ASSISTANT_LLM__MODEL="lille",
        ASSISTANT_ANSWER__ANSWERER="llm",
    )
    for _ in range(5):
        list(metrics.counted(opened.current().stream(QUESTIONS[0])))

    seen = scrape(metrics)
    assert (seen.value("assistant_llm_faults_total", kind="unreachable") or 0) >= 3
    assert (seen.value("assistant_llm_faults_total", kind="paused") or 0) >= 1
    assert seen.value("assistant_llm_breaker", state="open") == 1
    # Every one of them got its quotes all the same.
    assert seen.value("assistant_questions_total", outcome="answered") == 5
    assert seen.value("assistant_question_seconds_count", answerer="extractive") == 5
