"""In how many passages character n-grams stand, counted in some of them.

Where each n-gram of a million passages stands would be 200 million entries. How rare one is can be told from
a few thousand passages; where it stands is looked up in the candidates alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assistant.text.danish import words

SAMPLE = 5_000
"""So many passages are counted."""

_BITS = 12
_LETTER = (1 << _BITS) - 1
"""Letters beyond the first 4096 of Unicode share codes, so that five fit into a whole number."""
_SPACE = ord(" ")
_LONGEST = 5


@dataclass(frozen=True, slots=True)
class GramStatistics:
    """``frequencies[i]`` of the ``counted`` texts have the n-gram with ``codes[i]``; ``codes`` ascend.

    ``total`` is how many n-grams these have together.
    """

    codes: NDArray[np.int64]
    frequencies: NDArray[np.int32]
    counted: int
    total: int

    @classmethod
    def of(cls, texts: Sequence[str]) -> GramStatistics:
        """Count the n-grams of ``texts``."""
        found = [grams_of(text) for text in texts]
        distinct = [np.unique(codes) for codes in found]
        codes, counts = np.unique(
            np.concatenate([np.zeros(0, dtype=np.int64), *distinct]), return_counts=True
        )
        return cls(codes, counts.astype(np.int32), len(texts), sum(map(len, found)))

    def shares(self, wanted: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the share of the texts that have each n-gram, by its code; same shape."""
        if not self.counted:
            return np.zeros(len(wanted))
        found = np.zeros(len(wanted))
        if len(self.codes):
            at = np.minimum(np.searchsorted(self.codes, wanted), len(self.codes) - 1)
            found = np.where(self.codes[at] == wanted, self.frequencies[at], 0.0)
        return np.asarray(found / self.counted)


@lru_cache(maxsize=100_000)
def code(gram: str) -> int:
    """Return the number that stands for an n-gram of at most five letters."""
    value = 0
    for letter in gram:
        value = (value << _BITS) | (ord(letter) & _LETTER or 1)
    return value


def grams_of(text: str) -> NDArray[np.int64]:
    """Return the codes of the n-grams of a text: every stretch of 3 to 5 letters with no space inside."""
    padded = f" {' '.join(words(text))} "
    letters = np.frombuffer(padded.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
    spaces = letters == _SPACE
    letters &= _LETTER
    letters[letters == 0] = 1
    found = []
    codes = letters.copy()
    open_inside = np.ones(len(letters), dtype=np.bool_)
    for n in range(2, _LONGEST + 1):
        size = len(letters) - n + 1
        if size <= 0:
            break
        codes = (codes[:size] << _BITS) | letters[n - 1 :]
        if n > 2:
            open_inside = open_inside[:size] & ~spaces[n - 2 : n - 2 + size]
            found.append(codes[open_inside])
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
