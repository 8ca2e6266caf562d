"""The files that the documents were read from, and whether they are still the ones that were read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from assistant.records import Document

State = Literal["same", "changed", "missing"]


@dataclass(frozen=True, slots=True)
class Original:
    """The file of a document. ``is_pdf`` only where it is the same file that was read."""

    path: Path
    state: State
    is_pdf: bool = False


def original(document: Document, folder: Callable[[], Path] | None = None) -> Original | None:
    """Return the file that ``document`` was read from, or ``None`` where the document names none.

    Args:
        document: a document of the index.
        folder: where the files are (default: the corpus of the settings).
    """
    named = Path(document.source)
    if not document.source or not document.sha256 or named.is_absolute() or ".." in named.parts:
        return None
    path = (folder or _corpus)() / named
    try:
        status = path.stat()
        digest, is_pdf = _read(path, status.st_mtime_ns, status.st_size)
    except OSError:
        return Original(path, "missing")
    if digest != document.sha256:
        return Original(path, "changed")
    return Original(path, "same", is_pdf)


@cache
def _corpus() -> Path:
    from assistant.settings import load_settings

    return load_settings().corpus.path


@lru_cache(maxsize=512)
def _read(path: Path, changed: int, size: int) -> tuple[str, bool]:
    """Return the digest of a file and whether it is a PDF; read again only when it was written again."""
    with path.open("rb") as file:
        # As the loader: a header within the first kilobyte (ISO 32000-1, annex H.3.4.1).
        is_pdf = b"%PDF-" in file.read(1024)
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest(), is_pdf
