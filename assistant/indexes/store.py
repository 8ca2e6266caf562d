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

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from assistant.durable.files import Damage, FolderReader, FolderWriter, json_line, make_folder, why
from assistant.durable.locks import Busy, exclusive
from assistant.errors import IndexDamaged, IndexMismatch, IndexMissing, IndexUnusable
from assistant.indexes.local import LocalIndex
from assistant.indexes.manifest import (
    FILE_NAME,
    REBUILD,
    SCHEMA,
    Manifest,
    check_made_with,
    parse_manifest,
)
from assistant.indexes.shelf import CURRENT, Shelf
from assistant.loading.reader import Problem
from assistant.records import Document, Page, Span
from assistant.text.passages import CHUNKING

Step = Literal["begun", "file", "manifest", "flushed", "moved", "pointer", "switched", "collected"]
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
StepCallback = Callable[[Step], None]

_DOCUMENTS = "documents.jsonl"
_PATIENCE_SECONDS = 900.0
_SWITCHES = 20
"""So many new generations may appear while one is being opened."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One opened generation: documents and the index over their passages.

    ``pointer`` is what ``CURRENT`` named when it was opened; where that is not ``name``, ``notice`` says
    why (Danish, for users). Its files stay while ``index`` is in use.
    """

    name: str
    manifest: Manifest
    documents: tuple[Document, ...]
    index: LocalIndex
    pointer: str | None
    notice: str = ""


def read_generation(folder: Path, *, model: str) -> Generation:
    """Open the newest generation that is whole.

    A damaged one is moved aside, and an older one is opened with a notice.

    Args:
        folder: the index folder.
        model: fingerprint of the configured embedder.

    Raises:
        IndexMissing: there is no index yet.
        IndexDamaged: a file is missing or does not have its checksum, and there is no other generation.
        IndexMismatch: it was made with another model, schema or way of cutting passages.
    """
    shelf = Shelf(folder)
    for _ in range(_SWITCHES):
        try:
            return _newest_good(shelf, model)
        except _Switched:
            continue
    raise IndexUnusable(
        f"Indekset i {folder} skifter hele tiden. Vent, til byggeriet er færdigt, og prøv igen."
    )


def current_name(folder: Path) -> str | None:
    """Return what ``CURRENT`` names, ``None`` where it cannot be read; costs one small read."""
    try:
        return Shelf(folder).pointer()
    except (Damage, OSError):
        return None


@contextmanager
def writing(folder: Path, *, waiting: Callable[[], None] = lambda: None) -> Iterator[Writer]:
    """Be the only builder of an index, after waiting for another to finish.

    Args:
        folder: the index folder, made if need be.
        waiting: called once if there is another.

    Raises:
        IndexUnusable: the folder cannot be written, or another builder does not finish.
    """
    shelf = Shelf(folder)
    with ExitStack() as held:
        with _translated(folder):
            make_folder(folder)
            held.enter_context(exclusive(shelf.lock, seconds=_PATIENCE_SECONDS, waiting=waiting))
            shelf.sweep()
        yield Writer(shelf)


class Writer:
    """The right to write generations; see :func:`writing`."""

    def __init__(self, shelf: Shelf) -> None:
        """Write to ``shelf``, whose lock is held."""
        self._shelf = shelf

    def current(self, model: str) -> Generation | None:
        """Return what :func:`read_generation` does, or ``None`` where there is nothing that can be used."""
        try:
            return read_generation(self._shelf.folder, model=model)
        except IndexUnusable:
            return None

    def write(
        self,
        index: LocalIndex,
        documents: tuple[Document, ...],
        *,
        model: str,
        created: str,
        metadata: str,
        problems: tuple[Problem, ...],
        step: StepCallback = lambda _: None,
    ) -> Generation:
        """Write a new generation and make it the one that serves.

        Raises:
            IndexUnusable: the folder cannot be written; what served before still does.
        """
        shelf = self._shelf
        with _translated(shelf.folder):
            before = _kept(shelf)
            work = shelf.begin()
            home = shelf.home(work.name)
            try:
                out = FolderWriter(work, lambda _: step("file"))
                step("begun")
                index.save(out)
                with out.open(_DOCUMENTS) as file:
                    for document in documents:
                        file.write(json_line(asdict(document)))
                manifest = Manifest(
                    schema=SCHEMA,
                    model=model,
                    chunking=CHUNKING,
                    created=created,
                    passages=len(index),
                    documents={d.id: d.sha256 for d in documents},
                    metadata=metadata,
                    problems=problems,
                    files=dict(out.digests),
                )
                with out.open(FILE_NAME) as file:
                    file.write(manifest.to_json())
                step("manifest")
                out.flush()
                step("flushed")
                shelf.finish(work)
                step("moved")
                index.held = shelf.reserve(work.name)
                shelf.point(work.name, before_rename=lambda: step("pointer"))
            except BaseException:
                # Unless the switch was made and only flushing it failed: then it serves.
                if current_name(shelf.folder) != work.name:
                    for place in (work, home):
                        shutil.rmtree(place, ignore_errors=True)
                raise
            step("switched")
            shelf.collect(keep=[work.name, *before], step=lambda: step("collected"))
        return Generation(work.name, manifest, documents, index, work.name)


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


# --- reading --------------------------------------------------------------------------------------


class _Switched(Exception):
    """Another generation began to serve while one was being opened."""


def _newest_good(shelf: Shelf, model: str) -> Generation:
    pointer, trouble = _pointer(shelf)
    candidates = [pointer] if pointer else []
    candidates += [name for name in shelf.names() if name != pointer]
    if not candidates and not trouble:
        raise IndexMissing(f"Der er ikke noget indeks i {shelf.folder} endnu. Byg det med »{REBUILD}«.")
    for name in candidates:
        try:
            generation = _open(shelf, name, model, pointer)
        except IndexMismatch:
            if not trouble:
                raise
            continue
        except Damage as damage:
            trouble = trouble or str(damage)
            if _pointer(shelf)[0] != pointer:
                raise _Switched from None
            continue
        return _with_notice(generation, trouble) if trouble else generation
    raise IndexDamaged(f"Indekset i {shelf.folder} er beskadiget ({trouble}). Byg det igen med »{REBUILD}«.")


def _pointer(shelf: Shelf) -> tuple[str | None, str]:
    """Return what ``CURRENT`` names and what is wrong with it, if anything."""
    try:
        name = shelf.pointer()
    except Damage as damage:
        return None, str(damage)
    except OSError as error:
        return None, f"{CURRENT} kan ikke læses: {why(error)}"
    if name is None and shelf.names():
        return None, f"{CURRENT} mangler"
    return name, ""


def _open(shelf: Shelf, name: str, model: str, pointer: str | None) -> Generation:
    """Open one generation, or move it aside; raises ``Damage`` and ``IndexMismatch``."""
    home = shelf.home(name)
    try:
        reservation = shelf.reserve(name)
    except FileNotFoundError:
        if home.is_dir():
            shelf.quarantine(name, f"filen {FILE_NAME} mangler")
        reason = shelf.quarantined(name)
        raise Damage(reason or f"den generation, som {CURRENT} peger på, findes ikke") from None
    except OSError as error:
        raise Damage(f"{FILE_NAME} kan ikke læses: {why(error)}") from error
    try:
        manifest = parse_manifest((home / FILE_NAME).read_bytes())
        check_made_with(manifest, model)
        files = FolderReader(home, manifest.files)
        documents = tuple(_document(json.loads(line)) for line in files.read(_DOCUMENTS).splitlines())
        index = LocalIndex.load(files)
        index.held = reservation
        files.check_rest()
    except Damage as damage:
        shelf.quarantine(name, str(damage))
        raise
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        # Not proved to be damaged, so it stays where it is.
        raise Damage(f"den kan ikke læses: {why(error)}") from error
    return Generation(name, manifest, documents, index, pointer)


def _with_notice(generation: Generation, trouble: str) -> Generation:
    made = datetime.fromisoformat(generation.manifest.created).astimezone()
    notice = (
        f"Indekset er beskadiget ({trouble}). Svarene bygger på det seneste hele indeks, "
        f"fra den {made.day}.{made.month}.{made.year} kl. {made:%H.%M}. Byg det igen med »{REBUILD}«."
    )
    return replace(generation, notice=notice)


def _document(raw: dict[str, Any]) -> Document:
    pages = tuple(
        Page(**{**p, "label_span": Span(**p["label_span"]) if p["label_span"] else None})
        for p in raw["pages"]
    )
    return Document(**{**raw, "pages": pages, "aliases": tuple(raw["aliases"])})
