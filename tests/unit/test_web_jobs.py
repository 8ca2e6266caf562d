"""Long work of a browser session: its result, or one message."""

from __future__ import annotations

import threading

from assistant.errors import DocumentError
from assistant.progress import Progress, ProgressCallback
from assistant.web.jobs import Job
from assistant.web.shell import UNEXPECTED

PATIENCE_SECONDS = 10


def test_work_gives_its_result_and_tells_how_far_it_is() -> None:
    def work(report: ProgressCallback) -> str:
        report(Progress("Læser a.txt", 1, 2))
        return "færdig"

    job = Job("Læser", work)

    assert job.wait(PATIENCE_SECONDS)
    assert (job.result, job.error) == ("færdig", None)
    assert job.progress == Progress("Læser a.txt", 1, 2)


def test_what_a_user_can_mend_is_told_as_it_is() -> None:
    def work(_: ProgressCallback) -> None:
        raise DocumentError("a.txt er tom.")

    job = Job("Læser", work)

    assert job.wait(PATIENCE_SECONDS)
    assert job.error == "a.txt er tom."


def test_what_nobody_foresaw_is_logged_and_told_without_its_text() -> None:
    def work(_: ProgressCallback) -> None:
        raise ValueError("indeni")

    job = Job("Læser", work)

    assert job.wait(PATIENCE_SECONDS)
    assert job.error is not None
    assert job.error.startswith(UNEXPECTED)
    assert "indeni" not in job.error


def test_work_that_is_stopped_ends_where_it_next_tells_how_far_it_is() -> None:
    begun, told = threading.Event(), threading.Event()

    def work(report: ProgressCallback) -> str:
        begun.set()
        assert told.wait(PATIENCE_SECONDS)
        report(Progress("Læser b.txt", 2, 2))
        return "for sent"

    job = Job("Læser", work)
    assert begun.wait(PATIENCE_SECONDS)
    job.stop()
    told.set()

    assert job.wait(PATIENCE_SECONDS)
    assert (job.result, job.error) == (None, None)
