"""The command line with an embedder that takes its time, for a test that stops it."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Sequence

from support.embedders import HashedEmbedder

from assistant import factory
from assistant.cli import main
from assistant.embedding.base import Vectors
from assistant.indexes import embedded


class SlowEmbedder(HashedEmbedder):
    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        time.sleep(0.1)
        return super().embed_passages(texts)


# Whoever runs the tests in the background has it ignored, also by what they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
embedded._FIRST_BATCH = embedded._LARGEST_BATCH = 200
factory.open_embedder = lambda _: SlowEmbedder()
sys.exit(main(sys.argv[1:]))
