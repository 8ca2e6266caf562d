"""An answer while it is made: in a thread of its own, so that the page can be drawn again or stop it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing

from assistant.records import Answer, Block, Delta, Query
from assistant.web import stopping

Part = Query | Block | Delta | Answer
Work = Callable[[], Iterator[Part]]
"""Begins an answer and returns its parts as they come; a generator, so that it can be closed."""


class Making:
    """What has been made of one answer so far."""

    def __init__(self, work: Work, patience: float = 60.0) -> None:
        """Begin at once; end when nobody has looked for ``patience`` seconds: the browser is gone."""
        self._work = work
        self._patience = patience
        self._parts: list[Part] = []
        self._error: Exception | None = None
        self._stopped = False
        self._ended = False
        self._looked_at = time.monotonic()
        self._news = threading.Condition()
        threading.Thread(target=self._run, name="answer", daemon=True).start()

    def stop(self) -> None:
        """Let nothing more be made; what is made meanwhile is dropped."""
        with self._news:
            self._stopped = True
            self._news.notify_all()

    def after(self, seen: int, seconds: float) -> tuple[tuple[Part, ...], bool]:
        """Wait at most ``seconds`` for more than the first ``seen`` parts.

        Returns:
            The new parts, and whether they were the last.

        Raises:
            Exception: what ended the making, once all parts before it were seen.
        """
        with self._news:
            self._looked_at = time.monotonic()
            self._news.wait_for(lambda: len(self._parts) > seen or self._ended or self._stopped, seconds)
            new, over = tuple(self._parts[seen:]), self._ended or self._stopped
            if over and not new and self._error is not None:
                raise self._error
            return new, over and self._error is None

    def _run(self) -> None:
        try:
            # Closed where it was begun: a model that is still writing is told to stop.
            with stopping.shared.underway("answer"), closing(_generator(self._work)) as parts:
                for part in parts:
                    stopping.shared.go_on()
                    with self._news:
                        if self._stopped or time.monotonic() - self._looked_at > self._patience:
                            return
                        self._parts.append(part)
                        self._news.notify_all()
        except Exception as error:
            self._error = error
        finally:
            with self._news:
                self._ended = True
                self._news.notify_all()


def _generator(work: Work) -> Generator[Part]:
    yield from work()
