"""How much one browser session may ask and upload. Whoever goes past it is told the limit, in Danish."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from assistant.errors import LimitReached

_MINUTE = 60.0
_MEGABYTE = 2**20


@dataclass(slots=True)
class _Asked:
    """When a session asked in the last minute, and how many of its questions are being answered."""

    times: deque[float] = field(default_factory=deque)
    running: int = 0


class QuestionLimiter:
    """Counts the questions of every session of a process. Safe for many threads at once."""

    def __init__(self, per_minute: int, at_once: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Allow each session that many questions in any 60 seconds, and that many at the same time."""
        self._per_minute = per_minute
        self._at_once = at_once
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[str, _Asked] = {}

    @contextmanager
    def question(self, session: str) -> Iterator[None]:
        """Hold a place while a question of ``session`` is answered.

        Raises:
            LimitReached: it has asked too much; what was refused does not count.
        """
        self._enter(session)
        try:
            yield
        finally:
            with self._lock:
                self._sessions[session].running -= 1

    def _enter(self, session: str) -> None:
        with self._lock:
            now = self._clock()
            self._forget(now)
            asked = self._sessions.setdefault(session, _Asked())
            if asked.running >= self._at_once:
                raise LimitReached(
                    f"Der besvares allerede {_count(asked.running, 'spørgsmål', 'spørgsmål')} for dig, og det er "
                    "det højeste antal på én gang. Vent på svaret, og prøv igen.",
                    "questions_at_once",
                )
            if len(asked.times) >= self._per_minute:
                wait = int(asked.times[0] + _MINUTE - now) + 1
                raise LimitReached(
                    f"Du kan højst stille {_count(self._per_minute, 'spørgsmål', 'spørgsmål')} i minuttet. "
                    f"Vent {_count(wait, 'sekund', 'sekunder')}, og prøv igen.",
                    "questions_per_minute",
                )
            asked.times.append(now)
            asked.running += 1

    def _forget(self, now: float) -> None:
        """Let go of what is over a minute old, so that sessions long gone take no room."""
        for session, asked in list(self._sessions.items()):
            while asked.times and asked.times[0] <= now - _MINUTE:
                asked.times.popleft()
            if not asked.times and not asked.running:
                del self._sessions[session]


def check_conversation(turns: int, most: int) -> None:
    """Refuse a further question in a conversation of ``turns`` questions.

    Raises:
        LimitReached: there are ``most`` of them already.
    """
    if turns >= most:
        raise LimitReached(
            f"Samtalen er på {_count(turns, 'spørgsmål', 'spørgsmål')}, og længere kan den ikke blive. "
            "Begynd en ny samtale, og stil spørgsmålet dér.",
            "conversation_turns",
        )


def check_upload(files: Sequence[tuple[str, int]], *, most_files: int, most_megabytes: int) -> None:
    """Refuse an upload that is too much at a time, before any of it is read.

    Args:
        files: the name and the size in bytes of each.
        most_files: how many may come at a time.
        most_megabytes: how much they may fill together, in megabytes (2**20 bytes).

    Raises:
        LimitReached: they are too many, or too large.
    """
    if len(files) > most_files:
        raise LimitReached(
            f"Du har valgt {len(files)} filer, men der kan højst lægges {most_files} op ad gangen. "
            "Læg dem op i flere omgange.",
            "upload_files",
        )
    most = most_megabytes * _MEGABYTE
    for name, size in files:
        if size > most:
            raise LimitReached(
                f"{name}: filen fylder {_megabytes(size)} MB, men der kan højst lægges {most_megabytes} MB op "
                "ad gangen. Del den i mindre filer.",
                "upload_megabytes",
            )
    total = sum(size for _, size in files)
    if total > most:
        raise LimitReached(
            f"Filerne fylder tilsammen {_megabytes(total)} MB, men der kan højst lægges {most_megabytes} MB op "
            "ad gangen. Læg dem op i flere omgange.",
            "upload_megabytes",
        )


def _megabytes(size: int) -> str:
    """Rounded up to one decimal, so that what is too much never looks like the limit itself."""
    tenths = -(-size * 10 // _MEGABYTE)
    return f"{tenths // 10},{tenths % 10}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
