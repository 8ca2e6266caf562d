"""Embedders that a worker opens by name: the workers of these tests have this folder on their path."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from support.embedders import HashedEmbedder

from assistant.embedding.base import Vectors
from assistant.spreading.tasks import Opening

POISON = "giftig"


class HeldEmbedder(HashedEmbedder):
    """Says which process embeds, and waits as long as there is a file ``hold``."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = Path(folder)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        (self._folder / str(os.getpid())).touch()
        while (self._folder / "hold").exists():
            time.sleep(0.02)
        return super().embed_passages(texts)


class PoisonedEmbedder(HashedEmbedder):
    """Takes its process with it where a text holds poison, as a fault in compiled code does."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if any(POISON in text for text in texts):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().embed_passages(texts)


class FailingEmbedder(HashedEmbedder):
    """Raises where a text holds poison, as an engine short of memory does."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if any(POISON in text for text in texts):
            raise RuntimeError("out of memory")
        return super().embed_passages(texts)


class NamedEmbedder(HashedEmbedder):
    """The name in its fingerprint is that of the machine that it runs on."""

    def __init__(self) -> None:
        super().__init__(name=os.environ.get("TEST_EMBEDDER", "hashed"))


HASHED = Opening(HashedEmbedder)
POISONED = Opening(PoisonedEmbedder)
FAILING = Opening(FailingEmbedder)
NAMED = Opening(NamedEmbedder)


def held(folder: Path) -> Opening:
    return Opening(HeldEmbedder, (str(folder),))
