"""One assistant is opened for all, in the background, and a failure can be put right."""

from __future__ import annotations

import threading
from typing import Any

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
