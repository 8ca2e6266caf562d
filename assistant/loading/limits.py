"""What reading one file may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What one file may take: seconds, megabytes of memory, pages, megabytes unpacked and of text.

    With ``ocr`` the text of scanned pages is recognised; each such page may take as long as a file, and all
    of a file's together 60 times that.
    """

    seconds: int = 30
    memory_megabytes: int = 1024
    pages: int = 5000
    unpacked_megabytes: int = 500
    text_megabytes: int = 20
    ocr: bool = False
