"""Writing so that it is on the disk, and reading only what was written.

A rename counts only once the folder that holds the name is flushed, and a folder only once the folder
above it is; so whoever makes, renames or removes a file here flushes its parent too.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO


class Damage(Exception):
    """A file is not what was written: its name and why (Danish) are in the message."""


class FolderWriter:
    """Writes the files of one new folder, keeping the checksum of what was meant to be written."""

    def __init__(self, home: Path, written: Callable[[str], None] = lambda _: None) -> None:
        """Write into ``home``, which is made; ``written`` is told each file that is on the disk."""
        self.digests: dict[str, str] = {}
        """SHA-256 by name."""
        self._home = home
        self._written = written
        home.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def open(self, name: str) -> Iterator[_Hashing]:
        """Open a new file for writing; it is flushed when the context ends.

        Raises:
            OSError: it cannot be written, or is there already.
        """
        path = self._home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            hashing = _Hashing(file)
            yield hashing
            file.flush()
            flush_handle(file.fileno())
        self.digests[name] = hashing.digest()
        self._written(name)

    def flush(self) -> None:
        """Flush the names of the files: every folder, the innermost first, and ``home`` itself."""
        for path in sorted(self._home.rglob("*"), reverse=True):
            if path.is_dir():
                flush(path)
        flush(self._home)


class FolderReader:
    """Reads files whose checksums are known; what it gives is exactly what was checked."""

    def __init__(self, home: Path, digests: Mapping[str, str]) -> None:
        """Read from ``home`` what ``digests``, SHA-256 by name, says should be there."""
        self._home = home
        self._digests = dict(digests)
        self._unread = set(digests)

    def read(self, name: str) -> bytes:
        """Return a file's content.

        Raises:
            Damage: it is missing or does not have its checksum. OSError: it cannot be read.
        """
        wanted = self._digests.get(name)
        if wanted is None or not _is_inside(name):
            raise Damage(f"filen {name} mangler i manifestet")
        try:
            data = (self._home / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise Damage(f"filen {name} mangler") from error
        if hashlib.sha256(data).hexdigest() != wanted:
            raise Damage(f"filen {name} er ændret eller beskadiget")
        self._unread.discard(name)
        return data

    def check_rest(self) -> None:
        """Check every file that was not read; raises as :meth:`read`."""
        for name in sorted(self._unread):
            self.read(name)


def write_file(path: Path, data: bytes, *, before_rename: Callable[[], None] = lambda: None) -> None:
    """Put ``data`` at ``path`` in one step: whoever looks sees the old content or the new, whole.

    Raises:
        OSError: it cannot be written; the old content is still there.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            flush_handle(file.fileno())
        before_rename()
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    flush(path.parent)


def json_line(value: object) -> bytes:
    """Return ``value`` as one line of JSON, which reads back as it was even where it is no valid Unicode."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def make_folder(path: Path) -> None:
    """Make a folder and those above it, and flush the names of the new ones."""
    new = []
    while not path.is_dir():
        new.append(path)
        path = path.parent
    for folder in reversed(new):
        folder.mkdir(exist_ok=True)
        flush(folder.parent)


def flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if sys.platform == "win32" and path.is_dir():
        return  # Windows cannot open a folder for flushing
    handle = os.open(path, os.O_RDONLY)
    try:
        flush_handle(handle)
    finally:
        os.close(handle)


def flush_handle(handle: int) -> None:
    """Wait until an open file is on the disk, not only in the drive's own cache."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(handle, fcntl.F_FULLFSYNC)  # what fsync leaves to the drive on macOS
    else:
        os.fsync(handle)


def why(error: BaseException) -> str:
    """Say in Danish why the system refused something."""
    if isinstance(error, OSError) and error.errno is not None:
        return _REASONS.get(error.errno) or error.strerror or str(error)
    return str(error)


_REASONS = {
    errno.ENOSPC: "disken er fuld",
    errno.EDQUOT: "kvoten på disken er brugt",
    errno.EFBIG: "filen er større, end systemet tillader",
    errno.EROFS: "disken er skrivebeskyttet",
    errno.EACCES: "der mangler rettigheder",
    errno.EPERM: "der mangler rettigheder",
    errno.EIO: "disken melder fejl",
}


class _Hashing:
    """A file that remembers the checksum of everything given to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sum = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Write all of ``data`` and return its length in bytes."""
        self._sum.update(data)
        return self._file.write(data)

    def digest(self) -> str:
        """Return the SHA-256 so far, in hexadecimal."""
        return self._sum.hexdigest()


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts
