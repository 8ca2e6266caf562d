"""What is told of documents that could not be read, or not wholly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ProblemKind = Literal["unread", "partly", "notice"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong with a document, and what to do about it (Danish, for the user).

    ``kind`` is "unread" for a document that could not be read, "partly" for one that was read but for
    some pages, "notice" for what concerns no document.

    Of a file that was tried, ``sha256`` is that of its bytes (empty where it could not be opened),
    ``reading`` names what it was read with and within, ``tries`` counts how often that was tried, and
    ``unfinished`` is true where another try may succeed. By these it is known whether to try again.
    """

    source: str
    message: str
    kind: ProblemKind = "unread"
    sha256: str = ""
    reading: str = ""
    tries: int = 1
    unfinished: bool = False
