"""How long work tells whoever waits for it how far it has come."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` steps of ``stage``, which is Danish text for the user.

    ``seconds_left`` is how long the rest is thought to take, where that can be told.
    """

    stage: str
    done: int
    total: int
    seconds_left: float | None = None

    @property
    def heading(self) -> str:
        """The stage and, where it is known, roughly how long the rest will take, for the user."""
        if self.seconds_left is None or self.done >= self.total:
            return self.stage
        return f"{self.stage}, {_left(self.seconds_left)}"


ProgressCallback = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Ignore progress."""


def _left(seconds: float) -> str:
    """Round up, and the longer the coarser: nobody is served by a number that changes at every look."""
    minutes = math.ceil(seconds / 60)
    if seconds < 45:
        return "under et minut tilbage"
    if minutes < 60:
        return f"ca. {minutes} minut{'ter' if minutes > 1 else ''} tilbage"
    hours, minutes = divmod(math.ceil(minutes / 10) * 10, 60)
    rest = f" og {minutes} minutter" if minutes and hours < 5 else ""
    return f"ca. {hours} time{'r' if hours > 1 else ''}{rest} tilbage"
