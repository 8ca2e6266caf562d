"""Many browser sessions at a time: no mix-up, no error, and no memory that only grows."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from talking import FIELD, settle

pytestmark = pytest.mark.pages

PATIENCE_MS = 120_000
"""Ten answers are made at a time, perhaps where others work too."""

QUESTIONS = (
    ("Hvad indebærer den kompetente forvaltning?", "Vi udviser ordentlighed, saglighed og kompetence"),
    ("Hvad er de fire pejlemærker?", "Den kulturbærende forvaltning"),
    ("Hvordan bør man forberede reformer?", "Forbered reformer"),
    ("Hvad siger staten om driftsledelse?", "Øget fokus på driftsledelse"),
    ("Hvad mener kommunaldirektørerne om dokumentationskrav?", "dokumentationskrav"),
    ("Hvad er hovedstaden i Frankrig?", "Det svarer dokumenterne ikke på"),
    ("Hvad indebærer den værdiskabende forvaltning?", "effekt og værdiskabelse"),
    ("Hvilket tidligere arbejde bygger debatoplægget på?", "Vejen til en ny forvaltningspolitik"),
    ("Hvad indebærer den kulturbærende forvaltning?", "forvaltning"),
    ("Hvor har vi problemer i den offentlige sektor?", "problemer"),
)


def send(page: Any, question: str) -> None:
    field = page.get_by_role("textbox", name=FIELD)
    expect(field).to_be_enabled(timeout=PATIENCE_MS)
    field.fill(question)
    field.press("Enter")


def read(page: Any, turn: int, question: str, words: str) -> None:
    """The answer to the newest question is there: the session's own, and nobody else's."""
    expect(page.locator(f".st-key-exchange-{turn}")).to_be_attached(timeout=PATIENCE_MS)
    settle(page)
    expect(page.locator("[class*='st-key-turn-'] h2")).to_have_count(turn + 1)
    newest = page.locator(f".st-key-turn-{turn}")
    expect(newest.get_by_role("heading", level=2)).to_have_text(question)
    expect(newest).to_contain_text(words)
    expect(page.get_by_role("alert")).to_have_count(0)


def converse(pages: list[Any], rounds: range) -> None:
    """Ask in all sessions at once, each a question of its own, and read; round after round."""
    for turn in rounds:
        asked = [QUESTIONS[(turn + number) % len(QUESTIONS)] for number in range(len(pages))]
        for page, (question, _) in zip(pages, asked, strict=True):
            send(page, question)
        for page, (question, words) in zip(pages, asked, strict=True):
            read(page, turn, question, words)


def own_questions(page: Any) -> list[str]:
    return [text.strip() for text in page.locator("[class*='st-key-turn-'] h2").all_inner_texts()]


def test_three_sessions_at_a_time_get_their_own_answers(library: Any, open_page: Any) -> None:
    pages = [open_page(library) for _ in range(3)]
    converse(pages, range(2))

    for number, page in enumerate(pages):
        assert own_questions(page) == [QUESTIONS[(turn + number) % len(QUESTIONS)][0] for turn in range(2)]


@pytest.fixture
def busy(serve: Any) -> Iterator[Any]:
    """A server of its own that lets every session ask as fast as it can."""
    with serve(ASSISTANT_LIMITS__QUESTIONS_PER_MINUTE="1000") as site:
        yield site


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_ten_sessions_of_ten_questions_mix_nothing_up_and_leave_memory_where_it_was(
    busy: Any, open_page: Any
) -> None:
    pages = [open_page(busy) for _ in range(10)]
    converse(pages, range(1))
    first = megabytes(busy)
    converse(pages, range(1, 10))
    last = megabytes(busy)

    for number, page in enumerate(pages):
        assert own_questions(page) == [QUESTIONS[(turn + number) % 10][0] for turn in range(10)]
    print(f"{first:.0f} MB efter første runde, {last:.0f} MB efter den tiende")
    assert last <= 1.10 * first


def megabytes(site: Any) -> float:
    """The resident memory of the server."""
    status = Path(f"/proc/{site.process}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1024
