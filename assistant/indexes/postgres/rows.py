"""Passages and documents as rows: JSON that PostgreSQL can hold, keys, and what of a passage is searched."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from dataclasses import asdict
from typing import Any

from assistant.records import Document, Page, Passage, Span

_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


def key(text: str) -> str:
    """Return an id as PostgreSQL can hold it, different for different ids.

    A name of a file can hold bytes that are no text, which Python keeps as lone surrogates.
    """
    if "\\" not in text and not _UNWRITABLE.search(text):
        return text
    escaped = text.replace("\\", "\\\\")
    return _UNWRITABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", escaped)


def readable(text: str) -> str:
    """Return ``text`` for searching, without what PostgreSQL cannot hold."""
    return _UNWRITABLE.sub(" ", text)


def to_json(record: Passage | Document) -> str:
    """Return a record as JSON that PostgreSQL can hold as text."""
    written = json.dumps(asdict(record), ensure_ascii=False, separators=(",", ":"))
    return _UNWRITABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", written)


def digest(document: Document) -> str:
    """Return a checksum of everything that is told of a document, its pages too."""
    return hashlib.sha256(to_json(document).encode()).hexdigest()


def passage_from(text: str) -> Passage:
    """Return the passage that :func:`to_json` wrote."""
    raw: dict[str, Any] = json.loads(text)
    return Passage(**{**raw, "span": Span(**raw["span"])})


def document_from(text: str) -> Document:
    """Return the document that :func:`to_json` wrote."""
    raw: dict[str, Any] = json.loads(text)
    pages = tuple(
        Page(**{**p, "label_span": Span(**p["label_span"]) if p["label_span"] else None})
        for p in raw["pages"]
    )
    return Document(**{**raw, "pages": pages, "aliases": tuple(raw["aliases"])})


def spread(passage_id: str) -> int:
    """Return a number that falls anywhere in 31 bits and is always the same for a passage."""
    # CRC-32 of like names lies evenly, and is the same everywhere; multiplying keeps neighbours apart.
    mixed = zlib.crc32(passage_id.encode("utf-8", "surrogatepass")) * 2654435761 % 2**32
    return (mixed ^ mixed >> 16) >> 1
