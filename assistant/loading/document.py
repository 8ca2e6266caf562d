"""One file read into a document, in this process: what a child does, and what is done with simple texts."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from assistant.errors import DocumentError
from assistant.loading.formats import read_format
from assistant.loading.metadata import Metadata, described, document_id
from assistant.loading.texts import READING, SCANNED, UNREAD, PageText
from assistant.records import Document, Page
from assistant.text.blocks import parse_page

_LONGEST_TITLE = 150


def read_document(path: Path, *, scanned: bool = False) -> Document:
    """Read one file, its format chosen by its content; nothing is known of it but what it holds.

    Args:
        path: the file.
        scanned: return a document whose pages are all pictures too, for text recognition; else it is an
            error.

    Raises:
        DocumentError: the file cannot be read; the message names it and says what to do.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DocumentError(
            f"{path.name}: filen kan ikke åbnes ({error.strerror}). Ret rettighederne."
        ) from error
    if not data.strip():
        raise DocumentError(f"{path.name}: filen er tom.")
    read = read_format(path.name, data)
    pages = tuple(_page(number, page) for number, page in enumerate(read.pages, 1))
    if not any(page.text.strip() for page in pages):
        if not any(page.unread for page in read.pages):
            raise DocumentError(f"{path.name}: filen er tom.")
        if not scanned:
            raise DocumentError(f"{path.name}: {SCANNED}")
    document = Document(
        id=document_id(path),
        title=read.title[:_LONGEST_TITLE] or _title(pages) or path.stem,
        organisation=path.stem,
        kind="",
        language="",
        sha256=hashlib.sha256(data).hexdigest(),
        pages=pages,
        page_noun=read.page_noun,
        source=path.name,
        reading=READING,
    )
    return described(replace(document, own_title=document.title, own_noun=read.page_noun), Metadata())


def _page(number: int, read: PageText) -> Page:
    reader = UNREAD if read.unread else read.reader
    layout = parse_page(read.text)
    if read.label is not None:
        return Page(number, read.text, read.label, None, reader)
    return Page(number, read.text, layout.label, layout.label_span, reader)


def _title(pages: tuple[Page, ...]) -> str:
    """The first heading, or the first line, of the first page that has text."""
    for page in pages:
        blocks = parse_page(page.text).blocks
        if blocks:
            return blocks[0].text[:_LONGEST_TITLE]
    return ""
