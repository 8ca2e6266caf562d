from __future__ import annotations

from collections.abc import Iterator

import pytest
from clusters import LocalCluster


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """One scheduler for all tests: starting one takes longer than most of them."""
    cluster = LocalCluster(tmp_path_factory.mktemp("dask"))
    yield cluster
    cluster.close()


@pytest.fixture
def cluster(started: LocalCluster) -> LocalCluster:
    """A cluster of two workers."""
    started.have(2)
    return started
