"""Arrays in NumPy's own format, read without NumPy's own reader."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from assistant.durable.files import Damage
from assistant.indexes.arrays import array_in


def written(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array, allow_pickle=True)
    return out.getvalue()


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.float32).reshape(2, 3),
        np.asfortranarray(np.arange(6, dtype=np.float16).reshape(2, 3)),
        np.arange(5, dtype=np.uint8),
        np.zeros((0, 4), dtype=np.int64),
        np.asarray([True, False]),
        np.asarray("æøå"),
    ],
    ids=["rows", "columns", "bytes", "empty", "truths", "text"],
)
def test_what_numpy_wrote_is_read(array: np.ndarray) -> None:
    found = array_in(written(array), "a.npy")

    assert found.dtype == array.dtype
    assert found.shape == array.shape
    assert (found == array).all()


@pytest.mark.parametrize(
    "data",
    [
        written(np.asarray([{"an": "object"}], dtype=object)),
        written(np.zeros(2, dtype=[("a", "<f4")])),
        b"\x93NUMPY\x02\x00" + written(np.zeros(2))[8:],
        b"no array at all",
        b"",
    ],
    ids=["objects", "records", "another version", "text", "nothing"],
)
def test_what_is_no_plain_array_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"a\.npy is no"):
        array_in(data, "a.npy")


@pytest.mark.parametrize("change", [b"\x00", b""], ids=["longer", "shorter"])
def test_an_array_of_another_length_than_its_head_says_is_damaged(change: bytes) -> None:
    data = written(np.arange(4))
    with pytest.raises(Damage, match="ændret eller beskadiget"):
        array_in(data + change if change else data[:-1], "a.npy")


def test_many_threads_read_at_once() -> None:
    data = written(np.arange(10))
    with ThreadPoolExecutor(8) as pool:
        sums = list(pool.map(lambda _: int(array_in(data, "a.npy").sum()), range(2_000)))
    assert set(sums) == {45}
