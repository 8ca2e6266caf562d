"""Plain text in whatever encoding it was saved in; a form feed starts a page."""

from __future__ import annotations

import codecs
import re
import unicodedata

from assistant.errors import DocumentError
from assistant.loading.texts import PageText, ReadText

FORM_FEED = "\f"


def read_plain(name: str, data: bytes) -> ReadText:
    """Return the pages of a text file.

    Raises:
        DocumentError: the bytes are no text.
    """
    text = decoded(name, data)
    if text.endswith(FORM_FEED):
        text = text[:-1]
    return ReadText(tuple(PageText(page) for page in text.split(FORM_FEED)))


def decoded(name: str, data: bytes) -> str:
    """Return bytes as text with composed letters (NFC), line feeds, and no characters that are no text.

    Marked or unmarked UTF-8 and UTF-16 are told by their form. Of the encodings with one byte a
    character, Windows-1252 is taken unless only another (Mac, DOS) makes Danish letters of the bytes.

    Raises:
        DocumentError: the bytes are no text in any of them.
    """
    text = unicodedata.normalize("NFC", _decoded(name, data))
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return text.replace("\u2029", "\n")


_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHERS = ("mac_roman", "cp850")
_DANISH_IN_WORD = re.compile("(?<=[A-Za-z])[æøåÆØÅ]|[æøåÆØÅ](?=[a-z])")
_CERTAIN = 3
"""Danish letters within words that tell an encoding from Windows-1252, which shows none."""

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
_MOST_CONTROLS = 0.01
"""Share of a text that may be control characters; of data in no text's form it is far more."""


def _decoded(name: str, data: bytes) -> str:
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "")
    if not encoding:
        encoding = _unmarked_utf16(data)
    try:
        return data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding and encoding != "utf-8-sig":
            raise DocumentError(
                f"{name}: filen er ikke gyldig {encoding.upper()} (byte {error.start} kan ikke læses). "
                "Gem den som UTF-8, og prøv igen."
            ) from error
    data = data.removeprefix(codecs.BOM_UTF8)
    text = _mostly_utf8(data) or _single_byte(data)
    if len(_CONTROLS.findall(text)) > _MOST_CONTROLS * len(text):
        raise DocumentError(
            f"{name}: filen er ikke en tekstfil, eller dens tegnsæt er ukendt. Gem den som UTF-8, og prøv igen."
        )
    return text


def _unmarked_utf16(data: bytes) -> str:
    """Every other byte of UTF-16 in Western letters is zero."""
    sample = data[:4000]
    half = len(sample) // 2
    if half < 2 or len(data) % 2:
        return ""
    if sample[1::2].count(0) > 0.7 * half and sample[0::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if sample[0::2].count(0) > 0.7 * half and sample[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return ""


def _mostly_utf8(data: bytes) -> str:
    """Return UTF-8 with single bytes of Windows-1252 in it, as pasting makes; empty if it is not."""
    parts: list[str] = []
    wrong = 0
    while data:
        try:
            parts.append(data.decode("utf-8"))
            break
        except UnicodeDecodeError as error:
            wrong += 1
            if wrong > 200:
                return ""
            parts.append(data[: error.start].decode("utf-8"))
            parts.append(data[error.start : error.end].decode("cp1252", "replace"))
            data = data[error.end :]
    text = "".join(parts)
    right = sum(ord(c) > 127 for c in text) - wrong
    return text if right > 3 * wrong else ""


def _single_byte(data: bytes) -> str:
    windows = data.decode("cp1252", "replace") if _defined(data) else data.decode("latin-1")
    if _DANISH_IN_WORD.search(windows) is None:
        others = {name: data.decode(name) for name in _OTHERS}
        found = {name: len(_DANISH_IN_WORD.findall(text)) for name, text in others.items()}
        best = max(found, key=lambda name: found[name])
        if found[best] >= _CERTAIN:
            return others[best]
    return windows


def _defined(data: bytes) -> bool:
    return not any(byte in data for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D))
