"""An answer is made beside the page, which can look at it, look away and stop it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from making_world import FIRST, SECOND, SOON, everything

from assistant.errors import QuestionError
from assistant.web.making import Making, Part


def test_parts_come_in_order_and_then_it_is_over() -> None:
    assert everything(Making(lambda: iter((FIRST, SECOND)))) == [FIRST, SECOND]


def test_whoever_looks_again_sees_all_that_was_made_and_nothing_is_made_twice() -> None:
    begun = []

    def work() -> Iterator[Part]:
        begun.append(1)
        yield FIRST
        yield SECOND

    making = Making(work)
    assert everything(making) == everything(making) == [FIRST, SECOND]
    assert begun == [1]


def test_what_is_not_there_yet_is_waited_for_only_so_long() -> None:
    go_on = threading.Event()

    def work() -> Iterator[Part]:
        yield FIRST
        go_on.wait(SOON)
        yield SECOND

    making = Making(work)
    assert making.after(0, SOON) == ((FIRST,), False)
    assert making.after(1, 0.01) == ((), False)
    go_on.set()
    assert everything(making) == [FIRST, SECOND]


def test_stopping_ends_it_at_once_and_closes_the_work_when_it_next_looks_up() -> None:
    go_on, closed = threading.Event(), threading.Event()

    def work() -> Iterator[Part]:
        try:
            yield FIRST
            go_on.wait(SOON)
            yield SECOND
            pytest.fail("asked for more after it was stopped")
        finally:
            closed.set()

    making = Making(work)
    assert making.after(0, SOON) == ((FIRST,), False)
    making.stop()
    assert making.after(1, SOON) == ((), True)
    assert not closed.is_set()
    go_on.set()
    assert closed.wait(SOON)
    assert making.after(1, SOON) == ((), True)


def test_an_answer_that_nobody_looks_at_any_more_is_not_finished() -> None:
    closed = threading.Event()

    def work() -> Iterator[Part]:
        try:
            while True:
                yield FIRST
        finally:
            closed.set()

    Making(work, patience=0.05)

    assert closed.wait(SOON)


def test_what_ends_it_is_raised_after_what_was_made_before() -> None:
    def work() -> Iterator[Part]:
        yield FIRST
        raise QuestionError("For langt.")

    making = Making(work)
    assert making.after(0, SOON)[0] == (FIRST,)
    with pytest.raises(QuestionError, match="For langt"):
        making.after(1, SOON)
