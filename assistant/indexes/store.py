"""Opening the index on disk: the newest generation that is whole, and every byte of it checked before use."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from assistant.durable.files import Damage, FolderReader, json_line, why
from assistant.errors import IndexDamaged, IndexMismatch, IndexMissing, IndexUnusable
from assistant.indexes.base import PassageIndex
from assistant.indexes.large.index import PARTS, LargeIndex
from assistant.indexes.local import LocalIndex
from assistant.indexes.manifest import FILE_NAME, REBUILD, Manifest, check_made_with, parse_manifest
from assistant.indexes.shelf import CURRENT, Shelf
from assistant.indexes.sizes import STANDARD, Sizes
from assistant.records import Document, Page, Span

DOCUMENTS = "documents.jsonl"

_SWITCHES = 20
"""So many new generations may appear while one is being opened."""


class Checking:
    """Checks in the background what of a large generation was mapped before it was checked."""

    def __init__(self, files: FolderReader, damaged: Callable[[str], None]) -> None:
        """Begin; ``damaged`` is told what is wrong, if anything is."""
        self.trouble = ""
        """What was found (Danish); empty while nothing is."""
        self._files = files
        self._damaged = damaged
        self._thread = threading.Thread(target=self._check, name="index-checking", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Return once everything is checked."""
        self._thread.join()

    def _check(self) -> None:
        try:
            self._files.check_mapped()
        except Damage as damage:
            self._damaged(str(damage))
            self.trouble = str(damage)


@dataclass(frozen=True, slots=True)
class Generation:
    """One opened generation: documents and the index over their passages.

    ``pointer`` is what ``CURRENT`` named when it was opened; where that is not ``name``, ``notice`` says
    why (Danish, for users). Its files stay while ``index`` is in use. ``checking`` goes on after opening where
    the generation is large.
    """

    name: str
    manifest: Manifest
    documents: tuple[Document, ...]
    index: PassageIndex
    pointer: str | None
    notice: str = ""
    checking: Checking | None = None

    @property
    def trouble(self) -> str:
        """What was found damaged since it was opened (Danish), empty if nothing was."""
        return self.checking.trouble if self.checking else ""


def read_generation(folder: Path, *, model: str, sizes: Sizes = STANDARD) -> Generation:
    """Open the newest generation that is whole.

    A damaged one is moved aside, and an older one is opened with a notice.

    Args:
        folder: the index folder.
        model: fingerprint of the configured embedder.
        sizes: what to do from which size on, where the index is changed.

    Raises:
        IndexMissing: there is no index yet.
        IndexDamaged: a file is missing or does not have its checksum, and there is no other generation.
        IndexMismatch: it was made with another model, schema or way of cutting passages.
    """
    shelf = Shelf(folder)
    for _ in range(_SWITCHES):
        try:
            return _newest_good(shelf, model, sizes)
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


def is_there(folder: Path, name: str) -> bool:
    """Return whether a generation is where it can be opened, damaged or not."""
    return Shelf(folder).home(name).is_dir()


# --- helpers --------------------------------------------------------------------------------------


class _Switched(Exception):
    """Another generation began to serve while one was being opened."""


def _newest_good(shelf: Shelf, model: str, sizes: Sizes) -> Generation:
    pointer, trouble = _pointer(shelf)
    candidates = [pointer] if pointer else []
    candidates += [name for name in shelf.names() if name != pointer]
    if not candidates and not trouble:
        raise IndexMissing(f"Der er ikke noget indeks i {shelf.folder} endnu. Byg det med »{REBUILD}«.")
    for name in candidates:
        try:
            generation = _open(shelf, name, model, pointer, sizes)
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


def _open(shelf: Shelf, name: str, model: str, pointer: str | None, sizes: Sizes) -> Generation:
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
        described = files.read(DOCUMENTS)
        index: LocalIndex | LargeIndex
        index = LargeIndex.load(files, sizes) if PARTS in manifest.files else LocalIndex.load(files)
        documents = tuple(_document(json.loads(line), index) for line in described.splitlines())
        index.held = reservation
        files.check_rest()
    except Damage as damage:
        shelf.quarantine(name, str(damage))
        raise
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        # Not proved to be damaged, so it stays where it is.
        raise Damage(f"den kan ikke læses: {why(error)}") from error
    checking = None if files.is_checked else Checking(files, lambda why: shelf.quarantine(name, why))
    return Generation(name, manifest, documents, index, pointer, checking=checking)


def _with_notice(generation: Generation, trouble: str) -> Generation:
    made = datetime.fromisoformat(generation.manifest.created).astimezone()
    notice = (
        f"Indekset er beskadiget ({trouble}). Svarene bygger på det seneste hele indeks, "
        f"fra den {made.day}.{made.month}.{made.year} kl. {made:%H.%M}. Byg indekset igen med »{REBUILD}«."
    )
    return replace(generation, notice=notice)


def document_line(document: Document, index: LocalIndex | LargeIndex) -> bytes:
    """Return what :data:`DOCUMENTS` says of a document; a large index has its pages elsewhere."""
    if isinstance(index, LargeIndex):
        return json_line({**asdict(replace(document, pages=())), "pages": None})
    return json_line(asdict(document))


def _document(raw: dict[str, Any], index: LocalIndex | LargeIndex) -> Document:
    if raw["pages"] is None and isinstance(index, LargeIndex):
        # They are as good as a tuple, but for those of a million passages being in memory.
        later = cast("tuple[Page, ...]", index.pages_of(raw["id"]))
        return Document(**{**raw, "pages": later, "aliases": tuple(raw["aliases"])})
    pages = tuple(
        Page(**{**p, "label_span": Span(**p["label_span"]) if p["label_span"] else None})
        for p in raw["pages"]
    )
    return Document(**{**raw, "pages": pages, "aliases": tuple(raw["aliases"])})
