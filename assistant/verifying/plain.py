"""What a model wrote as plain text: no links, images, HTML, Markdown or invisible characters."""

from __future__ import annotations

import html
import re
import unicodedata

_PASSES = 4
"""Escaped markup inside markup comes out layer by layer; what is left after so many is only text."""

# Zero width, writing direction, soft hyphens, variation selectors, and letters that nobody sees.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff\U0001d173-\U0001d17a]"
)
_HIDDEN_ELEMENT = re.compile(
    r"<(script|style|template|iframe|object|svg|math)\b[^>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z!?][^<>]*(?:>|\Z)")
_IMAGE = re.compile(r"!\[([^\]]*)\](?:\([^)]*(?:\)|\Z)|\[[^\]]*\])")
_LINK = re.compile(r"\[([^\]]*)\]\((?:[^()]|\([^)]*\))*(?:\)|\Z)")
_REFERENCE_LINK = re.compile(r"\[([^\]\d]{2,})\]\[[^\]]*\]")
_DEFINITION = re.compile(r"^\s*\[[^\]]+\]:\s*\S+.*$", re.MULTILINE)
_ADDRESS = re.compile(
    r"\b(?:[a-z][a-z0-9+.-]{1,15}://|www\.|javascript:|data:\w+/|mailto:)\S+", re.IGNORECASE
)
_EMPHASIS = re.compile(r"(\*{1,3}|_{2,3}|~~|`+)(?=\S)(.+?)(?<=\S)\1")
_UNDERSCORES = re.compile(r"(?<!\w)_(?=\S)([^_]+)(?<=\S)_(?!\w)")
_LINE_START = re.compile(r"^\s*(?:#{1,6}\s+|>\s?)+")
_RULE = re.compile(r"^\s*(?:[-*_=]\s*){3,}$|^\s*`{3,}\w*\s*$|^\s*~{3,}\w*\s*$|^[\s|:+-]*[|][\s|:+-]*$")
_LEFT_OVER = re.compile(r"\*{2,}|`+|(?<!\w)_{2,}|_{2,}(?!\w)|~~")
BULLET = re.compile(r"^\s*(?:[-*+•▪◦‣–]\s+)")
"""What begins an item of a list without numbers."""

NUMBERED = re.compile(r"^\s*\(?\d{1,2}[.)]\s+(?=\S)")
"""What begins an item of a numbered list."""

LEFT_OUT = "(adresse udeladt)"


def plain(text: str, known: str = "") -> str:
    """Return one line of a model's text as plain text.

    Markers ("[1]") stay. Web addresses are left out unless they stand in ``known``, the text of the
    sources: an address that the model made may carry a question away when somebody opens it.
    """
    text = unicodedata.normalize("NFC", visible(text))
    for _ in range(_PASSES):
        before = text
        text = visible(html.unescape(text))
        for pattern in (_COMMENT, _HIDDEN_ELEMENT, _TAG):
            text = pattern.sub(" ", text)
        text = _IMAGE.sub(r"\1", text)
        text = _LINK.sub(_link_text, text)
        text = _REFERENCE_LINK.sub(r"\1", text)
        if text == before:
            break
    text = _DEFINITION.sub("", text)
    text = _ADDRESS.sub(lambda found: found.group() if _stands(found.group(), known) else LEFT_OUT, text)
    text = "" if _RULE.match(text) else _LINE_START.sub("", text)
    for _ in range(_PASSES):
        before, text = text, _UNDERSCORES.sub(r"\1", _EMPHASIS.sub(r"\2", text))
        if text == before:
            break
    text = _LEFT_OVER.sub("", text).strip().strip("|")
    return " ".join(text.replace(" | ", " · ").split())


def visible(text: str) -> str:
    """Return ``text`` without the characters that nobody sees; control characters become spaces."""
    text = _INVISIBLE.sub("", text.encode("utf-8", "replace").decode("utf-8"))
    return "".join(" " if unicodedata.category(c) == "Cc" and c != "\n" else c for c in text)


def _link_text(found: re.Match[str]) -> str:
    inner = found.group(1)
    return f"[{inner}]" if inner.strip().isdigit() else inner


def _stands(address: str, known: str) -> bool:
    return address.rstrip(".,;:!?)»”\"'") in known
