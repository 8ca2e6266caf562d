"""The conversation over an assistant that makes the second half of its answer when a file appears.

Run with an answer as long as a window, so that what could jump does.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from assistant.errors import UnknownDocument
from assistant.records import Answer, Block, Delta, Document, Query, Stamp
from assistant.web import chat

HALVES = tuple(
    tuple(Block("frame", f"{half} halvdel, {line}. linje.") for line in range(1, 16))
    for half in ("Første", "Anden")
)


class SlowAssistant:
    """Has no documents; that is enough to see an answer grow."""

    documents = ()
    problems = ()

    def document(self, document_id: str) -> Document:
        raise UnknownDocument(document_id)

    def starter_questions(self) -> tuple[str, ...]:
        return ()

    def follow_ups(self, answer: Answer, history: tuple[str, ...] = ()) -> tuple[str, ...]:
        return ()

    def stream(self, question: str, **_: Any) -> Iterator[Query | Block | Delta | Answer]:
        query = Query(question, question)
        yield query
        yield from HALVES[0]
        yield Delta("Anden halvdel, ")
        yield Delta("1. li")
        while not Path(os.environ["SECOND_HALF"]).exists():
            time.sleep(0.05)
        yield from HALVES[1]
        stamp = Stamp("", "", "", "")
        blocks = (*HALVES[0], *HALVES[1])
        text = "\n".join(block.text for block in blocks)
        yield Answer(question, text, blocks, (), (), "extractive", False, stamp, query)


chat.draw(cast("Any", SlowAssistant()))
