"""How NumPy works out products of matrices."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController


@lru_cache(maxsize=1)
def in_one_thread() -> None:
    """Let each product be worked out in the thread that asks for it, in this process from now on.

    The products of a question are small: waking the other threads of BLAS for them takes longer than the products,
    those go on spinning for some 25 ms beside what follows, and where others use the cores, the product waits for
    them. FAISS has a BLAS of its own, which stays as it is.
    """
    libraries = ThreadpoolController().select(user_api="blas").lib_controllers
    for library in libraries:
        if "faiss" not in library.filepath:
            library.set_num_threads(1)


_TOGETHER = 128
"""So many rows of some hundred numbers stay near the processor until the last vector has been through them."""


def products_of(rows: NDArray[np.float32], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the products of each of a few ``vectors`` with all ``rows``; shape (len(vectors), len(rows)).

    Many rows are read from memory once, not once for each vector, which is most of the time that it takes.
    """
    whole = len(rows) - len(rows) % _TOGETHER
    blocks = rows[:whole].reshape(-1, 1, _TOGETHER, rows.shape[1])
    found = np.empty((len(vectors), len(rows)), dtype=np.float32)
    found[:, :whole] = (blocks @ vectors[None, :, :, None])[..., 0].swapaxes(0, 1).reshape(len(vectors), -1)
    found[:, whole:] = vectors @ rows[whole:].T
    return found
