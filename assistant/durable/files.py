"""Writing so that it is on the disk, and reading only what was written.

A rename counts only once the folder that holds the name is flushed, and a folder only once the folder
above it is; so whoever makes, renames or removes a file here flushes its parent too.
"""

from __future__ import annotations

import errno
import hashlib
import json
import mmap
import os
import secrets
import shutil
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

    def link(self, name: str, source: Path, digest: str) -> None:
        """Let ``name`` be the same file as ``source``, which was written before and never changes.

        Raises:
            OSError: it cannot be linked or copied.
        """
        path = self._home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, path)
        except OSError:
            shutil.copyfile(source, path)  # a file system without links
        flush(path)
        self.digests[name] = digest
        self._written(name)

    def flush(self) -> None:
        """Flush the names of the files: every folder, the innermost first, and ``home`` itself."""
        for path in sorted(self._home.rglob("*"), reverse=True):
            if path.is_dir():
                flush(path)
        flush(self._home)


CHECKED_AT_ONCE = 256 << 20
"""A folder of at most so many bytes is checked as a whole before any of it is used."""


class FolderReader:
    """Reads files whose checksums are known; what it gives is exactly what was checked.

    In a folder of more than ``checked_at_once`` bytes, files that are mapped may be checked after they are
    given, by :meth:`check_mapped`.
    """

    def __init__(
        self, home: Path, digests: Mapping[str, str], *, checked_at_once: int = CHECKED_AT_ONCE
    ) -> None:
        """Read from ``home`` what ``digests``, SHA-256 by name, says should be there."""
        self.home = home
        self._digests = dict(digests)
        self._unread = set(digests)
        self._mapped: dict[str, memoryview] = {}
        self._at_once = checked_at_once
        self._size: int | None = None

    def part(self, folder: str) -> dict[str, str]:
        """Return the checksums of the files in a folder inside, by their names in there."""
        start = f"{folder}/"
        return {n.removeprefix(start): d for n, d in self._digests.items() if n.startswith(start)}

    def read(self, name: str) -> bytes:
        """Return a file's content.

        Raises:
            Damage: it is missing or does not have its checksum. OSError: it cannot be read.
        """
        path = self._path(name)
        try:
            data = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise Damage(f"filen {name} mangler") from error
        self._check(name, data)
        return data

    def map(self, name: str, *, checked: bool = False) -> memoryview:
        """Return a file's content where it lies on the disk, read as it is used.

        Args:
            name: the file.
            checked: whether it is checked now, however large the folder is.

        Raises:
            Damage: it is missing, empty or, as far as it is checked now, does not have its checksum.
            OSError: it cannot be read.
        """
        path = self._path(name)
        try:
            with path.open("rb") as file:
                data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise Damage(f"filen {name} mangler") from error
        except ValueError as error:
            raise Damage(f"filen {name} er tom") from error
        if checked or self._is_small():
            self._check(name, data)
        else:
            self._unread.discard(name)
            self._mapped[name] = data
        return data

    @property
    def is_checked(self) -> bool:
        """Whether nothing was given that is not checked yet."""
        return not self._mapped

    def check_mapped(self) -> None:
        """Check what was mapped and not checked then; raises ``Damage``."""
        while self._mapped:
            name, data = next(iter(self._mapped.items()))
            self._check(name, data)
            self._mapped.pop(name, None)

    def check_rest(self) -> None:
        """Check every file that was not read; raises as :meth:`read`."""
        for name in sorted(self._unread):
            self.read(name)

    def _path(self, name: str) -> Path:
        if name not in self._digests or not _is_inside(name):
            raise Damage(f"filen {name} mangler i manifestet")
        return self.home / name

    def _check(self, name: str, data: bytes | memoryview) -> None:
        if hashlib.sha256(data).hexdigest() != self._digests[name]:
            raise Damage(f"filen {name} er ændret eller beskadiget")
        self._unread.discard(name)

    def _is_small(self) -> bool:
        if self._size is None:
            sizes = (self.home / name for name in self._digests if _is_inside(name))
            self._size = sum(path.stat().st_size for path in sizes if path.is_file())
        return self._size <= self._at_once


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
