"""Names of files: safe ones for what is uploaded, and foreign ones as they can be shown."""

from __future__ import annotations

import re
import unicodedata

from assistant.errors import DocumentError
from assistant.loading.metadata import FILE_NAME

LONGEST = 120
"""Characters; in Danish at most 240 bytes, and a file system takes 255."""

_LONGEST_BYTES = 240
_SHOWN = 80
_FOREIGN_TO_WINDOWS = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
"""Names of devices on Windows, whatever ending they have."""


def safe_name(name: str) -> str:
    """Return the name under which an uploaded file may be kept in the folder of documents.

    The folders that a browser sent along are left out, and so are characters that are not seen. Letters
    are composed (NFC), so that the same name is the same file. Whether the ending is one that can be read
    is not looked at here.

    Raises:
        DocumentError: nothing safe is left of the name, or it means something else to the system.
    """
    shown = shown_name(name)
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
        raise DocumentError(
            f"{shown}: filnavnet indeholder styretegn. Giv filen et navn af almindelige tegn, og prøv igen."
        )
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    last = "".join(letter for letter in last if not _unseen(letter))
    last = _FOREIGN_TO_WINDOWS.sub("-", " ".join(last.split())).lstrip(".~ ").rstrip(". ")
    stem = last.rpartition(".")[0] or last
    if (
        not any(letter.isalnum() for letter in stem)
        or last.casefold() == FILE_NAME
        or _RESERVED.fullmatch(last)
    ):
        raise DocumentError(f"{shown}: filnavnet kan ikke bruges. Giv filen et andet navn, og prøv igen.")
    if len(last) > LONGEST or len(last.encode()) > _LONGEST_BYTES:
        raise DocumentError(
            f"{shown}: filnavnet er på {len(last)} tegn, men må højst være på {LONGEST}. "
            "Giv filen et kortere navn, og prøv igen."
        )
    return last


def check_name(name: str) -> None:
    """Refuse a name of the corpus that would look like another one wherever it is shown.

    Raises:
        DocumentError: it has characters that are not seen, or bytes that are no text.
    """
    if any(_unseen(letter) for letter in name):
        raise DocumentError(
            f"{shown_name(name)}: filnavnet indeholder usynlige tegn. Omdøb filen, og prøv igen."
        )


def shown_name(name: str) -> str:
    """Return ``name`` on one line, with a mark for every unseen character, and cut in its middle if long."""
    shown = "".join("\N{REPLACEMENT CHARACTER}" if _unseen(letter) else letter for letter in name)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN // 2]}…{shown[-_SHOWN // 2 + 1 :]}"


def _unseen(letter: str) -> bool:
    """Controls, marks of direction and joining, line separators, and bytes that are no text."""
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")
