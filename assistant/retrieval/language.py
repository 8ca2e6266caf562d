"""Whether a question is Danish or English, by its function words."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from assistant.retrieval.wordlists import DANISH_MARKERS, ENGLISH_MARKERS
from assistant.text.danish import words


def language_of(*texts: str) -> Literal["da", "en"]:
    """Return the language of the first text that shows one; Danish where none does."""
    for text in texts:
        english, danish = _markers(text)
        if english != danish:
            return "en" if english > danish else "da"
    return "da"


@lru_cache(maxsize=256)
def _markers(text: str) -> tuple[int, int]:
    """Return how many words of ``text`` are English alone and how many Danish."""
    tokens = words(text)
    english = sum(token in ENGLISH_MARKERS for token in tokens)
    danish = sum(token in DANISH_MARKERS for token in tokens)
    danish += sum("æ" in token or "ø" in token or "å" in token for token in tokens)
    return english, danish
