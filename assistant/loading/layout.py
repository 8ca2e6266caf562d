"""The order in which a person reads a page: columns, tables and lines, from pieces of text and where they stand.

A page is cut where a strip without text parts it into columns. Whether two such columns are text beside
text or the columns of a table is told by the order in which the file sets them: text runs down one
column before the next begins, and a table is set row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.loading.glyphs import PageGlyphs, Piece
from assistant.loading.grids import (
    Grid,
    baselines,
    cell_lines,
    joined,
    ruled_grids,
    ruled_table,
    split_at_columns,
)
from assistant.loading.tables import Cell, Table

_GUTTER = 0.8
"""Sizes. A strip without text that is narrower lies between words, not between columns."""

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
    pieces = [*pieces, *_drawn_bullets(page, pieces)]
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
    rows = baselines(pieces)
    found = _columns(rows) if depth < _DEPTH else None
    if found is None:
        yield _region(pieces)
        return
    first, last, strips = found
    upper, middle, lower = rows[:first], rows[first : last + 1], rows[last + 1 :]
    if upper:
        yield from _cut([p for row in upper for p in row], depth + 1)
    held = [p for row in middle for p in row]
    if _set_by_rows(middle, strips):
        yield from _unruled(middle, strips)
    else:
        x = strips[0]
        yield from _cut([p for p in held if p.x1 <= x + 1], depth + 1)
        yield from _cut([p for p in held if p.x1 > x + 1], depth + 1)
    if lower:
        yield from _cut([p for row in lower for p in row], depth + 1)


def _region(pieces: Sequence[Piece]) -> Region:
    lines = lines_of(pieces)
    return Region(lines, min(p.x0 for p in pieces), max(p.x1 for p in pieces))


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


# --- columns --------------------------------------------------------------------------------------


def _columns(rows: Sequence[Sequence[Piece]]) -> tuple[int, int, list[float]] | None:
    """Return the rows that stand in columns and the right edges of all columns but the last.

    Of all strips without text, the one that parts most rows.
    """
    best: tuple[int, int, int, float] | None = None
    for x in _candidates(rows):
        for first, last in _free_runs(rows, x):
            held = rows[first : last + 1]
            left = sum(any(p.x1 <= x + 1 for p in row) for row in held)
            right = sum(any(p.x1 > x + 1 for p in row) for row in held)
            both = sum(any(p.x1 <= x + 1 for p in row) and any(p.x1 > x + 1 for p in row) for row in held)
            if min(left, right) < 2 or (both < 2 and min(left, right) < 3):
                continue
            if _labels(held, x):
                continue
            score = min(left, right) + both
            if best is None or score > best[0]:
                best = (score, first, last, x)
    if best is None:
        return None
    _, first, last, x = best
    first, last = _trimmed(rows, first, last, x)
    held = rows[first : last + 1]
    return first, last, _strips(held, x)


def _candidates(rows: Sequence[Sequence[Piece]]) -> list[float]:
    """Left edges of what stands to the right of something else, or to the right of the page's left edge."""
    edges = sorted(p.x0 for row in rows for p in row)
    left = edges[0]
    places: list[float] = []
    for edge in edges:
        if edge - left > 20 and (not places or edge - places[-1] > 4):
            places.append(edge)
    if len(places) > 80:  # a drawing
        return []
    return [place - 2 for place in places]


def _free_runs(rows: Sequence[Sequence[Piece]], x: float) -> Iterator[tuple[int, int]]:
    """Yield the longest runs of rows in which no piece stands in the strip that ends at ``x``."""
    start: int | None = None
    for i, row in enumerate([*rows, []]):
        free = bool(row) and all(p.x1 <= x + 1 - _GUTTER * p.size * 0.6 or p.x0 >= x for p in row)
        if free and start is None:
            start = i
        elif not free and start is not None:
            yield start, i - 1
            start = None


def _labels(rows: Sequence[Sequence[Piece]], x: float) -> bool:
    """Whether what stands left of ``x`` is only bullets or numbers of the text behind them."""
    left = [p.text for row in rows for p in row if p.x1 <= x + 1]
    right = [p for row in rows for p in row if p.x1 > x + 1]
    marks = sum(len(text) <= 7 and not text.isalpha() for text in left)
    wide = sum(len(p.text) for p in right) > 8 * max(1, len(left))
    return marks >= 0.8 * len(left) and wide


def _trimmed(rows: Sequence[Sequence[Piece]], first: int, last: int, x: float) -> tuple[int, int]:
    """Leave rows out at either end that belong to the text above or below the columns."""

    def both(i: int) -> bool:
        return any(p.x1 <= x + 1 for p in rows[i]) and any(p.x1 > x + 1 for p in rows[i])

    def gap(i: int) -> float:
        return rows[i][0].base - rows[i - 1][0].base

    while first < last and not both(first) and first > 0 and gap(first) <= gap(first + 1) * 1.1:
        first += 1
    if last + 1 < len(rows):
        ends = max((i for i in range(first, last + 1) if both(i)), default=last)
        tail = range(ends + 1, last + 1)
        widest = max(tail, key=gap, default=None)
        if widest is not None and gap(widest) > 1.5 * min(gap(i) for i in range(first + 1, last + 1)):
            last = widest - 1
    return first, last


def _strips(rows: Sequence[Sequence[Piece]], x: float) -> list[float]:
    """Return every place at which all of ``rows`` are parted, ``x`` first."""
    strips = [x]
    for place in _candidates(rows):
        free = all(p.x1 <= place + 1 - _GUTTER * p.size * 0.6 or p.x0 >= place for row in rows for p in row)
        apart = all(
            any(min(a, place) < (p.x0 + p.x1) / 2 < max(a, place) for row in rows for p in row)
            for a in strips
        )
        if free and apart:
            strips.append(place)
    return strips


def _set_by_rows(rows: Sequence[Sequence[Piece]], strips: Sequence[float]) -> bool:
    """Whether the file sets these rows one after the other, as it does those of a table."""
    x = strips[0]
    ordered = sorted((p for row in rows for p in row), key=lambda p: p.order)
    sides = [p.x1 > x + 1 for p in ordered]
    changes = sum(a != b for a, b in pairwise(sides))
    both = sum(len({p.x1 > x + 1 for p in row}) == 2 for row in rows)
    return changes > max(2, 0.4 * both)


# --- tables without ruled lines -------------------------------------------------------------------


def _unruled(rows: Sequence[Sequence[Piece]], strips: Sequence[float]) -> Iterator[Region | Table]:
    edges = sorted(strips)

    def column(piece: Piece) -> int:
        return sum(piece.x1 > edge + 1 for edge in edges)

    pieces = [p for row in rows for p in row]
    grouped = _rows_as_set(pieces, column)
    # Text that merely stands above or below the first column is no row.
    above: list[Piece] = []
    below: list[Piece] = []
    while len(grouped) > 1 and not any(map(column, grouped[0])):
        above.extend(grouped.pop(0))
    while len(grouped) > 1 and not any(map(column, grouped[-1])):
        below[:0] = grouped.pop()
    if above:
        yield _region(above)
    cells: list[list[Cell]] = []
    for group in grouped:
        cells.append([])
        for index in range(len(edges) + 1):
            own = [p for p in group if column(p) == index]
            cells[-1].append(Cell(cell_lines(own), index, bold=bool(own) and all(p.bold for p in own)))
    table = Table(cells, len(edges) + 1, tuple(edges))
    if len(cells) >= 2 and any(c.isalpha() for row in rows for p in row for c in p.text):
        yield table
    else:
        yield _region([p for group in grouped for p in group])
    if below:
        yield _region(below)


def _rows_as_set(pieces: Sequence[Piece], column: Callable[[Piece], int]) -> list[list[Piece]]:
    """Group pieces into the rows of a table: one begins where the file goes back to an earlier column."""
    rows: list[list[Piece]] = []
    last: Piece | None = None
    for piece in sorted(pieces, key=lambda p: p.order):
        back = last is not None and column(piece) < column(last)
        apart = (
            last is not None and column(piece) == column(last) and piece.base - last.base > 1.8 * piece.size
        )
        if last is None or back or apart:
            rows.append([])
        rows[-1].append(piece)
        last = piece
    merged: list[list[Piece]] = []
    for row in rows:
        # A file that is set line by line goes back for the second line of a cell too.
        goes_on = merged and not any(column(p) == 0 for p in row)
        near = merged and min(p.base for p in row) - max(p.base for p in merged[-1]) < 1.6 * row[0].size
        if goes_on and near:
            merged[-1].extend(row)
        else:
            merged.append(row)
    return merged
