"""Builds over a Dask cluster: the same index as one machine makes, whatever happens to the workers."""

from __future__ import annotations

from pathlib import Path

import pytest
from clusters import LocalCluster, wait_until
from embedders import FAILING, HASHED, NAMED, POISON, POISONED, held
from spread_world import Built, InThread, build_here, build_spread, make_corpus
from support.corpora import write

from assistant.errors import ClusterError
from assistant.indexes.store import read_generation
from assistant.progress import Progress
from assistant.spreading import embedding


@pytest.fixture(autouse=True)
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


def test_an_index_built_over_a_cluster_is_the_same_to_the_byte(
    cluster: LocalCluster, corpus: Path, here: Built, tmp_path: Path
) -> None:
    told: list[Progress] = []
    built = build_spread(cluster.address, corpus, tmp_path, HASHED, progress=told.append)

    assert built.content == here.content
    assert len(built.report.problems) == 2
    assert (built.report.documents, built.report.embedded) == (here.report.documents, here.report.embedded)
    embedding_told = [p for p in told if p.stage == "Indlejrer tekststykker"]
    assert len(embedding_told) > 5
    assert embedding_told[-1].done == embedding_told[-1].total > 0


def test_what_has_not_changed_is_neither_read_nor_embedded_again(
    cluster: LocalCluster, corpus: Path, here: Built, tmp_path: Path
) -> None:
    build_spread(cluster.address, corpus, tmp_path, HASHED)
    again = build_spread(cluster.address, corpus, tmp_path, POISONED)

    assert again.report.embedded == 0
    assert again.content == here.content


def test_a_worker_killed_in_the_middle_is_not_missed(
    cluster: LocalCluster, corpus: Path, here: Built, tmp_path: Path
) -> None:
    (tmp_path / "hold").touch()
    at_work = tmp_path / str(cluster.workers[0].pid)
    build = InThread(lambda: build_spread(cluster.address, corpus, tmp_path / "index", held(tmp_path)))
    wait_until(lambda: at_work.exists() or build.is_done)
    assert not build.is_done
    cluster.end(cluster.workers[0])
    (tmp_path / "hold").unlink()

    assert build.result().content == here.content


def test_a_file_that_breaks_its_reader_is_named_and_costs_no_worker(
    cluster: LocalCluster, corpus: Path, tmp_path: Path
) -> None:
    """The bomb is read in a child of the worker, within the limits that hold everywhere."""
    folder = write(tmp_path / "corpus", [("god.txt", "Tillid er god."), ("itu.pdf", b"%PDF-1.7\nintet")])
    alive = [worker.pid for worker in cluster.workers]
    built = build_spread(cluster.address, folder, tmp_path / "index", HASHED)

    assert [problem.source for problem in built.report.problems] == ["itu.pdf"]
    assert built.content == build_here(folder, tmp_path / "here").content
    assert [worker.pid for worker in cluster.workers if worker.poll() is None] == alive


def test_a_passage_that_kills_workers_costs_its_document_alone(cluster: LocalCluster, tmp_path: Path) -> None:
    cluster.on_scheduler(_blame_at_once)
    cluster.have(3)
    good = [("god.txt", "Tillid er god.\n\nKontrol er bedre."), ("mere.txt", "Ansvar\n\n• Mål\n• Ledelse")]
    folder = write(tmp_path / "corpus", [*good, ("ond.txt", f"Begyndelse.\n\nEn {POISON} sætning.")])
    try:
        built = build_spread(cluster.address, folder, tmp_path / "index", POISONED)
    finally:
        cluster.on_scheduler(_blame_as_usual)

    (problem,) = built.report.problems
    assert problem.source == "ond.txt"
    assert "tekststykke på side 1" in problem.message
    assert problem.unfinished
    alone = build_here(write(tmp_path / "gode", good), tmp_path / "here")
    assert built.generation.documents == alone.generation.documents
    assert built.generation.manifest.files == alone.generation.manifest.files


def test_a_passage_that_cannot_be_embedded_costs_its_document_alone(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    folder = write(tmp_path / "corpus", [("god.txt", "Tillid er god."), ("ond.txt", f"En {POISON} sætning.")])
    built = build_spread(cluster.address, folder, tmp_path / "index", FAILING)

    assert [problem.source for problem in built.report.problems] == ["ond.txt"]
    assert [document.id for document in built.generation.documents] == ["god"]


def test_when_all_workers_are_gone_the_build_ends_and_goes_on_from_there(
    cluster: LocalCluster, corpus: Path, here: Built, tmp_path: Path
) -> None:
    index, keep = tmp_path / "index", tmp_path / "keep"
    first = write(tmp_path / "first", [("god.txt", "Tillid er god.")])
    before = build_spread(cluster.address, first, index, HASHED)
    (tmp_path / "hold").touch()
    pids = [worker.pid for worker in cluster.workers]
    told: list[Progress] = []
    build = InThread(
        lambda: build_spread(
            cluster.address, corpus, index, held(tmp_path), progress=told.append, wait_seconds=1, keep=keep
        )
    )
    wait_until(lambda: any((tmp_path / str(pid)).exists() for pid in pids))
    for worker in list(cluster.workers):
        cluster.end(worker)

    with pytest.raises(ClusterError, match=r"ikke haft nogen arbejdere i 1 sekunder.*Intet er tabt"):
        build.result()
    assert told[-1].stage == "Venter på Dask-arbejdere"
    assert read_generation(index, model=before.generation.manifest.model).name == before.generation.name

    (tmp_path / "hold").unlink()
    cluster.have(1)
    after = build_spread(cluster.address, corpus, index, HASHED, keep=keep)
    assert after.content == here.content


def test_a_worker_that_comes_while_all_are_gone_goes_on(
    cluster: LocalCluster, corpus: Path, here: Built, tmp_path: Path
) -> None:
    (tmp_path / "hold").touch()
    pids = [worker.pid for worker in cluster.workers]
    build = InThread(lambda: build_spread(cluster.address, corpus, tmp_path / "index", held(tmp_path)))
    wait_until(lambda: any((tmp_path / str(pid)).exists() for pid in pids))
    for worker in list(cluster.workers):
        cluster.end(worker)
    (tmp_path / "hold").unlink()
    cluster.worker()

    assert build.result().content == here.content


def test_a_worker_with_another_version_is_named_before_anything_is_done(
    cluster: LocalCluster, corpus: Path, tmp_path: Path
) -> None:
    other = cluster.worker("--preload", "older_program", "--name", "gammel")
    cluster.await_workers(3)
    try:
        with pytest.raises(
            ClusterError,
            match=r"tcp://127\.0\.0\.1:\d+ er ikke som denne maskine: "
            r"programmets udgave er »0\.0\.9« der og »0\.1\.0« her.*Intet er ændret",
        ):
            build_spread(cluster.address, corpus, tmp_path / "index", HASHED)
    finally:
        cluster.end(other)
    assert not (tmp_path / "index").exists()


def test_a_worker_with_another_model_is_named_before_anything_is_done(
    cluster: LocalCluster, corpus: Path, tmp_path: Path
) -> None:
    other = cluster.worker(environment={"TEST_EMBEDDER": "anden"})
    cluster.await_workers(3)
    try:
        with pytest.raises(ClusterError, match="sprogmodellen er »anden/64« der og »hashed/64« her"):
            build_spread(cluster.address, corpus, tmp_path / "index", NAMED)
    finally:
        cluster.end(other)


def _blame_at_once(dask_scheduler: object = None) -> None:
    dask_scheduler.allowed_failures = 0  # type: ignore[union-attr]


def _blame_as_usual(dask_scheduler: object = None) -> None:
    dask_scheduler.allowed_failures = 3  # type: ignore[union-attr]
