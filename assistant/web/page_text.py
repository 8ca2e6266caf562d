"""A page of a document set for reading, with the quote marked exactly where it stands."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.records import Page, Span
from assistant.text.blocks import TextBlock, parse_page
from assistant.web.markup import Html, join, tag

_ELEMENTS = {"heading": "h3", "bullet": "li", "numbered": "li", "paragraph": "p"}


def typeset(page: Page, marked: Span | None = None) -> Html:
    """Return ``page`` as headings, list items and paragraphs; nothing but white space is left out.

    ``marked`` is put in ``<mark>`` character for character, in pieces where it runs over several
    blocks.
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


def _list(items: Iterable[Html]) -> list[Html]:
    found = list(items)
    # role: a list without bullets of its own is not announced as one everywhere.
    return [tag("ul", *found, role="list")] if found else []


def _block(text: str, block: TextBlock, marked: Span | None) -> Html:
    content = _marked(text, block.span, marked)
    if block.glyph is not None:
        bullet = tag("span", text[block.glyph.start : block.glyph.end], class_="bullet", aria_hidden="true")
        return tag("li", bullet, tag("span", content), class_="with-bullet")
    return tag(_ELEMENTS[block.role], content, class_="lines" if _is_set_in_lines(block, text) else "running")


def _marked(text: str, block: Span, marked: Span | None) -> Html:
    if marked is None or marked.end <= block.start or block.end <= marked.start:
        return join(text[block.start : block.end])
    start, end = max(block.start, marked.start), min(block.end, marked.end)
    return join(text[block.start : start], tag("mark", text[start:end]), text[end : block.end])


def _is_set_in_lines(block: TextBlock, text: str) -> bool:
    """Tell verse, tables and addresses from running text that was broken at the edge of the page."""
    if block.role != "paragraph":
        return False
    lengths = [len(line) for line in text[block.span.start : block.span.end].splitlines()]
    return len(lengths) > 1 and min(lengths[:-1]) < 0.6 * max(lengths)
