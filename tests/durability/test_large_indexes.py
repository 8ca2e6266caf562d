"""What is promised of an index holds for one of segments too, of which generations share files."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import faiss
import numpy as np
import pytest
from build_server import KILLED, BuildServer
from durable_world import EMBEDDER, NEW, OLD, OLDER, World, large_indexes, read, settings_of
from support.corpora import write
from tally import Tally
from test_damage import FLIPS, cut, flip, remove, swap
from test_damage import Damage as Way

from assistant import live
from assistant.durable.files import FolderReader
from assistant.errors import IndexDamaged
from assistant.factory import build_index
from assistant.indexes import store
from assistant.indexes.base import SearchQuery
from assistant.indexes.large.index import LargeIndex
from assistant.indexes.writing import STEPS
from assistant.live import LiveAssistant

NEW_FILES = 6
"""A build writes at least as many."""

ADDED = {"nyt.txt": "Tilføjet\n\n• Et nyt dokument om tillid"}


@pytest.fixture(autouse=True)
def large() -> Iterator[None]:
    with large_indexes():
        yield


@pytest.fixture
def segments(memory: Path) -> World:
    """The world of the other tests, with an index of segments that was built of three corpora in turn."""
    made = World(memory, {})
    for which, files in (("older", OLDER), ("old", OLD), ("new", NEW), ("more", {**OLD, **ADDED})):
        write(made.corpus(which), files.items())
    for which in ("older", "old"):
        build(made, which)
        made.contents[which] = everything(made)
    return made


def build(world: World, which: str) -> None:
    build_index(settings_of(world.corpus(which), world.index))


def everything(world: World) -> str:
    """All that can be read of an index, in the order of its documents."""
    generation = read(world.index)
    assert isinstance(generation.index, LargeIndex)
    index = generation.index
    return repr(
        [
            (
                d.id,
                d.title,
                tuple(d.pages),
                index.passages_of(d.id),
                index.vectors_of(d.id)[0].round(3).tolist(),
            )
            for d in generation.documents
        ]
    )


def home(world: World) -> Path:
    return world.index / "generations" / (world.index / "CURRENT").read_text()


def files(world: World) -> list[Path]:
    return sorted(path for path in home(world).rglob("*") if path.is_file() and path.name != "manifest.json")


def shared(path: Path) -> bool:
    return path.stat().st_nlink > 1


def test_an_index_of_segments_gives_what_was_read(segments: World) -> None:
    generation = read(segments.index)
    assert [d.id for d in generation.documents] == ["andet", "første"]
    assert generation.documents[1].pages[0].text == OLD["første.txt"]
    assert [p.text for p in generation.index.passages_of("andet")] == [
        "Øget fokus på driftsledelse",
        "Kultur er styring",
    ]
    found = generation.index.search(SearchQuery("kultur", EMBEDDER.embed_queries(["kultur"])[0]))
    assert "Kultur er styring" in {p.text for p in found.passages}


def test_adding_a_document_writes_its_own_files_and_links_the_others(segments: World) -> None:
    before = {path.stat().st_ino for path in files(segments)}
    build(segments, "more")
    new = [path for path in files(segments) if path.stat().st_ino not in before]
    assert {path.relative_to(home(segments)).parts[0] for path in new} == {
        "documents.jsonl",
        "parts.json",
        "parts",
    }
    assert len({path.relative_to(home(segments)).parts[1] for path in new if "parts" in path.parts}) == 1
    assert [d.id for d in read(segments.index).documents] == ["andet", "første", "nyt"]


def test_what_is_deleted_is_gone_and_its_files_go_with_the_generations_that_have_them(
    segments: World,
) -> None:
    for which in ("new", "old", "new"):
        build(segments, which)
    generation = read(segments.index)
    assert [d.id for d in generation.documents] == ["første", "tredje"]
    assert generation.index.passages_of("andet") == ()
    assert len(list((segments.index / "generations").iterdir())) == 2
    assert not any((segments.index / "work").iterdir())


def kill_at(step: str, world: World, server: BuildServer, nth: int = 1) -> None:
    """Kill a build of the new corpus over the old one; ``collected`` is there once a third generation is."""
    build(world, "old")
    assert server.run(world.order("build large", at=step, nth=nth)) == [KILLED]
    after = everything(world)
    assert after in (world.contents["old"], world.contents["new"])
    assert (after == world.contents["new"]) == (step in ("switched", "collected"))
    build(world, "new")
    assert everything(world) == world.contents["new"]
    assert not any((world.index / "work").iterdir())


@pytest.fixture
def both(segments: World) -> World:
    """The same, once it has been of the new corpus too."""
    build(segments, "new")
    segments.contents["new"] = everything(segments)
    return segments


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_each_named_point(both: World, server: BuildServer, step: str) -> None:
    kill_at(step, both, server)


@pytest.mark.soak
@pytest.mark.parametrize("step", STEPS)
def test_killed_twenty_times_at_each_named_point(
    both: World, server: BuildServer, chance: random.Random, tally: Tally, step: str
) -> None:
    for number in range(20):
        with tally.trying(f"{step}, {number}"):
            kill_at(step, both, server, chance.randint(1, NEW_FILES) if step == "file" else 1)
    tally.check(20)


@pytest.fixture
def damaged(segments: World) -> Callable[[Path, Way, random.Random], None]:
    """Damages a file of an index of two generations that share files, and looks; then all is whole again.

    The generation before serves, unless it shares the file; then there is nothing that can be trusted.
    """
    build(segments, "more")
    whole = segments.folder / "whole"
    copy_with_links(segments.index, whole)

    def look(name: Path, way: Way, chance: random.Random) -> None:
        path = segments.index / name
        both = shared(path) and way is not remove
        assert len([p for p in segments.index.rglob(name.name) if p.samefile(path)]) == 1 + shared(path)
        way(path, chance, other_of(segments, path))
        try:
            if both:
                with pytest.raises(IndexDamaged, match=name.name.replace(".", r"\.")):
                    read(segments.index)
            else:
                assert everything(segments) == segments.contents["old"]
                assert name.name in read(segments.index).notice
        finally:
            shutil.rmtree(segments.index)
            copy_with_links(whole, segments.index)

    return look


def other_of(world: World, path: Path) -> Path:
    """A file of this name of another generation that is not the same file, or of another segment."""
    others = [p for p in sorted(world.index.rglob(path.name)) if not p.samefile(path)]
    return next((p for p in others if home(world) not in p.parents), others[0] if others else path)


def names_of(world: World) -> list[Path]:
    names = [path.relative_to(world.index) for path in files(world)]
    assert {shared(world.index / name) for name in names} == {True, False}
    return names


@pytest.mark.parametrize("way", [cut, flip, remove])
def test_a_damaged_file_is_never_used(
    segments: World, damaged: Callable[[Path, Way, random.Random], None], tally: Tally, way: Way
) -> None:
    chance = random.Random(7)
    for name in chance.sample(names_of(segments), 25):
        with tally.trying(f"{name} {way.__name__}"):
            damaged(name, way, chance)
    tally.check(25)


@pytest.mark.soak
@pytest.mark.parametrize(("way", "times"), [(cut, 1), (flip, FLIPS), (remove, 1), (swap, 1)])
def test_every_damaged_file_is_never_used(
    segments: World,
    damaged: Callable[[Path, Way, random.Random], None],
    chance: random.Random,
    tally: Tally,
    way: Way,
    times: int,
) -> None:
    names = names_of(segments)
    if way is swap:  # an equal file changes nothing
        paths = [segments.index / name for name in names]
        names = [
            name
            for name, path in zip(names, paths, strict=True)
            if path.read_bytes() != other_of(segments, path).read_bytes()
        ]
        assert len(names) > 20
    for name in names:
        for number in range(times):
            with tally.trying(f"{name} {way.__name__} {number}"):
                damaged(name, way, chance)
    tally.check(len(names) * times)


def copy_with_links(folder: Path, copy: Path) -> None:
    """Copy a folder so that files that are one file are one in the copy too."""
    subprocess.run(["cp", "-a", str(folder), str(copy)], check=True)


# --- what is checked after opening ------------------------------------------------------------------


@pytest.fixture
def checked_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a folder of any size be one that is too large to be checked as a whole before it is used."""
    monkeypatch.setattr(store, "FolderReader", partial(FolderReader, checked_at_once=0))


def spoil(path: Path) -> None:
    """Turn one bit in the middle, in a file of its own."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2 + 60] ^= 1
    path.unlink()
    path.write_bytes(data)


def own(world: World, name: str) -> Path:
    """A file of the newest segment, which no other generation has."""
    (path,) = (path for path in files(world) if path.as_posix().endswith(name) and not shared(path))
    return path


@pytest.mark.usefixtures("checked_later")
def test_a_whole_index_is_checked_in_the_background(segments: World) -> None:
    generation = read(segments.index)
    assert generation.checking is not None
    generation.checking.wait()
    assert generation.trouble == ""


@pytest.mark.usefixtures("checked_later")
def test_damage_found_after_opening_moves_the_generation_aside(segments: World) -> None:
    build(segments, "more")
    spoil(own(segments, "passages/data.npy"))
    generation = read(segments.index)
    assert generation.checking is not None
    generation.checking.wait()
    assert "passages/data.npy" in generation.trouble
    assert everything(segments) == segments.contents["old"]
    assert "passages/data.npy" in read(segments.index).notice


@pytest.mark.usefixtures("checked_later")
def test_a_damaged_text_is_not_given_even_before_the_damage_is_found(segments: World) -> None:
    build(segments, "more")
    spoil(own(segments, "passages/data.npy"))
    generation = read(segments.index)
    with pytest.raises(IndexDamaged, match="En tekst i indekset er beskadiget"):
        generation.index.sample(len(generation.index))
    assert generation.checking is not None
    generation.checking.wait()


@pytest.mark.usefixtures("checked_later")
def test_faiss_is_given_nothing_that_is_not_checked(segments: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_index(*_: object) -> None:
        raise AssertionError("FAISS was given a file")

    shutil.rmtree(next(g for g in (segments.index / "generations").iterdir() if g != home(segments)))
    for path in files(segments):
        if path.name == "exact.faiss":
            spoil(path)
    monkeypatch.setattr(faiss, "read_index", read_index)
    with pytest.raises(IndexDamaged, match=r"exact\.faiss"):
        read(segments.index)


@pytest.mark.usefixtures("checked_later")
def test_a_running_program_goes_back_when_damage_is_found(
    segments: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(segments, "more")
    spoil(own(segments, "/words/rows.npy"))
    monkeypatch.setattr(live, "open_embedder", lambda _: EMBEDDER)
    running = LiveAssistant(settings_of(segments.corpus("more"), segments.index))
    checking = running._generation.checking
    assert checking is not None
    checking.wait()
    assert [d.id for d in running.current().documents] == ["andet", "første"]
    assert "words/rows.npy" in running.notice


def test_vectors_are_kept_in_half_precision(segments: World) -> None:
    generation = read(segments.index)
    for document in generation.documents:
        texts = [p.text for p in generation.index.passages_of(document.id)]
        np.testing.assert_allclose(
            generation.index.vectors_of(document.id)[0], EMBEDDER.embed_passages(texts), atol=1e-3
        )
