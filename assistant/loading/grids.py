"""Tables of a PDF: from ruled lines, or from pieces of text that stand in columns, to cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.loading.glyphs import Piece, Rule
from assistant.loading.tables import Cell, Table

_NEAR = 3.0
"""Points within which ruled lines meet, and edges are the same."""

_MOST_RULES = 4000
"""More ruled lines than that are a drawing."""


@dataclass(slots=True)
class Grid:
    """A table as it is ruled: the edges of its columns and rows, and which borders are drawn."""

    xs: list[float]
    ys: list[float]
    across: list[Rule]
    down: list[Rule]

    def holds(self, piece: Piece) -> bool:
        """Whether the middle of a piece lies within the table."""
        x = (piece.x0 + piece.x1) / 2
        return self.xs[0] - 1 <= x <= self.xs[-1] + 1 and self.ys[0] - 1 <= piece.middle <= self.ys[-1] + 1


def ruled_grids(rules: Sequence[Rule]) -> list[Grid]:
    """Return the tables that ruled lines draw; a box of one cell is none."""
    if len(rules) > _MOST_RULES:
        return []
    across = _merged([r for r in rules if r.y0 == r.y1], horizontal=True)
    down = _merged([r for r in rules if r.x0 == r.x1], horizontal=False)
    grids = []
    for lying, standing in _connected(across, down):
        xs = _edges([*(r.x0 for r in standing), *_ends(lying, horizontal=True)])
        ys = _edges([*(r.y0 for r in lying), *_ends(standing, horizontal=False)])
        one_row = len(xs) >= 4 and len(ys) == 2 and _is_ruled(rules, xs, ys)
        if one_row or (len(xs) >= 3 and len(ys) >= 3):
            grids.append(Grid(xs, ys, lying, standing))
    grids.sort(key=lambda g: -(g.xs[-1] - g.xs[0]) * (g.ys[-1] - g.ys[0]))
    kept: list[Grid] = []
    for grid in grids:
        if not any(_within(grid, other) for other in kept):
            kept.append(grid)
    return kept


def split_at_columns(pieces: Iterable[Piece], grids: Sequence[Grid]) -> list[Piece]:
    """Cut pieces that run across the border of a column, as a number before a text does."""
    result = []
    for piece in pieces:
        grid = next((g for g in grids if g.holds(piece)), None)
        cuts = []
        if grid is not None:
            for x in grid.xs[1:-1]:
                if piece.x0 + 1 < x < piece.x1 - 1 and _drawn(grid.down, x, piece.middle):
                    cuts.append(sum(left < x - 1 for left in piece.lefts))
        result.extend(cut(piece, cuts))
    return result


def ruled_table(grid: Grid, pieces: Sequence[Piece]) -> Table:
    """Fill the cells of a grid with the pieces that stand in them."""
    rows: list[list[Cell]] = []
    above: list[Cell] = []
    for top, bottom in pairwise(grid.ys):
        middle = (top + bottom) / 2
        row: list[Cell] = []
        start = 0
        for column in range(1, len(grid.xs)):
            last = column == len(grid.xs) - 1
            if not last and not _drawn(grid.down, grid.xs[column], middle):
                continue
            left, right = grid.xs[start], grid.xs[column]
            inside = [
                p
                for p in pieces
                if top <= p.middle < bottom and left <= (p.x0 + p.x1) / 2 < right + (1 if last else 0)
            ]
            cell = Cell(cell_lines(inside), start, column - start, bold=_all_bold(inside))
            held = next((c for c in above if c.start == start and c.span == cell.span), None)
            if held is not None and not _lying(grid.across, top, (left + right) / 2):
                # No line between them: one cell over several rows, whose text may stand in any of them.
                if cell.lines and held.lines:
                    held.lines.extend(cell.lines)
                elif cell.lines:
                    held.lines[:] = cell.lines
                cell = Cell(held.lines, start, cell.span, bold=held.bold or cell.bold, below=True)
            row.append(cell)
            start = column
        rows.append(row)
        above = row
    rows = [row for row in rows if any(cell.lines for cell in row)]
    return Table(rows, len(grid.xs) - 1, tuple(grid.xs))


def cell_lines(pieces: Sequence[Piece]) -> list[str]:
    """Return the lines of a cell from top to bottom."""
    return [joined(line) for line in baselines(pieces)]


def baselines(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Group pieces that stand on one line, from top to bottom, each from left to right."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (p.base, p.x0)):
        for line in lines[-3:]:
            reach = 0.4 * max(piece.size, line[0].size)
            if abs(piece.base - _base(line)) <= reach and not any(_over(piece, p) for p in line):
                line.append(piece)
                break
        else:
            lines.append([piece])
    for line in lines:
        line.sort(key=lambda p: p.x0)
    lines.sort(key=_base)
    return lines


def joined(line: Sequence[Piece]) -> str:
    """Return the text of a line, with a space where there is room for one."""
    text = line[0].text
    for before, piece in pairwise(line):
        close = piece.x0 - before.x1 < 0.12 * max(piece.size, before.size)
        text += ("" if close else " ") + piece.text
    return text


def cut(piece: Piece, cuts: Sequence[int]) -> list[Piece]:
    """Return a piece cut before some of its letters."""
    parts = []
    edges = [0, *[c for c in cuts if 0 < c < len(piece.text)], len(piece.text)]
    for start, end in pairwise(edges):
        text = piece.text[start:end]
        left = start + len(text) - len(text.lstrip())
        if not text.strip():
            continue
        ends = start + len(text.rstrip())  # a space stands where the letter before it ends
        x1 = piece.x1 if end == len(piece.text) else min(piece.lefts[ends], piece.x1)
        parts.append(
            Piece(
                text.strip(),
                piece.lefts[left],
                x1,
                piece.base,
                piece.size,
                piece.bold,
                piece.order,
                piece.lefts[left:end],
            )
        )
    return parts


def _base(line: Sequence[Piece]) -> float:
    return max(line, key=lambda p: len(p.text)).base


def _over(one: Piece, other: Piece) -> bool:
    return min(one.x1, other.x1) - max(one.x0, other.x0) > 0.5 * min(one.x1 - one.x0, other.x1 - other.x0)


# --- ruled lines ----------------------------------------------------------------------------------


def _merged(rules: Sequence[Rule], *, horizontal: bool) -> list[Rule]:
    """Join lines that continue each other."""
    by_place: dict[int, list[tuple[float, float, float]]] = defaultdict(list)
    ordered = sorted((r.y0, r.x0, r.x1) if horizontal else (r.x0, r.y0, r.y1) for r in rules)
    group, last = -1, -1e9
    for place, start, end in ordered:
        if place - last > _NEAR / 2:
            group += 1
        by_place[group].append((start, end, place))
        last = place
    merged = []
    for lines in by_place.values():
        lines.sort()
        start, end, place = lines[0]
        for s, e, _ in lines[1:]:
            if s <= end + _NEAR:
                end = max(end, e)
            else:
                merged.append((place, start, end))
                start, end = s, e
        merged.append((place, start, end))
    return [Rule(s, p, e, p) if horizontal else Rule(p, s, p, e) for p, s, e in merged if e - s > _NEAR]


def _connected(across: list[Rule], down: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Return groups of lines that meet, as lying and standing ones."""
    group = list(range(len(across) + len(down)))

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    for i, lying in enumerate(across):
        for j, standing in enumerate(down, len(across)):
            if (
                lying.x0 - _NEAR <= standing.x0 <= lying.x1 + _NEAR
                and standing.y0 - _NEAR <= lying.y0 <= standing.y1 + _NEAR
            ):
                group[root(i)] = root(j)
    found: dict[int, tuple[list[Rule], list[Rule]]] = defaultdict(lambda: ([], []))
    for i, rule in enumerate([*across, *down]):
        found[root(i)][i >= len(across)].append(rule)
    return [(lying, standing) for lying, standing in found.values() if lying and standing]


def _edges(values: Iterable[float]) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > _NEAR:
            edges.append(value)
    return edges


def _ends(rules: Sequence[Rule], *, horizontal: bool) -> list[float]:
    """Return where two or more of these lines end together: an edge of a table that is not ruled itself.

    A table that goes on from the page before has no line at its top, and many have none at their sides.
    """
    ends: list[float] = []
    for side in (0, 1):
        places = sorted((r.x0, r.x1)[side] if horizontal else (r.y0, r.y1)[side] for r in rules)
        extreme = places[0] if side == 0 else places[-1]
        if sum(abs(place - extreme) <= _NEAR for place in places) >= 2:
            ends.append(extreme)
    return ends


def _drawn(down: Sequence[Rule], x: float, y: float) -> bool:
    return any(abs(r.x0 - x) <= _NEAR and r.y0 - 1 <= y <= r.y1 + 1 for r in down)


def _lying(across: Sequence[Rule], y: float, x: float) -> bool:
    return any(abs(r.y0 - y) <= _NEAR and r.x0 - 1 <= x <= r.x1 + 1 for r in across)


def _is_ruled(rules: Sequence[Rule], xs: Sequence[float], ys: Sequence[float]) -> bool:
    """Whether lines part the columns of a single row, and not the edges of the shade behind it."""
    lines = [r for r in rules if r.x0 == r.x1 and not r.edge]
    return any(_drawn(lines, x, (ys[0] + ys[-1]) / 2) for x in xs[1:-1])


def _within(inner: Grid, outer: Grid) -> bool:
    return (
        outer.xs[0] - _NEAR <= inner.xs[0]
        and inner.xs[-1] <= outer.xs[-1] + _NEAR
        and outer.ys[0] - _NEAR <= inner.ys[0]
        and inner.ys[-1] <= outer.ys[-1] + _NEAR
    )


def _all_bold(pieces: Sequence[Piece]) -> bool:
    return bool(pieces) and all(p.bold for p in pieces)
