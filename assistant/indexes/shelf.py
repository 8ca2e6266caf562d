"""Generations on the disk: which one serves, who reads which, and what may be taken away.

::

    index/CURRENT                the name of the generation that serves
    index/LOCK                   held by whoever builds
    index/generations/<name>/    whole generations only: each came here by one rename
    index/work/                  generations being written or taken away; the next builder empties it
    index/quarantine/<name>/     damaged generations, each with REASON.txt

A reader reserves the manifest of its generation with a shared lock for as long as it uses it. Files of a
generation never change and stay while it is reserved; so a reader may map them into memory, and a builder may
link those that are the same into the next generation. A name begins with a number that grows, so that names
tell which generation is newer.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from assistant.durable.files import Damage, flush, make_folder, write_file
from assistant.durable.locks import Reservation, reserve, unused
from assistant.indexes.manifest import FILE_NAME

CURRENT = "CURRENT"
QUARANTINED = 5
"""So many damaged generations are kept, the newest ones."""

_REASON = "REASON.txt"
_NAME = re.compile(r"\d{6,12}-[0-9a-f]{8}|[0-9a-f]{12}", re.ASCII)
"""A number and eight random digits; twelve of the latter in indexes of earlier versions."""


class Shelf:
    """The index folder. Methods raise ``OSError`` where the disk refuses."""

    def __init__(self, folder: Path) -> None:
        """Look at ``folder``, which need not exist."""
        self.folder = folder
        self.lock = folder / "LOCK"
        self._generations = folder / "generations"
        self._quarantine = folder / "quarantine"
        self._work = folder / "work"

    def pointer(self) -> str | None:
        """Return the name in ``CURRENT``, ``None`` if there is no such file.

        Raises:
            Damage: what stands there is no name of a generation.
        """
        try:
            name = (self.folder / CURRENT).read_bytes().decode("ascii").strip()
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as error:
            raise Damage(f"{CURRENT} er beskadiget") from error
        if not _NAME.fullmatch(name):
            raise Damage(f"{CURRENT} er beskadiget")
        return name

    def point(self, name: str, *, before_rename: Callable[[], None]) -> None:
        """Let ``name`` serve from now on."""
        write_file(self.folder / CURRENT, name.encode(), before_rename=before_rename)

    def home(self, name: str) -> Path:
        """Return the folder of a generation."""
        return self._generations / name

    def names(self) -> list[str]:
        """Return the generations that are there, newest first."""
        return _newest_first(self._generations)

    def reserve(self, name: str) -> Reservation:
        """Keep a generation from being taken away; raises ``FileNotFoundError`` if it is not there."""
        return reserve(self.home(name) / FILE_NAME)

    def begin(self) -> Path:
        """Return a folder, yet to be made, for a new generation; its name is that of the generation."""
        make_folder(self._work)
        known = [*self.names(), *_newest_first(self._quarantine)]
        with suppress(Damage):
            known.append(self.pointer() or "")
        number = 1 + max((_number(name) for name in known), default=0)
        return self._work / f"{number:06}-{secrets.token_hex(4)}"

    def finish(self, written: Path) -> Path:
        """Put a generation that is written and flushed among the others; returns where it is."""
        make_folder(self._generations)
        home = self.home(written.name)
        written.rename(home)
        flush(self._generations)
        flush(self._work)
        return home

    def quarantine(self, name: str, reason: str) -> None:
        """Move a damaged generation aside and say why, as far as the disk allows."""
        aside = self._quarantine / name
        with suppress(OSError):
            make_folder(self._quarantine)
            self.home(name).rename(aside)
            when = datetime.now(UTC).isoformat(timespec="seconds")
            write_file(aside / _REASON, f"{reason}\n{when}\n".encode())
            flush(self._quarantine)
            flush(self._generations)

    def quarantined(self, name: str) -> str | None:
        """Return why a generation was moved aside, if it was."""
        if not (self._quarantine / name).is_dir():
            return None
        try:
            return (self._quarantine / name / _REASON).read_text(encoding="utf-8").splitlines()[0]
        except (OSError, UnicodeDecodeError, IndexError):
            return "den er beskadiget"

    def sweep(self) -> None:
        """Take away what a killed builder left. Only for whoever holds the lock."""
        for path in [*self._work.glob("*"), *self.folder.glob(f".{CURRENT}.*")]:
            _delete(path)
        for name in _newest_first(self._quarantine)[QUARANTINED:]:
            _delete(self._quarantine / name)
        with suppress(Damage):
            serving = self.pointer()
            if serving in self.names():
                # One that is newer than what serves was never switched to.
                older = [name for name in self.names() if _age(name) < _age(serving or "")]
                self.collect(keep=[serving or "", *older[:1]])

    def collect(self, *, keep: Collection[str], step: Callable[[], None] = lambda: None) -> None:
        """Take away generations that nobody reads, except those to ``keep``. Only for the lock's holder."""
        for name in self.names():
            if name in keep:
                continue
            with suppress(OSError), unused(self.home(name) / FILE_NAME) as free:
                if free:
                    gone = self._work / f"{name}.{secrets.token_hex(4)}"
                    make_folder(self._work)
                    self.home(name).rename(gone)
                    step()
                    _delete(gone)


def _newest_first(folder: Path) -> list[str]:
    try:
        names = [path.name for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(names, key=_age, reverse=True)


def _age(name: str) -> tuple[int, str]:
    return _number(name), name


def _number(name: str) -> int:
    number, dash, _ = name.partition("-")
    return int(number) if dash else 0


def _delete(path: Path) -> None:
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
