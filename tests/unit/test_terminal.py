"""How far a build is: one line in a terminal, a few in a log, and nothing of it behind."""

from __future__ import annotations

import io
import re
import time

import pytest

from assistant.progress import Progress
from assistant.terminal import LogLines, TerminalLine, described, shown_progress
from tests.support.clocks import Clock

STAGE = "Indlejrer tekststykker"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def lines(text: str) -> list[str]:
    """What was drawn, one after the other."""
    return [line for line in text.split("\r\033[K") if line]


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (Progress(STAGE, 0, 1), "Indlejrer tekststykker"),
        (Progress(STAGE, 1234, 10_000), "Indlejrer tekststykker: 1.234 af 10.000 (12 %)"),
        (Progress(STAGE, 999, 1000), "Indlejrer tekststykker: 999 af 1.000 (99 %)"),
        (
            Progress(STAGE, 1, 4, seconds_left=170.0),
            "Indlejrer tekststykker, ca. 3 minutter tilbage: 1 af 4 (25 %)",
        ),
        (Progress(STAGE, 4, 4, seconds_left=0.0), "Indlejrer tekststykker: 4 af 4 (100 %)"),
    ],
)
def test_progress_is_one_line_of_danish_with_what_is_left(progress: Progress, said: str) -> None:
    assert described(progress) == said


def test_a_terminal_has_one_line_that_is_gone_at_the_end() -> None:
    terminal = Terminal()
    with shown_progress(terminal) as show:
        show(Progress("Læser dokumenter", 0, 2))
        show(Progress("Læser dokumenter", 2, 2))

    assert "\n" not in terminal.getvalue()
    assert lines(terminal.getvalue()) == [
        "Læser dokumenter: 0 af 2 (0 %)",
        "Læser dokumenter: 2 af 2 (100 %)",
    ]
    assert terminal.getvalue().endswith("\r\033[K")


def test_the_line_is_wiped_also_when_the_work_fails() -> None:
    terminal = Terminal()

    def fail() -> None:
        with shown_progress(terminal) as show:
            show(Progress(STAGE, 1, 2))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert terminal.getvalue().endswith("\r\033[K")


def test_a_terminal_is_not_drawn_on_more_often_than_it_can_be_read() -> None:
    terminal, clock = Terminal(), Clock()
    line = TerminalLine(terminal, clock)
    for done in range(1000):
        clock.now += 0.01
        line.show(Progress(STAGE, done, 1000))
    line.show(Progress(STAGE, 1000, 1000))

    drawn = lines(terminal.getvalue())
    assert 90 <= len(drawn) <= 110
    assert drawn[-1] == "Indlejrer tekststykker: 1.000 af 1.000 (100 %)"


def test_a_line_fits_the_terminal() -> None:
    terminal = Terminal()
    TerminalLine(terminal).show(Progress("Læser " + "x" * 200, 1, 2))

    assert len(lines(terminal.getvalue())[0]) == 79


def test_a_log_says_nothing_of_what_is_soon_over() -> None:
    log = io.StringIO()
    with shown_progress(log) as show:
        show(Progress(STAGE, 1, 2))
        show(Progress(STAGE, 2, 2))

    assert log.getvalue() == ""


def test_a_log_is_told_now_and_then_also_while_the_work_says_nothing() -> None:
    log = io.StringIO()
    told = LogLines(log)
    with told.telling(first=0.0, then=0.01):
        told.take(Progress("Venter på Dask-arbejdere", 0, 1))
        while log.getvalue().count("\n") < 3:
            time.sleep(0.005)

    written = log.getvalue().splitlines()
    assert all(re.fullmatch(r"\d\d\.\d\d\.\d\d Venter på Dask-arbejdere", line) for line in written)
