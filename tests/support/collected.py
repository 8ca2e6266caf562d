"""Answers and notes as a user collects them, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from assistant.citing import cite
from assistant.errors import UnknownDocument
from assistant.records import Answer, Block, Citation, Document, Query, Stamp
from assistant.storage.base import BasketItem
from assistant.text.passages import cut_document
from tests.support.corpora import document

STAMP = Stamp("0.1.0", "indeks-1", "model-1", "indstil-1")
WRITTEN = datetime(2026, 11, 21, 23, 5, tzinfo=timezone(timedelta(hours=1)))

COAST = replace(
    document("OM KYSTEN\n\n• Diget er tre meter højt\n\n• Stranden renses hver uge\n", name="kyst"),
    title="Kystens fremtid",
    organisation="Kystrådet",
    kind="debatoplæg",
)


def lookup(document_id: str) -> Document:
    if document_id != COAST.id:
        raise UnknownDocument(f"Dokumentet »{document_id}« findes ikke.")
    return COAST


def citation(text: str, marker: int = 1) -> Citation:
    passage = next(p for p in cut_document(COAST) if text in p.text)
    return cite(COAST, passage, marker)


DIKE, BEACH = citation("Diget"), citation("Stranden", 2)


def answer(
    question: str, blocks: Sequence[Block], citations: Sequence[Citation] = (DIKE, BEACH), **facts: object
) -> Answer:
    """An answer of these blocks; ``facts`` are fields of :class:`Answer`."""
    made = Answer(
        question=question,
        text="",
        blocks=tuple(blocks),
        citations=tuple(citations),
        hits=(),
        mode="extractive",
        abstained=False,
        stamp=STAMP,
        query=Query(question, question),
    )
    return replace(made, **facts)  # type: ignore[arg-type]


QUOTED = answer(
    "Hvor højt er diget?",
    [Block("frame", "Kystrådet skriver i debatoplægget:"), Block("quote", DIKE.quote, 1, 0)],
)
WRITTEN_BY_MODEL = answer(
    "Hvordan passes kysten?",
    [
        Block("text", "Diget er tre meter.", cites=(0,), state="verified", opens=True),
        Block(
            "text",
            "Det koster 17 kroner.",
            cites=(0, 1),
            state="unverified",
            warnings=("17 står ikke i kilden",),
        ),
        Block("text", "Stranden renses.", cites=(1,), state="verified", opens=True),
    ],
    mode="lille-model",
    stamp=replace(STAMP, model="lille-model"),
)


def item(kind: str, text: str = "", **facts: object) -> BasketItem:
    """A collected thing; ``facts`` are fields of :class:`BasketItem`."""
    made = BasketItem(f"{kind}-{text[:9]}", kind, text, datetime(2026, 11, 21, tzinfo=UTC))  # type: ignore[arg-type]
    return replace(made, **facts)  # type: ignore[arg-type]


def collected(found: Answer) -> BasketItem:
    """An answer as it is collected: under its question."""
    return item("answer", found.text, heading=found.question, citations=found.citations, answer=found)
