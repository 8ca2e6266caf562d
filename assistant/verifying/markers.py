"""The markers of a sentence: "[1]", "[1, 3]", "[Kilde 2]", also in the brackets of other scripts."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

_OPEN, _CLOSE = r"[\[［【〔〖⟦]", r"[\]］】〕〗⟧]"
_MARKER = re.compile(
    rf"\s*{_OPEN}\s*(?:(?:kilde|kilderne|kilder|source|sources|ref|passage|tekst)\.?\s*(?:nr\.?\s*)?)?[\^#]?"
    rf"((?:[-–]?\d+)(?:\s*(?:,|;|og|and|&|-|–)\s*(?:kilde\s+|source\s+)?\^?\d+)*)\s*{_CLOSE}",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(\d+)\s*[-–]\s*(\d+)")
_LONGEST_RANGE = 20
_LONGEST_NUMBER = 6
_BEHIND_STOP = re.compile(rf"([.!?…:]{{1,6}}[\"”“»«’)]*)((?:\s*{_OPEN}[^\[\]［］【】]{{1,40}}{_CLOSE})+)")
_SPACE_BEFORE_STOP = re.compile(r"\s+([.,;:!?…])")


@dataclass(frozen=True, slots=True)
class Marked:
    """A sentence without its markers; ``numbers`` name given sources, ``invented`` none that was given."""

    text: str
    numbers: tuple[int, ...]
    invented: tuple[str, ...]


def read_markers(text: str, given: Collection[int]) -> Marked:
    """Take the markers out of a sentence.

    Args:
        text: the sentence as the model wrote it, plain text.
        given: the numbers of the sources.
    """
    numbers: dict[int, None] = {}
    invented: dict[str, None] = {}

    def take(found: re.Match[str]) -> str:
        for number, shown in _numbers(found.group(1)):
            if number in given:
                numbers[number] = None
            else:
                invented[shown] = None
        return " "

    kept = " ".join(_MARKER.sub(take, text).split())
    return Marked(_SPACE_BEFORE_STOP.sub(r"\1", kept), tuple(numbers), tuple(invented))


def before_stop(text: str) -> str:
    """Move markers that stand behind a full stop in front of it: "Hegnet er rødt. [1]" is one sentence."""
    return _BEHIND_STOP.sub(r"\2\1", text)


def _numbers(inside: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    span = _RANGE.fullmatch(inside.strip())
    if span and len(span[1]) <= _LONGEST_NUMBER and len(span[2]) <= _LONGEST_NUMBER:
        first, last = int(span[1]), int(span[2])
        if first < last <= first + _LONGEST_RANGE:
            return [(n, str(n)) for n in range(first, last + 1)]
    for digits in re.findall(r"\d+", inside):
        short = len(digits) <= _LONGEST_NUMBER
        found.append((int(digits) if short else -1, digits[:_LONGEST_NUMBER] + ("" if short else "…")))
    return found
