"""A page of a document set for reading, with the quote marked exactly where it stands."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from assistant.records import Page, Span
from assistant.text.blocks import TextBlock, parse_page
from assistant.web.markup import Html, join, tag

RECOGNISED = "tekstgenkendt"
"""How a page is marked whose text was read from a picture of it."""

_FULL_LINE = 0.7
_ELEMENTS = {"heading": "h3", "bullet": "li", "numbered": "li", "paragraph": "p"}


def typeset(page: Page, marked: Sequence[Span] = ()) -> Html:
    """Return ``page`` as headings, list items and paragraphs; nothing but white space is left out.

    What ``marked`` spans is put in ``<mark>`` character for character, in pieces where it runs over
    several blocks.
    """
    blocks = parse_page(page.text).blocks
    parts: list[Html] = []
    items: list[Html] = []
    for block in blocks:
        element = _block(page.text, block, marked)
        if block.role in ("bullet", "numbered"):
            items.append(element)
            continue
        parts.extend(_list(items))
        items = []
        parts.append(element)
    parts.extend(_list(items))
    return join(*parts)


def is_recognised(page: Page) -> bool:
    """Whether the text of the page was read from a picture of it, and may hold misreadings."""
    return page.reader == "tesseract"


def _list(items: Iterable[Html]) -> list[Html]:
    found = list(items)
    # role: a list without bullets of its own is not announced as one everywhere.
    return [tag("ul", *found, role="list")] if found else []


def _block(text: str, block: TextBlock, marked: Sequence[Span]) -> Html:
    content = _marked(text, block.span, marked)
    if block.glyph is not None:
        bullet = tag("span", text[block.glyph.start : block.glyph.end], class_="bullet", aria_hidden="true")
        return tag("li", bullet, tag("span", content), class_="with-bullet")
    return tag(_ELEMENTS[block.role], content)


def _marked(text: str, block: Span, marked: Sequence[Span]) -> Html:
    shown = _reflowed(text[block.start : block.end])
    parts: list[str | Html] = []
    done = 0
    for span in sorted(marked, key=lambda span: span.start):
        start, end = max(span.start - block.start, done), min(span.end - block.start, len(shown))
        if start < end:
            parts += [shown[done:start], tag("mark", shown[start:end])]
            done = end
    return join(*parts, shown[done:])


def _reflowed(text: str) -> str:
    """Turn the line breaks of running text into spaces, one character for one.

    A line that stops well before the edge was meant to: it ends a heading, a verse or a line of a table.
    Blank lines within a block were none: its sentence goes on behind them.
    """
    lines = text.split("\n")
    short = _FULL_LINE * max(map(len, lines))
    shown = lines[0]
    for before, line in itertools.pairwise(lines):
        meant = before.strip() and line.strip() and len(before) < short
        shown += ("\n" if meant else " ") + line
    return shown
