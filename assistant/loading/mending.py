"""What readers of PDFs leave broken in words: ligatures, glyphs without a letter, hyphens at line ends."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)+|[^\W\d_]+")
_BROKEN = re.compile(r"[\w-]*\x00[\w\x00-]*")
_VOWELS = "aeiouyæøåAEIOUYÆØÅ"
_CANDIDATES = ("fi", "fl", "ff", "ti", "tt", "ffi", "ft")
_AT_LINE_END = re.compile(r"([^\W\d_]+)[-\u2010]\n([a-zæøå]+)")


def mended(pages: Sequence[str]) -> list[str]:
    """Return the texts of the pages of one document with their words whole.

    Ligatures become letters, decomposed letters composed ones. A glyph that is no letter (U+0000) is one
    of a ligature: the one that makes a word of the document, else the one that Danish spelling suggests.
    A word broken at a line end keeps its hyphen where the document writes it so elsewhere; the other
    breaks are left for quoting to join.
    """
    texts = [unicodedata.normalize("NFC", page.translate(_LIGATURES)) for page in pages]
    words: Counter[str] = Counter()
    for text in texts:
        words.update(word.lower() for word in _WORD.findall(text) if len(word) > 2)
    return [_hyphenated(_BROKEN.sub(lambda m: _whole(m[0], words), text), words) for text in texts]


def _whole(broken: str, words: Counter[str]) -> str:
    while "\x00" in broken:
        before, _, after = broken.partition("\x00")
        broken = before + _ligature(before, after, words) + after
    return broken


def _ligature(before: str, after: str, words: Counter[str]) -> str:
    if not before and not after:
        return ""
    rest = after.partition("\x00")[0]
    known = {c: words[f"{before}{c}{rest}".lower()] for c in _CANDIDATES} if "\x00" not in after else {}
    best = max(known, key=lambda c: known[c], default="")
    if best and known[best]:
        return best
    if not after or after[0] not in _VOWELS:
        return "fi"
    if not before or before[-1] not in _VOWELS:
        return "fl"
    # "re-flektere", "af-levere", but "offentlig", "effekt".
    return "fl" if before.lower().endswith(("a", "re", "in")) else "ff"


def _hyphenated(text: str, words: Counter[str]) -> str:
    def keep(match: re.Match[str]) -> str:
        first, second = match[1].lower(), match[2].lower()
        with_hyphen = words[f"{first}-{second}"] + words[f"{first}\u2010{second}"]
        whole = words[first + second]
        # A word of one letter is no syllable: "e-mail", "x-akse".
        if with_hyphen > whole or (len(first) == 1 and not whole):
            return f"{match[1]}-{match[2]}"
        return match[0]

    return _AT_LINE_END.sub(keep, text)
