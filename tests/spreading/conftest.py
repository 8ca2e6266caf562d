from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from clusters import LocalCluster
from spread_world import Built, build_here, make_corpus

from assistant.spreading import embedding


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


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a small corpus is many."""
    monkeypatch.setattr(embedding, "_CHARACTERS", 400)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("corpus") / "corpus")


@pytest.fixture(scope="module")
def here(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """What one machine makes of the corpus."""
    return build_here(corpus, tmp_path_factory.mktemp("here"))
