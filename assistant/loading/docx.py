"""DOCX: paragraphs, lists, tables, text boxes and footnotes in the order in which they are read.

``python-docx`` opens the file; its lists of paragraphs leave out what stands in tables, content controls
and text boxes, so the elements themselves are walked.
"""

from __future__ import annotations

import io
from typing import Any

from assistant.errors import DocumentError
from assistant.loading.docx_plain import plain_pages
from assistant.loading.docx_styles import Lists, Styles, qualified
from assistant.loading.docx_tables import begins_page, nearest, own, read_rows
from assistant.loading.docx_text import ParagraphText, footnotes, local_name
from assistant.loading.tables import Cell, Table
from assistant.loading.texts import PageText, PageWriter, ReadText

_SECTION_FROM = 1500
_PAGE_FROM = 3500
"""Characters. A file without page breaks is cut before a heading after the first, anywhere after the other."""


def read_docx(name: str, data: bytes) -> ReadText:
    """Return a DOCX file by its page breaks, as Word last set them, else by its sections.

    Raises:
        DocumentError: the file is broken or has no text.
    """
    import docx

    try:
        document = docx.Document(io.BytesIO(data))
        walk = _Walk(document)
        walk.blocks(document.element.body)
        pages, title = walk.pages(), walk.title or _said_title(document)
    except Exception as error:  # what is in the archive can break the library in any way
        pages, title = _plainly(data), ""
        if not any(page.strip() for page in pages):
            raise DocumentError(
                f"{name}: Word-filen er beskadiget og kan ikke læses. Åbn og gem den igen, eller hent en ny kopi."
            ) from error
    return ReadText(tuple(PageText(page, "docx") for page in pages), title)


def _plainly(data: bytes) -> list[str]:
    """Return the pages of a file that the library does not open, none where nothing is to be read."""
    try:
        return plain_pages(data)
    except Exception:  # the first reason is the one to tell
        return []


def _said_title(document: Any) -> str:
    """Return the title that the file's properties give, unless a program made it up."""
    try:
        title = " ".join((document.core_properties.title or "").split())
    except Exception:  # the part may be missing, of another kind or no XML
        return ""
    return (
        ""
        if title.lower().startswith(("microsoft word", "word document")) or "." in title[-5:]
        else title[:150]
    )


class _Walk:
    """Goes through the body of a document and writes its pages."""

    def __init__(self, document: Any) -> None:
        self._styles = Styles(document)
        self._lists = Lists(document)
        self._notes = footnotes(document)
        self._open: list[str] = []  # footnotes of the page that is being written
        self._contents: list[str] = []
        self._writers = [PageWriter()]
        body = document.element.body
        self._rendered = any(True for _ in body.iter(qualified("w:lastRenderedPageBreak")))
        breaks = body.iter(qualified("w:br"), qualified("w:pageBreakBefore"))
        self._explicit = any(b.get(qualified("w:type")) == "page" or b.tag.endswith("Before") for b in breaks)
        self._styled = self._styles.has_headings(body)
        self.title = ""

    def pages(self) -> list[str]:
        """Return the texts of all pages."""
        self._end_contents()
        self._end_notes()
        return [writer.text() for writer in self._writers]

    def blocks(self, parent: Any, depth: int = 0) -> None:
        """Write the block elements of ``parent``."""
        if depth > 50:
            return
        for element in parent:
            match local_name(element):
                case "p":
                    self._paragraph(element, depth)
                case "tbl":
                    self._table(element, depth)
                case "sdt":
                    content = element.find(qualified("w:sdtContent"))
                    if content is not None:
                        self.blocks(content, depth + 1)
                case "ins" | "moveTo" | "customXml" | "smartTag":
                    self.blocks(element, depth + 1)

    @property
    def _page(self) -> PageWriter:
        return self._writers[-1]

    def _paragraph(self, element: Any, depth: int) -> None:
        text, broken = ParagraphText(), False
        text.read(element)
        style = self._styles.of(element)
        if style.break_before and not self._rendered:
            self._new_page()
        if text.break_at == 0:
            self._new_page()
        elif text.break_at is not None:
            broken = True  # the paragraph stays whole, on the page where it begins
        words = text.text
        level = style.level
        if level is None and not self._styled and text.bold and _like_heading(words):
            level = 2
        if words.strip() and style.contents:
            self._contents.append(" ".join(words.split()))
            words = ""
        elif words.strip():
            self._end_contents()
        if words.strip():
            number = self._lists.mark(element, style)
            if level is not None:
                self._heading(level, f"{number} {words}" if number not in ("", "•") else words)
                if style.title and not self.title:
                    self.title = " ".join(words.split())
            elif number:
                self._page.item(words, number)
            else:
                self._maybe_page(_PAGE_FROM)
                self._page.paragraph(words)
        self._open.extend(self._notes[n] for n in text.notes if n in self._notes)
        for box in text.boxes:
            self.blocks(box, depth + 1)
        if broken:
            self._new_page()

    def _end_contents(self) -> None:
        """Write the lines of a table of contents as one block: each says little by itself."""
        if self._contents:
            self._page.paragraph("; ".join(self._contents))
            self._contents = []

    def _heading(self, level: int, text: str) -> None:
        if level <= 2:
            self._maybe_page(_SECTION_FROM)
        self._page.heading(level, text)

    def _maybe_page(self, least: int) -> None:
        if not (self._rendered or self._explicit) and len(self._page) > least:
            self._new_page()

    def _new_page(self) -> None:
        # Word notes a break again where a break of the author's already began the page.
        if len(self._page) or self._contents:
            self._end_contents()
            self._end_notes()
            self._writers.append(PageWriter())

    def _end_notes(self) -> None:
        for note in dict.fromkeys(self._open):
            self._page.paragraph(note)
        self._open = []

    def _table(self, element: Any, depth: int) -> None:
        rows, head = read_rows(element, self._cell)
        columns = max((c.start + c.span for row in rows for c in row), default=0)
        if columns == 1:  # a frame around text, or a box
            for cell in own(element, "w:tc"):
                self.blocks(cell, depth + 1)
            return
        if any(begins_page(row) for row in own(element, "w:tr")):
            self._broken_table(element, rows, columns, head)
            return
        self._page.table(Table(rows, columns, head=head))

    def _broken_table(self, element: Any, rows: list[list[Cell]], columns: int, head: int | None) -> None:
        """Write a table that runs over a page break, its columns named on both pages."""
        first = Table(rows, columns, head=head)
        heads = first.heads()
        first.name_columns()
        start = heads
        for index, row in enumerate(own(element, "w:tr")):
            if index >= heads and index > 0 and begins_page(row):
                self._page.table(Table(rows[start:index], columns, names=list(first.names), head=0))
                self._new_page()
                start = index
        self._page.table(Table(rows[start:], columns, names=list(first.names), head=0))

    def _cell(self, entry: Any) -> tuple[list[str], bool]:
        lines: list[str] = []
        bold: list[bool] = []
        for child in entry.iter(qualified("w:p"), qualified("w:tbl")):
            if nearest(child, "tc") is not entry:
                continue
            if local_name(child) == "tbl":
                lines.extend(
                    ": ".join(c.text for c in row if c.lines)
                    for row in read_rows(child, self._cell)[0]
                    if any(c.lines for c in row)
                )
                continue
            text = ParagraphText()
            text.read(child)
            self._open.extend(self._notes[n] for n in text.notes if n in self._notes)
            mark = self._lists.mark(child, self._styles.of(child))
            for line in text.text.split("\n"):
                if line.strip():
                    lines.append(" ".join(f"{mark} {line}".split()) if mark else " ".join(line.split()))
                    bold.append(text.bold)
            for box in text.boxes:
                for paragraph in box.iter(qualified("w:p")):
                    inner = ParagraphText()
                    inner.read(paragraph)
                    lines.extend(line for line in [" ".join(inner.text.split())] if line)
        return lines, bool(bold) and all(bold)


def _like_heading(text: str) -> bool:
    text = text.strip()
    return (
        len(text) <= 100
        and "\n" not in text
        and not text.endswith((".", ",", ";", ":"))
        and text[:1].isupper()
    )
