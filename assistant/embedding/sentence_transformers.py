"""Any sentence-transformers model, by name or folder, on CPU or GPU."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.embedding.base import Vectors
from assistant.errors import MissingExtra, SettingsError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Models of these families were trained with prefixes that their files do not always declare:
# https://huggingface.co/intfloat/multilingual-e5-small#faq
_E5_PROMPTS = {"query": "query: ", "passage": "passage: "}
_MODEL_FILES = (".safetensors", ".bin", ".onnx", ".json", ".txt", ".model")  # weights, settings, tokenizers
# The library sorts by length itself; so many texts at once keep a GPU at work, and a processor in its cache.
_GPU_BATCH, _CPU_BATCH = 256, 32
_PASSAGE_NAMES = ("passage", "document", "corpus")


class SentenceTransformersEmbedder:
    """Runs a model through sentence-transformers, with its own prompts or those of its family."""

    def __init__(self, model: str, device: str = "") -> None:
        """Load ``model``, a name on the hub or a folder, on ``device`` ("" lets the library choose).

        Raises:
            MissingExtra: sentence-transformers is not installed.
            SettingsError: the model cannot be loaded.
        """
        # Its progress bars would stand between the lines of the command line.
        os.environ.setdefault("TQDM_DISABLE", "1")
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise MissingExtra(
                "Pakken sentence-transformers er ikke installeret. Installér den med "
                "»pip install sentence-transformers«, eller sæt embedding.engine til »packaged«."
            ) from error
        try:
            self._model: SentenceTransformer = SentenceTransformer(model, device=device or None)
        except Exception as error:  # the library raises errors of many kinds for a missing model
            raise SettingsError(
                f"Sprogmodellen »{model}« kan ikke hentes eller åbnes ({type(error).__name__}). "
                "Ret embedding.model til en mappe eller et modelnavn, der findes."
            ) from error
        self._name = model
        self._lock = threading.Lock()  # tokenizers share a buffer between threads
        self._query_prompt, self._passage_prompt = _prompts(model, self._model)

    @cached_property
    def fingerprint(self) -> str:
        """Engine, model name, dimension, prompts and, for a folder, a checksum of its weights."""
        prompts = f"{self._query_prompt}|{self._passage_prompt}"
        return f"sentence-transformers/{self._name}/{self.dimension}/{prompts}{_weights_digest(self._name)}"

    @property
    def dimension(self) -> int:
        """Length of a vector of this model."""
        get = (
            getattr(self._model, "get_embedding_dimension", None)
            or self._model.get_sentence_embedding_dimension
        )
        return int(get() or 0)

    @property
    def device(self) -> str:
        """What it computes on: "cpu", "cuda:0", ..."""
        return str(self._model.device)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed with the model's query prompt; returns shape (len(texts), dimension)."""
        return self._embed(texts, self._query_prompt)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed with the model's passage prompt; returns shape (len(texts), dimension)."""
        return self._embed(texts, self._passage_prompt)

    def _embed(self, texts: Sequence[str], prompt: str) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        # Tokenizers refuse half a surrogate pair.
        safe = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        with self._lock:
            vectors: Any = self._model.encode(
                safe,
                prompt=prompt,
                batch_size=_GPU_BATCH if self.device.startswith("cuda") else _CPU_BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return np.ascontiguousarray(vectors, dtype=np.float32)


def has_gpu() -> bool:
    """Return whether this machine has a GPU that torch can use."""
    try:
        import torch
    except ImportError:
        return False
    return torch.cuda.is_available()


# --- helpers --------------------------------------------------------------------------------------


def _prompts(name: str, model: Any) -> tuple[str, str]:
    """Return the query and the passage prompt: the model's own, else those of the E5 family, else none."""
    own: dict[str, str] = dict(getattr(model, "prompts", None) or {})
    query = own.get("query", "")
    passage = next((own[key] for key in _PASSAGE_NAMES if own.get(key)), "")
    if not query and not passage and "e5" in Path(name).name.lower().replace("_", "-").split("-"):
        return _E5_PROMPTS["query"], _E5_PROMPTS["passage"]
    return query, passage


def _weights_digest(name: str) -> str:
    folder = Path(name)
    if not folder.is_dir():
        return ""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in _MODEL_FILES:
            digest.update(f"{path.relative_to(folder).as_posix()}:{path.stat().st_size}".encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return "/" + digest.hexdigest()[:16]
