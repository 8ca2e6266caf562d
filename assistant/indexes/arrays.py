"""Arrays as files: numbers only, so that reading one cannot run anything."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.durable.files import Damage, FolderReader, FolderWriter


def save_array(out: FolderWriter, name: str, array: NDArray[Any]) -> None:
    """Write ``array`` in NumPy's own format; raises ``ValueError`` if it would need pickle."""
    with out.open(name) as file:
        np.lib.format.write_array(file, array, allow_pickle=False)


def load_array(files: FolderReader, name: str) -> NDArray[Any]:
    """Read what :func:`save_array` wrote.

    Raises:
        Damage: the file is not what was written. ValueError: it is no array of numbers.
    """
    return array_in(files.read(name), name).copy()


def map_array(files: FolderReader, name: str) -> NDArray[Any]:
    """Return what :func:`save_array` wrote where it lies on the disk, to be read only.

    Raises:
        Damage: the file is not what was written, as far as it is checked now; see :meth:`FolderReader.map`.
        ValueError: it is no array of numbers.
    """
    return array_in(files.map(name), name)


def array_in(data: bytes | memoryview, name: str) -> NDArray[Any]:
    """Return the array in ``data``, which NumPy wrote, where it lies; to be read only.

    NumPy's own reader takes the head apart with ``ast``, and in Python 3.11 that fails now and then where several
    threads do so at once ("AST constructor recursion depth mismatch").

    Raises:
        Damage: there is more or less of it than its head says.
        ValueError: it is no array of numbers or text.
    """
    if bytes(data[: len(_VERSION)]) != _VERSION:
        raise ValueError(f"{name} is no array, or one of another version")
    start = _FIXED + int.from_bytes(data[len(_VERSION) : _FIXED], "little")
    head = _HEAD.fullmatch(bytes(data[_FIXED:start]))
    if head is None:
        raise ValueError(f"{name} is no plain array of numbers")
    dtype = np.dtype(head["kind"].decode("ascii"))
    if dtype.hasobject:
        raise ValueError(f"{name} is no plain array of numbers, and allow_pickle=False")
    shape = tuple(int(size) for size in head["shape"].split(b",") if size.strip())
    if start + math.prod(shape) * dtype.itemsize != len(data):
        raise Damage(f"filen {name} er ændret eller beskadiget")
    values = np.frombuffer(data, dtype, math.prod(shape), start)
    return values.reshape(shape[::-1]).T if head["columns"] == b"True" else values.reshape(shape)


_VERSION = b"\x93NUMPY\x01\x00"
_FIXED = len(_VERSION) + 2
_HEAD = re.compile(
    rb"\{'descr': '(?P<kind>[<|][a-zA-Z]\d*)', 'fortran_order': (?P<columns>True|False), "
    rb"'shape': \((?P<shape>[\d, ]*)\), \}\s*"
)
