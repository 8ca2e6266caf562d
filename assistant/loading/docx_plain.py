"""The text of a DOCX that python-docx cannot open, as one that names parts it does not have.

Word opens such files. Their paragraphs and the rows of their tables are read in order, with the headings
that their styles name; notes, numbers of lists and what styles inherit are not.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from assistant.loading.docx_styles import qualified
from assistant.loading.docx_text import ParagraphText, local_name
from assistant.loading.tables import Cell, Table
from assistant.loading.texts import PageWriter

_HEADING = re.compile(r"(?:heading|overskrift)\s?(\d)|(title|titel)", re.IGNORECASE)


def plain_pages(data: bytes) -> list[str]:
    """Return the pages of the document that is in the archive, by the breaks in it; none where there is none.

    Raises:
        Exception: of any kind, where it is not to be read.
    """
    from docx.oxml import parse_xml

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in sorted(archive.namelist(), key=lambda n: n != "word/document.xml"):
            if name.endswith(".xml"):
                root = parse_xml(archive.read(name))
                if root.tag == qualified("w:document"):
                    writers = [PageWriter()]
                    _blocks(root, writers)
                    return [writer.text() for writer in writers]
    return []


def _blocks(parent: Any, writers: list[PageWriter], depth: int = 0) -> None:
    if depth > 50:
        return
    for element in parent:
        match local_name(element):
            case "p":
                _paragraph(element, writers)
            case "tbl":
                writers[-1].table(_table(element))
            case "body" | "sdt" | "sdtContent" | "ins" | "moveTo" | "customXml" | "smartTag":
                _blocks(element, writers, depth + 1)


def _paragraph(element: Any, writers: list[PageWriter]) -> None:
    text = ParagraphText()
    text.read(element)
    if text.break_at == 0 and len(writers[-1]):
        writers.append(PageWriter())
    style = element.find(qualified("w:pPr/w:pStyle"))
    named = _HEADING.match(str(style.get(qualified("w:val")))) if style is not None else None
    if named:
        writers[-1].heading(int(named[1] or 1), text.text)
    else:
        writers[-1].paragraph(text.text)
    for box in text.boxes:
        _blocks(box, writers, 40)
    if text.break_at:
        writers.append(PageWriter())


def _table(element: Any) -> Table:
    rows = []
    for row in element.findall(qualified("w:tr")):
        cells = []
        for column, entry in enumerate(row.findall(qualified("w:tc"))):
            lines: list[str] = []
            for paragraph in entry.iter(qualified("w:p")):
                text = ParagraphText()
                text.read(paragraph)
                lines.extend(line for line in text.text.split("\n") if line.strip())
            cells.append(Cell(lines, column))
        rows.append(cells)
    return Table(rows, max(map(len, rows), default=0))
