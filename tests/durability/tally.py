"""Counting tries, so that one that fails does not hide the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Tally:
    """How many tries there were and which did not hold."""

    def __init__(self) -> None:
        self.tried = 0
        self.failed: list[str] = []

    @property
    def held(self) -> int:
        return self.tried - len(self.failed)

    @contextmanager
    def trying(self, what: object) -> Iterator[None]:
        """One try; whatever is raised in it counts against it."""
        self.tried += 1
        try:
            yield
        except Exception as error:
            self.failed.append(f"{what}: {type(error).__name__}: {str(error)[:300]}")

    def check(self, tried: int) -> None:
        """Require that everything was tried and held."""
        assert not self.failed, "\n".join(self.failed)
        assert self.tried == tried
