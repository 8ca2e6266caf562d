"""Long work of one browser session, in a thread of its own: leaving the page does not stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

import streamlit as st

from assistant.errors import AssistantError
from assistant.progress import Progress, ProgressCallback
from assistant.web import stopping
from assistant.web.markup import label, show, tag
from assistant.web.shell import unexpected

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

Result = TypeVar("Result")

_POLL_SECONDS = 0.15


class Job(Generic[Result]):
    """Work under way, done or failed. ``error`` is fit to show."""

    def __init__(self, what: str, work: Callable[[ProgressCallback], Result]) -> None:
        """Begin ``work``; ``what`` says in Danish what it does."""
        self.what = what
        self.progress: Progress | None = None
        self.result: Result | None = None
        self.error: str | None = None
        self.stopped = False
        self._work = work
        self._thread = threading.Thread(target=self._run, name="job", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let it end the next time that it tells how far it is; it has neither result nor error then."""
        self.stopped = True

    def wait(self, seconds: float) -> bool:
        """Wait at most ``seconds``; return whether it is over."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with stopping.shared.underway("job"):
                self.result = self._work(stopping.shared.heeding(self._report))
        except _Stopped:
            pass
        except AssistantError as error:
            self.error = str(error)
        except Exception as error:
            self.error = unexpected(f"Uventet fejl: {self.what}", error)

    def _report(self, progress: Progress) -> None:
        self.progress = progress
        if self.stopped:
            raise _Stopped


class _Stopped(Exception):
    """Raised inside the work once it is to stop."""


def draw_job(job: Job[Result]) -> None:
    """Draw how far a job is until it is over."""
    place = st.empty()
    with place.container(key="job"):
        show(tag("p", job.what, class_="working", role="status"))
        bar: DeltaGenerator = st.progress(0.0, text="Begynder")
        while not job.wait(_POLL_SECONDS):
            progress = job.progress
            if progress is not None:
                share = min(progress.done / progress.total, 1.0) if progress.total else 0.0
                bar.progress(share, text=label(f"{progress.heading}: {progress.done} af {progress.total}"))
    place.empty()
