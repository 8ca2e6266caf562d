"""What the tests of answers in the making share."""

from __future__ import annotations

from assistant.records import Block
from assistant.web.making import Making, Part

SOON = 10.0
FIRST, SECOND = Block("frame", "Første halvdel."), Block("frame", "Anden halvdel.")


def everything(making: Making) -> list[Part]:
    parts: list[Part] = []
    over = False
    while not over:
        new, over = making.after(len(parts), SOON)
        parts.extend(new)
    return parts
