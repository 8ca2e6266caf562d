"""How far work has come, told to whoever sits at a terminal, or reads the log afterwards."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from assistant.progress import Progress, ProgressCallback

_REDRAWN_SECONDS = 0.1
_FIRST_LINE_SECONDS = 5.0
"""What is over before that leaves nothing in a log."""

_LINE_SECONDS = 30.0
_WIPE = "\r\033[K"


@contextmanager
def shown_progress(stream: TextIO | None = None) -> Iterator[ProgressCallback]:
    """Give what work tells its progress to; it is shown on ``stream`` (stderr) until the context ends.

    A terminal has one line, which is drawn over and gone at the end. A log gets a line when the work has gone
    on for some seconds and then twice a minute, also where nothing new was told: that is told too.
    """
    stream = stream or sys.stderr
    if stream.isatty():
        line = TerminalLine(stream)
        try:
            yield line.show
        finally:
            line.wipe()
        return
    log = LogLines(stream)
    with log.telling():
        yield log.take


class TerminalLine:
    """One line of a terminal, drawn over and over."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        """Draw on ``stream``; ``clock`` gives seconds."""
        self._stream = stream
        self._clock = clock
        self._stage = ""
        self._drawn = float("-inf")

    def show(self, progress: Progress) -> None:
        """Draw the line, unless it was drawn a moment ago and says much the same."""
        ends = progress.done >= progress.total
        if progress.stage == self._stage and not ends and self._clock() - self._drawn < _REDRAWN_SECONDS:
            return
        self._stage, self._drawn = progress.stage, self._clock()
        self._write(f"{_WIPE}{described(progress)[: _columns(self._stream) - 1]}")

    def wipe(self) -> None:
        """Leave the terminal as if nothing had been drawn."""
        if self._stage:
            self._write(_WIPE)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


class LogLines:
    """Lines of a log, few enough to be read."""

    def __init__(self, stream: TextIO) -> None:
        """Write to ``stream``."""
        self._stream = stream
        self._latest: Progress | None = None
        self._ended = threading.Event()

    def take(self, progress: Progress) -> None:
        """Remember how far it is, for when it is time to say so."""
        self._latest = progress

    def line(self) -> str:
        """Return what there is to say now, with the time of day; empty before anything is known."""
        if self._latest is None:
            return ""
        return f"{time.strftime('%H.%M.%S')} {described(self._latest)}\n"

    @contextmanager
    def telling(self, first: float = _FIRST_LINE_SECONDS, then: float = _LINE_SECONDS) -> Iterator[None]:
        """Write a line after ``first`` seconds and then every ``then`` seconds, until the context ends."""

        def tell() -> None:
            seconds = first
            while not self._ended.wait(seconds):
                self._stream.write(self.line())
                self._stream.flush()
                seconds = then

        # A thread, for work that waits says nothing, and that it waits is what the log should say.
        thread = threading.Thread(target=tell, name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()


def described(progress: Progress) -> str:
    """Return progress in one line of Danish."""
    if progress.total <= 1:
        return progress.heading
    percent = 100 * progress.done // progress.total
    return f"{progress.heading}: {_number(progress.done)} af {_number(progress.total)} ({percent} %)"


# --- helpers --------------------------------------------------------------------------------------


def _number(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
