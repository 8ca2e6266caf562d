"""A run of a question set in the background, so that the page can show how far it is and stop it."""

from __future__ import annotations

import threading

from assistant.pipeline import Assistant
from assistant.progress import Progress, ProgressCallback
from assistant.web.jobs import Job
from eval.questions import QuestionSet
from eval.runner import run_questions
from eval.runs import Run

WAITING = "Venter på at komme til"
"""The stage of a run while another one is at work."""

_TURN_SECONDS = 0.2
_one_at_a_time = threading.Lock()


def begin(assistant: Assistant, questions: QuestionSet, answerer: str | None = None) -> Job[Run]:
    """Ask the questions in the background; runs of several users take turns.

    Stopped, it ends after the question that is being answered, and what was answered is dropped.
    """

    def work(report: ProgressCallback) -> Run:
        while not _one_at_a_time.acquire(timeout=_TURN_SECONDS):
            report(Progress(WAITING, 0, len(questions.questions)))
        try:
            return run_questions(assistant, questions, answerer=answerer, progress=report)
        finally:
            _one_at_a_time.release()

    return Job(questions.name, work)
