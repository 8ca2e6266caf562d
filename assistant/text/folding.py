"""White space folded and broken words rejoined: the one form in which texts are compared."""

from __future__ import annotations

import re
import unicodedata

_SPACE = re.compile(r"\s+")
# U+2010 is the typographic hyphen; a soft hyphen is invisible wherever it stands.
_HYPHEN_AT_LINE_END = re.compile(r"(?<=(\w))([-\u2010])[ \t]*\n\s*(?!(?:og|eller|samt)\b)(?=(\w))")
_SOFT_HYPHEN = re.compile("\u00ad[ \\t]*\\n?\\s*")


def fold(text: str) -> str:
    """Return ``text`` with every run of white space as one space and none at the ends."""
    return _SPACE.sub(" ", text).strip()


def clean(text: str) -> str:
    """Return a slice of a page as it is quoted: words broken at a line end whole, white space folded.

    The hyphen stays where it belongs to the word: before "og", "eller" and "samt" ("proces- og
    dokumentationskrav"), and next to a capital or a digit ("EU-lande", "Covid-19", "18-årige").
    """
    text = _SOFT_HYPHEN.sub("", text)
    text = _HYPHEN_AT_LINE_END.sub(_rejoined, text)
    return fold(text)


def _rejoined(match: re.Match[str]) -> str:
    before, hyphen, after = match.groups()
    return "" if before.islower() and after.islower() else hyphen


_QUOTES = str.maketrans(dict.fromkeys("”“„‟«»″", '"') | dict.fromkeys("’‘‚‛′", "'"))


def comparable(text: str) -> str:
    """Return ``text`` for comparing a quotation with its source.

    Cleaned, quotation marks made equal, composed Unicode (NFC). Case and punctuation count.
    """
    return clean(unicodedata.normalize("NFC", text)).translate(_QUOTES)
