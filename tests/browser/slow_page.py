"""The conversation over an assistant that makes the second half of its answer when a file appears."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from assistant.records import Answer, Block, Query, Stamp
from assistant.web import chat


class SlowAssistant:
    """Has no documents; that is enough to see an answer grow."""

    documents = ()
    problems = ()

    def starter_questions(self) -> tuple[str, ...]:
        return ()

    def follow_ups(self, answer: Answer, history: tuple[str, ...] = ()) -> tuple[str, ...]:
        return ()

    def stream(self, question: str, **_: Any) -> Iterator[Query | Block | Answer]:
        query = Query(question, question)
        yield query
        blocks = (Block("frame", "Første halvdel."), Block("frame", "Anden halvdel."))
        yield blocks[0]
        while not Path(os.environ["SECOND_HALF"]).exists():
            time.sleep(0.05)
        yield blocks[1]
        stamp = Stamp("", "", "", "")
        yield Answer(question, "", blocks, (), (), "extractive", False, stamp, query)


chat.draw(cast("Any", SlowAssistant()))
