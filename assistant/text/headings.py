"""Which blocks of a page are headings, guessed from their words alone where nothing else is known."""

from __future__ import annotations

import re
from collections.abc import Sequence

MAX_HEADING = 150
"""Characters."""

TERMINAL = re.compile(r"[.!?:;…][)\]”“\"’»]*\s*$")
"""How a sentence, or a line that introduces something, ends."""

_MAX_SUBHEADING = 60
_SENTENCE_END = re.compile(r"(?<![.?!])[.;,:]$")
_SECTION_NUMBER = re.compile(
    r"\d{1,2}(?:\.\d{1,2})+\.?\s|(?:kapitel|afsnit|bilag|del)\s+\w{1,3}\b", re.IGNORECASE
)
_FINITE = re.compile(r"\b(?:er|skal|vil|kan|har|bliver|må|bør|gør|var|blev)\b", re.IGNORECASE)


def guessed_levels(
    texts: Sequence[str], shapes: Sequence[tuple[str, int]], known: Sequence[int]
) -> list[int]:
    """Return the level of each block: 1 for the heading of the page, 2 for one below it, 0 for none.

    Args:
        texts: the blocks of one page.
        shapes: role ("bullet", "numbered" or "paragraph") and number of lines of each.
        known: levels that the reader knew, 0 for the rest; they stay as they are.
    """
    levels = list(known)
    if len(texts) > 1 and 1 not in levels and _is_page_heading(texts, shapes):
        levels[0] = 1
    _mark_subheadings(texts, shapes, levels)
    return levels


def _is_page_heading(texts: Sequence[str], shapes: Sequence[tuple[str, int]]) -> bool:
    (role, lines), body = shapes[0], texts[0]
    if role == "bullet" or lines > 4 or len(body) > MAX_HEADING or body[0].islower():
        return False
    if role == "numbered":
        # "1. ..." followed by "2. ..." on the same page is a list, not a heading.
        return not any(other == "numbered" for other, _ in shapes[1:]) and not _SENTENCE_END.search(body)
    return not _SENTENCE_END.search(body)


def _mark_subheadings(texts: Sequence[str], shapes: Sequence[tuple[str, int]], levels: list[int]) -> None:
    short = [
        role == "paragraph" and _could_be_subheading(t) for (role, _), t in zip(shapes, texts, strict=True)
    ]
    if levels and levels[0]:
        short[0] = False
    words: set[str] = set()
    for i in range(len(texts) - 1):
        if levels[i] or not (short[i] or _SECTION_NUMBER.match(texts[i])):
            continue
        alone = not short[i + 1] and not (i > 0 and short[i - 1] and not levels[i - 1])
        under_page_heading = i == 1 and levels[0] == 1 and alone
        above_bullets = alone and shapes[i + 1][0] == "bullet" and shapes[i][0] == "paragraph"
        numbered = bool(_SECTION_NUMBER.match(texts[i])) and _could_be_subheading(texts[i])
        own = _long_words(texts[i])
        parallel = bool(words & own) and not short[i + 1]
        if under_page_heading or above_bullets or numbered or parallel or (short[i] and texts[i].isupper()):
            levels[i] = 2
            words |= own


def _could_be_subheading(text: str) -> bool:
    return (
        len(text) <= _MAX_SUBHEADING
        and len(text.split()) <= 9
        and not text[0].islower()
        and not TERMINAL.search(text)
        and not _FINITE.search(text)
    )


def _long_words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{5,}", text.lower()))
