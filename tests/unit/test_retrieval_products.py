"""Products of matrices stay in the thread that asks for them, and read the rows once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from assistant.retrieval.products import products_of

CODE = """
import faiss
from threadpoolctl import ThreadpoolController
from assistant.retrieval.products import in_one_thread
libraries = ThreadpoolController().select(user_api="blas").lib_controllers
of_faiss = [each.num_threads for each in libraries if "faiss" in each.filepath]
in_one_thread()
print([each.num_threads for each in libraries if "faiss" not in each.filepath])
print([each.num_threads for each in libraries if "faiss" in each.filepath] == of_faiss)
"""


@pytest.mark.skipif(os.cpu_count() == 1, reason="one core has one thread to begin with")
def test_products_of_numpy_are_worked_out_in_one_thread_and_those_of_faiss_as_before() -> None:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "2", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split("\n")[:2] == ["[1]", "True"]


@pytest.mark.parametrize("rows", [0, 1, 127, 128, 300])
def test_products_are_those_of_each_vector_with_every_row(rows: int) -> None:
    random = np.random.default_rng(rows)
    matrix, vectors = (random.normal(size=(n, 24)).astype(np.float32) for n in (rows, 2))
    found = products_of(matrix, vectors)
    assert (found.shape, found.dtype) == ((2, rows), np.float32)
    np.testing.assert_allclose(found, vectors @ matrix.T, rtol=1e-5, atol=1e-5)
