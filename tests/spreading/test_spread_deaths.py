"""Deaths of every kind during builds over a Dask cluster; only with `make soak`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from clusters import LocalCluster, wait_until
from embedders import HASHED, NAMED, POISON, POISONED, held
from spread_world import Built, InThread, build_here, build_spread
from support.corpora import write

from assistant.errors import ClusterError
from assistant.indexes.embedded import STAGE
from assistant.progress import Progress

pytestmark = [pytest.mark.soak, pytest.mark.usefixtures("small_batches")]

ROUNDS = 20
CHECKING = "Undersøger Dask-arbejderne"


def test_a_passage_that_kills_workers_costs_its_document_alone(cluster: LocalCluster, tmp_path: Path) -> None:
    cluster.on_scheduler(_blame_at_once)
    cluster.have(3)
    good = [("god.txt", "Tillid er god.\n\nKontrol er bedre."), ("mere.txt", "Ansvar\n\n• Mål\n• Ledelse")]
    folder = write(tmp_path / "corpus", [*good, ("ond.txt", f"Begyndelse.\n\nEn {POISON} sætning.")])
    try:
        built = build_spread(cluster.access(), folder, tmp_path / "index", POISONED)
    finally:
        cluster.on_scheduler(_blame_as_usual)

    (problem,) = built.report.problems
    assert problem.source == "ond.txt"
    assert "tekststykke på side 1" in problem.message
    assert problem.unfinished
    alone = build_here(write(tmp_path / "gode", good), tmp_path / "here")
    assert built.generation.documents == alone.generation.documents
    assert built.generation.manifest.files == alone.generation.manifest.files


def test_a_file_that_kills_workers_is_named_and_the_others_are_read(
    started: LocalCluster, tmp_path: Path
) -> None:
    started.have(0)
    started.on_scheduler(_blame_at_once)
    for _ in range(3):
        started.worker("--preload", "deadly_reader")
    started.await_workers(3)
    good = [(f"god-{n}.txt", f"Tillid {n} er god.") for n in range(9)]
    folder = write(tmp_path / "corpus", [*good, ("ond.txt", "En ond fil.")])
    try:
        built = build_spread(started.access(), folder, tmp_path / "index", HASHED)
    finally:
        started.on_scheduler(_blame_as_usual)
        started.have(0)

    (problem,) = built.report.problems
    assert problem.source == "ond.txt"
    assert "fik flere Dask-arbejdere til at gå ned" in problem.message
    assert len(built.generation.documents) == len(good)


def test_a_worker_that_comes_while_all_are_gone_goes_on(
    cluster: LocalCluster, corpus: Path, here: Built, tmp_path: Path
) -> None:
    (tmp_path / "hold").touch()
    pids = [worker.pid for worker in cluster.workers]
    build = InThread(lambda: build_spread(cluster.access(), corpus, tmp_path / "index", held(tmp_path)))
    wait_until(lambda: any((tmp_path / str(pid)).exists() for pid in pids))
    for worker in list(cluster.workers):
        cluster.end(worker)
    (tmp_path / "hold").unlink()
    cluster.worker()

    assert build.result().content == here.content


def test_a_worker_with_another_model_is_named_before_anything_is_done(
    cluster: LocalCluster, corpus: Path, tmp_path: Path
) -> None:
    other = cluster.worker(environment={"TEST_EMBEDDER": "anden"})
    cluster.await_workers(3)
    try:
        with pytest.raises(ClusterError, match="sprogmodellen er »anden/64« der og »hashed/64« her"):
            build_spread(cluster.access(), corpus, tmp_path / "index", NAMED)
    finally:
        cluster.end(other)


def test_a_worker_that_joins_with_another_model_ends_the_build_and_nothing_is_lost(
    cluster: LocalCluster, corpus: Path, here: Built, tmp_path: Path
) -> None:
    keep, joined = tmp_path / "keep", []

    def join(progress: Progress) -> None:
        if progress.stage == STAGE and progress.done and not joined:
            joined.append(cluster.worker(environment={"TEST_EMBEDDER": "anden"}))
            cluster.await_workers(3)
            for worker in cluster.workers[:2]:
                cluster.end(worker)

    with pytest.raises(ClusterError, match=r"er »anden/64« der og »hashed/64« her.*Intet er tabt"):
        build_spread(cluster.access(), corpus, tmp_path / "index", NAMED, keep=keep, progress=join)
    cluster.end(joined[0])
    cluster.have(1)

    built = build_spread(cluster.access(), corpus, tmp_path / "index", NAMED, keep=keep)
    assert built.content == here.content


def test_a_worker_without_the_program_is_named(cluster: LocalCluster, corpus: Path, tmp_path: Path) -> None:
    other = cluster.worker("--preload", "no_program")
    cluster.await_workers(3)
    try:
        with pytest.raises(
            ClusterError, match=r"tcp://\S+ forsvandt.*Er programmet installeret.*Intet er ændret"
        ):
            build_spread(cluster.access(), corpus, tmp_path / "index", HASHED)
    finally:
        cluster.end(other)


def test_when_the_scheduler_dies_the_build_ends_and_goes_on_from_there(
    corpus: Path, here: Built, tmp_path: Path
) -> None:
    index, keep = tmp_path / "index", tmp_path / "keep"
    own = _cluster(tmp_path / "first")
    told: list[Progress] = []

    def die(progress: Progress) -> None:
        told.append(progress)
        if progress.stage == STAGE and progress.done >= 20:
            own.scheduler.kill()

    try:
        with pytest.raises(
            ClusterError, match=r"Forbindelsen til Dask-klyngen på tcp://.* gik tabt.*Intet er"
        ):
            build_spread(own.access(), corpus, index, HASHED, keep=keep, progress=die)
    finally:
        own.close()
    embedded = max(progress.done for progress in told if progress.stage == STAGE)

    other = _cluster(tmp_path / "second")
    again: list[Progress] = []
    try:
        built = build_spread(other.access(), corpus, index, HASHED, keep=keep, progress=again.append)
    finally:
        other.close()
    assert built.content == here.content
    assert next(progress.done for progress in again if progress.stage == STAGE) >= embedded


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_worker_killed_at_any_moment_is_not_missed(
    cluster: LocalCluster, corpus: Path, here: Built, tmp_path: Path, seed: int
) -> None:
    """Moments are counted in what the build tells, so that each is one of the work, on any machine."""
    chance = random.Random(seed)
    victim = chance.choice(cluster.workers)
    moment = chance.randrange(1, 60)
    told: list[Progress] = []

    def kill_at_the_moment(progress: Progress) -> None:
        if progress.stage == CHECKING:
            return  # one that dies before the work begins is named, and it does not begin
        told.append(progress)
        if len(told) == moment:
            cluster.end(victim)

    built = build_spread(cluster.access(), corpus, tmp_path / "index", HASHED, progress=kill_at_the_moment)

    assert victim.poll() is not None
    assert len(told) > moment
    assert built.content == here.content


def _cluster(folder: Path) -> LocalCluster:
    folder.mkdir()
    cluster = LocalCluster(folder)
    cluster.have(1)
    return cluster


def _blame_at_once(dask_scheduler: object = None) -> None:
    dask_scheduler.allowed_failures = 0  # type: ignore[union-attr]


def _blame_as_usual(dask_scheduler: object = None) -> None:
    dask_scheduler.allowed_failures = 3  # type: ignore[union-attr]
