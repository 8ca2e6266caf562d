"""What some models think aloud before they answer, left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_OPEN, _CLOSE = "<think>", "</think>"


def spoken(pieces: Iterable[str]) -> Iterator[str]:
    """Yield a streamed answer without the ``<think>...</think>`` that it may begin with."""
    held, state = "", "start"
    for piece in pieces:
        if state == "answer":
            yield piece
            continue
        held += piece
        if state == "start":
            begin = held.lstrip()
            if begin.startswith(_OPEN):
                state = "thinking"
            elif not _OPEN.startswith(begin):
                state = "answer"
                yield held
                continue
        if state == "thinking" and _CLOSE in held:
            state = "answer"
            rest = held.split(_CLOSE, 1)[1].lstrip()
            if rest:
                yield rest
    if state == "start" and held:
        yield held
