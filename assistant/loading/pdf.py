"""PDF through pypdf, page by page, with the blank lines that the layout shows put back."""

from __future__ import annotations

import io
import logging
import statistics
from typing import Any

from assistant.errors import DocumentError

_BLANK_LINE_AT = 1.45
"""A gap of this many ordinary line distances stands for a blank line."""


def read_pdf(name: str, data: bytes) -> list[str]:
    """Return the text of each page of a PDF.

    Raises:
        DocumentError: the file is encrypted, broken, or has no text on any page (scanned).
    """
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentError(
                f"{name}: PDF-filen er beskyttet med adgangskode. Gem en kopi uden adgangskode, og prøv igen."
            )
        pages = [_page_text(page) for page in reader.pages]
    except DocumentError:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OSError,
            NotImplementedError, ImportError) as error:  # fmt: skip
        # pypdf lets errors of every kind through where a file is broken.
        raise DocumentError(
            f"{name}: PDF-filen er beskadiget og kan ikke læses. Åbn og gem den igen, eller hent en ny kopi."
        ) from error
    if not pages:
        raise DocumentError(f"{name}: PDF-filen har ingen sider.")
    if not any(text.strip() for text in pages):
        raise DocumentError(
            f"{name}: PDF-filen har ingen tekst og er formentlig scannet. Kør tekstgenkendelse (OCR) på den først."
        )
    return pages


def _page_text(page: Any) -> str:
    """Extract the page, with the y of every line, and put a blank line where the gap is large."""
    pieces: list[tuple[str, float, float]] = []

    def visit(text: str, cm: list[float], tm: list[float], _font: Any, size: float) -> None:
        if text:
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            pieces.append((text, y, abs(size * tm[3] * cm[3]) or abs(size)))

    page.extract_text(visitor_text=visit)
    lines = _lines(pieces)
    gaps = [above - below for (_, above), (_, below) in zip(lines, lines[1:], strict=False) if above > below]
    ordinary = _ordinary_gap(gaps)
    out: list[str] = []
    last_y: float | None = None
    for text, y in lines:
        if last_y is not None and ordinary and abs(last_y - y) > _BLANK_LINE_AT * ordinary:
            out.append("")
        out.append(text)
        last_y = y
    return "\n".join(out).replace("\x00", "")


def _lines(pieces: list[tuple[str, float, float]]) -> list[tuple[str, float]]:
    """Text lines with the y of their first visible character, in points."""
    lines: list[tuple[str, float]] = []
    text, y = "", None
    for chunk, chunk_y, _ in pieces:
        for index, part in enumerate(chunk.split("\n")):
            if index:
                if text.strip() and y is not None:
                    lines.append((text.rstrip(), y))
                text, y = "", None
            if part.strip() and y is None:
                y = chunk_y
            text += part
    if text.strip() and y is not None:
        lines.append((text.rstrip(), y))
    return lines


def _ordinary_gap(gaps: list[float]) -> float:
    """The distance between lines of one paragraph: the low quartile, for slides have few such lines."""
    gaps = [gap for gap in gaps if gap > 1]
    if not gaps:
        return 0.0
    return statistics.quantiles(gaps, n=4)[0] if len(gaps) > 3 else min(gaps)
