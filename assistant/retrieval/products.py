"""How NumPy works out products of matrices."""

from __future__ import annotations

from functools import lru_cache

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
