"""Many threads at once get exactly what one gets."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from assistant.pipeline import Assistant
from assistant.records import Answer

THREADS = 8

KINDS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("Hvilket tidligere arbejde bygger debatoplægget på?", (), ()),
    ("Hvad er de fire pejlemærker?", (), ()),
    ("Hvad indebærer den kompetente forvaltning?", (), ()),
    ("Hvad siger kommunerne og staten om styring efter mål?", (), ()),
    ("Hvad siger staten om cyber?", (), ()),
    ("Og hvad med den kulturbærende?", ("Hvad indebærer den kompetente forvaltning?",), ()),
    ("Hvilket dilemma er der i det?", ("Hvordan bør man forberede reformer?",), ()),
    ("Hvad siger kommunerne om det samme?", ("Hvad siger staten om dialog?",), ()),
    ("How should reforms be prepared?", (), ()),
    ("What are the four guiding principles?", (), ()),
    ("Hvad er hovedstaden i Frankrig?", (), ()),
    ("Hvem er formand for Ledelseskommissionen?", (), ()),
    ("Hvad med dokumentations krav?", (), ("komdir-4-pejlemaerker",)),
    ("Hvad er vigtigt for ledelse?", (), ("staten-styring-og-ledelse",)),
    ("Hvordan faar vi bedre samenhæng?", (), ()),
    ("Skriv et digt om foråret", (), ()),
    ("Hvordan tiltrækker vi talenter?", (), ()),
)


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, pytest.param(3, marks=pytest.mark.soak)])
def test_eight_threads_asking_every_question_each_get_what_one_thread_gets(
    assistant: Assistant, fresh_assistant: Assistant, times: int
) -> None:
    questions = KINDS * times
    alone = {key: _ask(assistant, key) for key in KINDS}
    together = Barrier(THREADS)

    def thread(seed: int) -> list[tuple[int, Answer]]:
        order = list(range(len(questions)))
        random.Random(seed).shuffle(order)
        together.wait(timeout=60)
        return [(at, _ask(fresh_assistant, questions[at])) for at in order]

    with ThreadPoolExecutor(THREADS) as pool:
        answered = list(pool.map(thread, range(THREADS)))

    assert [len(own) for own in answered] == [len(questions)] * THREADS
    different = {questions[at][0] for own in answered for at, answer in own if answer != alone[questions[at]]}
    assert different == set()


def test_the_same_question_twice_has_the_same_answer(assistant: Assistant) -> None:
    for key in KINDS[:6]:
        assert _ask(assistant, key) == _ask(assistant, key)


def _ask(assistant: Assistant, key: tuple[str, tuple[str, ...], tuple[str, ...]]) -> Answer:
    question, history, documents = key
    return assistant.ask(question, history=history, documents=documents)
