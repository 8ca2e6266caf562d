"""A process that keeps answers until it is killed, and says of each when it was acknowledged.

Run as ``python database_child.py URL OWNER CONVERSATION honest|naive``. The naive one says so a little too
early, as a writer does that acknowledges what it has only queued.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.answers import answer

from assistant.storage.sql import open_store

AHEAD = 5


def main(url: str, owner: str, conversation: str, writer: str) -> None:
    store = open_store(url, Path("/"))
    turn = 0
    while True:
        ahead = range(turn, turn + (AHEAD if writer == "naive" else 1))
        if writer == "naive":
            _acknowledge(ahead)
        for each in ahead:
            store.append(owner, conversation, each, answer(f"Spørgsmål {each}?"))
        if writer == "honest":
            _acknowledge(ahead)
        turn = ahead.stop


def _acknowledge(turns: range) -> None:
    for turn in turns:
        sys.stdout.write(f"{turn}\n")
    sys.stdout.flush()


main(*sys.argv[1:])
