"""A stop that loses nothing: what is under way may end, what is new is refused, and then the page closes.

Streamlit's server closes every connection at the first SIGTERM and leaves at once, from under the answers and
changes in its threads. So the signals are taken here first: the server hears of one when nothing is under
way any more, or when the time is out. What is not done by then is told to stop; a change of the documents is
undone, since it is made whole or not at all. A second signal ends the process where it stands.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from types import FrameType
from typing import Any, Final, Literal, get_args

from assistant import logs
from assistant.errors import AssistantError
from assistant.progress import Progress, ProgressCallback
from assistant.settings import ServerSettings, load_settings

Kind = Literal["answer", "job", "page"]
"""``page`` is a page that waits for an answer in order to show and to keep it."""

CLOSING: Final = "Siden er ved at lukke ned for at blive startet igen. Prøv igen om lidt."
BROKEN_OFF: Final = "Siden lukker ned, så det nåede ikke at blive færdigt. Dokumenterne er, som de var."

_AFTERWARDS_SECONDS = 5.0
"""How long what was told to stop may take, and after that the server, before the process is ended."""

_SENDING_SECONDS = 1.0
_SENDING_TURNS = 20
"""How long the server goes on when all has ended, so that what has just been shown is sent too.

Each turn is one of the server's own loop, which a busy machine may let wait for far longer than the time given."""

_Handler = Callable[[int, FrameType | None], Any]


class Stopped(AssistantError):
    """The page is closing, so this is not begun, or not gone on with."""


class Work:
    """What a process has under way, and whether it may begin more or go on. Safe for many threads."""

    def __init__(self) -> None:
        """Begin with nothing under way and everything allowed."""
        self._change = threading.Condition()
        self._underway: dict[Kind, int] = dict.fromkeys(get_args(Kind), 0)
        self._closing = self._out_of_time = False
        self._broken_off = 0

    @contextmanager
    def underway(self, kind: Kind) -> Iterator[None]:
        """Count what runs inside as under way.

        Raises:
            Stopped: the page is closing, and nothing is begun any more. A page may still wait.
        """
        with self._change:
            if self._closing and kind != "page":
                raise Stopped(CLOSING)
            self._underway[kind] += 1
        try:
            yield
        finally:
            with self._change:
                self._underway[kind] -= 1
                self._change.notify_all()

    def go_on(self) -> None:
        """Return if what is under way may go on; raises ``Stopped`` once the time is out."""
        if self._out_of_time:
            raise Stopped(BROKEN_OFF)

    def heeding(self, report: ProgressCallback) -> ProgressCallback:
        """Return ``report`` so that work which tells how far it is learns that it must stop.

        It learns it once: what undoes a change reports too, and must come to its end.
        """
        heard = False

        def told(progress: Progress) -> None:
            nonlocal heard
            if not heard:
                heard = self._out_of_time
                self.go_on()
            report(progress)

        return told

    @property
    def closing(self) -> bool:
        """Whether the page is closing."""
        return self._closing

    def count(self) -> dict[Kind, int]:
        """Return how much of each kind is under way."""
        with self._change:
            return dict(self._underway)

    @property
    def broken_off(self) -> int:
        """How many answers and jobs were told to stop before they were done."""
        return self._broken_off

    def finish(self, seconds: float, afterwards: float = _AFTERWARDS_SECONDS) -> bool:
        """Let nothing begin any more, and wait at most ``seconds`` for the rest to end.

        What has not ended by then is told to stop, and given ``afterwards`` seconds for it.

        Returns:
            Whether everything has ended.
        """
        with self._change:
            self._closing = True
            if self._change.wait_for(self._is_idle, seconds):
                return True
            self._out_of_time = True
            self._broken_off = self._underway["answer"] + self._underway["job"]
            return self._change.wait_for(self._is_idle, afterwards)

    def _is_idle(self) -> bool:
        return not any(self._underway.values())


shared: Final = Work()
"""What this process has under way."""


@asynccontextmanager
async def graceful(_app: object) -> AsyncIterator[None]:
    """Serve inside; the lifespan of the page.

    The server has put up its handlers of signals when this begins, so that ours can be put before them.
    """
    stop = _Stop(asyncio.get_running_loop(), _seconds(), shared)
    if threading.current_thread() is threading.main_thread():
        stop.install()
    yield
    await asyncio.to_thread(stop.close)


class _Stop:
    """The stop of one server, from the first signal to the last line of the log."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, work: Work) -> None:
        self._loop = loop
        self._seconds = seconds
        self._work = work
        self._behind: dict[int, _Handler] = {}
        self._began: float | None = None
        self._closing = threading.Lock()

    def install(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            handler = signal.getsignal(number)
            if callable(handler):
                self._behind[number] = handler
                signal.signal(number, self._signalled)

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal. It may come in the middle of anything, so next to nothing is done here."""
        if self._began is not None:
            os.write(2, _AT_ONCE)
            os._exit(128 + number)
        self._began = time.monotonic()
        self._loop.call_soon_threadsafe(self._begin, number)

    def _begin(self, number: int) -> None:
        threading.Thread(target=self._finish, args=(number,), name="stop", daemon=True).start()

    def _finish(self, number: int) -> None:
        waiting = self._work.count()
        if any(waiting.values()):
            _log.info(
                "Lukker ned, når %s er færdige, og senest om %d sekunder", _said(waiting), self._seconds
            )
        self._work.finish(self._seconds)
        if any(waiting.values()):
            with suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(_send_the_rest(), self._loop).result(_AFTERWARDS_SECONDS)
        self._loop.call_soon_threadsafe(self._behind[number], number, None)
        # A browser that has stopped answering must not keep the process from ending.
        time.sleep(_AFTERWARDS_SECONDS)
        self.close()
        os._exit(128 + number)

    def close(self) -> None:
        """Close the database and say that the page is closed, once."""
        if not self._closing.acquire(blocking=False):
            return
        from assistant.web import database

        database.close()
        seconds = 0.0 if self._began is None else time.monotonic() - self._began
        logs.event("Siden er lukket ned", seconds=round(seconds, 1), broken_off=self._work.broken_off)


_log = logging.getLogger(__name__)
_AT_ONCE = b"Lukket med det samme, fordi der kom et signal mere.\n"


async def _send_the_rest() -> None:
    for _ in range(_SENDING_TURNS):
        await asyncio.sleep(_SENDING_SECONDS / _SENDING_TURNS)


def _seconds() -> float:
    try:
        return load_settings().server.stop_seconds
    except AssistantError:  # the page says what is wrong with them
        return ServerSettings().stop_seconds


def _said(waiting: dict[Kind, int]) -> str:
    jobs = waiting["job"]
    return f"{waiting['answer']} svar og {jobs} {'anden opgave' if jobs == 1 else 'andre opgaver'}"
