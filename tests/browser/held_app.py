"""Serves the real page over the real documents, with answers that stop halfway for as long as a file is missing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streamlit.starlette import App

from assistant.pipeline import Assistant
from assistant.records import Block
from assistant.web import more_pages, shell, stopping
from eval.web import PAGE as EVALUATION

stream = Assistant.stream


def held(assistant: Assistant, *asked: Any, **options: Any) -> Iterator[Any]:
    """As ``Assistant.stream``, with a long wait behind the block that ``HELD_AFTER`` counts to."""
    blocks = 0
    for part in stream(assistant, *asked, **options):
        yield part
        blocks += isinstance(part, Block)
        while blocks == int(os.environ["HELD_AFTER"]) and not Path(os.environ["SECOND_HALF"]).exists():
            time.sleep(0.05)


Assistant.stream = held  # type: ignore[method-assign]
shell.start_logging()
more_pages.offer(EVALUATION)

app = App(shell.SCRIPT, lifespan=stopping.graceful, routes=shell.ROUTES, middleware=shell.MIDDLEWARE)
