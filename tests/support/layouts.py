"""PDFs set as reports are: columns, running heads and tables, each piece of text where it is put."""

from __future__ import annotations

from collections.abc import Sequence

from fpdf import FPDF

from support.pdfs import font_file

LEADING = 5.0
"""Millimetres from line to line of text in 10 points."""


class Sheet:
    """A PDF that is written line by line; places are millimetres from the upper left corner."""

    def __init__(self) -> None:
        self._pdf = FPDF(format="A4")
        self._pdf.set_auto_page_break(False)
        self._pdf.add_font("Text", fname=font_file())
        self._pdf.add_font("Text", style="B", fname=font_file(bold=True))

    def page(self) -> Sheet:
        self._pdf.add_page()
        return self

    def lines(self, x: float, y: float, *lines: str, size: float = 10, bold: bool = False) -> Sheet:
        self._pdf.set_font("Text", style="B" if bold else "", size=size)
        for i, line in enumerate(lines):
            self._pdf.text(x, y + i * LEADING * size / 10, line)
        return self

    def table(self, x: float, y: float, widths: Sequence[float], rows: Sequence[Sequence[str]]) -> Sheet:
        """A ruled table with its first row in bold."""
        for i, row in enumerate(rows):
            left = x
            for width, text in zip(widths, row, strict=True):
                self._pdf.rect(left, y + 8 * i, width, 8)
                self.lines(left + 2, y + 8 * i + 5, text, bold=i == 0)
                left += width
        return self

    def raised(self, x: float, y: float, text: str, mark: str, rest: str = "") -> Sheet:
        """A line with a small raised mark behind ``text``."""
        for part, size, lift in ((text, 10.0, 0.0), (mark, 6.0, 1.2), (rest, 10.0, 0.0)):
            self.lines(x, y - lift, part, size=size)
            x += self._pdf.get_string_width(part)
        return self

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> Sheet:
        """A line."""
        self._pdf.line(x0, y0, x1, y1)
        return self

    def shade(self, x: float, y: float, width: float, height: float) -> Sheet:
        """A grey box without an outline."""
        self._pdf.set_fill_color(220)
        self._pdf.rect(x, y, width, height, style="F")
        return self

    def dot(self, x: float, y: float) -> Sheet:
        """A bullet that is drawn."""
        self._pdf.set_fill_color(0)
        self._pdf.ellipse(x, y - 0.8, 1.2, 1.2, style="F")
        return self

    def data(self) -> bytes:
        return bytes(self._pdf.output())
