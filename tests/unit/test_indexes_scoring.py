"""What a term is worth in BM25."""

from __future__ import annotations

import numpy as np

from assistant.indexes.scoring import inverse_frequencies


def test_a_term_that_stands_nowhere_weighs_nothing() -> None:
    assert list(inverse_frequencies(np.asarray([0.0, 1.0]), 10) > 0) == [False, True]
