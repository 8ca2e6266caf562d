"""Opening the one assistant that all browser sessions share, with progress for whoever waits.

The work runs in a thread of its own: closing the first browser does not stop a build, and a second
browser sees the same progress.
"""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from assistant.errors import AssistantError, IndexUnusable
from assistant.progress import Progress, ProgressCallback
from assistant.web import metrics, stopping
from assistant.web.markup import label, show, tag
from assistant.web.shell import unexpected

if TYPE_CHECKING:
    from assistant.live import LiveAssistant
    from assistant.pipeline import Assistant

Work = Callable[[ProgressCallback, bool], "LiveAssistant"]
"""Opens the assistant, reporting progress; builds the index from nothing first if told to."""

_log = logging.getLogger(__name__)

_QUIET_SECONDS = 0.4
_POLL_SECONDS = 0.15
_FAILED = "opening failed"


class Opening:
    """The opening of one assistant: under way, done or failed."""

    def __init__(self, work: Work, *, leave_seconds: float = 60.0) -> None:
        """Prepare ``work``; nothing runs before ``start``.

        Args:
            work: opens the assistant.
            leave_seconds: how long what a new index replaces may still be in use.
        """
        self._work = work
        self.live: LiveAssistant | None = None
        self.error: Exception | None = None
        self.said = ""
        self.progress: Progress | None = None
        self._leave_seconds = leave_seconds
        self._serves: Assistant | None = None
        self._freeze_at: float | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self, *, rebuild: bool = False) -> None:
        """Begin unless it is under way, done or has failed; ``restart`` after a failure."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, args=(rebuild,), daemon=True)
                self._thread.start()

    def restart(self, *, rebuild: bool = False) -> None:
        """Begin anew after a failure, building the index from nothing if ``rebuild``."""
        with self._lock:
            if self.error is not None:
                self.error = self.progress = self._thread = None
        self.start(rebuild=rebuild)

    def wait(self, seconds: float) -> bool:
        """Wait at most ``seconds``; return whether it is done or has failed."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return self.live is not None or self.error is not None

    def current(self, live: LiveAssistant) -> Assistant:
        """Return what ``live`` serves now, and spare every view of the page from looking through it.

        Streamlit looks for garbage among all objects in memory after each run of the script. Those of an
        index are by far the most, and stay; what a new one replaces is looked through until it is gone.
        """
        assistant, now = live.current(), time.monotonic()
        with self._lock:
            if self._serves is not assistant:
                self._freeze_at = now if self._serves is None else now + self._leave_seconds
                self._serves = assistant
                gc.unfreeze()
            if self._freeze_at is not None and now >= self._freeze_at:
                self._freeze_at = None
                gc.collect()
                gc.freeze()
        return assistant

    def _run(self, rebuild: bool) -> None:
        try:
            with stopping.shared.underway("job"):
                self.live = self._work(stopping.shared.heeding(self._report), rebuild)
        except AssistantError as error:
            _log.warning("%s: %s", type(error).__name__, error)
            self.error = error
        except Exception as error:
            self.said = unexpected("Uventet fejl under åbningen", error)
            self.error = error

    def _report(self, progress: Progress) -> None:
        self.progress = progress


def shared_assistant() -> Assistant:
    """Return the shared assistant over the index that serves now, opening it first.

    Draws progress while it waits, and a notice where the newest index cannot be used. If it cannot be
    opened, draws one message with what to do and ends this run of the page.
    """
    opening = _opening()
    if opening.error is not None and _FAILED not in st.session_state:
        # Whoever opens the page anew has perhaps put right what was wrong.
        opening.restart()
    opening.start()
    if not opening.wait(_QUIET_SECONDS):
        _draw_progress(opening)
    live = opening.live
    if live is None:
        st.session_state[_FAILED] = True
        _draw_failure(opening)
        st.stop()
    assistant = opening.current(live)
    if live.notice:
        show(tag("p", live.notice, class_="notice warning", role="status"))
    return assistant


@st.cache_resource(show_spinner=False)
def _opening() -> Opening:
    return Opening(_open)


def _open(report: ProgressCallback, rebuild: bool) -> LiveAssistant:
    # Loads the index and the model behind it, which the start of the server need not wait for.
    from assistant.factory import build_index
    from assistant.live import LiveAssistant
    from assistant.settings import load_settings

    settings = load_settings()
    if rebuild:
        metrics.shared.build(lambda tell: build_index(settings, tell))(report)
    live = LiveAssistant(settings, report, observe=metrics.shared.timed, fault=metrics.shared.model_fault)
    metrics.shared.watch(live)
    # Found by asking them; better here than while the first page waits for them.
    live.current().starter_questions()
    return live


def _draw_progress(opening: Opening) -> None:
    place = st.empty()
    with place.container(key="preparing"):
        show(tag("h1", "Dokumenterne gøres klar"))
        show(tag("p", "Det sker kun første gang. Siden åbner af sig selv, når de er klar."))
        bar = st.progress(0.0, text="Begynder")
        while not opening.wait(_POLL_SECONDS):
            progress = opening.progress
            if progress is not None:
                share = min(progress.done / progress.total, 1.0) if progress.total else 0.0
                bar.progress(share, text=label(f"{progress.heading}: {progress.done} af {progress.total}"))
    place.empty()


def _draw_failure(opening: Opening) -> None:
    error = opening.error
    with st.container(key="start-failed"):
        show(tag("h1", "Dokumentassistenten kan ikke åbnes"))
        message = str(error) if isinstance(error, AssistantError) else opening.said
        show(tag("p", message, class_="error", role="alert"))
        if isinstance(error, IndexUnusable):
            st.button("Byg indekset igen", on_click=opening.restart, kwargs={"rebuild": True}, type="primary")
        else:
            st.button("Prøv igen", on_click=opening.restart, type="primary")
