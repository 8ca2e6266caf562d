"""A change of several files in one folder that is all or nothing, also when the process is killed.

Before the first file is touched, what was there is kept beside it, with a list of what to put back. Until
the change is kept, an error puts it back at once and :func:`recover` after a crash::

    folder/.change-<random>/new/<name>     what will be put in place
    folder/.change-<random>/old/<name>     what was there
    folder/.change-<random>/undo.json      which names had a file; while it is there, the change can be undone

Only one process may change a folder at a time; that is for the caller to see to.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assistant.durable.files import flush, make_folder, write_file

_PREFIX = ".change-"
_UNDO = "undo.json"

Step = Callable[[str], None]


class Change:
    """A change that is being prepared; see :func:`changing`."""

    def __init__(self, folder: Path, place: Path, step: Step) -> None:
        """Prepare in ``place``, which is made, a change of the files of ``folder``."""
        self._folder = folder
        self._place = place
        self._step = step
        self._put: list[str] = []
        self._remove: list[str] = []
        for part in ("new", "old"):
            make_folder(place / part)

    def put(self, name: str, data: bytes) -> None:
        """Put ``data`` at ``name`` once the change is applied."""
        write_file(self._place / "new" / name, data)
        self._put.append(name)

    def remove(self, name: str) -> None:
        """Remove ``name`` once the change is applied."""
        self._remove.append(name)

    def apply(self) -> None:
        """Make the change; it can still be undone.

        Raises:
            OSError: something cannot be written.
        """
        had = {}
        for name in [*self._put, *self._remove]:
            had[name] = (self._folder / name).exists()
            if had[name]:
                _keep(self._folder / name, self._place / "old" / name)
        flush(self._place / "old")
        write_file(self._place / _UNDO, json.dumps(had).encode())
        self._step("noted")
        for name in self._put:
            (self._place / "new" / name).replace(self._folder / name)
            self._step("put")
        for name in self._remove:
            (self._folder / name).unlink()
            self._step("removed")
        flush(self._folder)
        self._step("applied")


@contextmanager
def changing(folder: Path, step: Step = lambda _: None) -> Iterator[Change]:
    """Change ``folder``: kept when the context ends, undone when an error leaves it.

    Args:
        folder: made if need be.
        step: told each point at which the disk has changed.

    Raises:
        OSError: something cannot be written.
    """
    make_folder(folder)
    recover(folder)
    place = folder / f"{_PREFIX}{secrets.token_hex(6)}"
    try:
        change = Change(folder, place, step)
        yield change
        # From here on there is nothing to undo.
        (place / _UNDO).unlink(missing_ok=True)
        flush(place)
    except BaseException:
        _undo(folder, place)
        raise
    step("kept")
    shutil.rmtree(place, ignore_errors=True)


def recover(folder: Path) -> None:
    """Undo what a killed process left half done.

    Raises:
        OSError: it cannot be undone now; it can be tried again.
    """
    for place in sorted(folder.glob(f"{_PREFIX}*")):
        _undo(folder, place)


def _undo(folder: Path, place: Path) -> None:
    note = place / _UNDO
    if note.exists():
        for name, had in json.loads(note.read_bytes()).items():
            old = place / "old" / name
            if not had:
                (folder / name).unlink(missing_ok=True)
            elif old.exists():  # not there: put back by an earlier try
                old.replace(folder / name)
        flush(folder)
        note.unlink()
        flush(place)
    shutil.rmtree(place, ignore_errors=True)


def _keep(path: Path, kept: Path) -> None:
    with suppress(OSError):
        os.link(path, kept)
        return
    shutil.copy2(path, kept)  # a file system without links
    flush(kept)
