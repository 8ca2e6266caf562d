"""A cluster on another machine is reached through TLS, where only those with its certificates take part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import make_certificates
from clusters import LocalCluster
from embedders import HASHED
from spread_world import build_here, build_spread, make_corpus

from assistant.errors import ClusterError
from assistant.progress import silent
from assistant.spreading import cluster as clusters
from assistant.spreading.address import Access
from assistant.spreading.cluster import connected

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    folder = tmp_path_factory.mktemp("tls")
    cluster = LocalCluster(folder, make_certificates(folder / "own"))
    cluster.have(1)
    yield cluster
    cluster.close()


def test_a_build_through_tls_gives_the_same_index(encrypted: LocalCluster, tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "corpus")
    built = build_spread(encrypted.access(), corpus, tmp_path / "index", HASHED)

    assert encrypted.address.startswith("tls://")
    assert built.content == build_here(corpus, tmp_path / "here").content


@pytest.mark.parametrize("theirs", [True, False], ids=["another authority", "no encryption"])
def test_who_lacks_the_certificates_is_not_let_in(
    encrypted: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theirs: bool
) -> None:
    monkeypatch.setattr(clusters, "_CONNECT_SECONDS", 1)
    if theirs:
        access = Access(encrypted.address, **make_certificates(tmp_path / "others"))
    else:
        access = Access(encrypted.address.replace("tls://", "tcp://"))

    with pytest.raises(ClusterError, match="Der svarer ingen Dask-klynge på"), connected(access, silent):
        pass
