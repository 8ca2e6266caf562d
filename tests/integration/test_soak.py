"""Long load on one process; run by `make soak`."""

from __future__ import annotations

import gc
import resource
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.pipeline import Assistant
from assistant.records import Answer

QUESTIONS = (
    "Hvad er de fire pejlemærker?",
    "Hvad indebærer den kompetente forvaltning?",
    "Hvad siger kommunerne og staten om kompleksitet?",
    "Hvordan bør man forberede reformer?",
    "Hvad er hovedstaden i Frankrig?",
    "How can the public sector attract talent?",
)
ROUNDS = 60
THREADS = 8


def _kilobytes() -> int:
    gc.collect()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.soak
def test_thousands_of_questions_give_equal_answers_and_keep_the_memory(assistant: Assistant) -> None:
    expected = {question: assistant.ask(question) for question in QUESTIONS}
    wrong: list[Answer] = []
    lock = threading.Lock()

    def ask_all(_: int) -> None:
        for question in QUESTIONS:
            answer = assistant.ask(question)
            if answer != expected[question]:
                with lock:
                    wrong.append(answer)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(ask_all, range(THREADS)))
        before = _kilobytes()
        list(pool.map(ask_all, range(ROUNDS)))
    assert not wrong
    assert _kilobytes() <= 1.1 * before
