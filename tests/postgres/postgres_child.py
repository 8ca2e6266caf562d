"""Builds an index in PostgreSQL in a process of its own and kills itself at a step of it.

Run as ``postgres_child.py URL SCHEMA STEP FOLDER``: the documents are the text files of ``FOLDER``. It prints a
line when it begins, and one when the index is written.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from postgres_world import EMBEDDER, change_to  # noqa: E402
from support.corpora import document  # noqa: E402

from assistant.indexes.manifest import Origin  # noqa: E402
from assistant.indexes.postgres.home import PostgresHome  # noqa: E402
from assistant.indexes.postgres.servers import Servers  # noqa: E402


def main(url: str, schema: str, step: str, folder: str) -> None:
    documents = [
        document(path.read_text(encoding="utf-8"), name=path.stem) for path in sorted(Path(folder).iterdir())
    ]

    def told(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    print("begun", flush=True)
    with PostgresHome(Servers(url, schema=schema)).writing() as writer:
        writer.write(change_to(documents), Origin(EMBEDDER.fingerprint, "2026-03-02T08:00:00+00:00"), told)
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
