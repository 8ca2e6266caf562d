"""Arrays as files: numbers only, so that reading one cannot run anything."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.durable.files import FolderReader, FolderWriter


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
