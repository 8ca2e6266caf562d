"""How long the stages of a question take: each second counts once, for the stage that spent it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.timing import STAGES, Stopwatch
from tests.support.clocks import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_stage_inside_another_counts_for_itself_alone(clock: Clock) -> None:
    watch = Stopwatch(clock)
    with watch.stage("fuse"):
        clock.now += 1
        with watch.stage("embed"):
            clock.now += 2
        clock.now += 4
        with watch.stage("search"):
            clock.now += 8
        clock.now += 16

    timing = watch.timing("extractive")

    assert (timing.embed, timing.search, timing.fuse, timing.answer) == (2, 8, 21, 0)


def test_what_runs_outside_of_all_stages_counts_for_none(clock: Clock) -> None:
    watch = Stopwatch(clock)
    with watch.stage("embed"):
        clock.now += 1
    clock.now += 50
    with watch.stage("embed"):
        clock.now += 1

    timing = watch.timing("extractive")

    assert sum(timing.of(stage) for stage in STAGES) == timing.embed == 2


def test_a_stage_that_fails_is_over(clock: Clock) -> None:
    watch = Stopwatch(clock)

    def search() -> None:
        with watch.stage("search"):
            clock.now += 1
            raise LookupError

    with pytest.raises(LookupError):
        search()
    clock.now += 5

    assert watch.timing("extractive").search == 1


def test_a_share_of_one_stage_can_be_counted_as_another(clock: Clock) -> None:
    watch = Stopwatch(clock)
    with watch.stage("answer"):
        clock.now += 5
    watch.move(2, "answer", "verify")

    timing = watch.timing("min-model")

    assert (timing.answer, timing.verify, timing.mode) == (3, 2, "min-model")


def test_only_the_making_of_an_answer_counts_and_not_what_is_done_with_it(clock: Clock) -> None:
    from assistant.pipeline import _timed

    def writing() -> Iterator[str]:
        clock.now += 1
        yield "a"
        clock.now += 2
        yield "b"
        clock.now += 4

    watch = Stopwatch(clock)
    for _ in _timed(writing(), watch):
        clock.now += 100  # the browser is slow

    assert watch.timing("extractive").answer == 7
