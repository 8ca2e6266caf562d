"""The text of a page cut into blocks: headings, list items, paragraphs, and the printed label.

Works on text alone, so that the same slide gives the same blocks from a text file and from a PDF.
A blank line separates blocks unless a sentence runs across it, which is how slides exported to text
break their lines.

A reader that knows which lines are headings says so in the text, by :data:`MARK` in front of them, once
for each level; a page that ends with it has all its headings and paragraphs marked, and nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from assistant.records import Span
from assistant.text.folding import clean
from assistant.text.headings import MAX_HEADING, TERMINAL, guessed_levels

MARK = "\u2029"
"""PARAGRAPH SEPARATOR: white space like the blank line that it stands in, so it shows and quotes as none."""

BULLETS = "•‣▪●○◦∙■□➢➤✓⁃∗▶►▸▹▻◆◇❖❑✔✗✘☐☑➔➜\uf0b7\uf0a7"
"""Glyphs that stand in front of the items of a list, and nowhere else."""

BlockRole = Literal["heading", "bullet", "numbered", "paragraph"]


@dataclass(frozen=True, slots=True)
class TextBlock:
    """One block of a page. ``span`` leaves out the bullet, whose place is ``glyph`` (or ``None``).

    ``level`` is 1 for the heading of the page and 2 for one below it, 0 for what is no heading.
    """

    role: BlockRole
    text: str
    span: Span
    glyph: Span | None = None
    level: int = 0


@dataclass(frozen=True, slots=True)
class PageLayout:
    """The blocks of a page in reading order, and the label printed on it, if any."""

    blocks: tuple[TextBlock, ...]
    label: str | None = None
    label_span: Span | None = None


def parse_page(text: str) -> PageLayout:
    """Cut the text of one page into blocks.

    Args:
        text: the page as the loader read it; offsets in the result are code points in it.

    Returns:
        Blocks whose spans and glyphs, together with the label, hold every visible character.
    """
    if text.endswith(MARK):
        return PageLayout(tuple(_blocks(text, _group(text, _lines(text)), guess=False)))
    label, lines = _take_label(text, _lines(text))
    blocks = tuple(_blocks(text, _join_across_blanks(text, _group(text, lines)), guess=True))
    if label is None:
        return PageLayout(blocks)
    return PageLayout(blocks, text[label.start : label.end], label)


def _blocks(text: str, drafts: list[_Draft], *, guess: bool) -> Iterator[TextBlock]:
    bodies = [clean(text[d.start : d.end]) for d in drafts]
    levels = [
        draft.level if len(body) <= MAX_HEADING else 0 for draft, body in zip(drafts, bodies, strict=True)
    ]
    if guess:
        levels = guessed_levels(bodies, [(d.role, d.lines) for d in drafts], levels)
    for draft, body, level in zip(drafts, bodies, levels, strict=True):
        role = "heading" if level else draft.role
        yield TextBlock(role, body, Span(draft.start, draft.end), draft.glyph, level)


# --- lines ----------------------------------------------------------------------------------------

_BULLET = re.compile(rf"[{BULLETS}]\s*(?=\S)|[·*–—-]\s+(?=\S)")
_MONTH = r"(?:januar|februar|marts|april|maj|juni|juli|august|september|oktober|november|december)\b"
_NUMBERED = re.compile(rf"(?:\d{{1,2}}[.)]|[a-zæøå]\))\s+(?!{_MONTH})(?=\S)")
_INLINE_BULLET = re.compile(r"(?<=\s)[•‣▪●\uf0b7]\s+(?=\S)")
_LABEL = re.compile(
    r"(?:side|slide|s\.)?\s*\d{1,3}(?:\s*(?:af|/)\s*\d{1,3})?|[-–]\s*\d{1,3}\s*[-–]", re.IGNORECASE
)


@dataclass(slots=True)
class _Line:
    start: int
    end: int
    blank_before: bool


def _lines(text: str) -> list[_Line]:
    """Non-blank lines, trimmed; a line with a bullet in its middle counts as two."""
    lines: list[_Line] = []
    position, blank = 0, True
    for raw in text.splitlines(keepends=True):
        start = position + len(raw) - len(raw.lstrip())
        end = position + len(raw.rstrip())
        position += len(raw)
        if start >= end or not clean(raw):  # a soft hyphen alone is invisible too
            blank = True
            continue
        cuts = [m.start() for m in _INLINE_BULLET.finditer(text, start + 1, end)]
        for piece, stop in zip([start, *cuts], [*cuts, end], strict=True):
            lines.append(_Line(piece, piece + len(text[piece:stop].rstrip()), blank))
            blank = False
    return lines


def _take_label(text: str, lines: list[_Line]) -> tuple[Span | None, list[_Line]]:
    """Take a page number that stands alone in the first or last line out of the lines."""
    for index in (-1, 0):
        if lines and _LABEL.fullmatch(text, lines[index].start, lines[index].end):
            line = lines.pop(index)
            if index == 0 and lines:
                lines[0].blank_before = True
            return Span(line.start, line.end), lines
    return None, lines


# --- blocks ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    role: BlockRole
    start: int
    end: int
    glyph: Span | None = None
    lines: int = 1
    level: int = 0


_ENUMERATOR = re.compile(r"(?<![\w(])(?:\d|[a-e])\)(?=\s*\w)")


_TAIL = 500
"""Characters. A bracket that was opened before that was forgotten, and shall not swallow the page."""


def _tail(text: str, draft: _Draft) -> str:
    return text[max(draft.start, draft.end - _TAIL) : draft.end]


def _open_bracket(text: str) -> bool:
    # "1) ... 2) ..." closes no bracket; a lone "7)" does ("(fx Kodeks 7)").
    if re.search(r"(?<![\w(])[1a]\)", text):
        text = _ENUMERATOR.sub("", text)
    return text.count("(") > text.count(")") or text.count("[") > text.count("]")


def _group(text: str, lines: list[_Line]) -> list[_Draft]:
    drafts: list[_Draft] = []
    for line in lines:
        last = drafts[-1] if drafts else None
        if level := _marks(text, line.start):
            drafts.append(_Draft("paragraph", line.start, line.end, level=level))
            continue
        fresh = None if last and last.level and not line.blank_before else _start(text, line, last)
        if fresh is not None:
            drafts.append(fresh)
        elif last is None or line.blank_before:
            drafts.append(_Draft("paragraph", line.start, line.end))
        else:
            last.end, last.lines = line.end, last.lines + 1
    return drafts


def _marks(text: str, start: int) -> int:
    """Return how many marks stand right before a line."""
    level = 0
    while level < start and text[start - level - 1] == MARK:
        level += 1
    return level


def _start(text: str, line: _Line, last: _Draft | None) -> _Draft | None:
    """Return the item that ``line`` starts, or ``None`` where it starts none."""
    bullet = _BULLET.match(text, line.start, line.end)
    numbered = None if bullet else _NUMBERED.match(text, line.start, line.end)
    if bullet is None and numbered is None:
        return None
    if last is not None and not line.blank_before:
        before = _tail(text, last)
        if _open_bracket(before):
            return None
        wrapped_dash = (
            bullet is not None
            and text[line.start] in "–—-"
            and text[bullet.end()].islower()
            and not TERMINAL.search(before)
            and not (last.glyph and text[last.glyph.start] == text[line.start])
        )
        if wrapped_dash:
            return None
    if bullet is not None:
        return _Draft("bullet", bullet.end(), line.end, Span(line.start, line.start + 1))
    return _Draft("numbered", line.start, line.end)


def _join_across_blanks(text: str, drafts: list[_Draft]) -> list[_Draft]:
    """Join a paragraph to the block above where the sentence plainly goes on."""
    joined: list[_Draft] = []
    for draft in drafts:
        last = joined[-1] if joined else None
        runs = last is not None and not (last.level or draft.level)
        if last is not None and runs and draft.role == "paragraph" and _goes_on(text, last, draft):
            last.end, last.lines = draft.end, last.lines + draft.lines
        else:
            joined.append(draft)
    return joined


def _goes_on(text: str, last: _Draft, draft: _Draft) -> bool:
    before = _tail(text, last)
    if _open_bracket(before):
        return True
    if TERMINAL.search(before):
        return False
    first = text[draft.start]
    return first.islower() or (first == "(" and last.role != "numbered")
