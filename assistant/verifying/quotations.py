"""Quotations in a sentence, and where they stand on a page."""

from __future__ import annotations

import re
import unicodedata

from assistant.records import Span
from assistant.text.folding import comparable

_PAIRS = (("»", "«"), ("«", "»"), ("„", "”“"), ("“", "”"), ("”", "”"), ('"', '"'), ("«", "«"), ("‘", "’"))
_QUOTATION = re.compile(
    "|".join(f"{a}([^{a}{b}]+)[{b}]" if a != b else f"{a}([^{a}]+){a}" for a, b in _PAIRS)
)
_ANY_QUOTE = '["”“„‟«»″]'
_ANY_APOSTROPHE = "['’‘‚‛′]"
# Between any two letters of a word a page may break it at a line end, or hold an invisible hyphen.
_BREAK = "(?:\u00ad[ \\t]*\\n?\\s*|[-\u2010][ \\t]*\\n\\s*)?"


def quotations(text: str) -> tuple[str, ...]:
    """Return what stands between quotation marks in ``text``, in order; at least one letter or digit."""
    found = (next(group for group in match.groups() if group) for match in _QUOTATION.finditer(text))
    return tuple(quote.strip() for quote in found if any(c.isalnum() for c in quote))


def locate(quote: str, page_text: str, near: Span | None = None) -> Span | None:
    """Return where ``quote`` stands verbatim on the page, white space and quotation marks folded.

    Whole words only. Where it stands in several places, the one inside ``near`` is meant.
    """
    wanted = comparable(quote)
    if not any(c.isalnum() for c in wanted):
        return None
    spans = [Span(*found.span()) for found in re.finditer(_pattern(wanted), page_text)]
    spans = [span for span in spans if comparable(page_text[span.start : span.end]) == wanted]
    inside = (s for s in spans if near is not None and near.start <= s.start and s.end <= near.end)
    return next(inside, spans[0] if spans else None)


def _pattern(wanted: str) -> str:
    parts: list[str] = []
    for here, following in zip(wanted, [*wanted[1:], ""], strict=True):
        parts.append(_character(here))
        if here.isalnum() and following.isalnum():
            parts.append(_BREAK)
    before = r"(?<!\w)" if wanted[0].isalnum() else ""
    after = r"(?!\w)" if wanted[-1].isalnum() else ""
    return f"{before}{''.join(parts)}{after}"


def _character(character: str) -> str:
    if character == " ":
        return r"\s+"
    if character == '"':
        return _ANY_QUOTE
    if character == "'":
        return _ANY_APOSTROPHE
    if character in "-\u2010":
        return rf"{character}\s*"
    apart = unicodedata.normalize("NFD", character)
    if apart != character:
        return f"(?:{re.escape(character)}|{re.escape(apart)})"
    return re.escape(character)
