"""The order in which a person reads a page: columns, tables and lines, from pieces of text and where they stand.

A page is cut where a strip without text parts it into columns. Whether two such columns are text beside
text or the columns of a table is told by the order in which the file sets them: text runs down one
column before the next begins, and a table is set row by row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.loading.columns import are_set_by_rows, find_columns, split_at_edges, table_break, table_parts
from assistant.loading.contents import Contents, find_contents
from assistant.loading.glyphs import PageGlyphs, Piece
from assistant.loading.grids import (
    Grid,
    baselines,
    joined,
    ruled_grids,
    ruled_table,
    split_at_columns,
)
from assistant.loading.tables import Table
from assistant.text.blocks import BULLETS

_LEAST_FILLED = 0.3
"""Share of the cells of a table that hold text; the grid of a chart holds less."""

_DEPTH = 12
"""How often a page is cut in parts at most."""


@dataclass(slots=True)
class Line:
    """One line of running text."""

    text: str
    x0: float
    x1: float
    base: float
    size: float
    bold: bool
    hang: float
    """Where the text behind a bullet or number begins; ``x0`` where there is none."""


@dataclass(slots=True)
class Region:
    """Lines that are read together from top to bottom, between two edges."""

    lines: list[Line]
    left: float
    right: float


def arranged(page: PageGlyphs, pieces: Sequence[Piece]) -> list[Region | Table]:
    """Return the parts of a page in reading order.

    Args:
        page: what stands on the page.
        pieces: the upright text of it that counts.
    """
    pieces = _with_initials(_with_labels([*pieces, *_drawn_bullets(page, pieces)]))
    grids = [g for g in ruled_grids(page.rules) if any(g.holds(p) for p in pieces)]
    tables: list[tuple[Grid, Table]] = []
    for grid in grids:
        inside = [p for p in pieces if grid.holds(p)]
        table = ruled_table(grid, split_at_columns(inside, [grid]))
        if _is_table(table):
            tables.append((grid, table))
            pieces = [p for p in pieces if not grid.holds(p)]
    parts = list(_around(pieces, sorted(tables, key=lambda t: (t[0].ys[0], t[0].xs[0])), 0))
    if page.turned:
        parts.append(_region(page.turned))
    return [p for p in parts if isinstance(p, Table) or p.lines]


def _drawn_bullets(page: PageGlyphs, pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Yield a bullet for each speck that is drawn right in front of a line."""
    if len(page.dots) > 300:  # a drawing
        return
    for x, y in page.dots:
        behind = [p for p in pieces if abs(p.middle - y) < 0.35 * p.size and x - 1 < p.x0]
        first = min(behind, key=lambda p: p.x0, default=None)
        if first is not None and 2 < first.x0 - x < 3 * first.size:
            yield Piece("•", x - 2, x + 2, first.base, first.size, first.bold, first.order, [x - 2])


_LABEL = re.compile(rf"[{BULLETS}\uf000-\uf0ff–-]|o|\d{{1,2}}[.)]|[a-zæøå]\)")


def _with_labels(pieces: Sequence[Piece]) -> list[Piece]:
    """Join bullets and numbers of items with the text behind them, so that they make no column."""
    kept: list[Piece] = []
    for line in baselines(pieces):
        label: Piece | None = None
        for piece in line:
            if label is not None and piece.x0 - label.x1 < 4 * piece.size:
                kept[-1] = Piece(
                    f"{label.text} {piece.text}",
                    label.x0,
                    piece.x1,
                    piece.base,
                    piece.size,
                    piece.bold,
                    piece.order,
                    [*label.lefts[: len(label.text)], label.x1, *piece.lefts],
                )
                label = None
                continue
            kept.append(piece)
            label = piece if _LABEL.fullmatch(piece.text) else None
    return kept


_INITIAL = 1.8
"""Times the size of the lines beside it; the first letter of a chapter may reach over several."""


def _with_initials(pieces: Sequence[Piece]) -> list[Piece]:
    """Put a large letter that several lines stand beside in front of the first of them."""
    kept = list(pieces)
    for initial in [p for p in pieces if len(p.text) <= 2 and p.text[-1].isalpha() and p.text[-1].isupper()]:
        beside = [
            p
            for p in kept
            if initial.size > _INITIAL * p.size
            and initial.base - initial.size < p.base <= initial.base + 0.2 * p.size
            and -0.5 * p.size < p.x0 - initial.x1 < 1.5 * p.size
        ]
        first = min(beside, key=lambda p: p.base, default=None)
        if first is None or len(beside) < 2 or not first.text[0].isalpha():
            continue
        gap = " " if first.x0 - initial.x1 > 0.4 * first.size else ""
        lefts = [initial.x0] * len(initial.text + gap) + first.lefts
        whole = Piece(initial.text + gap + first.text, initial.x0, first.x1, first.base, first.size)
        whole.bold, whole.order, whole.lefts = first.bold, first.order, lefts
        kept[kept.index(first)] = whole
        kept.remove(initial)
    return kept


def lines_of(pieces: Sequence[Piece]) -> list[Line]:
    """Return the lines that pieces stand on, from top to bottom."""
    return [_line(line) for line in baselines(pieces)]


def _is_table(table: Table) -> bool:
    """Whether a grid holds a table: text in more than one column, and not a drawing with a few labels."""
    filled = [c for row in table.rows for c in row if c.lines]
    cells = sum(len(row) for row in table.rows)
    return len({c.start for c in filled}) > 1 and len(filled) >= 3 and len(filled) >= _LEAST_FILLED * cells


# --- parts of a page ------------------------------------------------------------------------------


def _around(
    pieces: Sequence[Piece], tables: list[tuple[Grid, Table]], depth: int
) -> Iterator[Region | Table]:
    """Yield what stands above a ruled table, the table, and what stands below or beside it."""
    if not tables:
        yield from _cut(pieces, depth)
        return
    (grid, table), rest = tables[0], tables[1:]
    above = [p for p in pieces if p.middle < grid.ys[0]]
    beside = [p for p in pieces if grid.ys[0] <= p.middle <= grid.ys[-1]]
    below = [p for p in pieces if p.middle > grid.ys[-1]]
    next_to = [t for t in rest if t[0].ys[0] < grid.ys[-1]]
    if beside or next_to:
        # Text or another table beside it: columns, each with its own tables.
        x = grid.xs[-1] if _right_of(grid, beside, next_to) else grid.xs[0]
        if not any(p.x0 < x - 1 and p.x1 > x + 1 for p in pieces):
            left = [p for p in pieces if (p.x0 + p.x1) / 2 <= x]
            right = [p for p in pieces if (p.x0 + p.x1) / 2 > x]
            own = [t for t in tables if (t[0].xs[0] + t[0].xs[-1]) / 2 <= x]
            others = [t for t in tables if (t[0].xs[0] + t[0].xs[-1]) / 2 > x]
            if depth < _DEPTH and (left or own) and (right or others):
                yield from _around(left, own, depth + 1)
                yield from _around(right, others, depth + 1)
                return
    yield from _cut(above, depth)
    yield table
    yield from _cut(beside, depth)
    yield from _around(below, rest, depth)


def _right_of(grid: Grid, beside: Sequence[Piece], tables: Sequence[tuple[Grid, Table]]) -> bool:
    if beside:
        return beside[0].x0 >= grid.xs[-1] - 1
    return tables[0][0].xs[0] >= grid.xs[-1] - 4


def _cut(pieces: Sequence[Piece], depth: int) -> Iterator[Region | Table]:
    if not pieces:
        return
    rows = split_at_edges(baselines(pieces))
    contents = find_contents(rows) if depth < _DEPTH else None
    if contents is not None:
        yield from _cut([p for row in rows[: contents.first] for p in row], depth + 1)
        yield _entries(rows, contents)
        yield from _cut([p for row in rows[contents.last + 1 :] for p in row], depth + 1)
        return
    found = find_columns(rows) if depth < _DEPTH else None
    if found is None:
        yield _region(pieces)
        return
    first, last, strips = found
    upper, middle, lower = rows[:first], rows[first : last + 1], rows[last + 1 :]
    if upper:
        yield from _cut([p for row in upper for p in row], depth + 1)
    held = [p for row in middle for p in row]
    if are_set_by_rows(middle, strips):
        at = table_break(middle, strips[0])
        if at and depth + 1 < _DEPTH:
            yield from _cut([p for row in middle[:at] for p in row], depth + 1)
            yield from _cut([p for row in [*middle[at:], *lower] for p in row], depth + 1)
            return
        for part in table_parts(middle, strips):
            yield part if isinstance(part, Table) else _region(part)
    else:
        x = strips[0]
        yield from _cut([p for p in held if p.x1 <= x + 1], depth + 1)
        yield from _cut([p for p in held if p.x1 > x + 1], depth + 1)
    if lower:
        yield from _cut([p for row in lower for p in row], depth + 1)


def _region(pieces: Sequence[Piece]) -> Region:
    lines = lines_of(pieces)
    return Region(lines, min(p.x0 for p in pieces), max(p.x1 for p in pieces))


def _entries(rows: Sequence[Sequence[Piece]], contents: Contents) -> Region:
    lines = []
    for i, text in contents.entries:
        line = _line(rows[i])
        line.text = text
        lines.append(line)
    return Region(lines, min(line.x0 for line in lines), max(line.x1 for line in lines))


def _line(pieces: Sequence[Piece]) -> Line:
    text = joined(pieces)
    main = max(pieces, key=lambda p: len(p.text))
    hang = pieces[0].x0
    if len(pieces[0].text) <= 6 and len(pieces) > 1:
        hang = pieces[1].x0
    elif " " in pieces[0].text[:5]:
        hang = pieces[0].lefts[min(pieces[0].text.index(" ") + 1, len(pieces[0].lefts) - 1)]
    letters = sum(len(p.text) for p in pieces if any(c.isalnum() for c in p.text)) or 1
    bold = sum(len(p.text) for p in pieces if p.bold and any(c.isalnum() for c in p.text)) > 0.8 * letters
    return Line(text, pieces[0].x0, pieces[-1].x1, main.base, main.size, bold, hang)
