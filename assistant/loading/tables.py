"""A table as readable text: every row on its own, each value behind the name of its column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_LONG_CELL = 240
_LONG_ROW = 700
"""Characters. A cell or row that is longer is prose set in a table, and is written as such."""

_BULLET = re.compile(r"[•▪●\uf0b7\uf0a7]\s*|[–-]\s+|o\s+(?=[A-ZÆØÅ])")


_YEAR = re.compile(r"(?:[A-ZÆØÅ]{0,2} ?(?:19|20)\d\d(?:\s*[-–/]\s*(?:\d\d|(?:19|20)\d\d))?)\*?")
"""A year, or several, as columns are often called ("2025", "B 2025", "2025/26")."""


@dataclass(slots=True)
class Cell:
    """The lines of one cell, the column where it starts and how many it spans.

    ``below`` is true where it goes on from the row above.
    """

    lines: list[str]
    start: int
    span: int = 1
    bold: bool = False
    below: bool = False

    @property
    def text(self) -> str:
        """The lines as one, a word that is broken at a line end left broken."""
        text = ""
        for line in self.lines:
            text += line if not text else f"\n{line}" if text.endswith(("-", "\u2010")) else f" {line}"
        return text


@dataclass(slots=True)
class Table:
    """Rows of cells over ``columns`` columns.

    ``names`` are the columns' names where they are known from elsewhere: the page before, or a format
    that says which row they are. ``edges`` is where the columns stand, for telling that two go on in
    each other.
    """

    rows: list[list[Cell]]
    columns: int
    edges: tuple[float, ...] = ()
    names: list[str] = field(default_factory=list)
    head: int | None = None

    def heads(self) -> int:
        """Return how many rows, from the top, name the columns."""
        if self.head is None:
            self.head = _head_rows(self)
        return self.head

    def name_columns(self) -> None:
        """Set the columns' names from the rows that hold them, if any do."""
        heads = self.heads()
        if heads:
            self.names = _names(self, heads)


def table_blocks(table: Table) -> Iterator[list[str]]:
    """Yield the blocks of a table, each a list of lines: one a row, or one a cell where these are long."""
    heads = table.heads()
    table.name_columns()
    names = table.names if len(table.names) == table.columns else []
    group = ""
    rows = table.rows[heads:]
    for row in table.rows[:heads]:
        if _is_title(row, table.columns):
            yield row[0].lines
    if not rows and heads:
        yield [" | ".join(n for n in table.names if n)]
        return
    for row in rows:
        filled = [c for c in row if c.lines]
        if len(filled) == 1 and (filled[0].span == table.columns or _alone(row, filled[0], rows)):
            body = filled[0]
            if len(body.text) > 60 or any(_listed(line) for line in body.lines):
                yield _long(body, "")
            else:
                group = "" if len(rows) == 1 else body.text.rstrip(":")
                if len(rows) == 1 or row is rows[-1]:
                    yield [body.text]
            continue
        if any(_is_long(c) for c in filled) or sum(len(c.text) for c in filled) > _LONG_ROW:
            yield from _apart(filled, names)
            continue
        yield [_row(filled, names, group)]


def _row(cells: Sequence[Cell], names: Sequence[str], group: str) -> str:
    named = [(_name_of(c, names), c.text) for c in cells]
    if any(name for name, _ in named):
        text = "; ".join(f"{name}: {value}" if name else value for name, value in named)
    elif len(named) == 2 and len(named[0][1]) <= 80:
        first = named[0][1].rstrip()
        text = f"{first}{'' if first.endswith((':', '?')) else ':'} {named[1][1]}"
    else:
        text = " | ".join(value for _, value in named)
    return f"{group}: {text}" if group else text


def _apart(cells: Sequence[Cell], names: Sequence[str]) -> Iterator[list[str]]:
    """Cells that hold prose or lists, one after the other; a short first one names the row."""
    for cell in cells:
        yield _long(cell, _name_of(cell, names))


def _long(cell: Cell, name: str) -> list[str]:
    lines = [f"• {_BULLET.sub('', line, count=1)}" if _listed(line) else line for line in cell.lines]
    if not name:
        return lines
    return [f"{name}:", *lines] if _listed(cell.lines[0]) else [f"{name}: {lines[0]}", *lines[1:]]


def _is_long(cell: Cell) -> bool:
    return len(cell.text) > _LONG_CELL or sum(_listed(line) for line in cell.lines) > 0


def _listed(line: str) -> bool:
    return _BULLET.match(line) is not None and len(line) > 2


def _alone(row: Sequence[Cell], cell: Cell, rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether a lone first cell stands over the rows below it rather than lacking its neighbours."""
    return cell is row[0] and cell.bold and any(sum(1 for c in r if c.lines) > 1 for r in rows)


def _name_of(cell: Cell, names: Sequence[str]) -> str:
    found = [n for n in names[cell.start : cell.start + cell.span] if n]
    return found[0].rstrip(":") if len(found) == 1 or (found and cell.span == 1) else ""


# --- which rows name the columns ------------------------------------------------------------------


def _head_rows(table: Table) -> int:
    rows = table.rows
    if len(rows) == 1 and table.columns > 2:
        return int(all(c.bold or not c.lines for c in rows[0]))
    if table.names and not _looks_like(rows[0], table.names):
        return 0
    if len(rows) < 2 or table.columns < 2:
        return 0
    first = rows[0]
    if any(c.span > 1 for c in first) and len(rows) > 2 and _is_head(rows[1], rows[2:], table.columns):
        return 2 if not any(_is_number(c.text) for c in first) else 0
    return 1 if _is_head(first, rows[1:], table.columns) else 0


def _looks_like(row: Sequence[Cell], names: Sequence[str]) -> bool:
    return [c.text for c in row] == list(names)


def _is_head(row: Sequence[Cell], rest: Sequence[Sequence[Cell]], columns: int) -> bool:
    filled = [c for c in row if c.lines]
    if len(filled) < max(2, columns - 1) or not rest:
        return False
    if any(len(c.text) > 80 or (c.text.endswith(".") and len(c.text) > 20) for c in filled):
        return False
    if len({c.text for c in filled}) < len(filled):
        return False
    bold_below = [c.bold for r in rest for c in r if c.lines]
    if all(c.bold for c in filled):
        return not all(bold_below)
    years = [c for c in filled if _YEAR.fullmatch(c.text)]
    if any(_is_number(c.text) for c in filled if c not in years):
        return False
    if years and any(_YEAR.fullmatch(c.text) for r in rest for c in r if c.start == years[0].start):
        return False  # years that are values
    if any(c.bold for r in rest for c in r[:1] if c.lines):
        return False  # the first column names the rows
    numbers = any(_is_number(c.text) for r in rest for c in r)
    return numbers or (columns >= 3 and len(rest) >= 2)


def _is_title(row: Sequence[Cell], columns: int) -> bool:
    """Whether a row stands over all columns, and so names none of them."""
    return columns > 1 and len(row) == 1 and row[0].span == columns and bool(row[0].lines)


def _is_number(text: str) -> bool:
    digits = sum(c.isdigit() for c in text)
    return digits > 0 and digits >= sum(c.isalpha() for c in text)


def _names(table: Table, heads: int) -> list[str]:
    names = []
    for column in range(table.columns):
        parts: list[str] = []
        for row in table.rows[:heads]:
            if _is_title(row, table.columns):
                continue
            for cell in row:
                if cell.start <= column < cell.start + cell.span and cell.text not in ("", *parts):
                    parts.append(cell.text)
        names.append(" ".join(parts))
    return names
