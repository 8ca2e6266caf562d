"""How much a browser session may ask and upload, and what it is told when that is too much."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest

from assistant.errors import LimitReached
from assistant.limits import QuestionLimiter, check_conversation, check_upload
from tests.support.clocks import Clock

MEGABYTE = 2**20


def ask(limiter: QuestionLimiter, session: str = "a", times: int = 1) -> None:
    for _ in range(times):
        with limiter.question(session):
            pass


# --- questions a minute -----------------------------------------------------------------------------


def test_as_many_questions_a_minute_as_allowed() -> None:
    clock = Clock()
    limiter = QuestionLimiter(3, 9, clock=clock)
    ask(limiter, times=3)

    clock.now += 20.5
    with pytest.raises(LimitReached) as caught:
        ask(limiter)
    assert str(caught.value) == "Du kan højst stille 3 spørgsmål i minuttet. Vent 40 sekunder, og prøv igen."

    clock.now += 39.5
    ask(limiter, times=3)


def test_the_minute_slides() -> None:
    clock = Clock()
    limiter = QuestionLimiter(2, 9, clock=clock)
    ask(limiter)
    clock.now += 30
    ask(limiter)
    clock.now += 30
    ask(limiter)
    with pytest.raises(LimitReached, match="Vent 31 sekunder"):
        ask(limiter)


def test_what_was_refused_does_not_count() -> None:
    clock = Clock()
    limiter = QuestionLimiter(1, 9, clock=clock)
    ask(limiter)
    for _ in range(5):
        clock.now += 10
        with pytest.raises(LimitReached):
            ask(limiter)
    clock.now += 10
    ask(limiter)


def test_sessions_count_apart() -> None:
    limiter = QuestionLimiter(1, 1, clock=Clock())
    with limiter.question("a"), limiter.question("b"):
        pass


def test_sessions_long_gone_take_no_room() -> None:
    clock = Clock()
    limiter = QuestionLimiter(1, 1, clock=clock)
    for number in range(100):
        ask(limiter, str(number))
    clock.now += 61
    ask(limiter)
    assert list(limiter._sessions) == ["a"]


# --- questions at once ------------------------------------------------------------------------------


def test_as_many_questions_at_once_as_allowed() -> None:
    limiter = QuestionLimiter(9, 2, clock=Clock())
    with limiter.question("a"), limiter.question("a"), pytest.raises(LimitReached) as caught:
        ask(limiter)
    assert "allerede 2 spørgsmål" in str(caught.value)
    ask(limiter)


def test_a_question_that_fails_gives_its_place_back() -> None:
    limiter = QuestionLimiter(9, 1, clock=Clock())
    with pytest.raises(RuntimeError), limiter.question("a"):
        raise RuntimeError
    ask(limiter)


def test_threads_never_get_more_places_than_there_are() -> None:
    limiter = QuestionLimiter(1000, 3, clock=Clock())
    entered, refused = [], []
    ready, leave = threading.Barrier(20), threading.Event()

    def work() -> None:
        ready.wait()
        with ExitStack() as stack:
            try:
                stack.enter_context(limiter.question("a"))
            except LimitReached:
                refused.append(1)
                return
            entered.append(1)
            leave.wait(10)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    while len(entered) + len(refused) < 20:
        leave.wait(0.01)
    leave.set()
    for thread in threads:
        thread.join()
    assert (len(entered), len(refused)) == (3, 17)


# --- conversation and upload ------------------------------------------------------------------------


def test_a_conversation_has_an_end() -> None:
    check_conversation(199, 200)
    with pytest.raises(LimitReached, match=r"på 200 spørgsmål.*Begynd en ny samtale"):
        check_conversation(200, 200)


def test_an_upload_within_the_limits_is_let_through() -> None:
    check_upload([("a.pdf", MEGABYTE), ("b.pdf", MEGABYTE)], most_files=2, most_megabytes=2)
    check_upload([], most_files=1, most_megabytes=1)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([("a.pdf", 1)] * 3, "valgt 3 filer, men der kan højst lægges 2 op"),
        ([("a.pdf", 1), ("stor.pdf", 2 * MEGABYTE + 1)], "stor.pdf: filen fylder 2,1 MB"),
        (
            [("a.pdf", MEGABYTE), ("b.pdf", MEGABYTE + 1)],
            "tilsammen 2,1 MB, men der kan højst lægges 2 MB op",
        ),
    ],
)
def test_an_upload_that_is_too_much_is_refused_with_the_limit(
    files: list[tuple[str, int]], says: str
) -> None:
    with pytest.raises(LimitReached, match=says):
        check_upload(files, most_files=2, most_megabytes=2)
