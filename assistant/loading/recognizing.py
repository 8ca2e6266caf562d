"""Filling the pages of a document that are pictures with the text that is recognised in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from assistant.errors import DocumentError
from assistant.loading.names import shown_name
from assistant.loading.texts import RECOGNIZING, SCANNED, UNREAD
from assistant.records import Document, Page
from assistant.text.blocks import parse_page

TESSERACT = "tesseract"
"""``Page.reader`` of a page whose text was recognised."""


def with_recognized(document: Document, recognize: Callable[[int], str | None]) -> Document:
    """Return ``document`` with its unread pages recognised, where there is text to recognise.

    Args:
        document: as it was read, without metadata; a title that it lacks is taken from a recognised page.
        recognize: gives the text of a page by its number, empty where it is not sure of any, ``None``
            where it cannot recognise text at all, after which it is not asked again.
    """
    pages: list[Page] = []
    asked = True
    for page in document.pages:
        found = recognize(page.number) if asked and page.reader == UNREAD else ""
        asked = asked and found is not None
        better = found and _letters(found) > _letters(page.text)
        pages.append(replace(page, text=found, reader=TESSERACT) if found and better else page)
    title = document.own_title
    if title == Path(document.source).stem:
        first = next((page for page in pages if page.text.strip()), None)
        blocks = parse_page(first.text).blocks if first else ()
        title = blocks[0].text[:150] if blocks else title
    able = RECOGNIZING if asked and any(page.reader == UNREAD for page in document.pages) else ""
    return replace(
        document, pages=tuple(pages), title=title, own_title=title, reading=document.reading + able
    )


def check_text(document: Document) -> Document:
    """Return ``document`` if any of its pages has text.

    Raises:
        DocumentError: all of them are pictures.
    """
    if not any(page.text.strip() for page in document.pages):
        raise DocumentError(f"{shown_name(document.source)}: {SCANNED}")
    return document


def _letters(text: str) -> int:
    return sum(letter.isalpha() for letter in text)
