"""The threads in which a large index is searched."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import faiss


@lru_cache(maxsize=1)
def searchers() -> ThreadPoolExecutor:
    """Return the threads that search, one on each core.

    FAISS shall not wake further threads for one vector: waiting for them takes longer than the search.
    """
    return ThreadPoolExecutor(os.cpu_count(), "segments", initializer=lambda: faiss.omp_set_num_threads(1))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=searchers.cache_clear)  # a child has none of its parent's threads
