"""Arrays as files: numbers only, so that reading one cannot run anything."""

from __future__ import annotations

import io
import math
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
    array: NDArray[Any] = np.load(io.BytesIO(files.read(name)), allow_pickle=False)
    return array


def map_array(files: FolderReader, name: str) -> NDArray[Any]:
    """Return what :func:`save_array` wrote where it lies on the disk, to be read only.

    Raises:
        Damage: the file is not what was written, as far as it is checked now; see :meth:`FolderReader.map`.
        ValueError: it is no array of numbers.
    """
    data = files.map(name)
    head = io.BytesIO(data[:_HEAD])
    if np.lib.format.read_magic(head) != (1, 0):
        raise ValueError(f"{name} is an array of another version")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(head)
    if dtype.hasobject or fortran:
        raise ValueError(f"{name} is no plain array of numbers, and allow_pickle=False")
    if head.tell() + math.prod(shape) * dtype.itemsize != len(data):
        raise Damage(f"filen {name} er ændret eller beskadiget")
    return np.frombuffer(data, dtype, math.prod(shape), head.tell()).reshape(shape)


_HEAD = 4096
