"""What must be the same on every machine of a build: the program, what reads files, and the model."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from assistant import __version__
from assistant.loading.ocr import is_available
from assistant.text.passages import CHUNKING

_PACKAGE = Path(__file__).resolve().parents[1]
_ROOMS = ("embedding", "loading", "spreading", "text")
"""What of the program runs on a worker, or must fit what does."""

_LIBRARIES = (
    "beautifulsoup4",
    "charset-normalizer",
    "distributed",
    "lxml",
    "markdown-it-py",
    "pypdf",
    "pypdfium2",
    "python-docx",
    "python-pptx",
)
"""Another version of these may read another text from the same file, or not be understood at all."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What one process is made of, each with the Danish name that it is told by."""

    parts: tuple[tuple[str, str], ...]

    def difference(self, other: Facts) -> str:
        """Return in Danish where this one differs from ``other``; empty where it does not."""
        own, theirs = dict(self.parts), dict(other.parts)
        for name in dict.fromkeys((*own, *theirs)):
            if own.get(name) != theirs.get(name):
                return f"{name} er »{own.get(name, '')}« der og »{theirs.get(name, '')}« her"
        return ""


def facts(*, ocr: bool) -> Facts:
    """Return what this process is made of; with ``ocr`` it matters whether it can recognise text."""
    parts = [
        ("programmets udgave", __version__),
        ("Python", f"{sys.version_info.major}.{sys.version_info.minor}"),
        ("opdelingen i tekststykker", CHUNKING),
        *((name, _version(name)) for name in _LIBRARIES),
        ("programmets kode", _code()),
    ]
    if ocr:
        parts.append(("tekstgenkendelse (Tesseract)", "ja" if is_available() else "nej"))
    return Facts(tuple(parts))


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


@cache
def _code() -> str:
    """A checksum of what runs on a worker: two copies of one version may have been changed by hand."""
    digest = hashlib.sha256()
    files = [_PACKAGE / "records.py"]
    for room in _ROOMS:
        files.extend(p for p in (_PACKAGE / room).rglob("*") if p.is_file() and p.suffix != ".pyc")
    for path in sorted(files):
        digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\n".encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]
