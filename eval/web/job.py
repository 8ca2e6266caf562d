"""A run in the background, so that the page can show how far it is and stop it."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from assistant.errors import AssistantError
from assistant.pipeline import Assistant
from assistant.progress import Progress
from eval.questions import QuestionSet
from eval.runner import run_questions
from eval.runs import Run

_UNEXPECTED = "Kørslen gik i stå af en grund, som vi ikke havde forudset. Fejlen står i loggen."

_log = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()


class _Stopped(Exception):
    """Raised inside the run once it is to stop."""


@dataclass(slots=True)
class Job:
    """One run of a question set. Started once; read from any thread."""

    questions: QuestionSet
    answerer: str | None = None
    progress: Progress | None = None
    run: Run | None = None
    error: str | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self, assistant: Assistant) -> None:
        """Ask the questions in the background; runs of several users take turns."""
        self._thread = threading.Thread(target=self._work, args=(assistant,), name="evaluation", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the question that is being answered; what was answered is dropped."""
        self._stop.set()

    def wait(self, seconds: float) -> bool:
        """Return whether the run has ended, after so long at most."""
        if self._thread is not None:
            self._thread.join(seconds)
        return not self.running

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def stopped(self) -> bool:
        """Whether it was told to stop."""
        return self._stop.is_set()

    def _work(self, assistant: Assistant) -> None:
        try:
            while not _one_at_a_time.acquire(timeout=0.2):
                if self.stopped:
                    return
            try:
                self.run = run_questions(
                    assistant, self.questions, answerer=self.answerer, progress=self._told
                )
            finally:
                _one_at_a_time.release()
        except _Stopped:
            pass
        except AssistantError as error:
            self.error = str(error)
        except Exception:
            _log.exception("Uventet fejl i en evaluering")
            self.error = _UNEXPECTED

    def _told(self, progress: Progress) -> None:
        self.progress = progress
        if self.stopped:
            raise _Stopped
