"""Locks between processes that free themselves when their holder dies.

They are ``flock`` locks, kept by the kernel for an open file: nothing on the disk has to be put right after a
crash, and two threads of one process exclude each other like two processes.
"""

from __future__ import annotations

import os
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl

_POLL_SECONDS = 0.05


class Busy(Exception):
    """Somebody else holds the lock, and went on holding it."""


class Reservation:
    """A shared hold on a file, until this object is gone or its process is."""

    def __init__(self, handle: int) -> None:
        """Own ``handle``, an open and locked file."""
        self._close = weakref.finalize(self, os.close, handle)

    def release(self) -> None:
        """Let go now."""
        self._close()


@contextmanager
def exclusive(path: Path, *, seconds: float, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock file ``path``, which is made if need be.

    Args:
        path: the lock file; it is never removed, so that all agree on it.
        seconds: how long to wait for another holder.
        waiting: called once if there is one.

    Raises:
        Busy: another still holds it after ``seconds``. OSError: the file cannot be made or locked.
    """
    deadline = time.monotonic() + seconds
    told = False
    while (handle := _try_exclusive(path)) is None:
        if not told:
            waiting()
            told = True
        if time.monotonic() >= deadline:
            raise Busy(str(path))
        time.sleep(_POLL_SECONDS)
    try:
        yield
    finally:
        os.close(handle)


def reserve(path: Path) -> Reservation:
    """Hold ``path`` as one of many, so that :func:`is_unused` says no.

    Raises:
        FileNotFoundError: it is not there, or was taken away while it was being opened.
    """
    handle = os.open(path, os.O_RDONLY)
    reservation = Reservation(handle)
    if sys.platform != "win32":  # there, an open file cannot be taken away
        try:
            fcntl.flock(handle, fcntl.LOCK_SH)
        except OSError:
            return reservation  # a file system without locks: better to read than to refuse
    if not _is_at(handle, path):
        reservation.release()
        raise FileNotFoundError(path)
    return reservation


@contextmanager
def unused(path: Path) -> Iterator[bool]:
    """Tell whether nobody has reserved ``path``, and keep others from doing so meanwhile."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        yield True
        return
    except OSError:
        yield False
        return
    try:
        try:
            free = _lock_now(handle)
        except OSError:  # a file system without locks: nobody can tell
            free = False
        yield free
    finally:
        os.close(handle)


def _try_exclusive(path: Path) -> int | None:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if _lock_now(handle) and _is_at(handle, path):
            return handle
    except BaseException:
        os.close(handle)
        raise
    os.close(handle)
    return None


def _lock_now(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
