"""Generations of the index on disk: written beside the old one, switched by one atomic rename.

::

    index/CURRENT                      the name of the generation that serves
    index/generations/<name>/          manifest.json, documents.jsonl, passages.jsonl, vectors.faiss, ...

``manifest.json`` says what the generation was made with and has a checksum for every other file and for
itself, so nothing is read that was damaged or half written.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.errors import IndexDamaged, IndexMismatch, IndexMissing, IndexUnusable
from assistant.indexes.local import LocalIndex
from assistant.loading.reader import Problem
from assistant.records import Document, Page, Span
from assistant.text.passages import CHUNKING

SCHEMA = 3
REBUILD = "python -m assistant build"
_CURRENT = "CURRENT"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was made of and with. ``files`` maps relative paths to SHA-256."""

    schema: int
    model: str
    chunking: str
    created: str
    passages: int
    documents: dict[str, str]  # id -> sha256 of the file
    metadata: str  # checksum of everything that corpus.toml says
    problems: tuple[Problem, ...]
    files: dict[str, str]

    @property
    def identity(self) -> str:
        """A short name for exactly this content, for reproducing an answer."""
        basis = json.dumps(
            [self.schema, self.model, self.chunking, self.documents, self.metadata], sort_keys=True
        )
        return hashlib.sha256(basis.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Generation:
    """One opened generation: documents and the index over their passages."""

    manifest: Manifest
    documents: tuple[Document, ...]
    index: LocalIndex


def read_generation(folder: Path, *, model: str) -> Generation:
    """Open the generation that serves.

    Args:
        folder: the index folder.
        model: fingerprint of the configured embedder.

    Raises:
        IndexMissing: there is no index yet.
        IndexDamaged: a file is missing or does not have its checksum.
        IndexMismatch: it was made with another model, schema or way of cutting passages.
    """
    home = _current(folder)
    manifest = _manifest(home)
    _check_made_with(manifest, model)
    for name, wanted in manifest.files.items():
        path = home / name
        if not path.is_file():
            raise IndexDamaged(_damaged(folder, f"filen {name} mangler"))
        if _digest(path) != wanted:
            raise IndexDamaged(_damaged(folder, f"filen {name} er ændret eller beskadiget"))
    try:
        with (home / "documents.jsonl").open(encoding="utf-8") as file:
            documents = tuple(_document(json.loads(line)) for line in file)
        index = LocalIndex.load(home)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise IndexDamaged(_damaged(folder, str(error))) from error
    return Generation(manifest, documents, index)


def write_generation(
    folder: Path,
    index: LocalIndex,
    documents: tuple[Document, ...],
    *,
    model: str,
    created: str,
    metadata: str,
    problems: tuple[Problem, ...],
) -> Manifest:
    """Write a new generation and make it the one that serves.

    Raises:
        IndexUnusable: the folder cannot be written; what served before still does.
    """
    name = uuid.uuid4().hex[:12]
    home = folder / "generations" / name
    with _writing(folder):
        home.mkdir(parents=True)
        try:
            index.save(home)
            with (home / "documents.jsonl").open("w", encoding="utf-8") as file:
                for document in documents:
                    file.write(json.dumps(asdict(document), ensure_ascii=False) + "\n")
            files = {
                p.relative_to(home).as_posix(): _digest(p) for p in sorted(home.rglob("*")) if p.is_file()
            }
            manifest = Manifest(
                schema=SCHEMA,
                model=model,
                chunking=CHUNKING,
                created=created,
                passages=len(index),
                documents={d.id: d.sha256 for d in documents},
                metadata=metadata,
                problems=problems,
                files=files,
            )
            facts = asdict(manifest)
            (home / "manifest.json").write_text(
                json.dumps({**facts, "checksum": _checksum(facts)}, ensure_ascii=False), encoding="utf-8"
            )
            for path in [*home.rglob("*"), home]:
                _flush(path)
            pointer = folder / f".{_CURRENT}.{name}"
            pointer.write_text(name, encoding="utf-8")
            _flush(pointer)
        except BaseException:
            shutil.rmtree(home, ignore_errors=True)
            raise
        pointer.replace(folder / _CURRENT)
        _flush(folder)
    _collect(folder, keep=name)
    return manifest


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except (OSError, RuntimeError) as error:  # faiss raises the latter
        reason = getattr(error, "strerror", None) or error
        raise IndexUnusable(
            f"Indekset kan ikke skrives i {folder} ({reason}). Skaf plads eller rettigheder, og prøv igen."
        ) from error


def current_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of the generation that serves, or ``None`` where there is none to read."""
    try:
        return _manifest(_current(folder))
    except IndexUnusable:
        return None


def _current(folder: Path) -> Path:
    try:
        name = (folder / _CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise IndexMissing(f"Der er ikke noget indeks i {folder} endnu. Byg det med »{REBUILD}«.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(_damaged(folder, f"{_CURRENT} kan ikke læses")) from error
    home = folder / "generations" / name
    if not name.isalnum() or not home.is_dir():
        raise IndexDamaged(_damaged(folder, f"den generation, som {_CURRENT} peger på, findes ikke"))
    return home


def _manifest(home: Path) -> Manifest:
    folder = home.parent.parent
    try:
        raw = json.loads((home / "manifest.json").read_text(encoding="utf-8"))
        # Another schema may have other fields, so it is told before any of them is read.
        _check_schema(raw["schema"])
        if raw.pop("checksum") != _checksum(raw):
            raise ValueError("the manifest does not have its checksum")
        raw["problems"] = tuple(Problem(**p) for p in raw["problems"])
        return Manifest(**raw)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(_damaged(folder, "manifest.json mangler eller kan ikke læses")) from error


def _check_made_with(manifest: Manifest, model: str) -> None:
    pairs = (
        ("sprogmodellen", manifest.model, model),
        ("opdelingen", manifest.chunking, CHUNKING),
    )
    for what, made, wanted in pairs:
        if made != wanted:
            raise IndexMismatch(_mismatch(what, made, wanted))


def _check_schema(made: object) -> None:
    if made != SCHEMA:
        raise IndexMismatch(_mismatch("skemaet", str(made), str(SCHEMA)))


def _mismatch(what: str, made: str, wanted: str) -> str:
    return f"Indekset er bygget med {what} »{made}«, men der er nu valgt »{wanted}«. Byg det igen med »{REBUILD}«."


def _damaged(folder: Path, why: str) -> str:
    return f"Indekset i {folder} er beskadiget ({why}). Byg det igen med »{REBUILD}«."


def _checksum(facts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot open a folder for flushing
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _collect(folder: Path, *, keep: str) -> None:
    """Remove other generations; a reader has loaded its own into memory."""
    for home in (folder / "generations").iterdir():
        if home.name != keep:
            shutil.rmtree(home, ignore_errors=True)


def _document(raw: dict[str, Any]) -> Document:
    pages = tuple(
        Page(**{**p, "label_span": Span(**p["label_span"]) if p["label_span"] else None})
        for p in raw["pages"]
    )
    return Document(**{**raw, "pages": pages, "aliases": tuple(raw["aliases"])})
