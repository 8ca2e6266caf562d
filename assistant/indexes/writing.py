"""The index on disk: a build writes a new generation beside the old one and switches by one atomic rename.

The order in which a build writes, with the name of each step (see :data:`STEPS`):

1. ``begun``: the lock is held, an earlier builder's leftovers are gone, ``work/<name>/`` is made.
2. ``file``: one file is written, its checksum taken from what was meant to be written, and flushed.
3. ``manifest``: all of them and, with their checksums and one of itself, ``manifest.json``.
4. ``flushed``: the folders of the generation too, so nothing in it is only in memory.
5. ``moved``: ``work/<name>`` was renamed to ``generations/<name>``, and both parents are flushed.
6. ``pointer``: the new ``CURRENT`` is written beside the old one and flushed.
7. ``switched``: it was renamed to ``CURRENT`` and the index folder flushed. This rename is the switch.
8. ``collected``: one older generation, read by nobody, was moved to ``work/``, from where it is deleted.

A process that dies before 7 leaves the old generation serving, after it the new one. The generation that
served before stays, so that there is something to fall back on when the newest is found damaged: that is then
moved to ``quarantine/`` with the reason, and the users are told.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from assistant.durable.files import FolderWriter, make_folder, why
from assistant.durable.locks import Busy, exclusive
from assistant.errors import IndexUnusable
from assistant.indexes.changing import changed
from assistant.indexes.home import Change, Step, StepCallback
from assistant.indexes.large.index import LargeIndex
from assistant.indexes.manifest import FILE_NAME, Origin
from assistant.indexes.shelf import Shelf
from assistant.indexes.sizes import STANDARD, Sizes
from assistant.indexes.store import (
    DOCUMENTS,
    Generation,
    current_name,
    document_line,
    is_there,
    read_generation,
)

STEPS: tuple[Step, ...] = (
    "begun",
    "file",
    "manifest",
    "flushed",
    "moved",
    "pointer",
    "switched",
    "collected",
)

_PATIENCE_SECONDS = 900.0


class FolderHome:
    """An index in a folder; see :class:`assistant.indexes.home.IndexHome`."""

    def __init__(self, folder: Path, sizes: Sizes = STANDARD) -> None:
        """Live in ``folder``, which need not exist; ``sizes`` says what to do from which size on."""
        self._folder = folder
        self._sizes = sizes

    def read(self, *, model: str) -> Generation:
        """Open the newest generation that is whole."""
        return read_generation(self._folder, model=model, sizes=self._sizes)

    def current_name(self) -> str | None:
        """Return the name of the generation that serves; costs one small read."""
        return current_name(self._folder)

    def is_there(self, name: str) -> bool:
        """Return whether a generation can be opened, damaged or not."""
        return is_there(self._folder, name)

    def writing(self, *, waiting: Callable[[], None] = lambda: None) -> AbstractContextManager[Writer]:
        """Be the only builder; see :func:`writing`."""
        return writing(self._folder, waiting=waiting, sizes=self._sizes)


@contextmanager
def writing(
    folder: Path, *, waiting: Callable[[], None] = lambda: None, sizes: Sizes = STANDARD
) -> Iterator[Writer]:
    """Be the only builder of an index, after waiting for another to finish.

    Args:
        folder: the index folder, made if need be.
        waiting: called once if there is another.
        sizes: what to do from which size on.

    Raises:
        IndexUnusable: the folder cannot be written, or another builder does not finish.
    """
    shelf = Shelf(folder)
    with ExitStack() as held:
        with _translated(folder):
            make_folder(folder)
            held.enter_context(exclusive(shelf.lock, seconds=_PATIENCE_SECONDS, waiting=waiting))
            shelf.sweep()
        yield Writer(shelf, sizes)


class Writer:
    """The right to write generations; see :func:`writing`."""

    def __init__(self, shelf: Shelf, sizes: Sizes) -> None:
        """Write to ``shelf``, whose lock is held."""
        self._shelf = shelf
        self._sizes = sizes
        self._serving: Generation | None = None

    def current(self, model: str) -> Generation | None:
        """Return what :func:`read_generation` does, or ``None`` where there is nothing that can be used."""
        try:
            self._serving = read_generation(self._shelf.folder, model=model, sizes=self._sizes)
        except IndexUnusable:
            self._serving = None
        return self._serving

    def write(self, change: Change, origin: Origin, step: StepCallback = lambda _: None) -> Generation:
        """Write a new generation and make it the one that serves.

        Raises:
            IndexUnusable: the folder cannot be written; what served before still does.
            ValueError: the change keeps documents that are not there.
        """
        shelf = self._shelf
        old = self._serving
        missing = change.kept - {d.id for d in old.documents} if old else change.kept
        if missing:
            raise ValueError(f"kept documents that are not there: {sorted(missing)[:3]}")
        index = changed(old.index if old else None, change, self._sizes)
        with _translated(shelf.folder):
            before = _kept(shelf)
            work = shelf.begin()
            home = shelf.home(work.name)
            try:
                out = FolderWriter(work, lambda _: step("file"))
                step("begun")
                index.save(out)
                with out.open(DOCUMENTS) as file:
                    for document in change.documents:
                        file.write(document_line(document, index))
                manifest = origin.manifest(change.documents, len(index), dict(out.digests), index.facts)
                with out.open(FILE_NAME) as file:
                    file.write(manifest.to_json())
                step("manifest")
                out.flush()
                step("flushed")
                shelf.finish(work)
                step("moved")
                index.held = shelf.reserve(work.name)
                if isinstance(index, LargeIndex):
                    index.written(home, out.digests)
                shelf.point(work.name, before_rename=lambda: step("pointer"))
            except BaseException:
                # Unless the switch was made and only flushing it failed: then it serves.
                if current_name(shelf.folder) != work.name:
                    for place in (work, home):
                        shutil.rmtree(place, ignore_errors=True)
                raise
            step("switched")
            shelf.collect(keep=[work.name, *before], step=lambda: step("collected"))
        self._serving = Generation(work.name, manifest, change.documents, index, work.name)
        return self._serving


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except Busy as error:
        raise IndexUnusable(
            f"Indekset i {folder} bliver opdateret af en anden, som ikke er blevet færdig. Vent, og prøv igen."
        ) from error
    except (OSError, RuntimeError) as error:  # faiss raises the latter
        raise IndexUnusable(
            f"Indekset kan ikke skrives i {folder} ({why(error)}). Skaf plads eller rettigheder, og prøv igen."
        ) from error


def _kept(shelf: Shelf) -> list[str]:
    """Return the generation to fall back on once another serves: what serves now, else the newest."""
    names = shelf.names()
    serving = current_name(shelf.folder)
    return [serving] if serving in names else names[:1]
