"""Lines as they are printed turned into the text of a page: blank lines between blocks, headings marked."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from assistant.loading.headlines import CAPTION, heading_level, heading_style, is_heading
from assistant.loading.layout import Line, Region
from assistant.loading.paragraphs import (
    BULLET,
    LARGER,
    NUMBERED,
    SENTENCE_END,
    Look,
    alike,
    block_text,
    blocks_of,
    is_item,
    is_note,
)
from assistant.loading.tables import Table, table_blocks
from assistant.text.blocks import MARK
from assistant.text.headings import MAX_HEADING

_SMALLEST_LEADING = 0.8
_LARGEST_LEADING = 1.6
"""Distances between lines of one paragraph, in font sizes; 1.6 is more than one and a half lines."""

_LONGEST_LABEL, _LONGEST_NUMBERS = 40, 200
"""Characters of what may stand in a chart."""

_REGIONS_BACK = 3
"""So many parts of a page back may a sentence have begun."""

_WORDS = re.compile(r"(?!(?:mio|mia|pct|kr|kWh|ton|stk)\b)[^\W\d_]{3,}")


def measured(pages: Sequence[Sequence[Region | Table]]) -> Look:
    """Return how most of a document is set."""
    regions = [part for page in pages for part in page if isinstance(part, Region)]
    size = body_size((line.size, len(line.text)) for region in regions for line in region.lines)
    leading = _ordinary_leading(regions)
    plain = Look(size, leading)
    seen: dict[tuple[float, bool], list[int]] = defaultdict(list)
    for number, page in enumerate(pages):
        for region in page:
            if isinstance(region, Region):
                for block in blocks_of(region, plain):
                    if is_heading(block, plain, region):
                        seen[heading_style(block)].append(number)
    # What is set larger than anything else and only once, or only on a cover, is the title: no level of its own.
    styles = sorted(seen, key=lambda style: (-style[0], not style[1]))
    while len(styles) > 1 and (len(seen[styles[0]]) == 1 or (len(pages) > 2 and not any(seen[styles[0]]))):
        styles = styles[1:]
    return Look(size, leading, tuple(styles))


def body_size(sizes: Iterable[tuple[float, int]]) -> float:
    """Return the size that most characters have, of pairs of size and number of characters."""
    count: Counter[float] = Counter()
    for size, characters in sizes:
        count[round(size * 2) / 2] += characters
    return max(count, key=lambda size: (count[size], size)) if count else 10.0


def page_text(parts: Sequence[Region | Table], look: Look, *, complete: bool) -> str:
    """Return the text of a page.

    Args:
        parts: what stands on it, in reading order.
        look: how the document is set.
        complete: all headings are marked; else those that are not are left to be guessed.
    """
    blocks: list[str] = []
    notes: list[str] = []
    open_ends: list[tuple[int, Line]] = []  # the last blocks of the regions so far, the latest first
    for part in parts:
        if isinstance(part, Table):
            blocks.extend("\n".join(lines) for lines in table_blocks(part))
            open_ends = []
            continue
        end: tuple[int, Line] | None = None
        for block in blocks_of(part, look):
            text = block_text(block, part)
            if is_note(block[0], look):
                notes.append(text)  # below the page, so that no sentence is broken by them
                continue
            if is_heading(block, look, part):
                blocks.append(MARK * heading_level(block, look, text) + text)
                end, open_ends = None, []
                continue
            # A sentence may go on in the next column, or below a box that stood beside it.
            above = _continued(open_ends, block[0]) if block[0] is part.lines[0] else None
            if above:
                blocks[above[0]] += "\n" + text
                end = (above[0], block[-1])
            else:
                blocks.append(text)
                end = (len(blocks) - 1, block[-1])
        if end is not None:
            open_ends = [end, *open_ends][:_REGIONS_BACK]
    blocks = [*_without_scraps(blocks), *notes]
    if not complete and len(blocks) == 1:
        blocks = [blocks[0].lstrip(MARK)]
    text = "\n\n".join(blocks)
    return f"{text}\n{MARK}" if complete else text


def largest(parts: Sequence[Region | Table], look: Look) -> str:
    """Return the text in the largest type of a page, which is its title, or nothing."""
    best, title = look.size * LARGER, ""
    for part in parts:
        if isinstance(part, Region):
            for block in blocks_of(part, look):
                text = block_text(block, part)
                if block[0].size > best and sum(c.isalpha() for c in text) > 3 and len(text) <= MAX_HEADING:
                    best, title = block[0].size, text
    return title


def _continued(ends: Sequence[tuple[int, Line]], line: Line) -> tuple[int, Line] | None:
    """Return the end that a sentence goes on from, of ``ends`` the latest first; rather one that it stands under."""

    def goes_on(last: Line) -> bool:
        unfinished = not SENTENCE_END.search(last.text) and not is_item(line)
        return unfinished and abs(last.size - line.size) < 0.06 * line.size and line.text[:1].islower()

    found = [end for end in ends if goes_on(end[1])]
    under = (end for end in found if abs(end[1].x0 - line.x0) < 2 and end[1].base < line.base)
    return next(under, found[0] if found else None)


def _without_scraps(blocks: Sequence[str]) -> list[str]:
    """Put the numbers and labels of a chart, which stand alone one after the other, in one block."""
    kept: list[str] = []
    run: list[str] = []
    for block in [*blocks, MARK]:
        if _is_scrap(block):
            run.append(block)
            continue
        kept.extend([" ".join(run)] if sum(map(_is_bare, run)) >= max(1, len(run) / 4) else run)
        run = []
        kept.append(block)
    return kept[:-1]


def _is_scrap(block: str) -> bool:
    """Whether a block could be a label: a few words or numbers, and no sentence, heading or item."""
    return (
        MARK not in block
        and len(block) <= (_LONGEST_NUMBERS if _is_bare(block) else _LONGEST_LABEL)
        and not (
            SENTENCE_END.search(block) or BULLET.match(block) or NUMBERED.match(block) or CAPTION.match(block)
        )
    )


def _is_bare(block: str) -> bool:
    """Whether a block has nothing but numbers and their units."""
    return any(c.isdigit() for c in block) and not _WORDS.search(block)


def _ordinary_leading(regions: Sequence[Region]) -> float:
    """The distance between lines of one paragraph, in font sizes.

    Taken over the whole document, because a slide may have no paragraph of two lines; the lowest tenth,
    because on slides most lines stand apart.
    """
    leadings = sorted(
        (below.base - above.base) / below.size
        for region in regions
        for above, below in pairwise(region.lines)
        if alike(above, below) and _SMALLEST_LEADING * below.size <= below.base - above.base
    )
    return min(leadings[len(leadings) // 10], _LARGEST_LEADING) if leadings else _LARGEST_LEADING
