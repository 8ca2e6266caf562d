"""The child process that reads foreign files: one line of JSON in, one line out, within limits.

Started by :mod:`assistant.loading.isolated`. It gives up what it does not need before it reads
anything: memory, processor time, core files and, where the system allows it, the network.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from assistant.errors import DocumentError
from assistant.loading.archives import check_archive, is_archive
from assistant.loading.document import read_document
from assistant.loading.limits import ReadLimits
from assistant.loading.ocr import is_available, recognized
from assistant.records import Document

_GRACE = 5
"""Seconds after the limit when the child ends itself, should the parent be gone."""


def main() -> None:
    """Answer requests until there are no more."""
    limits = ReadLimits(**json.loads(sys.argv[1]))
    requests, replies = _take_streams()
    _give_up(limits)
    for line in requests:
        request = json.loads(line)
        if "page" in request:
            _begin(limits)
            reply = _recognized(Path(request["path"]), request["page"])
            replies.write(reply + b"\n")
            replies.flush()
            _rest()
            continue
        _begin(limits)
        reply = _answer(Path(request["path"]), limits)
        replies.write(reply + b"\n")
        replies.flush()
        _rest()


def _answer(path: Path, limits: ReadLimits) -> bytes:
    try:
        archive = is_archive(path)
    except OSError as error:
        return _line({"error": f"{path.name}: filen kan ikke åbnes ({error.strerror}). Ret rettighederne."})
    try:
        if archive:
            check_archive(path, limits.unpacked_megabytes)
        return _encoded(read_document(path, scanned=True), limits)
    except DocumentError as error:
        # A library may have wrapped the want of memory in an error of its own.
        return _line(_memory_or({"error": str(error)}, error))
    except Exception as error:  # a file can make a library fail in any way
        return _line(_memory_or({"unexpected": f"{type(error).__name__}: {error}"[:300]}, error))


def _recognized(path: Path, number: int) -> bytes:
    try:
        return _line({"recognized": recognized(path.read_bytes(), number) if is_available() else None})
    except Exception as error:  # what can be read can be impossible to draw
        return _line({"unexpected": f"{type(error).__name__}: {error}"[:300]})


def _encoded(document: Document, limits: ReadLimits) -> bytes:
    if len(document.pages) > limits.pages:
        return _line({"limit": "pages", "pages": len(document.pages)})
    if sum(len(page.text) for page in document.pages) > limits.text_megabytes * 2**20:
        return _line({"limit": "text"})
    line = _line({"document": asdict(document)})
    return line if len(line) < limits.text_megabytes * 2**20 else _line({"limit": "text"})


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def _memory_or(reply: dict[str, Any], error: BaseException) -> dict[str, Any]:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError):
            return {"limit": "memory"}
        cause = cause.__cause__ or cause.__context__
    return reply


# --- what the process gives up --------------------------------------------------------------------


def _take_streams() -> tuple[BinaryIO, BinaryIO]:
    """Keep the two pipes to ourselves; what a library reads or prints goes nowhere."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nowhere, stream)
    return requests, replies


def _give_up(limits: ReadLimits) -> None:
    _leave_network()
    if sys.platform == "win32":
        return  # there the parent's deadline and checks are all there is
    import resource

    memory = limits.memory_megabytes * 2**20
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, limits.unpacked_megabytes * 2**20),
        (resource.RLIMIT_NOFILE, 128),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit on memory
            resource.setrlimit(what, (most, most))


def _begin(limits: ReadLimits) -> None:
    """Set the clocks for one file: they end the process even where the parent no longer can."""
    if sys.platform == "win32":
        return
    import resource

    signal.alarm(limits.seconds + _GRACE)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(usage.ru_utime + usage.ru_stime)
    with contextlib.suppress(ValueError, OSError):
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (spent + limits.seconds + _GRACE, hard))


def _rest() -> None:
    if sys.platform != "win32":
        signal.alarm(0)


def _leave_network() -> None:
    """Refuse sockets in Python, and on Linux move to a network without any way out, if that is allowed."""

    def refuse(event: str, _arguments: tuple[Any, ...]) -> None:
        if event.startswith("socket."):
            raise PermissionError("no network here")

    sys.addaudithook(refuse)
    if sys.platform == "linux":
        network, user = 0x40000000, 0x10000000  # CLONE_NEWNET, CLONE_NEWUSER (sched.h)
        unshare = ctypes.CDLL(None, use_errno=True).unshare
        if unshare(network) != 0:
            unshare(user | network)


if __name__ == "__main__":
    main()
