"""Lines as they are printed turned into the text of a page: blank lines between blocks, headings marked."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.loading.layout import Line, Region
from assistant.loading.tables import Table, table_blocks
from assistant.text.blocks import BULLETS, MARK
from assistant.text.headings import MAX_HEADING

_BLANK_LINE_AT = 1.35
"""A gap of this many ordinary line distances stands for a blank line."""

_SMALLEST_LEADING = 0.8
_LARGEST_LEADING = 1.6
"""Distances between lines of one paragraph, in font sizes; 1.6 is more than one and a half lines."""

_SAME_SIZE = 0.15
"""Sizes that differ by a larger share belong to different paragraphs."""

_LARGER = 1.1
"""A heading is set this many times larger than most text, or bold."""

_SMALLER = 0.92
"""Notes are set this many times smaller than most text, or less."""

_OPEN_LINES = 2.2
"""Line distances, in sizes, that a sentence may still run across."""

_LONGEST_CONTENTS = 800
"""Characters."""

_LONGEST_LABEL, _LONGEST_NUMBERS = 40, 200
"""Characters of what may stand in a chart."""

_REGIONS_BACK = 3
"""So many parts of a page back may a sentence have begun."""

_LEVELS = 3


@dataclass(frozen=True, slots=True)
class Look:
    """How a document is set: size of most text (points), its line distance (sizes) and its headings.

    ``styles`` are size and boldness of the headings, the highest level first.
    """

    size: float
    leading: float
    styles: tuple[tuple[float, bool], ...] = ()


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
                for block in _blocks(region, plain):
                    if _is_heading(block, plain, region):
                        seen[_style(block)].append(number)
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
        for block in _blocks(part, look):
            text = _text(block, part)
            if _is_note(block[0], look):
                notes.append(text)  # below the page, so that no sentence is broken by them
                continue
            if _is_heading(block, look, part):
                blocks.append(MARK * _level(block, look, text) + text)
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
            _ENDS.search(block) or _BULLET.match(block) or _NUMBERED.match(block) or _CAPTION.match(block)
        )
    )


def _is_bare(block: str) -> bool:
    """Whether a block has nothing but numbers and their units."""
    return any(c.isdigit() for c in block) and not _WORDS.search(block)


def largest(parts: Sequence[Region | Table], look: Look) -> str:
    """Return the text in the largest type of a page, which is its title, or nothing."""
    best, title = look.size * _LARGER, ""
    for part in parts:
        if isinstance(part, Region):
            for block in _blocks(part, look):
                text = _text(block, part)
                if block[0].size > best and sum(c.isalpha() for c in text) > 3 and len(text) <= MAX_HEADING:
                    best, title = block[0].size, text
    return title


# --- blocks ---------------------------------------------------------------------------------------

_BULLET = re.compile(rf"[{BULLETS}\uf000-\uf0ff]|[·*–—-]\s|o\s(?=[A-ZÆØÅ])")
_NUMBERED = re.compile(r"(?:\d{1,2}[.)]|[a-zæøå]\))\s")
_WORDS = re.compile(r"(?!(?:mio|mia|pct|kr|kWh|ton|stk)\b)[^\W\d_]{3,}")
_ENDS = re.compile(r"[.!?:][)\]”“\"’»]*$")
_NOTE = re.compile(r"(?:\d{1,3}|[⁰¹²³⁴-⁹]{1,3}|\*{1,3})\s?(?=[A-ZÆØÅ»”\"(]|https?:)")
_LEADER = re.compile(r"\s*(?:\.{6,}|\.{3,}(?=\s*\d+\s*$)|(?:\. ){4,}\.?|…{2,}|_{5,})\s*")


def _blocks(region: Region, look: Look) -> Iterator[list[Line]]:
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


def _is_contents(block: list[Line], line: Line) -> bool:
    """Whether a line goes on a table of contents, which is one block, as long as a passage may be."""
    both = _LEADER.search(block[-1].text) and _LEADER.search(line.text)
    return both is not None and sum(len(entry.text) + 2 for entry in block) < _LONGEST_CONTENTS


def _begins_note(block: list[Line], line: Line, look: Look) -> bool:
    return _is_note(line, look) and (_is_note(block[0], look) or line.size < 0.95 * block[-1].size)


def _begins(block: list[Line], line: Line, region: Region, look: Look) -> bool:
    last = block[-1]
    # A line stands mostly above its baseline, so its own size counts for most of the distance.
    size = 0.75 * line.size + 0.25 * last.size
    gap = line.base - last.base
    if 0 < gap < _OPEN_LINES * size and _runs_on(last, line, region):
        return False
    if not _alike(last, line) or gap > _BLANK_LINE_AT * look.leading * size or gap < -0.3 * size:
        return True
    smaller = abs(last.size - line.size) > 0.04 * last.size
    if smaller and len(block) == 1 and last.size > line.size and _ends_early(last, region):
        return True
    if last.bold != line.bold and (block[0].bold == last.bold) and len(line.text) > 1:
        # Bold words within a paragraph may fill a line; a bold line that stops early is a heading.
        stops = last.x1 < region.right - 0.1 * (region.right - region.left)
        if (last.bold and all(b.bold for b in block) and (stops or len(block) > 1)) or (line.bold and stops):
            return True
    listed = _is_item(block[0])
    if _is_item(line):
        return not listed and bool(_BULLET.match(line.text)) and line.size >= _LARGER * look.size
    if listed and line.x0 < block[0].hang - 0.5 * line.size and not line.text[:1].islower():
        hanging = len(block) > 1 and abs(block[1].x0 - block[0].hang) < 0.5 * line.size
        return hanging or line.x0 < block[0].x0 - 1 or bool(_ENDS.search(last.text))
    if bool(_ENDS.search(last.text)) and line.text[:1].isupper():
        return _had_room(last, line, region) or (line.x0 > last.x0 + 0.8 * line.size > 0 and not listed)
    return False


def _is_note(line: Line, look: Look) -> bool:
    """Whether a line begins a note: in small type, behind its number."""
    return line.size <= _SMALLER * look.size and _NOTE.match(line.text) is not None


def _runs_on(last: Line, line: Line, region: Region) -> bool:
    """Whether a line is full and its sentence not at an end, so that it goes on however wide the gap."""
    full = last.x1 > region.right - 0.12 * (region.right - region.left)
    # Small capitals are of two sizes.
    capitals = last.text.isupper() and line.text.isupper()
    same = abs(last.size - line.size) <= (0.25 if capitals else 0.04) * last.size and last.bold == line.bold
    unfinished = not _ENDS.search(last.text) and (line.text[:1].islower() or capitals) and not _is_item(line)
    return full and same and unfinished and line.x0 <= last.hang + 2


def _had_room(last: Line, line: Line, region: Region) -> bool:
    """Whether the next word would have fitted on a line, so that the line was ended on purpose."""
    word = line.text.split()[0]
    return region.right - last.x1 > max(
        (len(word) + 2) * 0.5 * line.size, 0.05 * (region.right - region.left)
    )


def _ends_early(line: Line, region: Region) -> bool:
    return line.x1 < region.right - 0.15 * (region.right - region.left)


def _is_item(line: Line) -> bool:
    return bool(_BULLET.match(line.text) or _NUMBERED.match(line.text))


def _continued(ends: Sequence[tuple[int, Line]], line: Line) -> tuple[int, Line] | None:
    """Return the end that a sentence goes on from, of ``ends`` the latest first; rather one that it stands under."""

    def goes_on(last: Line) -> bool:
        unfinished = not _ENDS.search(last.text) and not _is_item(line)
        return unfinished and abs(last.size - line.size) < 0.06 * line.size and line.text[:1].islower()

    found = [end for end in ends if goes_on(end[1])]
    under = (end for end in found if abs(end[1].x0 - line.x0) < 2 and end[1].base < line.base)
    return next(under, found[0] if found else None)


def _text(block: Sequence[Line], region: Region) -> str:
    if all(_LEADER.search(line.text) for line in block):
        return "; ".join(_LEADER.sub(" … ", line.text).strip() for line in block)
    text = _bulleted(block[0].text)
    for before, line in pairwise(block):
        body = _bulleted(line.text)
        if _NUMBERED.match(body) and not _is_new_item(block, before, line, region):
            text += f" {body}"  # "... den 3. maj" broken before the number
        else:
            text += f"\n{body}"
    return _LEADER.sub(" … ", text)


def _is_new_item(block: Sequence[Line], before: Line, line: Line, region: Region) -> bool:
    if _is_item(block[0]):
        return abs(line.x0 - block[0].x0) < 2 * line.size or _ends_early(before, region)
    return _ends_early(before, region) or bool(_ENDS.search(before.text))


def _bulleted(text: str) -> str:
    """Give glyphs of symbol fonts, and the letter o in their place, the form of a bullet."""
    match = _BULLET.match(text)
    if match and (match[0][0] == "o" or "\uf000" <= match[0] <= "\uf0ff"):
        return f"• {text[match.end() :].lstrip()}"
    return text


# --- headings -------------------------------------------------------------------------------------

_SECTION = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+(?=[A-ZÆØÅ])")
_QUOTED = re.compile(r"[»“”\"'‘’].*[«”“\"'’].{0,40}", re.DOTALL)
"""A quotation that is set in large type, with who said it."""

_CAPTION = re.compile(r"(?:figur|tabel|billede|foto|kilde|note|diagram|boks|ill\.)\b", re.IGNORECASE)


def _is_heading(block: Sequence[Line], look: Look, region: Region) -> bool:
    text = " ".join(line.text for line in block)
    letters = sum(c.isalpha() for c in text)
    if len(text) > MAX_HEADING or len(block) > 4 or letters < 3 or letters < 0.4 * len(text):
        return False
    bold = all(line.bold for line in block)
    if (text.endswith((".", ",", ";")) or (text.endswith(":") and not bold)) and not _SECTION.match(text):
        return False
    first = block[0]
    if _BULLET.match(first.text) or _CAPTION.match(text) or _LEADER.search(text) or _QUOTED.fullmatch(text):
        return False
    least = min(line.size for line in block)
    if text[0].islower() and least < 1.3 * look.size:
        return False
    if least >= _LARGER * look.size:
        return True
    if bold and first.size >= 0.95 * look.size:
        return len(text) <= 100
    section = _SECTION.match(text)
    return bool(section and "." in section[1] and len(block) == 1 and _ends_early(block[-1], region))


def _style(block: Sequence[Line]) -> tuple[float, bool]:
    return round(block[0].size * 2) / 2, all(line.bold for line in block)


def _level(block: Sequence[Line], look: Look, text: str) -> int:
    style = _style(block)
    higher = [s for s in look.styles if (-s[0], not s[1]) < (-style[0], not style[1])]
    level = len(higher) + 1
    section = _SECTION.match(text)
    if section and "." in section[1].rstrip("."):
        level = max(2, section[1].count(".") + 1)
    return min(level, _LEVELS)


def _alike(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= _SAME_SIZE * max(one.size, other.size)


def _ordinary_leading(regions: Sequence[Region]) -> float:
    """The distance between lines of one paragraph, in font sizes.

    Taken over the whole document, because a slide may have no paragraph of two lines; the lowest tenth,
    because on slides most lines stand apart.
    """
    leadings = sorted(
        (below.base - above.base) / below.size
        for region in regions
        for above, below in pairwise(region.lines)
        if _alike(above, below) and _SMALLEST_LEADING * below.size <= below.base - above.base
    )
    return min(leadings[len(leadings) // 10], _LARGEST_LEADING) if leadings else _LARGEST_LEADING
