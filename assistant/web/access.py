"""Who may do what, and whether the page may start as it is set up."""

from __future__ import annotations

from enum import Enum


class Role(Enum):
    """What not everybody may do."""

    UPLOAD = "tilføje, erstatte og fjerne dokumenter"
    EVALUATE = "køre spørgsmålssæt"
    ADMINISTER = "vælge sprogmodel"


def may(role: Role) -> bool:
    """Return whether the user of this browser session may do that."""
    raise NotImplementedError
