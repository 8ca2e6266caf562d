"""Building: from a folder of documents to an index that serves, and what a change costs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.corpora import write
from support.embedders import HashedEmbedder
from support.pdfs import scanned_pdf

from assistant import factory
from assistant.errors import CorpusError, IndexDamaged, IndexMismatch, IndexMissing, IndexUnusable
from assistant.factory import BuildReport, build_index
from assistant.indexes import manifest, store
from assistant.indexes.base import PassageIndex
from assistant.indexes.store import Generation, read_generation
from assistant.progress import Progress
from assistant.records import Passage
from assistant.settings import Settings, load_settings

FIRST = "Værdier\n\n• Vi udviser ordentlighed\n• Vi går forrest\n• Vi taler sektoren op"
SECOND = "Ledelse\n\n• Øget fokus på driftsledelse\n• Kultur er styring"
REBUILD = "python -m assistant build"


def everything(index: PassageIndex) -> tuple[Passage, ...]:
    return index.sample(len(index))


@dataclass
class World:
    """A corpus of two documents, its index folder, and an embedder that records what it embeds."""

    settings: Settings
    embedder: HashedEmbedder

    @property
    def corpus(self) -> Path:
        return self.settings.corpus.path

    @property
    def index(self) -> Path:
        return self.settings.index.path

    def build(self, progress: Callable[[Progress], None] | None = None) -> BuildReport:
        self.embedder.embedded.clear()
        return build_index(self.settings, progress)

    def read(self) -> Generation:
        return read_generation(self.index, model=self.embedder.fingerprint)

    def texts(self) -> list[str]:
        return [passage.text for passage in everything(self.read().index)]

    def generation(self) -> Path:
        return self.index / "generations" / (self.index / "CURRENT").read_text()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(load_settings(tmp_path, {}), HashedEmbedder())
    monkeypatch.setattr(factory, "open_embedder", lambda _: made.embedder)
    write(made.corpus, [("første.txt", FIRST), ("andet.txt", SECOND)])
    return made


@pytest.fixture
def built(world: World) -> World:
    world.build()
    return world


# --- what a build costs -----------------------------------------------------------------------------


def test_first_build_indexes_every_passage(world: World) -> None:
    report = world.build()
    assert (report.documents, report.passages, report.embedded, report.reused, report.removed) == (
        2,
        5,
        5,
        0,
        0,
    )
    assert report.problems == ()
    assert "Vi udviser ordentlighed" in world.texts()


def test_unchanged_corpus_embeds_and_writes_nothing(built: World) -> None:
    before = built.generation()
    report = built.build()
    assert built.embedder.embedded == []
    assert (report.documents, report.passages, report.embedded, report.reused) == (2, 5, 0, 5)
    assert built.generation() == before


def test_touched_file_is_no_change(built: World) -> None:
    (built.corpus / "første.txt").touch()
    assert built.build().embedded == 0


def test_changed_document_embeds_its_new_passages_only(built: World) -> None:
    write(built.corpus, [("første.txt", FIRST + "\n• Vi tager ansvar")])
    report = built.build()
    assert built.embedder.embedded == ["Vi tager ansvar"]
    assert (report.embedded, report.reused) == (1, 5)
    assert "Vi tager ansvar" in built.texts()


def test_reused_vectors_belong_to_their_passages(built: World) -> None:
    write(built.corpus, [("a.txt", "Nyt\n\n• Helt ny tekst")])
    built.build()
    index = built.read().index
    for document in built.read().documents:
        own = [p.text for p in index.passages_of(document.id)]
        assert index.vectors_of(document.id)[0] == pytest.approx(built.embedder.embed_passages(own), abs=1e-6)


def test_removed_document_disappears(built: World) -> None:
    (built.corpus / "andet.txt").unlink()
    report = built.build()
    assert (report.documents, report.removed, report.embedded) == (1, 1, 0)
    assert [d.id for d in built.read().documents] == ["første"]
    assert "Kultur er styring" not in built.texts()


def test_new_metadata_take_effect_without_embedding(built: World) -> None:
    write(built.corpus, [("corpus.toml", '["første"]\ntitle = "Ny titel"\norganisation = "KL"')])
    built.build()
    titles = {d.id: (d.title, d.organisation) for d in built.read().documents}
    assert titles["første"] == ("Ny titel", "KL")
    assert built.embedder.embedded == []


def test_another_model_embeds_everything_anew(built: World) -> None:
    built.embedder = HashedEmbedder(32, "anden")
    assert built.build().embedded == 5
    assert built.read().manifest.model == "anden/32"


def test_only_the_generation_before_is_kept(built: World) -> None:
    served = [built.generation().name]
    for name in ("tredje", "fjerde", "femte"):
        write(built.corpus, [(f"{name}.txt", name)])
        built.build()
        served.append(built.generation().name)
    assert sorted(path.name for path in (built.index / "generations").iterdir()) == served[-2:]


def test_identity_follows_the_content(built: World) -> None:
    before = built.read().manifest.identity
    built.build()
    assert built.read().manifest.identity == before
    write(built.corpus, [("tredje.txt", "Tredje")])
    built.build()
    assert built.read().manifest.identity != before


def test_progress_tells_each_stage_from_nothing_to_all(world: World) -> None:
    told: list[Progress] = []
    world.build(told.append)
    stages = list(dict.fromkeys(p.stage for p in told))
    assert stages == ["Læser dokumenter", "Indlejrer tekststykker", "Gemmer indekset"]
    for stage in stages:
        own = [p for p in told if p.stage == stage]
        assert own[0].done == 0
        assert own[-1].done == own[-1].total > 0
        assert [p.done for p in own] == sorted(p.done for p in own)


# --- documents that cannot be read ------------------------------------------------------------------


def test_problems_are_reported_and_remembered(world: World) -> None:
    write(world.corpus, [("skannet.pdf", scanned_pdf()), ("tom.txt", "")])
    report = world.build()
    assert [p.source for p in report.problems] == ["skannet.pdf", "tom.txt"]
    assert report.documents == 2
    assert world.read().manifest.problems == report.problems


def test_unchanged_problems_are_no_change(world: World) -> None:
    orphans = "\n".join(f"[{name}]" for name in "abcdefgh")
    write(world.corpus, [("tom.txt", ""), ("corpus.toml", orphans)])
    first = world.build()
    before = world.generation()
    assert world.build().problems == first.problems
    assert world.generation() == before


def test_solved_problem_is_forgotten(world: World) -> None:
    write(world.corpus, [("tom.txt", "")])
    world.build()
    (world.corpus / "tom.txt").unlink()
    world.build()
    assert world.read().manifest.problems == ()


def test_empty_corpus_says_so_and_leaves_the_index(built: World) -> None:
    for path in built.corpus.iterdir():
        path.unlink()
    with pytest.raises(CorpusError, match="ingen dokumenter"):
        built.build()
    assert len(built.texts()) == 5


def test_corpus_of_unreadable_documents_names_each(world: World) -> None:
    write(world.corpus, [("første.txt", ""), ("andet.txt", " \n")])
    with pytest.raises(CorpusError, match=r"andet\.txt.*første\.txt"):
        world.build()


# --- indexes that cannot be used --------------------------------------------------------------------


def test_missing_index_names_the_command(world: World) -> None:
    with pytest.raises(IndexMissing, match=REBUILD):
        world.read()


def files(world: World) -> list[Path]:
    return sorted(p for p in world.generation().rglob("*") if p.is_file())


def damaged(path: Path, way: str) -> None:
    data = path.read_bytes()
    if way == "missing":
        path.unlink()
    elif way == "cut":
        path.write_bytes(data[:-1])
    else:
        middle = len(data) // 2
        path.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])


@pytest.mark.parametrize("way", ["missing", "cut", "flipped"])
def test_damage_to_any_file_is_seen_and_named(built: World, tmp_path: Path, way: str) -> None:
    whole = tmp_path / "hel"
    shutil.copytree(built.index, whole)
    names = [path.relative_to(built.index) for path in files(built)]
    assert len(names) > 10
    for name in names:
        damaged(built.index / name, way)
        with pytest.raises(IndexDamaged, match=rf"{name.name}.*{REBUILD}"):
            built.read()
        shutil.rmtree(built.index)
        shutil.copytree(whole, built.index)
    assert len(built.texts()) == 5


@pytest.mark.parametrize("name", ["", "findes-ikke", "../..", "æøå\n", "000009-0123abcd"])
def test_pointer_to_no_generation_is_told_and_the_newest_serves(built: World, name: str) -> None:
    (built.index / "CURRENT").write_text(name)
    assert len(built.texts()) == 5
    assert "CURRENT" in built.read().notice
    assert REBUILD in built.read().notice
    built.build()
    assert built.read().notice == ""


def test_pointer_without_any_generation_is_damage(built: World) -> None:
    shutil.rmtree(built.index / "generations")
    with pytest.raises(IndexDamaged, match=rf"CURRENT.*{REBUILD}"):
        built.read()


def test_build_mends_a_damaged_index(built: World) -> None:
    damaged(built.generation() / "passages.jsonl", "cut")
    assert built.build().embedded == 5
    assert len(built.texts()) == 5


def test_other_model_is_refused_with_both_named(built: World) -> None:
    with pytest.raises(IndexMismatch, match=rf"»hashed/64«.*»en-anden«.*{REBUILD}"):
        read_generation(built.index, model="en-anden")


def test_other_way_of_cutting_is_refused_with_both_named(
    built: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = manifest.CHUNKING
    monkeypatch.setattr(manifest, "CHUNKING", "en-anden")
    with pytest.raises(IndexMismatch, match=rf"»{made}«.*»en-anden«.*{REBUILD}"):
        built.read()


def test_other_schema_is_refused_with_both_named_whatever_its_fields(built: World) -> None:
    path = built.generation() / manifest.FILE_NAME
    path.write_text(json.dumps({"schema": 99, "another": "field"}))
    with pytest.raises(IndexMismatch, match=rf"»99«.*»{manifest.SCHEMA}«.*{REBUILD}"):
        built.read()


# --- writes that fail -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), RuntimeError("faiss could not write")]
)
def test_failed_write_leaves_the_old_generation_serving(
    built: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    before = (built.generation(), built.texts())
    monkeypatch.setattr(store.LocalIndex, "save", fail)
    write(built.corpus, [("tredje.txt", "Tredje")])
    with pytest.raises(IndexUnusable, match="kan ikke skrives"):
        built.build()
    assert (built.generation(), built.texts()) == before
    assert list((built.index / "generations").iterdir()) == [before[0]]


def test_file_in_place_of_the_index_folder_is_named(world: World) -> None:
    world.index.write_text("ikke en mappe")
    with pytest.raises(IndexUnusable, match="index"):
        world.build()
