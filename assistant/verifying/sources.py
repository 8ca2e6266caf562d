"""What a model is given to write from, and may cite."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.records import Document, Passage


@dataclass(frozen=True, slots=True)
class Source:
    """A passage under the number that the model knows it by, counted from 1.

    ``page_text`` is the text of the passage's page as the loader read it; spans are offsets in it.
    """

    number: int
    passage: Passage
    page_text: str
    document: Document
