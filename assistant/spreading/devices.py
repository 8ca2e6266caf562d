"""What a worker computes on."""

from __future__ import annotations

from collections.abc import Callable


def worker_device(asked: str, has_gpu: Callable[[], bool]) -> str:
    """Return the device that a worker gives its engine; empty lets the engine choose.

    Args:
        asked: ``embedding.device`` of whoever builds. A GPU named there is one of another machine, so it is a
            wish for any; anything else is meant as it stands.
        has_gpu: whether this worker has a GPU that can be used; asked only where it matters.
    """
    if asked and asked.split(":", maxsplit=1)[0] != "cuda":
        return asked
    return "cuda" if has_gpu() else ""
