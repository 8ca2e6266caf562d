"""A child whose reader does what the name of the file says: only what stands around it is the real one."""

from __future__ import annotations

import ctypes
import os
import pickle
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from assistant.errors import DocumentError
from assistant.loading import child
from assistant.loading.texts import UNREAD
from assistant.records import Document, Page, Span

FATHOMLESS = 10**9


def _grandchild(path: Path) -> None:
    started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    path.with_suffix(".pid").write_text(str(started.pid))
    time.sleep(FATHOMLESS)


def _noise(path: Path) -> None:
    print("støj fra et bibliotek")
    os.write(1, b'{"error": "forged"}\n')
    sys.stdin.read()


def _connect(path: Path) -> None:
    socket.create_connection(("127.0.0.1", int(path.read_text())), timeout=5)


def _raw_connect(path: Path) -> None:
    """As a library in C would: past everything that Python refuses."""
    libc = ctypes.CDLL(None, use_errno=True)
    port = int(path.read_text())
    address = (2).to_bytes(2, "little") + port.to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
    handle = libc.socket(2, 1, 0)
    if libc.connect(handle, address, 16) == 0:
        raise DocumentError(f"{path.name}: connected")
    raise DocumentError(f"{path.name}: refused")


def _environment(path: Path) -> None:
    raise DocumentError(f"{path.name}: {' '.join(sorted(os.environ))}")


def _eat(path: Path) -> None:
    eaten = [bytearray(2**24) for _ in range(FATHOMLESS)]
    raise AssertionError(len(eaten))


def _wrapped_want(path: Path) -> None:
    try:
        _eat(path)
    except MemoryError as error:
        raise DocumentError(f"{path.name}: PDF-filen er beskadiget.") from error


def _deep(path: Path) -> None:
    _deep(path)


def _work(path: Path) -> None:
    while True:
        pass


ACTIONS: dict[str, Any] = {
    "haenger": lambda path: time.sleep(FATHOMLESS),
    "arbejder": _work,
    "falder": lambda path: ctypes.string_at(0),
    "slutter": lambda path: os._exit(0),
    "aeder": _eat,
    "aeder-stille": _wrapped_want,
    "dybt": _deep,
    "stoejer": _noise,
    "yngler": _grandchild,
    "ringer": _connect,
    "ringer-selv": _raw_connect,
    "omgivelser": _environment,
}

_broken = False


def _misbehave(path: Path, **_: object) -> Document:
    global _broken  # noqa: PLW0603 - a library that a file has broken stays so for the next one
    action = path.stem
    if action == "ødelægger":
        _broken = True
    elif _broken:
        os.abort()
    if action in ACTIONS:
        ACTIONS[action](path)
    pages = tuple(Page(n, f"Side {n}") for n in range(1, 2000 if action == "mange-sider" else 2))
    if action == "fylder":
        pages = (Page(1, "æ" * 3_000_000),)
    if action == "scannet":
        pages = (Page(1, "Titel"), *(Page(n, "", reader=UNREAD) for n in range(2, 12)))
    if action == "halve-tegn":
        pages = (Page(1, "a\ud800b"),)
    span = Span(0, 10**6) if action == "spand" else None
    return Document(
        id="../en/anden",
        title="Titel" * (1000 if action == "lang-titel" else 1),
        organisation="",
        kind="dokument",
        language="da",
        sha256="0" * 64 if action != "sum" else "x",
        pages=pages if span is None else (Page(1, "a", "1", span),),
        source="../en/anden.pdf",
    )


def _recognize(data: bytes, number: int) -> str:
    """Note that it was asked in the file that the document names, and never answer but for page 2."""
    with Path(data.decode()).open("a") as log:
        log.write(f"{number}\n")
    if number > 2:
        time.sleep(FATHOMLESS)
    return "Genkendt tekst"


REPLIES = {
    "pickle": pickle.dumps(print),
    "ikke-json": b"\xff{",
    "andet-json": b"[1, 2]",
    "tomt": b"{}",
    "dybt-json": b"[" * 200_000,
    "felter": b'{"document": {"pages": [{"number": 1}]}}',
    "taler-vildt": b'{"document": {"pages": 7, "aliases": [], "page_noun": "bog"}}',
    "lange-svar": b"x" * 5_000_000,
}

if __name__ == "__main__":
    answer = child._answer
    child.read_document = _misbehave
    child.is_available = lambda: True
    child.recognized = _recognize
    child._answer = lambda path, limits: REPLIES.get(path.stem) or answer(path, limits)
    child.main()
