"""Running heads, footers and page numbers: what stands at the same place of page after page.

Only what lies at the very top or bottom counts, from the edge inwards up to the first line that does not
repeat; so a line that happens to stand twice in the text stays.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.loading.glyphs import Piece
from assistant.loading.grids import baselines, joined

_TOP, _BOTTOM = 0.22, 0.16
"""Shares of the page's height where running heads and footers stand."""

_SAME_PLACE = 4.0
"""Points."""

_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"(?:side|slide|page|s\.)?\s*[-–|]?\s*(\d{1,4})\s*[-–|.]?(?:\s*(?:/|af|of)\s*\d{1,4})?", re.IGNORECASE
)
_PAGE_WORD = re.compile(r"(?:\b(?:side|slide|page|pag|s|p)\.?|[-–|])\s*$", re.IGNORECASE)
_OF_PAGES = re.compile(r"#\s*(?:/|af|of)\s*#$", re.IGNORECASE)
_ROMAN = re.compile(r"(?:^|(?<=\s))(?=[ivxlc])(?:x{0,3}|xl|l|lx{0,3})(?:ix|iv|v?i{0,3})$")
"""How the pages before the first are numbered: at the end of a line, and alone on it or well behind the text."""
_NUMBERED_THING = re.compile(r"[^\W\d_]+ \d+[.:]?(?: .*)?")


@dataclass(slots=True)
class _Row:
    page: int
    pieces: list[Piece]
    text: str
    masked: str
    numbers: tuple[int, ...]
    base: float
    size: float
    top: bool
    repeats: bool = False
    label: str | None = None


def without_running(
    pages: Sequence[Sequence[Piece]], heights: Sequence[float], body: float
) -> tuple[list[list[Piece]], list[str | None]]:
    """Return the pieces of each page that do not run through the document, and the printed page numbers.

    Args:
        pages: the upright pieces of each page.
        heights: height of each page in points.
        body: size of most text in points; larger text is a title, wherever it repeats.
    """
    rows = [_rows(number, page, heights[number], body) for number, page in enumerate(pages)]
    groups: dict[tuple[str, bool], list[_Row]] = defaultdict(list)
    for own in rows:
        for row in own:
            groups[row.masked, row.top].append(row)
    for group in groups.values():
        for alike in _at_one_place(group):
            _mark(alike, len(pages))
    kept: list[list[Piece]] = []
    labels: list[str | None] = []
    for number, page in enumerate(pages):
        gone: set[int] = set()
        label = None
        for inwards in (
            sorted((r for r in rows[number] if r.top), key=lambda r: r.base),
            sorted((r for r in rows[number] if not r.top), key=lambda r: -r.base),
        ):
            for row in inwards:
                if not row.repeats:
                    break
                gone.update(id(p) for p in row.pieces)
                label = label or row.label
        kept.append([p for p in page if id(p) not in gone])
        labels.append(label)
    return kept, labels


def _rows(page: int, pieces: Sequence[Piece], height: float, body: float) -> list[_Row]:
    rows = []
    for line in baselines(pieces):
        base = line[0].base
        top = base < _TOP * height
        if not top and base < (1 - _BOTTOM) * height:
            continue
        text = re.sub(r"\s+", " ", joined(line))
        size = max(p.size for p in line)
        numbers = tuple(int(n[:9]) for n in _NUMBER.findall(text))
        masked = _NUMBER.sub("#", text)
        roman = _ROMAN.search(text)
        if roman:
            numbers, masked = (*numbers, _value(roman[0])), _ROMAN.sub("#", masked)
        if _NUMBERED_THING.fullmatch(text) and not _PAGE_NUMBER.fullmatch(text):
            masked = text  # "Bilag 3" names what is on the page
        if size > 1.25 * body and len(text) > 6:
            masked = f"{masked} (title {page})"  # alone of its kind
        rows.append(_Row(page, list(line), text, masked, numbers, base, size, top))
    return rows


def _at_one_place(group: list[_Row]) -> list[list[_Row]]:
    places: list[list[_Row]] = []
    for row in sorted(group, key=lambda r: r.base):
        if places and row.base - places[-1][-1].base <= _SAME_PLACE:
            places[-1].append(row)
        else:
            places.append([row])
    return places


def _mark(rows: list[_Row], pages: int) -> None:
    """Mark rows that repeat on enough pages with numbers that stay or count along with the pages."""
    rows.sort(key=lambda r: r.page)
    if len({r.page for r in rows}) < len(rows):
        return
    needed = 3 if pages > 2 else 2
    placed = _page_places(rows[0].masked)
    counting = [i in placed and _counts(rows, i) for i in range(len(rows[0].numbers))]
    letters = any(c.isalpha() for c in rows[0].masked)
    if pages <= 2 and not any(c for c in counting):
        return
    same: dict[tuple[int, ...], list[_Row]] = defaultdict(list)
    for row in rows:
        # The numbers that do not count along have to be the same.
        fixed = tuple(n for n, c in zip(row.numbers, counting, strict=True) if not c)
        offset = tuple(n - row.page for n, c in zip(row.numbers, counting, strict=True) if c)
        same[(*fixed, -1, *offset)].append(row)
    for alike in same.values():
        close = len(alike) >= needed and (alike[-1].page - alike[0].page) <= 3 * len(alike)
        if not close or not (letters or any(counting) or not alike[0].numbers):
            continue
        for row in alike:
            row.repeats = True
            match = _PAGE_NUMBER.fullmatch(row.text)
            if match:
                row.label = match[1]
            elif any(counting):
                roman = _ROMAN.search(row.text)
                row.label = roman[0] if roman else str(row.numbers[counting.index(True)])


def _page_places(masked: str) -> set[int]:
    """Return which numbers of a line stand where a page number does: at an end, or behind "side"."""
    places = {
        i for i, match in enumerate(re.finditer("#", masked)) if _PAGE_WORD.search(masked, 0, match.start())
    }
    if masked.startswith("#"):
        places.add(0)
    if _OF_PAGES.search(masked):
        places.add(masked.count("#") - 2)
    if masked.endswith("#"):
        places.add(masked.count("#") - 1)
    return places


def _value(roman: str) -> int:
    """Return the value of a Roman number."""
    digits = [{"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}[letter] for letter in roman]
    return sum(-a if a < b else a for a, b in pairwise([*digits, 0]))


def _counts(rows: Sequence[_Row], index: int) -> bool:
    """Whether the number at ``index`` follows the pages on most of ``rows``."""
    offsets = [row.numbers[index] - row.page for row in rows]
    common = max(offsets.count(o) for o in set(offsets))
    values = {row.numbers[index] for row in rows}
    return len(values) > 1 and common >= 0.6 * len(rows)
