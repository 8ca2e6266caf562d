"""Columns of a page that no line rules: text beside text, or the columns of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from assistant.loading.glyphs import Piece
from assistant.loading.grids import cell_lines, cut
from assistant.loading.tables import Cell, Table

_GUTTER, _NARROW_GUTTER = 0.48, 0.1
"""Sizes. A strip without text that is narrower lies between words, not between columns."""

_CELL_GAP = 0.5
"""Sizes between two cells that were taken for words of one line; between words it is less."""

_ALIGNED = 3
"""Pieces that begin at the same place, for that to be the edge of a column."""


def find_columns(rows: Sequence[Sequence[Piece]]) -> tuple[int, int, list[float]] | None:
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
    strips = _strips(held, x)
    parted = [row for row in held if len(row) > 1]
    if 1 < len(parted) < len(held) and are_set_by_rows(held, [x]):
        # A caption right above a table, or a note below it, runs across columns that its rows keep apart.
        wider = _strips(parted, x)
        while first < last and len(rows[first]) == 1 and _crosses(rows[first][0], wider):
            first += 1
        while first < last and len(rows[last]) == 1 and _crosses(rows[last][0], wider):
            last -= 1
        strips = _strips(rows[first : last + 1], x)
    return first, last, strips


def _crosses(piece: Piece, strips: Sequence[float]) -> bool:
    return any(piece.x0 < x < piece.x1 - 1 for x in strips)


def split_at_edges(rows: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """Cut pieces that run from one cell into the next, where other rows show the edge between the two."""
    split = [list(row) for row in rows]
    if not split:
        return split
    for x in _candidates(rows):
        begin = sum(abs(p.x0 - x - 2) <= 1 for row in rows for p in row[1:])
        if begin < _ALIGNED:
            continue
        for row in split:
            for i, piece in enumerate(row):
                at = _edge_within(piece, x + 2)
                if at:
                    row[i : i + 1] = cut(piece, [at])
                    break
    return split


def _edge_within(piece: Piece, x: float) -> int:
    """Return which letter of a piece begins at ``x`` behind a gap too wide for words, 0 if none does."""
    if not piece.x0 + 1 < x < piece.x1 - 1:
        return 0
    for i, left in enumerate(piece.lefts):
        if i > 1 and abs(left - x) <= 1 and piece.text[i - 1 : i] == " ":
            return i if left - piece.lefts[i - 1] >= _CELL_GAP * piece.size else 0
    return 0


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
    gutter = _gutter(rows, x)
    for i, row in enumerate([*rows, []]):
        free = bool(row) and all(p.x1 <= x + 1 - gutter * p.size or p.x0 >= x for p in row)
        if free and start is None:
            start = i
        elif not free and start is not None:
            yield start, i - 1
            start = None


def _gutter(rows: Sequence[Sequence[Piece]], x: float) -> float:
    """Return how wide the strip that ends at ``x`` has to be, in sizes.

    Where several pieces begin right behind it, and are pieces of their own although others stand close before
    them, it may be narrow: the columns of a table are often set so.
    """
    begin = sum(abs(p.x0 - x - 2) <= 1 for row in rows for p in row[1:])
    return _NARROW_GUTTER if begin >= _ALIGNED else _GUTTER


def _labels(rows: Sequence[Sequence[Piece]], x: float) -> bool:
    """Whether what stands left of ``x`` is only bullets or numbers of the text behind them."""
    left = [p for row in rows for p in row if p.x1 <= x + 1]
    right = [p for row in rows for p in row if p.x1 > x + 1]
    marks = sum(len(p.text) <= 7 and not p.text.isalpha() for p in left)
    wide = sum(len(p.text) for p in right) > 8 * max(1, len(left))
    # Numbers that stand here and there are those of a chart beside the text.
    starts, ends = {round(p.x0 / 6) for p in left}, {round(p.x1 / 6) for p in left}
    return marks >= 0.8 * len(left) and wide and min(len(starts), len(ends)) <= 4


def _trimmed(rows: Sequence[Sequence[Piece]], first: int, last: int, x: float) -> tuple[int, int]:
    """Leave rows out at either end that belong to the text above or below the columns."""
    sides = [_sides(row, x) for row in rows]
    bases = [row[0].base for row in rows]

    def gap(i: int) -> float:
        """The distance to the line above on the same side."""
        above = next((j for j in range(i - 1, -1, -1) if sides[j] & sides[i]), None)
        return bases[i] - bases[above] if above is not None else bases[i]

    leading = sorted(gap(i) for i in range(first + 1, last + 1))[(last - first) // 4] if last > first else 0.0

    def both(i: int) -> bool:
        """Whether text stands beside text, if not on the very same line."""
        beside = range(max(first, i - 2), min(last, i + 2) + 1)
        return any(sides[j] | sides[i] == 3 and abs(bases[j] - bases[i]) < 0.9 * leading for j in beside)

    sizes = sorted(p.size for row in rows[first : last + 1] for p in row)
    title = 1.3 * sizes[len(sizes) // 2]
    while first < last and not both(first):
        goes_on = first > 0 and gap(first) <= gap(first + 1) * 1.1
        if not goes_on and min(p.size for p in rows[first]) < title:
            break
        first += 1
    if last + 1 < len(rows):
        ends = max((i for i in range(first, last + 1) if both(i)), default=last)
        tail = range(ends + 1, last + 1)
        widest = max(tail, key=gap, default=None)
        if widest is not None and gap(widest) > 1.5 * leading:
            last = widest - 1
    return first, last


def _sides(row: Sequence[Piece], x: float) -> int:
    """Return 1 where text stands left of ``x``, 2 where it stands right of it, 3 for both."""
    return any(p.x0 < x for p in row) + 2 * any(p.x1 > x + 1 for p in row)


def _strips(rows: Sequence[Sequence[Piece]], x: float) -> list[float]:
    """Return every place at which all of ``rows`` are parted, ``x`` first."""
    strips = [x]
    for place in _candidates(rows):
        gutter = _gutter(rows, place)
        free = all(p.x1 <= place + 1 - gutter * p.size or p.x0 >= place for row in rows for p in row)
        apart = all(
            any(min(a, place) < (p.x0 + p.x1) / 2 < max(a, place) for row in rows for p in row)
            for a in strips
        )
        if free and apart:
            strips.append(place)
    return strips


def are_set_by_rows(rows: Sequence[Sequence[Piece]], strips: Sequence[float]) -> bool:
    """Whether the file sets these rows one after the other, as it does those of a table."""
    x = strips[0]
    ordered = sorted((p for row in rows for p in row), key=lambda p: p.order)
    sides = [p.x1 > x + 1 for p in ordered]
    changes = sum(a != b for a, b in pairwise(sides))
    both = sum(len({p.x1 > x + 1 for p in row}) == 2 for row in rows)
    return changes > max(2, 0.4 * both)


def table_break(rows: Sequence[Sequence[Piece]], x: float) -> int:
    """Return the row with which another table, or text, begins among ``rows``; 0 where there is none.

    It stands alone, and is set otherwise than the row above it or well apart from it; or it holds the names
    of other columns.
    """
    gaps = sorted(b[0].base - a[0].base for a, b in pairwise(rows))
    for i in range(1, len(rows)):
        above, row = rows[i - 1], rows[i]
        alone = len(row) == 1 and row[0].x1 <= x + 1
        larger = row[0].size > 1.1 * above[0].size
        apart = row[0].base - above[0].base > 1.4 * gaps[len(gaps) // 2]
        names = len(row) > 1 and all(p.bold for p in row) and not any(p.bold for p in above[1:])
        if (alone and (larger or (row[0].bold and apart))) or (names and apart and i > 1):
            return i
    return 0


def table_parts(rows: Sequence[Sequence[Piece]], strips: Sequence[float]) -> Iterator[list[Piece] | Table]:
    """Yield the table that ``rows`` make, parted at ``strips``, and the text right above and below it."""
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
        yield above
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
        yield [p for group in grouped for p in group]
    if below:
        yield below


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
