"""Reading a file in a process of its own, so that a hang, a crash or a bomb costs that file alone.

The parent starts one child (:mod:`assistant.loading.child`) and lets it read one file after another:
starting it costs more than reading most files. It is a fresh interpreter, never a fork of a server with
threads. The two exchange one line of JSON a file, and what comes back is checked like any other foreign
input. A child that failed is ended with everything it started, and the next file gets a new one.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from assistant.errors import DocumentError, DocumentUnfinished
from assistant.loading.limits import ReadLimits
from assistant.loading.names import shown_name
from assistant.loading.recognizing import check_text, with_recognized
from assistant.loading.replies import (
    crashed,
    document_of,
    readable,
    reply_bytes,
    too_large,
    too_much_text,
    too_slow,
)
from assistant.records import Document

__all__ = ["IsolatedReader", "ReadLimits"]

_log = logging.getLogger(__name__)

_RECOGNIZING = 60
"""Times the limit of one file that recognising all of its pages may take."""


class IsolatedReader:
    """Reads files in a child process. A context manager, for one thread at a time."""

    def __init__(self, limits: ReadLimits | None = None, *, module: str = "assistant.loading.child") -> None:
        """Read within ``limits``; the child runs ``module`` and starts with the first file."""
        self._limits = limits or ReadLimits()
        self._module = module
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Return the reader."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child."""
        self.close()

    @property
    def child_id(self) -> int | None:
        """The process that reads now, if any."""
        return None if self._child is None else self._child.pid

    def read(self, path: Path) -> Document:
        """Read one file, as it is without metadata.

        Raises:
            DocumentError: the file cannot be read, or not within the limits; the message names it.
        """
        document = self._twice(path)
        if self._limits.ocr:
            ends = time.monotonic() + _RECOGNIZING * self._limits.seconds
            document = with_recognized(
                document,
                lambda number: self._recognize(path, number) if time.monotonic() < ends else None,
            )
        return check_text(document)

    def _recognize(self, path: Path, number: int) -> str | None:
        """Return the text that is recognised on a page, ``None`` where none can be."""
        if self._child is None:
            self._child = _start(self._module, self._limits)
        try:
            line = self._exchange(self._child, {"path": str(path.absolute()), "page": number}, path)
            match json.loads(line):
                case {"recognized": str(text)} if len(line) <= reply_bytes(self._limits):
                    return readable(text)
                case {"recognized": None}:
                    return None
        except (_Failed, ValueError, TypeError, RecursionError) as failure:
            _log.warning("%s: side %s kan ikke genkendes (%s)", shown_name(path.name), number, failure)
        self.close()
        return ""

    def _twice(self, path: Path) -> Document:
        fresh = self._child is None
        try:
            return self._read(path)
        except _Failed as failure:
            self.close()
            if fresh or failure.final:
                raise failure.error from failure
        # The file before may have left the child in a bad state: the blame is clear only in a new one.
        try:
            return self._read(path)
        except _Failed as failure:
            self.close()
            raise failure.error from failure

    def close(self) -> None:
        """End the child and whatever it started. It has nothing to save, so it is not asked."""
        child, self._child = self._child, None
        if child is None:
            return
        _kill(child)
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _read(self, path: Path) -> Document:
        if self._child is None:
            self._child = _start(self._module, self._limits)
        line = self._exchange(self._child, {"path": str(path.absolute())}, path)
        if not line:
            raise _Failed(self._ended(self._child, path))
        if len(line) > reply_bytes(self._limits):
            raise _Failed(too_much_text(path, self._limits), final=True)
        try:
            return document_of(json.loads(line), path, self._limits)
        except DocumentUnfinished as error:
            raise _Failed(error) from error
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            _log.warning("%s: svaret fra læseprogrammet er ugyldigt (%s)", shown_name(path.name), error)
            raise _Failed(crashed(path)) from error

    def _exchange(self, child: subprocess.Popen[bytes], request: dict[str, Any], path: Path) -> bytes:
        """Return the line that the child answers with, empty if it has ended."""
        received: list[bytes] = []
        stdin, stdout = child.stdin, child.stdout
        if stdin is None or stdout is None:
            raise _Failed(crashed(path))

        def receive() -> None:
            with contextlib.suppress(OSError, ValueError):
                received.append(stdout.readline(reply_bytes(self._limits) + 1))

        # A thread, because a pipe cannot be waited for with a deadline on every system.
        thread = threading.Thread(target=receive, name="isolated-reader", daemon=True)
        thread.start()
        with contextlib.suppress(OSError):  # it has ended; what it answered says so
            stdin.write(json.dumps(request).encode() + b"\n")
            stdin.flush()
        thread.join(self._limits.seconds)
        if thread.is_alive():
            _kill(child)
            thread.join()
            raise _Failed(too_slow(path, self._limits), final=True)
        return received[0] if received else b""

    def _ended(self, child: subprocess.Popen[bytes], path: Path) -> DocumentError:
        try:
            status = child.wait(2)
        except subprocess.TimeoutExpired:
            return crashed(path)
        name = signal.Signals(-status).name if status < 0 else str(status)
        _log.warning("%s: læseprogrammet endte med %s", shown_name(path.name), name)
        if name in ("SIGXCPU", "SIGALRM"):
            return too_slow(path, self._limits)
        if name == "SIGKILL":  # by the system, which was short of memory
            return too_large(path, self._limits)
        return crashed(path)


# --- the child as a process -----------------------------------------------------------------------

_ENVIRONMENT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "TESSDATA_PREFIX",
)
"""What the child may know of its surroundings: no keys, no addresses, no settings."""


def _start(module: str, limits: ReadLimits) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    environment["PYTHONUTF8"] = "1"
    environment["OMP_THREAD_LIMIT"] = "1"
    return subprocess.Popen(  # noqa: S603 - our own module in our own interpreter
        [sys.executable, "-P", "-m", module, json.dumps(asdict(limits))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )


def _kill(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            child.kill()
        else:
            os.killpg(child.pid, signal.SIGKILL)


class _Failed(Exception):
    """The child failed on a file; ``final`` where a new one would fare no better."""

    def __init__(self, error: DocumentError, *, final: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.final = final
