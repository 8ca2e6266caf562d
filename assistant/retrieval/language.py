"""Whether a question is Danish or English, by its function words."""

from __future__ import annotations

from typing import Literal

from assistant.retrieval.wordlists import DANISH_MARKERS, ENGLISH_MARKERS
from assistant.text.danish import words


def language_of(*texts: str) -> Literal["da", "en"]:
    """Return the language of the first text that shows one; Danish where none does."""
    for text in texts:
        tokens = words(text)
        english = sum(token in ENGLISH_MARKERS for token in tokens)
        danish = sum(token in DANISH_MARKERS for token in tokens)
        danish += sum(any(letter in token for letter in "æøå") for token in tokens)
        if english != danish:
            return "en" if english > danish else "da"
    return "da"
