"""A run in the background: watched, stopped, and never lost to an error."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from assistant.errors import QuestionError
from eval.questions import Question, QuestionSet
from eval.web.job import WAITING, begin
from tests.unit.eval_world import WordAssistant

QUESTIONS = QuestionSet(
    "sæt", tuple(Question(f"q{n}", "Hvem bestemmer?", "ubesvarbar", ()) for n in range(5)), "f"
)


class Held:
    """An assistant that answers one question for each time it is let go on."""

    def __init__(self, error: Exception | None = None) -> None:
        self._assistant: Any = WordAssistant()
        self._error = error
        self.go = threading.Semaphore(0)
        self.asked = 0

    @property
    def documents(self) -> Any:
        return self._assistant.documents

    def forgetting(self, questions: Any) -> Any:
        return self

    def search(self, question: str, **how: Any) -> Any:
        return self._assistant.search(question, **how)

    def ask(self, question: str, *, history: Sequence[str] = (), **how: Any) -> Any:
        assert self.go.acquire(timeout=20)
        if self._error:
            raise self._error
        self.asked += 1
        return self._assistant.ask(question, history=history, **how)


def test_progress_is_told_and_the_run_is_there_at_the_end() -> None:
    assistant = Held()
    job = begin(assistant, QUESTIONS)  # type: ignore[arg-type]
    assistant.go.release()
    while job.progress is None:
        assert not job.wait(0.01)
    assert (job.progress.done, job.progress.total, job.result) == (1, 5, None)
    assistant.go.release(4)
    assert job.wait(20)
    assert job.result is not None
    assert [result.question.id for result in job.result.results] == ["q0", "q1", "q2", "q3", "q4"]
    assert job.error is None


def test_stopping_ends_it_after_the_question_at_hand() -> None:
    assistant = Held()
    job = begin(assistant, QUESTIONS)  # type: ignore[arg-type]
    job.stop()
    assistant.go.release(5)
    assert job.wait(20)
    assert assistant.asked <= 1
    assert (job.result, job.error) == (None, None)


def test_runs_take_turns_and_a_waiting_one_can_be_stopped() -> None:
    first, second = Held(), Held()
    one = begin(first, QUESTIONS)  # type: ignore[arg-type]
    first.go.release()
    while one.progress is None:
        assert not one.wait(0.01)
    two = begin(second, QUESTIONS)  # type: ignore[arg-type]
    second.go.release(5)
    while two.progress is None:
        assert not two.wait(0.01)
    assert two.progress.stage == WAITING
    assert second.asked == 0
    two.stop()
    assert two.wait(20)
    first.go.release(4)
    assert one.wait(20)
    assert one.result is not None


@pytest.mark.parametrize(
    ("error", "says"),
    [(QuestionError("Spørgsmålet er tomt."), "q0"), (ValueError("boom"), "ikke havde forudset")],
)
def test_an_error_is_told_in_danish(error: Exception, says: str) -> None:
    assistant = Held(error)
    job = begin(assistant, QUESTIONS)  # type: ignore[arg-type]
    assistant.go.release()
    assert job.wait(20)
    assert job.error is not None
    assert says in job.error
    assert "boom" not in job.error
