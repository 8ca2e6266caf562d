"""A small world to search and answer from: two organisations, and an embedder that counts words.

The documents are made as a reader would make them, so every passage is a true slice of its page.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from assistant.embedding.base import Vectors
from assistant.records import Document, Page, Passage, Span
from assistant.retrieval.speakers import Speakers
from assistant.text.danish import stems

COAST_PAGES = (
    "1. DEN SIKRE KYST\n\n"
    "• Diget skal være tre meter højt\n\n• Stranden renses hver uge\n\n• Havnen holdes åben hele året\n",
    "2. DEN GRØNNE KYST\n\n• Klitterne plejes af frivillige\n\n• Tang bliver liggende om vinteren\n",
)
FOREST_PAGES = (
    "Hvad gør vi i skoven?\n\n"
    "• Træerne fældes kun om vinteren\n\n• Hunde føres i snor hele året\n\n• Stierne renses hver uge\n",
    "Åbne spørgsmål om skoven\n\n• Hvem betaler for nye stier?\n\n• Skal ulven beskyttes bedre?\n",
)


def document(name: str, pages: Sequence[str], **facts: object) -> Document:
    """A document of these pages; ``facts`` are fields of :class:`Document`."""
    made = Document(
        id=name,
        title=f"Om {name}",
        organisation=name.upper(),
        kind="oplæg",
        language="da",
        sha256=name,
        pages=tuple(Page(number, text) for number, text in enumerate(pages, 1)),
    )
    return replace(made, **facts)  # type: ignore[arg-type]


COAST = document(
    "kyst",
    COAST_PAGES,
    organisation="KYSTRÅDET",
    kind="debatoplæg",
    page_noun="slide",
    aliases=("kysten", "kystens venner", "kommunerne", "coastal council"),
)
FOREST = document("skov", FOREST_PAGES, organisation="Skovstyrelsen", aliases=("skovfolket", "forest agency"))
SPEAKERS = Speakers((COAST, FOREST))


def passage(text: str, **facts: object) -> Passage:
    """A bullet of its own section in ``kyst``; ``facts`` are fields of :class:`Passage`."""
    made = Passage(f"p:{text}", "kyst", 2, "", text, Span(0, len(text)), f"s:{text}", "bullet")
    return replace(made, **facts)  # type: ignore[arg-type]


class WordCounter:
    """Embeds a text as its stems hashed into a unit vector; remembers the questions it was given."""

    fingerprint = "ordtælling"
    dimension = 64

    def __init__(self) -> None:
        self.questions: list[str] = []

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        self.questions.extend(texts)
        return self.embed_passages(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for stem in stems(text):
                vectors[row, zlib.crc32(stem.encode()) % self.dimension] += 1.0
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.maximum(length, 1e-9)
