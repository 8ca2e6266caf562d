"""Lines cut into blocks, one paragraph, item, note or heading each, and the text of a block."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.loading.layout import Line, Region
from assistant.text.blocks import BULLETS

_BLANK_LINE_AT = 1.35
"""A gap of this many ordinary line distances stands for a blank line."""

_SAME_SIZE = 0.15
"""Sizes that differ by a larger share belong to different paragraphs."""

LARGER = 1.1
"""A heading is set this many times larger than most text, or bold."""

_SMALLER = 0.92
"""Notes are set this many times smaller than most text, or less."""

_OPEN_LINES = 2.2
"""Line distances, in sizes, that a sentence may still run across."""

_LONGEST_CONTENTS = 800
"""Characters."""

BULLET = re.compile(rf"[{BULLETS}\uf000-\uf0ff]|[·*–—-]\s|o\s(?=[A-ZÆØÅ])")
NUMBERED = re.compile(r"(?:\d{1,2}[.)]|[a-zæøå]\))\s")
SENTENCE_END = re.compile(r"[.!?:][)\]”“\"’»]*$")
_NOTE = re.compile(r"(?:\d{1,3}|[⁰¹²³⁴-⁹]{1,3}|\*{1,3})\s?(?=[A-ZÆØÅ»”\"(]|https?:)")
LEADER = re.compile(r"\s*(?:\.{6,}|\.{3,}(?=\s*\d+\s*$)|(?:\. ){4,}\.?|…{2,}|_{5,})\s*")


@dataclass(frozen=True, slots=True)
class Look:
    """How a document is set: size of most text (points), its line distance (sizes) and its headings.

    ``styles`` are size and boldness of the headings, the highest level first.
    """

    size: float
    leading: float
    styles: tuple[tuple[float, bool], ...] = ()


def blocks_of(region: Region, look: Look) -> Iterator[list[Line]]:
    """Yield the lines of each block of a region, from top to bottom."""
    block: list[Line] = []
    for line in region.lines:
        if (
            block
            and not _is_contents(block, line)
            and (_begins_note(block, line, look) or _begins(block, line, region, look))
        ):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def block_text(block: Sequence[Line], region: Region) -> str:
    """Return the text of a block, a line each; a table of contents on one line."""
    if all(LEADER.search(line.text) for line in block):
        return "; ".join(LEADER.sub(" … ", line.text).strip() for line in block)
    text = _bulleted(block[0].text)
    for before, line in pairwise(block):
        body = _bulleted(line.text)
        if NUMBERED.match(body) and not _is_new_item(block, before, line, region):
            text += f" {body}"  # "... den 3. maj" broken before the number
        else:
            text += f"\n{body}"
    return LEADER.sub(" … ", text)


def is_note(line: Line, look: Look) -> bool:
    """Whether a line begins a note: in small type, behind its number."""
    return line.size <= _SMALLER * look.size and _NOTE.match(line.text) is not None


def is_item(line: Line) -> bool:
    """Whether a line begins with a bullet or a number."""
    return bool(BULLET.match(line.text) or NUMBERED.match(line.text))


def ends_early(line: Line, region: Region) -> bool:
    """Whether a line stops well before the right edge."""
    return line.x1 < region.right - 0.15 * (region.right - region.left)


def alike(one: Line, other: Line) -> bool:
    """Whether two lines are of a size that one paragraph may have."""
    return abs(one.size - other.size) <= _SAME_SIZE * max(one.size, other.size)


def _is_contents(block: list[Line], line: Line) -> bool:
    """Whether a line goes on a table of contents, which is one block, as long as a passage may be."""
    both = LEADER.search(block[-1].text) and LEADER.search(line.text)
    return both is not None and sum(len(entry.text) + 2 for entry in block) < _LONGEST_CONTENTS


def _begins_note(block: list[Line], line: Line, look: Look) -> bool:
    return is_note(line, look) and (is_note(block[0], look) or line.size < 0.95 * block[-1].size)


def _begins(block: list[Line], line: Line, region: Region, look: Look) -> bool:
    last = block[-1]
    # A line stands mostly above its baseline, so its own size counts for most of the distance.
    size = 0.75 * line.size + 0.25 * last.size
    gap = line.base - last.base
    if 0 < gap < _OPEN_LINES * size and _runs_on(last, line, region):
        return False
    if not alike(last, line) or gap > _BLANK_LINE_AT * look.leading * size or gap < -0.3 * size:
        return True
    smaller = abs(last.size - line.size) > 0.04 * last.size
    if smaller and len(block) == 1 and last.size > line.size and ends_early(last, region):
        return True
    if last.bold != line.bold and (block[0].bold == last.bold) and len(line.text) > 1:
        # Bold words within a paragraph may fill a line; a bold line that stops early is a heading.
        stops = last.x1 < region.right - 0.1 * (region.right - region.left)
        if (last.bold and all(b.bold for b in block) and (stops or len(block) > 1)) or (line.bold and stops):
            return True
    listed = is_item(block[0])
    if is_item(line):
        return not listed and bool(BULLET.match(line.text)) and line.size >= LARGER * look.size
    if listed and line.x0 < block[0].hang - 0.5 * line.size and not line.text[:1].islower():
        hanging = len(block) > 1 and abs(block[1].x0 - block[0].hang) < 0.5 * line.size
        return hanging or line.x0 < block[0].x0 - 1 or bool(SENTENCE_END.search(last.text))
    if bool(SENTENCE_END.search(last.text)) and line.text[:1].isupper():
        return _had_room(last, line, region) or (line.x0 > last.x0 + 0.8 * line.size > 0 and not listed)
    return False


def _runs_on(last: Line, line: Line, region: Region) -> bool:
    """Whether a line is full and its sentence not at an end, so that it goes on however wide the gap."""
    full = last.x1 > region.right - 0.12 * (region.right - region.left)
    # Small capitals are of two sizes.
    capitals = last.text.isupper() and line.text.isupper()
    same = abs(last.size - line.size) <= (0.25 if capitals else 0.04) * last.size and last.bold == line.bold
    unfinished = (
        not SENTENCE_END.search(last.text) and (line.text[:1].islower() or capitals) and not is_item(line)
    )
    return full and same and unfinished and line.x0 <= last.hang + 2


def _had_room(last: Line, line: Line, region: Region) -> bool:
    """Whether the next word would have fitted on a line, so that the line was ended on purpose."""
    word = line.text.split()[0]
    return region.right - last.x1 > max(
        (len(word) + 2) * 0.5 * line.size, 0.05 * (region.right - region.left)
    )


def _is_new_item(block: Sequence[Line], before: Line, line: Line, region: Region) -> bool:
    if is_item(block[0]):
        return abs(line.x0 - block[0].x0) < 2 * line.size or ends_early(before, region)
    return ends_early(before, region) or bool(SENTENCE_END.search(before.text))


def _bulleted(text: str) -> str:
    """Give glyphs of symbol fonts, and the letter o in their place, the form of a bullet."""
    match = BULLET.match(text)
    if match and (match[0][0] == "o" or "\uf000" <= match[0] <= "\uf0ff"):
        return f"• {text[match.end() :].lstrip()}"
    return text
