"""Pages from outside the product, which it shows without knowing them: ``app.py`` offers them at the start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.web.access import Role

if TYPE_CHECKING:
    from assistant.pipeline import Assistant


@dataclass(frozen=True, slots=True)
class OfferedPage:
    """A page of the navigation, seen only by who has ``role``. ``draw`` draws it for one view."""

    title: str
    url_path: str
    draw: Callable[[Assistant], None]
    role: Role


_offered: dict[str, OfferedPage] = {}


def offer(page: OfferedPage) -> None:
    """Show ``page`` in the navigation from now on, in the place of one with the same address."""
    _offered[page.url_path] = page


def offered_pages() -> tuple[OfferedPage, ...]:
    """Return the pages that were offered, in that order."""
    return tuple(_offered.values())
