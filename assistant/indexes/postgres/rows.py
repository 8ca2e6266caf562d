"""Passages and documents as rows: JSON that PostgreSQL can hold, keys, and what of a passage is searched."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import lru_cache
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.records import Document, Page, Passage, Span

CODE = np.dtype("<u4")
"""The numbers of :func:`term_code`."""

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


def to_json(document: Document) -> str:
    """Return a document as JSON that PostgreSQL can hold as text."""
    return _written(asdict(document))


_before, _behind = (
    attrgetter("id", "document_id", "page", "heading", "text"),
    attrgetter("section", "mark", "order", "lead", "follows", "alone"),
)
"""The fields of a passage in their order, before and behind its span."""
_SPAN = 5


def passage_json(passage: Passage) -> str:
    """Return a passage as a JSON array that PostgreSQL can hold as text."""
    return _written([*_before(passage), [passage.span.start, passage.span.end], *_behind(passage)])


def digest(document: Document) -> str:
    """Return a checksum of everything that is told of a document, its pages too."""
    return hashlib.sha256(to_json(document).encode()).hexdigest()


def passages_from(texts: Iterable[str]) -> list[Passage]:
    """Return the passages that :func:`passage_json` wrote, all of them read at once."""
    rows = json.loads(f"[{','.join(texts)}]")
    for row in rows:
        row[_SPAN] = Span(*row[_SPAN])
    return [Passage(*row) for row in rows]


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


def term_code(term: str) -> int:
    """Return the number that stands for a term among those of a passage.

    Of half a million terms each shares its number with another one in 10,000 times; it would be counted where that
    stands, among the candidates of a question only.
    """
    return zlib.crc32(term.encode("utf-8", "surrogatepass"))


def stamp(document_key: str, added: int) -> int:
    """Return the number that stands for the passages of a document that came with a revision, of 63 bits."""
    digest = hashlib.blake2b(f"{added}:{document_key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def vectors_from(sent: Sequence[bytes]) -> list[NDArray[np.float32]]:
    """Return vectors as pgvector's ``vector_send`` gives them; each has its own memory."""
    if not sent:
        return []
    # Before the numbers stand how many they are and nothing else, in four bytes.
    whole = np.frombuffer(b"".join(sent), dtype=">f4").reshape(len(sent), -1)[:, 1:].astype(np.float32)
    return [row.copy() for row in whole]


def text_array(texts: Iterable[str]) -> str:
    """Return ``texts`` as PostgreSQL reads an array of them."""
    return f"{{{','.join([_quoted(text) for text in texts])}}}"


@lru_cache(maxsize=10_000)
def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _written(value: Any) -> str:
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _UNWRITABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", written)
