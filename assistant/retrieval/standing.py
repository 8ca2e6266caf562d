"""How passages stand among each other, whatever is asked: sections, neighbours, headings, length."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.local import is_prose
from assistant.records import Passage
from assistant.text.danish import words


@dataclass(frozen=True, slots=True)
class Standing:
    """Facts of n passages, row by row; every array has shape (n,) unless said otherwise.

    ``section``: number of the section, from 0; ``section_size``: how many passages each section has, shape
    (number of sections,). ``silent``: whether a passage says nothing by itself (see :func:`is_fragment`);
    ``fragment``: 1 for such a one and for a line that is a heading elsewhere; ``title``: 1 on a title page;
    ``prose``: whether it is running text; ``log_length``: logarithm of the number of characters less its mean.
    ``going_on``: rows that go on from the passage before, which is in the same place of ``before``.
    """

    section: NDArray[np.int64]
    section_size: NDArray[np.int64]
    silent: NDArray[np.bool_]
    fragment: NDArray[np.float32]
    title: NDArray[np.float32]
    prose: NDArray[np.bool_]
    log_length: NDArray[np.float32]
    going_on: NDArray[np.int64]
    before: NDArray[np.int64]

    @property
    def mostly_prose(self) -> bool:
        """Whether they are running text rather than points of slides and lists."""
        return 2 * int(self.prose.sum()) > len(self.prose)


def standing_of(passages: Sequence[Passage]) -> Standing:
    """Return how ``passages`` stand among each other."""
    names: dict[str, int] = {}
    section = np.asarray([names.setdefault(p.section, len(names)) for p in passages], dtype=np.int64)
    headings = frozenset(bare(heading) for heading in {p.heading for p in passages} if heading)
    longest = _ROOM * max(map(len, headings), default=0)
    silent = np.asarray([is_fragment(p) for p in passages], dtype=bool)
    # What is much longer than every heading is none, and need not be taken apart to see that.
    is_heading = [
        p.mark == "paragraph" and len(p.text) <= longest and _is_among(p, headings) for p in passages
    ]
    log_length = np.log([max(len(p.text), 1) for p in passages]).astype(np.float32)
    log_length -= log_length.mean() if len(log_length) else 0
    row_of = {(p.document_id, p.order): i for i, p in enumerate(passages)}
    neighbours = [
        (i, before)
        for i, p in enumerate(passages)
        if p.follows and (before := row_of.get((p.document_id, p.order - 1))) is not None
    ]
    return Standing(
        section,
        np.bincount(section, minlength=len(names)),
        silent,
        (silent | np.asarray(is_heading, dtype=bool)).astype(np.float32),
        np.asarray(
            [p.page == 1 and not p.lead and p.mark == "paragraph" for p in passages], dtype=np.float32
        ),
        np.asarray([is_prose(p) for p in passages], dtype=bool),
        log_length,
        np.asarray([i for i, _ in neighbours], dtype=np.int64),
        np.asarray([before for _, before in neighbours], dtype=np.int64),
    )


_ROOM = 2
"""A line that is a heading elsewhere is at most so many times as long, with all that is no word."""


def is_fragment(passage: Passage, headings: Collection[str] = ()) -> bool:
    """Whether a passage says nothing by itself.

    A line that introduces a list, a word or two, or a line that is a heading elsewhere (``headings``, as
    :func:`bare` gives them).
    """
    if passage.text.endswith(":"):
        return True
    # A long text need not be split to see that it is long.
    return passage.mark == "paragraph" and (
        len(passage.text.split(None, 2)) <= 2 or (bool(headings) and _is_among(passage, headings))
    )


def _is_among(passage: Passage, headings: Collection[str]) -> bool:
    return bool(passage.heading) and bare(passage.text) in headings


@lru_cache(maxsize=20_000)
def bare(heading: str) -> str:
    """Return the words of the innermost heading, lower case and without its number, for comparing."""
    found = words(heading.rsplit(" › ", 1)[-1])
    return " ".join(found[1:] if len(found) > 1 and found[0].isdigit() else found)
