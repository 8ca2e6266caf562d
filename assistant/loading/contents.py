"""A table of contents: lines that end with the number of a page, behind dots or at the right edge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.loading.glyphs import Piece
from assistant.loading.grids import joined

LEADER = "……"
"""What stands between an entry and its page, however it is printed."""

_NUMBER = r"(?:\d{1,4}|[ivxlc]{1,7})"
_DOTTED = re.compile(rf"(.*?[^\s.…_·])\s*(?:(?:[.·…_]\s?){{4,}}|…)\s*({_NUMBER})")
_ALONE = re.compile(_NUMBER)
_TITLE = re.compile(r"(?:indhold\w*|contents|table of contents|oversigt over .*)\W*", re.IGNORECASE)
_GAP = 1.5
"""Sizes between an entry and its number where nothing else is between them."""

_LEAST_DOTTED, _LEAST_PLAIN = 3, 4
"""Entries that make a table of contents, with dots and, under a title that says so, without."""

_LONGEST = 160
"""Characters of an entry on one line."""


@dataclass(frozen=True, slots=True)
class Contents:
    """Rows ``first`` to ``last`` of a page, and what each entry among them says."""

    first: int
    last: int
    entries: tuple[tuple[int, str], ...]
    """The row where it ends, and its text."""


def find_contents(rows: Sequence[Sequence[Piece]]) -> Contents | None:
    """Return the first table of contents among the lines of a page, if any."""
    found = [_entry(row) for row in rows]
    titled = False
    start = 0
    while start < len(rows):
        if found[start] is None:
            titled = titled or _TITLE.fullmatch(joined(rows[start]).strip()) is not None
            start += 1
            continue
        last = start
        for i in range(start + 1, len(rows)):
            if found[i] is not None:
                last = i
            elif i - last > 1 or not _wraps(rows, i):
                break
        contents = _contents(rows, found, start, last, titled)
        if contents is not None:
            return contents
        start = last + 1
    return None


# --- helpers --------------------------------------------------------------------------------------


def _entry(row: Sequence[Piece]) -> tuple[str, str, bool] | None:
    """Return the words of an entry, its page and whether dots lead to it."""
    text = joined(row)
    dotted = _DOTTED.fullmatch(text.strip())
    if dotted:
        return dotted[1], dotted[2], True
    number = row[-1].text.strip()
    if 2 <= len(row) <= 3 and _ALONE.fullmatch(number) and row[-1].x0 - row[-2].x1 > _GAP * row[-1].size:
        words = joined(row[:-1])
        if len(words) <= _LONGEST and any(c.isalpha() for c in words):
            return words, number, False
    return None


def _wraps(rows: Sequence[Sequence[Piece]], i: int) -> bool:
    """Whether row ``i`` is the first line of an entry that goes on below."""
    return len(rows[i]) <= 2 and len(joined(rows[i])) <= _LONGEST and i + 1 < len(rows)


def _contents(
    rows: Sequence[Sequence[Piece]],
    found: Sequence[tuple[str, str, bool] | None],
    first: int,
    last: int,
    titled: bool,
) -> Contents | None:
    entries = [entry for entry in found[first : last + 1] if entry is not None]
    dotted = sum(entry[2] for entry in entries)
    if dotted < _LEAST_DOTTED and not (titled and len(entries) >= _LEAST_PLAIN and _rises(entries)):
        return None
    texts: list[tuple[int, str]] = []
    open_words = ""
    for i in range(first, last + 1):
        entry = found[i]
        if entry is None:
            open_words = f"{open_words} {joined(rows[i])}".strip()
            continue
        texts.append((i, f"{open_words} {entry[0]}".strip() + f" {LEADER} {entry[1]}"))
        open_words = ""
    return Contents(first, last, tuple(texts))


def _rises(entries: Sequence[tuple[str, str, bool]]) -> bool:
    pages = [int(number) for _, number, _ in entries if number.isdigit()]
    return all(a <= b for a, b in pairwise(pages))
