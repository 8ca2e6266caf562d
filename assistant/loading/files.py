"""Reading many files, each apart from this process, several at once."""

from __future__ import annotations

import codecs
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

from assistant.errors import DocumentError, DocumentUnfinished
from assistant.loading.document import read_document
from assistant.loading.isolated import IsolatedReader
from assistant.loading.limits import ReadLimits
from assistant.loading.names import check_name, shown_name
from assistant.loading.ocr import is_available
from assistant.loading.problems import Problem
from assistant.loading.texts import READING, RECOGNIZING
from assistant.records import Document

ReadFiles = Callable[[Sequence[Path], ReadLimits], Iterator[tuple[Path, Document | Problem]]]
"""A way of reading files: yields each with what came of it, in any order."""

SIMPLE_BYTES = 2**18
"""What a plain text may fill and still be read without a child."""

SIMPLE_PAGES = 1000

_MOST_CHILDREN = 4
"""Each may take the memory that one file is allowed."""

_FILES_A_CHILD = 3
"""Starting another child takes as long as reading so many ordinary files."""


def read_files(files: Sequence[Path], limits: ReadLimits) -> Iterator[tuple[Path, Document | Problem]]:
    """Read ``files`` within ``limits``, as many at once as there are cores (at most four).

    Yields:
        Each file and what came of it, as it is done: a document without metadata, or why there is none.
    """
    most = max(1, min(_cores(), _MOST_CHILDREN, -(-len(files) // _FILES_A_CHILD)))
    free: SimpleQueue[IsolatedReader] = SimpleQueue()

    def step(path: Path) -> tuple[Path, Document | Problem]:
        reader = free.get()
        try:
            return path, read_file(path, limits, reader)
        finally:
            free.put(reader)

    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(most, "file-reader"))
        for _ in range(most):
            free.put(stack.enter_context(IsolatedReader(limits)))  # closed first, which ends what it reads
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        for done in as_completed([pool.submit(step, path) for path in files]):
            yield done.result()


def read_bytes(
    name: str, data: bytes, limits: ReadLimits, reader: IsolatedReader | None = None
) -> Document | Problem:
    """Read a file that is not on this machine's disk, as :func:`read_file` does.

    Args:
        name: of the file, without folders.
        data: what it holds.
        limits: what it may take.
        reader: a child that may read it, where there are many files to read; it has ``limits`` too.
    """
    with TemporaryDirectory(prefix="dokument-") as folder:
        path = Path(folder) / Path(name).name
        try:
            path.write_bytes(data)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "navnet kan ikke bruges"
            return Problem(shown_name(name), f"{shown_name(name)}: filen kan ikke læses ({why}). Omdøb den.")
        return read_file(path, limits, reader)


def read_file(path: Path, limits: ReadLimits, reader: IsolatedReader | None = None) -> Document | Problem:
    """Return the document that a file holds, without metadata, or why it cannot be read.

    Args:
        path: the file.
        limits: what it may take.
        reader: a child that may read it, where there are many files to read; it has ``limits`` too.
    """
    try:
        check_name(path.name)
        if is_simple(path):
            return read_document(path)
        if reader is not None:
            return reader.read(path)
        with IsolatedReader(limits) as own:
            return own.read(path)
    except DocumentError as error:
        name = shown_name(path.name)
        unfinished = isinstance(error, DocumentUnfinished)
        return Problem(
            name, str(error), sha256=sha256_of(path), reading=failed_within(limits), unfinished=unfinished
        )


def failed_within(limits: ReadLimits) -> str:
    """Name what a file was read with that could not be, so that it is read again where that changes."""
    able = RECOGNIZING if limits.ocr and is_available() else ""
    numbers = (limits.seconds, limits.memory_megabytes, limits.pages, limits.unpacked_megabytes)
    return f"{READING}{able} {' '.join(map(str, numbers))} {limits.text_megabytes}"


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, empty where it cannot be opened."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def is_simple(path: Path) -> bool:
    """Whether a file is a small plain text, which is read where it is.

    Nothing but decoding stands between its bytes and its text, so a child would guard nothing; it would
    add its start, some tenths of a second, to a corpus of texts.
    """
    if path.suffix.lower() != ".txt":
        return False
    try:
        if path.stat().st_size > SIMPLE_BYTES:
            return False
        data = path.read_bytes()
        data.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    begins = data.removeprefix(codecs.BOM_UTF8).lstrip()[:2]
    # What begins so may be markup, rich text or an archive under a wrong name, and is parsed.
    foreign = begins[:1] in (b"<", b"{") or begins == b"PK" or b"%PDF-" in data[:1024] or b"\x00" in data
    return not foreign and data.count(b"\f") < SIMPLE_PAGES


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
