"""What a reader of one format gives back: texts of pages, before they become a document."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from assistant.loading.tables import Table, table_blocks
from assistant.records import Document
from assistant.text.blocks import MARK

READING = "reading-3"
"""Names this way of reading in the index; change it whenever the same file gives another text."""

RECOGNIZING = "+ocr"
"""Stands behind it where text could be recognised on the pages that are pictures."""

UNREAD = "unread"
"""``Page.reader`` of a page that is a picture of text, or of no text at all, which nothing has read."""


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of one page, what read it, and what is printed on it as its number.

    ``unread`` is true of a page that shows a picture and has no text.
    """

    text: str
    reader: str = ""
    label: str | None = None
    unread: bool = False


@dataclass(frozen=True, slots=True)
class ReadText:
    """The pages of a file, its title where the format knows it, and what its pages are called."""

    pages: tuple[PageText, ...]
    title: str = ""
    page_noun: Literal["side", "slide"] = "side"


SCANNED = "PDF-filen har ingen tekst og er formentlig scannet. Kør tekstgenkendelse (OCR) på den først."
"""What is said of a document without any text."""


def unread_pages(document: Document) -> str:
    """Return a sentence that names the pages of which nothing could be read; empty if there are none."""
    numbers = [page.number for page in document.pages if page.reader == UNREAD]
    if not numbers:
        return ""
    noun = document.page_noun if len(numbers) == 1 or document.page_noun == "slide" else "siderne"
    picture = "et billede" if len(numbers) == 1 else "billeder"
    return (
        f"{noun} {_ranges(numbers)} er {picture} uden tekst, der kan læses, og kan ikke findes i en søgning. "
        "Er der tekst på dem, så kør tekstgenkendelse (OCR) på filen, og byg indekset igen."
    )


def _ranges(numbers: list[int]) -> str:
    """Return "2, 4 og 6-18"."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    named = [str(p[0]) if len(p) == 1 else f"{p[0]}-{p[-1]}" for p in parts]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} og {named[-1]}"


class PageWriter:
    """Writes the text of a page block by block, in the form that :func:`parse_page` reads."""

    def __init__(self) -> None:
        """Begin with an empty page."""
        self._blocks: list[str] = []
        self._in_list = False

    def __len__(self) -> int:
        """Return the number of characters written."""
        return sum(map(len, self._blocks))

    def heading(self, level: int, text: str) -> None:
        """Write a heading; level 1 is the highest."""
        if text := _line(text):
            self._blocks.append(MARK * min(max(level, 1), _LEVELS) + text)
            self._in_list = False

    def paragraph(self, text: str) -> None:
        """Write a paragraph; its line breaks stay."""
        lines = [_line(line) for line in text.split("\n")]
        if any(lines):
            self._blocks.append("\n".join(line for line in lines if line))
            self._in_list = False

    def item(self, text: str, mark: str = "•") -> None:
        """Write an item of a list, behind a bullet or a number ("2.")."""
        if not (text := _line(text)):
            return
        item = f"{mark} {text}"
        if self._in_list and _ITEM.match(item):
            self._blocks[-1] += f"\n{item}"
        else:
            self._blocks.append(item)
        self._in_list = True

    def table(self, table: Table) -> None:
        """Write a table, every row a block of its own."""
        if any(cell.lines for row in table.rows for cell in row):
            for lines in table_blocks(table):
                self.paragraph("\n".join(lines))

    def text(self) -> str:
        """Return the page; all its headings are marked."""
        return "\n\n".join(self._blocks) + f"\n{MARK}" if self._blocks else ""


_LEVELS = 3
_ITEM = re.compile(r"(?:•|\d{1,2}[.)]|[a-zæøå]\)) ")


def _line(text: str) -> str:
    """Fold white space and leave out what cannot be seen or written."""
    text = unicodedata.normalize("NFC", text)
    return " ".join("".join(c for c in text if c.isspace() or ord(c) >= 32).replace("\ufffe", "").split())
