"""Which blocks of a page are headings, and of what level."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.loading.layout import Line, Region
from assistant.loading.paragraphs import BULLET, LARGER, LEADER, Look, ends_early
from assistant.text.headings import MAX_HEADING

_LEVELS = 3

_SECTION = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+(?=[A-ZÆØÅ])")
_QUOTED = re.compile(r"[»“”\"'‘’].*[«”“\"'’].{0,40}", re.DOTALL)
"""A quotation that is set in large type, with who said it."""

CAPTION = re.compile(r"(?:figur|tabel|billede|foto|kilde|note|diagram|boks|ill\.)\b", re.IGNORECASE)


def is_heading(block: Sequence[Line], look: Look, region: Region) -> bool:
    """Whether a block is a heading: larger than most text or bold, short, and no sentence, item or caption."""
    text = " ".join(line.text for line in block)
    letters = sum(c.isalpha() for c in text)
    if len(text) > MAX_HEADING or len(block) > 4 or letters < 3 or letters < 0.4 * len(text):
        return False
    bold = all(line.bold for line in block)
    if (text.endswith((".", ",", ";")) or (text.endswith(":") and not bold)) and not _SECTION.match(text):
        return False
    first = block[0]
    if BULLET.match(first.text) or CAPTION.match(text) or LEADER.search(text) or _QUOTED.fullmatch(text):
        return False
    least = min(line.size for line in block)
    if text[0].islower() and least < 1.3 * look.size:
        return False
    if least >= LARGER * look.size:
        return True
    if bold and first.size >= 0.95 * look.size:
        return len(text) <= 100
    section = _SECTION.match(text)
    return bool(section and "." in section[1] and len(block) == 1 and ends_early(block[-1], region))


def heading_style(block: Sequence[Line]) -> tuple[float, bool]:
    """Return the size of a block in points, to the nearest half, and whether it is bold."""
    return round(block[0].size * 2) / 2, all(line.bold for line in block)


def heading_level(block: Sequence[Line], look: Look, text: str) -> int:
    """Return the level of a heading, from 1: by its number where it has one ("2.1"), else by its style."""
    style = heading_style(block)
    higher = [s for s in look.styles if (-s[0], not s[1]) < (-style[0], not style[1])]
    level = len(higher) + 1
    section = _SECTION.match(text)
    if section and "." in section[1].rstrip("."):
        level = max(2, section[1].count(".") + 1)
    return min(level, _LEVELS)
