"""Products of matrices stay in the thread that asks for them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
