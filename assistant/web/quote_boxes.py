"""Where a quote stands on the picture of a page, from the letters that the PDF itself places there.

Two readers of one PDF agree on its letters but not on white space, hyphens and bullets, so only letters and
digits are compared. Pure functions: the process that opens the file calls them, and so do the tests.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

MARGIN = 0.08
"""Added above and below a line, in line heights, so that the mark reaches around the letters."""

_SHORTEST_PART = 8
_ENOUGH = 0.6
"""A quote of which this share of the letters was found, line by line, counts as found."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, counted to the right and down.

    On a picture in shares of its width and height, from the upper left corner.
    """

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """A quote to find: its text as it stands in the page's text, and which of its like it is, from 0."""

    text: str
    occurrence: int = 0


def letters(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of ``text``, folded, and the offset in ``text`` that each comes from."""
    folded: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        for part in unicodedata.normalize("NFKD", character).casefold():
            if part.isalnum():
                folded.append(part)
                offsets.append(offset)
    return "".join(folded), offsets


def wanted(page_text: str, start: int, end: int) -> Wanted:
    """Return ``page_text[start:end]`` as a quote to find, counted among its like on the page."""
    before, needle = letters(page_text[:start])[0], letters(page_text[start:end])[0]
    return Wanted(page_text[start:end], len(_occurrences(before + needle, needle)) - 1 if needle else 0)


def find(page_text: str, quote: Wanted) -> list[int]:
    """Return the offsets in ``page_text`` of the letters of ``quote``, in order; none if it is not there.

    Where the whole is not found in one piece (text set in columns is read in another order), the lines
    that are found stand for it, if they are most of it.
    """
    folded, offsets = letters(page_text)
    needle = letters(quote.text)[0]
    if not needle:
        return []
    whole = _occurrences(folded, needle)
    if whole:
        at = whole[min(quote.occurrence, len(whole) - 1)]
        return offsets[at : at + len(needle)]
    found: list[int] = []
    for line in quote.text.splitlines():
        part = letters(line)[0]
        at = folded.find(part) if len(part) >= _SHORTEST_PART else -1
        if at >= 0:
            found.extend(offsets[at : at + len(part)])
    return found if len(found) >= _ENOUGH * len(needle) else []


def lines(characters: Sequence[Box]) -> tuple[Box, ...]:
    """Join the boxes of characters, in reading order, into one box for each line."""
    rows: list[list[Box]] = []
    for box in characters:
        if rows and _same_line(rows[-1][-1], box):
            rows[-1].append(box)
        else:
            rows.append([box])
    return tuple(_around(row) for row in rows)


def _around(row: Sequence[Box]) -> Box:
    top, bottom = min(box.top for box in row), max(box.bottom for box in row)
    margin = MARGIN * (bottom - top)
    left, right = min(box.left for box in row), max(box.right for box in row)
    return Box(left, top - margin, right, bottom + margin)


def _same_line(one: Box, other: Box) -> bool:
    middle = (other.top + other.bottom) / 2
    return one.top <= middle <= one.bottom and other.right >= one.left


def _occurrences(text: str, part: str) -> list[int]:
    found: list[int] = []
    at = text.find(part)
    while at >= 0:
        found.append(at)
        at = text.find(part, at + 1)
    return found
