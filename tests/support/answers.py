"""Answers with everything that an answer can have, for tests that keep or show them."""

from __future__ import annotations

from assistant.records import Answer, Block, Citation, Hit, Passage, Query, Span, Stamp

QUOTE = "Bygger videre på ” Vejen til en ny forvaltningspolitik”"
STAMP = Stamp("1.0", "abc", "e5", "def")


def passage(text: str = QUOTE, document: str = "komdir", page: int = 2) -> Passage:
    return Passage(
        f"{document}:{page}:0", document, page, "Afsnit › Under", text, Span(3, 3 + len(text)), "s", "bullet"
    )


def answer(question: str = "Hvad bygger det på?", quote: str = QUOTE, document: str = "komdir") -> Answer:
    """An extractive answer with one citation and one hit."""
    found = passage(quote, document)
    blocks = (Block("frame", "KOMDIR skriver:"), Block("quote", quote, 1, 0))
    return Answer(
        question,
        f"KOMDIR skriver:\n»{quote}« [1]",
        blocks,
        (Citation(1, found, quote, found.span, True),),
        (Hit(found, 1.25, 1, (("dense", 0.5), ("char", -0.25))),),
        "extractive",
        False,
        STAMP,
        Query(question, question, understood_as="fuldt ud", documents=("komdir",), history=("Før?",)),
        0.75,
        ("En bemærkning.",),
        ("Hvad så?",),
    )


def written(question: str, sentence: str) -> Answer:
    """An answer that a model wrote: one sentence over one citation."""
    found = passage()
    blocks = (Block("text", sentence, cites=(0,), state="unverified", warnings=("Se efter.",), opens=True),)
    return Answer(
        question,
        sentence,
        blocks,
        (Citation(1, found, QUOTE, found.span, True),),
        (),
        "model",
        False,
        STAMP,
        Query(question, question),
    )
