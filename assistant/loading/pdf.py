"""PDF through pypdf, page by page, with the blank lines that the layout shows put back."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from assistant.errors import DocumentError

_BLANK_LINE_AT = 1.35
"""A gap of this many ordinary line distances stands for a blank line."""

_SMALLEST_LEADING = 0.8
_LARGEST_LEADING = 1.6
"""Distances between lines of one paragraph, in font sizes; 1.6 is more than one and a half lines."""

_SAME_SIZE = 0.15
"""Sizes that differ by a larger share belong to different paragraphs."""


def read_pdf(name: str, data: bytes) -> list[str]:
    """Return the text of each page of a PDF.

    Raises:
        DocumentError: the file is encrypted, broken, or has no text on any page (scanned).
    """
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentError(
                f"{name}: PDF-filen er beskyttet med adgangskode. Gem en kopi uden adgangskode, og prøv igen."
            )
        printed = [_page_lines(page) for page in reader.pages]
    except DocumentError:
        raise
    except DependencyError as error:
        raise DocumentError(
            f"{name}: PDF-filen er krypteret. Gem en kopi uden kryptering, og prøv igen."
        ) from error
    except Exception as error:  # pypdf lets errors of every kind through where a file is broken
        raise DocumentError(
            f"{name}: PDF-filen er beskadiget og kan ikke læses. Åbn og gem den igen, eller hent en ny kopi."
        ) from error
    if not printed:
        raise DocumentError(f"{name}: PDF-filen har ingen sider.")
    leading = _ordinary_leading(printed)
    pages = [_with_blank_lines(lines, leading) for lines in printed]
    if not any(text.strip() for text in pages):
        raise DocumentError(
            f"{name}: PDF-filen har ingen tekst og er formentlig scannet. Kør tekstgenkendelse (OCR) på den først."
        )
    return pages


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as it is printed: its text, and the baseline and size (points) of most of it."""

    text: str
    y: float
    size: float


def _page_lines(page: Any) -> list[_Line]:
    pieces: list[_Line] = []

    def visit(text: str, cm: list[float], tm: list[float], _font: Any, size: float) -> None:
        if text:
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            pieces.append(_Line(text, y, abs(size * tm[3] * cm[3]) or abs(size)))

    page.extract_text(visitor_text=visit)
    lines: list[_Line] = []
    parts: list[_Line] = []
    for piece in pieces:
        for index, text in enumerate(piece.text.split("\n")):
            if index:
                lines.extend(_joined(parts))
                parts = []
            parts.append(replace(piece, text=text))
    lines.extend(_joined(parts))
    return lines


def _joined(parts: list[_Line]) -> list[_Line]:
    """One line of its parts, or none where they are blank. A raised digit or a small bullet sets no size."""
    longest = max(parts, key=lambda part: len(part.text.strip()), default=None)
    if longest is None or not longest.text.strip():
        return []
    return [replace(longest, text="".join(part.text for part in parts).rstrip())]


def _ordinary_leading(pages: list[list[_Line]]) -> float:
    """The distance between lines of one paragraph, in font sizes.

    Taken over the whole document, because a slide may have no paragraph of two lines; the lowest tenth,
    because on slides most lines stand apart.
    """
    leadings = sorted(
        (above.y - below.y) / below.size
        for lines in pages
        for above, below in pairwise(lines)
        if _alike(above, below) and _SMALLEST_LEADING * below.size <= above.y - below.y
    )
    return min(leadings[len(leadings) // 10], _LARGEST_LEADING) if leadings else _LARGEST_LEADING


def _with_blank_lines(lines: list[_Line], leading: float) -> str:
    out: list[str] = []
    last: _Line | None = None
    for line in lines:
        if last is not None:
            # A line stands mostly above its baseline, so its own size counts for most of the distance.
            size = 0.75 * line.size + 0.25 * last.size
            if not _alike(last, line) or abs(last.y - line.y) > _BLANK_LINE_AT * leading * size:
                out.append("")
        out.append(line.text)
        last = line
    return "\n".join(out).replace("\x00", "")


def _alike(one: _Line, other: _Line) -> bool:
    return abs(one.size - other.size) <= _SAME_SIZE * max(one.size, other.size)
