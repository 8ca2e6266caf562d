"""Vectors kept while a long build goes on, so that one that is stopped goes on where it was.

One file for the embedder's fingerprint, to which blocks are only ever appended, each flushed before the next
is embedded::

    header  magic (8 bytes), SHA-256 of the fingerprint (32), dimension (4)
    block   count (4), SHA-256 of the rest (32), count digests of texts (32 each), count vectors (float32)

Numbers are little-endian. A block that was torn by a crash, or is damaged, ends what is read: it and what
follows is cut off and embedded again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from assistant.durable.files import flush, flush_handle, make_folder, why
from assistant.durable.locks import Busy, exclusive
from assistant.embedding.base import Vectors
from assistant.errors import IndexUnusable

_MAGIC = b"VEKTOR01"
_COUNT = struct.Struct("<I")
_DIGEST_BYTES = 32
_SUFFIX = ".vectors"
_LOCK = "LOCK"


class Journal:
    """What is embedded so far, by the digest of its text; without a folder nothing is kept."""

    def __init__(self, file: BinaryIO | None, dimension: int, folder: Path | None) -> None:
        """Append to ``file``, which stands behind its header, if there is one."""
        self._file = file
        self._dimension = dimension
        self._folder = folder

    @staticmethod
    @contextmanager
    def opened(folder: Path | None, fingerprint: str, dimension: int) -> Iterator[Journal]:
        """Open or begin the journal of an embedder in ``folder``; those of other embedders are removed.

        Where another process is at it, this one keeps nothing.

        Raises:
            IndexUnusable: it cannot be read or written.
        """
        if folder is None:
            yield Journal(None, dimension, None)
            return
        with ExitStack() as held:
            try:
                make_folder(folder)
                held.enter_context(exclusive(folder / _LOCK, seconds=0, waiting=lambda: None))
                file = held.enter_context(_opened(folder, fingerprint, dimension))
            except Busy:
                yield Journal(None, dimension, None)
                return
            except OSError as error:
                raise _unusable(folder, error) from error
            yield Journal(file, dimension, folder)

    @staticmethod
    def remove(folder: Path) -> None:
        """Remove the journals in ``folder``, as far as the disk allows."""
        shutil.rmtree(folder, ignore_errors=True)

    def read(self) -> dict[bytes, Vectors]:
        """Return the vectors by digest and make ready to append behind the last whole block.

        Raises:
            IndexUnusable: the file cannot be read, or the torn end not be cut off.
        """
        kept: dict[bytes, Vectors] = {}
        if self._file is None or self._folder is None:
            return kept
        try:
            while True:
                end = self._file.tell()
                block = self._block(self._file)
                if block is None:
                    break
                kept.update(block)
            self._file.seek(end)
            self._file.truncate()
        except OSError as error:
            raise _unusable(self._folder, error) from error
        return kept

    def append(self, digests: Sequence[bytes], vectors: Vectors) -> None:
        """Keep one vector a digest, shape (len(digests), dimension); they are on the disk on return.

        Raises:
            IndexUnusable: they cannot be written; what was kept before still is.
        """
        if self._file is None or self._folder is None:
            return
        payload = b"".join(digests) + np.ascontiguousarray(vectors, dtype="<f4").tobytes()
        try:
            self._file.write(_COUNT.pack(len(digests)) + hashlib.sha256(payload).digest() + payload)
            self._file.flush()
            flush_handle(self._file.fileno())
        except OSError as error:
            raise _unusable(self._folder, error) from error

    def _block(self, file: BinaryIO) -> dict[bytes, Vectors] | None:
        head = file.read(_COUNT.size + _DIGEST_BYTES)
        if len(head) < _COUNT.size + _DIGEST_BYTES:
            return None
        (count,) = _COUNT.unpack_from(head)
        length = count * (_DIGEST_BYTES + 4 * self._dimension)
        if length > os.fstat(file.fileno()).st_size - file.tell():
            return None
        payload = file.read(length)
        if hashlib.sha256(payload).digest() != head[_COUNT.size :]:
            return None
        vectors = np.frombuffer(payload, dtype="<f4", offset=count * _DIGEST_BYTES)
        digests = (payload[at : at + _DIGEST_BYTES] for at in range(0, count * _DIGEST_BYTES, _DIGEST_BYTES))
        return dict(zip(digests, vectors.reshape(count, self._dimension), strict=True))


def _opened(folder: Path, fingerprint: str, dimension: int) -> BinaryIO:
    """Open the journal behind its header; one with another header is begun anew."""
    model = hashlib.sha256(fingerprint.encode()).digest()
    header = _MAGIC + model + _COUNT.pack(dimension)
    path = folder / (model.hex()[:16] + _SUFFIX)
    for other in folder.glob(f"*{_SUFFIX}"):
        if other != path:
            other.unlink()
    file = path.open("r+b") if path.exists() else path.open("x+b")
    try:
        if file.read(len(header)) != header:
            file.seek(0)
            file.truncate()
            file.write(header)
            file.flush()
            flush_handle(file.fileno())
            flush(folder)
    except BaseException:
        file.close()
        raise
    return file


def _unusable(folder: Path, error: OSError) -> IndexUnusable:
    return IndexUnusable(
        f"Det, der er indlejret, kan ikke gemmes undervejs i {folder} ({why(error)}). "
        "Skaf plads eller rettigheder, og prøv igen: så fortsættes der, hvor der blev stoppet."
    )
