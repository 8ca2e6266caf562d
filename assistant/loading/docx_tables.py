"""Tables of a DOCX: their rows and cells as columns count them, those of tables within them left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from assistant.loading.docx_styles import qualified
from assistant.loading.docx_text import local_name
from assistant.loading.tables import Cell


def read_rows(
    table: Any, read_cell: Callable[[Any], tuple[list[str], bool]]
) -> tuple[list[list[Cell]], int | None]:
    """Return the rows of a table, and how many of them are marked as its head, if any are.

    Args:
        table: the element (``w:tbl``).
        read_cell: gives the lines of a cell and whether all of them are bold.
    """
    rows: list[list[Cell]] = []
    head = 0
    for row in own(table, "w:tr"):
        cells: list[Cell] = []
        column = _count(row, "w:trPr/w:gridBefore")
        for entry in row.iter(qualified("w:tc")):
            if nearest(entry, "tbl") is not table:
                continue
            span = max(1, _count(entry, "w:tcPr/w:gridSpan"))
            lines, bold = read_cell(entry)
            cell = Cell(lines, column, span, bold=bold)
            merge = entry.find(qualified("w:tcPr/w:vMerge"))
            if merge is not None and merge.get(qualified("w:val")) != "restart" and rows:
                above = next((c for c in rows[-1] if c.start == column), None)
                if above is not None:
                    cell = Cell(above.lines, column, span, bold=above.bold, below=True)
            cells.append(cell)
            column += span
        if len(rows) == head and row.find(qualified("w:trPr/w:tblHeader")) is not None:
            head += 1
        rows.append(cells)
    return rows, head or None


def own(table: Any, name: str) -> Iterator[Any]:
    """Yield the elements of a name within a table that are not within another table in it."""
    return (element for element in table.iter(qualified(name)) if nearest(element, "tbl") is table)


def nearest(element: Any, name: str) -> Any:
    """Return the nearest element of a name around ``element``, or nothing."""
    above = element.getparent()
    while above is not None and local_name(above) != name:
        above = above.getparent()
    return above


def begins_page(row: Any) -> bool:
    """Whether a page begins with a row."""
    first = next(row.iter(qualified("w:lastRenderedPageBreak")), None)
    if first is None:
        return False
    for element in row.iter(qualified("w:t"), qualified("w:lastRenderedPageBreak")):
        if element is first:
            return True
        if (element.text or "").strip():
            return False
    return True


def _count(element: Any, path: str) -> int:
    found = element.find(qualified(path))
    value = found.get(qualified("w:val")) if found is not None else None
    return min(int(value), 100) if value and value.isdecimal() else 0
