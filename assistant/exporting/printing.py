"""Characters that a file for other programs can hold."""

from __future__ import annotations

import re

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]"
)


def printable(text: str) -> str:
    """Replace what XML cannot hold and what turns the writing direction of all that follows.

    One replacement character for each, so that it can be seen that something stood there. Line breaks and
    tabs stay.
    """
    return _UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n"))
