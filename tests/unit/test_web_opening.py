"""One assistant is opened for all, in the background, and a failure can be put right."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from assistant.errors import CorpusError
from assistant.progress import Progress, ProgressCallback
from assistant.web.opening import Opening

SOON = 10.0


def test_progress_is_seen_while_the_work_goes_on() -> None:
    reported, finish = threading.Event(), threading.Event()

    def work(report: ProgressCallback, rebuild: bool) -> Any:
        report(Progress("Indlejrer tekststykker", 3, 9))
        reported.set()
        finish.wait(SOON)
        return "assistent"

    opening = Opening(work)
    opening.start()

    assert reported.wait(SOON)
    assert opening.wait(0.01) is False
    assert opening.progress == Progress("Indlejrer tekststykker", 3, 9)
    finish.set()
    assert opening.wait(SOON)
    assert opening.live == "assistent"


def test_the_work_is_done_once_however_many_ask() -> None:
    calls: list[bool] = []

    def work(report: ProgressCallback, rebuild: bool) -> Any:
        calls.append(rebuild)
        return "assistent"

    opening = Opening(work)
    for _ in range(5):
        opening.start()
        opening.wait(SOON)
        opening.restart()

    assert calls == [False]


def test_after_a_failure_it_is_tried_again_and_only_when_told() -> None:
    outcomes: list[Any] = [CorpusError("Mappen er tom."), "assistent"]
    rebuilt: list[bool] = []

    def work(report: ProgressCallback, rebuild: bool) -> Any:
        rebuilt.append(rebuild)
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    opening = Opening(work)
    opening.start()
    assert opening.wait(SOON)
    assert str(opening.error) == "Mappen er tom."
    opening.start()
    assert opening.live is None

    opening.restart(rebuild=True)
    assert opening.wait(SOON)
    assert (opening.error, opening.live, rebuilt) == (None, "assistent", [False, True])


def test_an_unforeseen_error_is_kept_and_logged(caplog: Any) -> None:
    def work(report: ProgressCallback, rebuild: bool) -> Any:
        raise RuntimeError("ingen så det komme")

    opening = Opening(work)
    opening.start()

    assert opening.wait(SOON)
    assert isinstance(opening.error, RuntimeError)
    assert "ingen så det komme" in caplog.text


@pytest.fixture
def thawed() -> Iterator[None]:
    """Leave the search for garbage to the other tests as it was."""
    yield
    gc.unfreeze()


class _Index:
    """Holds itself, as many things do that hold one another."""

    def __init__(self) -> None:
        self.whole = self


class _Live:
    """Serves whatever it is given."""

    def __init__(self) -> None:
        self.serves: Any = _Index()

    def current(self) -> Any:
        return self.serves


def _looked_through(thing: Any) -> bool:
    return any(each is thing for each in gc.get_objects())


@pytest.mark.usefixtures("thawed")
def test_what_serves_is_not_looked_through_for_garbage_at_every_view() -> None:
    live: Any = _Live()
    opening = Opening(lambda report, rebuild: live)
    assert _looked_through(live.serves)
    assert opening.current(live) is live.serves
    assert not _looked_through(live.serves)

    made_since = [_Index()]
    opening.current(live)
    assert _looked_through(made_since)


@pytest.mark.usefixtures("thawed")
def test_what_a_new_index_replaced_is_gone_at_the_next_look() -> None:
    live: Any = _Live()
    opening = Opening(lambda report, rebuild: live, leave_seconds=0.0)
    replaced = weakref.ref(opening.current(live))
    live.serves = _Index()
    opening.current(live)

    assert replaced() is None
    assert not _looked_through(live.serves)


@pytest.mark.usefixtures("thawed")
def test_what_a_new_index_replaced_while_it_was_in_use_is_gone_after_that() -> None:
    live: Any = _Live()
    opening = Opening(lambda report, rebuild: live)
    used = opening.current(live)
    replaced = weakref.ref(used)
    live.serves = _Index()
    opening.current(live)
    assert _looked_through(used)  # by a view that began with it

    del used
    gc.collect()  # as Streamlit does after that view
    assert replaced() is None
