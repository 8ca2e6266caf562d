"""Builds over a Dask cluster: the same index as one machine makes, whatever happens to the workers."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from clusters import LocalCluster, wait_until
from embedders import FAILING, HASHED, POISON, POISONED, held
from hostile.crafted_pdf import crafted_pdfs
from spread_world import Built, InThread, build_spread
from support.corpora import write

from assistant.cli import main
from assistant.embedding.packaged import PackagedEmbedder
from assistant.errors import ClusterError
from assistant.factory import build_index
from assistant.indexes.embedded import STAGE
from assistant.indexes.store import read_generation
from assistant.loading.limits import ReadLimits
from assistant.progress import Progress
from assistant.settings import CorpusSettings, IndexSettings, Settings

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("small_batches")]


def test_an_index_built_over_a_cluster_is_the_same_to_the_byte(
    cluster: LocalCluster, corpus: Path, here: Built, tmp_path: Path
) -> None:
    told: list[Progress] = []
    built = build_spread(cluster.access(), corpus, tmp_path, HASHED, progress=told.append)

    assert built.content == here.content
    assert len(built.report.problems) == 2
    assert (built.report.documents, built.report.embedded) == (here.report.documents, here.report.embedded)
    embedding_told = [p for p in told if p.stage == STAGE]
    assert len(embedding_told) > 5
    assert embedding_told[-1].done == embedding_told[-1].total > 0

    again = build_spread(cluster.access(), corpus, tmp_path, POISONED)
    assert again.report.embedded == 0
    assert again.content == here.content


def test_a_worker_killed_in_the_middle_is_not_missed(
    cluster: LocalCluster, corpus: Path, here: Built, tmp_path: Path
) -> None:
    (tmp_path / "hold").touch()
    at_work = tmp_path / str(cluster.workers[0].pid)
    build = InThread(lambda: build_spread(cluster.access(), corpus, tmp_path / "index", held(tmp_path)))
    wait_until(lambda: at_work.exists() or build.is_done)
    assert not build.is_done
    cluster.end(cluster.workers[0])
    (tmp_path / "hold").unlink()

    assert build.result().content == here.content


def test_a_file_that_hangs_its_reader_is_named_and_costs_no_worker(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    """It is read in a child of the worker, which is ended at the limit."""
    bomb = crafted_pdfs()["figurer-to-i-fyrretyvende.pdf"]()
    folder = write(tmp_path / "corpus", [("god.txt", "Tillid er god."), ("ond.pdf", bomb)])
    limits = ReadLimits(seconds=1, memory_megabytes=4096)  # the time ends long before the memory does
    alive = [worker.pid for worker in cluster.workers]
    built = build_spread(cluster.access(), folder, tmp_path / "index", HASHED, limits=limits)

    (problem,) = built.report.problems
    assert problem.source == "ond.pdf"
    assert "tog over 1 sekunder" in problem.message
    assert [document.id for document in built.generation.documents] == ["god"]
    assert [worker.pid for worker in cluster.workers if worker.poll() is None] == alive


def test_a_passage_that_cannot_be_embedded_costs_its_document_alone(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    folder = write(tmp_path / "corpus", [("god.txt", "Tillid er god."), ("ond.txt", f"En {POISON} sætning.")])
    built = build_spread(cluster.access(), folder, tmp_path / "index", FAILING)

    assert [problem.source for problem in built.report.problems] == ["ond.txt"]
    assert [document.id for document in built.generation.documents] == ["god"]


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
            build_spread(cluster.access(), corpus, tmp_path / "index", HASHED)
    finally:
        cluster.end(other)
    assert not (tmp_path / "index").exists()


def test_when_all_workers_are_gone_the_build_ends_and_goes_on_from_there(
    cluster: LocalCluster, corpus: Path, here: Built, tmp_path: Path
) -> None:
    index, keep = tmp_path / "index", tmp_path / "keep"
    first = write(tmp_path / "first", [("god.txt", "Tillid er god.")])
    before = build_spread(cluster.access(), first, index, HASHED)
    told: list[Progress] = []

    def hold_after_a_while(progress: Progress) -> None:
        told.append(progress)
        if progress.stage == STAGE and progress.done >= 5:
            (tmp_path / "hold").touch()

    build = InThread(
        lambda: build_spread(
            cluster.access(1), corpus, index, held(tmp_path), progress=hold_after_a_while, keep=keep
        )
    )
    wait_until(lambda: (tmp_path / "hold").exists() or build.is_done)
    for worker in list(cluster.workers):
        cluster.end(worker)

    with pytest.raises(ClusterError, match=r"ikke haft nogen arbejdere i 1 sekunder.*Intet er tabt"):
        build.result()
    assert told[-1].stage == "Venter på Dask-arbejdere"
    assert read_generation(index, model=before.generation.manifest.model).name == before.generation.name
    embedded = max(progress.done for progress in told if progress.stage == STAGE)

    cluster.have(1)
    again: list[Progress] = []
    after = build_spread(cluster.access(), corpus, index, HASHED, keep=keep, progress=again.append)
    assert after.content == here.content
    assert next(progress.done for progress in again if progress.stage == STAGE) >= embedded
    assert not keep.exists()


def test_the_packaged_model_gives_the_same_vectors_on_workers(
    started: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started.have(1)
    folder = write(
        tmp_path / "corpus", [("tillid.txt", "Tillid\n\n• Vi viser tillid\n• Kontrol er ikke målet")]
    )
    monkeypatch.setenv("ASSISTANT_CORPUS__PATH", str(folder))
    monkeypatch.setenv("ASSISTANT_INDEX__PATH", str(tmp_path / "index"))
    assert main(["build", "--dask", started.address]) == 0

    assert re.match(r"1 dokument, 2 tekststykker \(2 indlejret, 0 genbrugt\)", capsys.readouterr().out)
    build_index(Settings(corpus=CorpusSettings(folder), index=IndexSettings(tmp_path / "here")))
    model = PackagedEmbedder().fingerprint
    spread, here = (read_generation(tmp_path / name, model=model) for name in ("index", "here"))
    assert spread.manifest.identity == here.manifest.identity
    assert spread.documents == here.documents
    for document in here.documents:
        assert spread.index.passages_of(document.id) == here.index.passages_of(document.id)
        for ours, theirs in zip(
            spread.index.vectors_of(document.id), here.index.vectors_of(document.id), strict=True
        ):
            np.testing.assert_allclose(ours, theirs, atol=1e-5)
