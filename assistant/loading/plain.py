"""Plain text: UTF-8, a form feed starts a page."""

from __future__ import annotations

import codecs

from assistant.errors import DocumentError

FORM_FEED = "\f"


def read_plain(name: str, data: bytes) -> list[str]:
    """Return the pages of a text file.

    Raises:
        DocumentError: the bytes are neither UTF-8 nor marked as UTF-16.
    """
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"{name}: filen er ikke UTF-8 (byte {error.start} kan ikke læses). Gem den som UTF-8, og prøv igen."
        ) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    if text.endswith(FORM_FEED):
        text = text[:-1]
    return text.split(FORM_FEED)
