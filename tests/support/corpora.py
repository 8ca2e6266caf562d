"""The project's own documents, and small ones made for a test."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from assistant.loading.reader import Problem, read_folder
from assistant.records import Document, Page, Passage
from assistant.text.passages import cut_document

CORPUS = Path(__file__).resolve().parents[2] / "corpus"


@cache
def corpus() -> dict[str, Document]:
    """The documents of ``corpus/`` by id."""
    read = list(read_folder(CORPUS))
    assert not [item for item in read if isinstance(item, Problem)]
    return {item.id: item for item in read if isinstance(item, Document)}


@cache
def corpus_passages() -> tuple[Passage, ...]:
    return tuple(passage for document in corpus().values() for passage in cut_document(document))


def document(*pages: str, name: str = "notat") -> Document:
    """A document of the given pages."""
    return Document(
        name, name, name, "notat", "da", "0" * 64, tuple(Page(i, t) for i, t in enumerate(pages, 1))
    )


def passages(*pages: str) -> tuple[Passage, ...]:
    """The passages of the given pages."""
    return cut_document(document(*pages))


def write(folder: Path, files: Iterable[tuple[str, str | bytes]]) -> Path:
    """Write files, texts as UTF-8, into a new or existing folder."""
    folder.mkdir(exist_ok=True)
    for name, content in files:
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
