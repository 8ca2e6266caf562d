"""A damaged index is never read: an older whole one serves, the damaged one is kept aside, and all are told."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import faiss
import pytest
from build_server import BuildServer
from durable_world import World, read
from tally import Tally

from assistant.durable.files import Damage as DamageError
from assistant.durable.files import FolderReader
from assistant.errors import IndexDamaged, IndexUnusable

Damage = Callable[[Path, random.Random, Path], None]
"""Damages a file; the last argument is the same file of another generation."""


def cut(path: Path, chance: random.Random, _: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: chance.randrange(len(data))])


def flip(path: Path, chance: random.Random, _: Path) -> None:
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def remove(path: Path, _: random.Random, __: Path) -> None:
    path.unlink()


def swap(path: Path, _: random.Random, other: Path) -> None:
    shutil.copyfile(other, path)


WAYS: dict[str, Damage] = {"cut": cut, "flip": flip, "missing": remove, "swapped": swap}
FLIPS = 20


def generation(index: Path) -> Path:
    return index / "generations" / (index / "CURRENT").read_text()


def older(index: Path) -> Path:
    (home,) = (home for home in (index / "generations").iterdir() if home != generation(index))
    return home


def files(world: World) -> list[str]:
    home = generation(world.template("new"))
    names = sorted(path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file())
    assert len(names) > 20
    return names


def named(name: str, way: str) -> str:
    """The file that a message names: with another generation's manifest, the first one that it misjudges."""
    return "documents.jsonl" if (name, way) == ("manifest.json", "swapped") else name


def damage_one(world: World, name: str, way: str, chance: random.Random, *, alone: bool = False) -> bool:
    """Damage a file of the generation that serves; returns whether it is another file now."""
    world.reset("new")
    path = generation(world.index) / name
    before = path.read_bytes()
    WAYS[way](path, chance, older(world.index) / name)
    changed = not path.exists() or path.read_bytes() != before
    if alone:
        shutil.rmtree(older(world.index))
    return changed


def expect_fallback(world: World, name: str) -> None:
    """The older generation serves with a notice, to the first reader and to the next."""
    damaged = generation(world.index).name
    for _ in range(2):
        assert world.seen() == "older"
        notice = read(world.index).notice
        assert name in notice
        assert "python -m assistant build" in notice
    aside = world.index / "quarantine" / damaged
    assert name in (aside / "REASON.txt").read_text()


def expect_refusal(world: World, name: str) -> None:
    """Where there is nothing to fall back on, no part of it is read, and the reason stays known."""
    for _ in range(2):
        with pytest.raises(IndexDamaged, match=name.replace(".", r"\.")):
            read(world.index)


def damage_all(world: World, way: str, times: int, chance: random.Random, tally: Tally) -> None:
    tried = 0
    for name in files(world):
        for number in range(times):
            for alone in (False, True):
                if not damage_one(world, name, way, chance, alone=alone):
                    continue  # swapped with an equal file
                tried += 1
                with tally.trying(f"{name} {way} {number}{' alone' * alone}"):
                    if alone:
                        expect_refusal(world, named(name, way))
                    else:
                        expect_fallback(world, named(name, way))
    tally.check(tried)
    assert tried > times * 20  # few files of the two generations are equal


@pytest.mark.parametrize("way", WAYS)
def test_any_damaged_file(world: World, chance: random.Random, tally: Tally, way: str) -> None:
    names = files(world)
    for name in [*chance.sample(names, 6), "manifest.json", "vectors.faiss"]:
        if damage_one(world, name, way, chance):
            with tally.trying(f"{name} {way}"):
                expect_fallback(world, named(name, way))
    tally.check(tally.tried)
    assert tally.tried >= 6


@pytest.mark.soak
@pytest.mark.parametrize("way", WAYS)
def test_every_damaged_file(world: World, chance: random.Random, tally: Tally, way: str) -> None:
    damage_all(world, way, FLIPS if way == "flip" else 1, chance, tally)


@pytest.mark.parametrize("way", ["cut", "flip", "missing"])
def test_a_damaged_pointer_is_told_and_the_newest_serves(
    world: World, server: BuildServer, chance: random.Random, way: str
) -> None:
    for _ in range(FLIPS):
        world.reset("new")
        WAYS[way](world.index / "CURRENT", chance, world.index / "CURRENT")
        assert world.seen() == "new"
        assert "CURRENT" in read(world.index).notice
        if way == "missing":
            break
    assert server.run(world.order()) == [0]
    assert read(world.index).notice == ""


def test_a_missing_generation_is_told_and_the_older_one_serves(world: World) -> None:
    shutil.rmtree(generation(world.index))
    assert world.seen() == "older"
    assert "CURRENT" in read(world.index).notice


def test_a_build_mends_what_was_damaged_and_keeps_it_aside(world: World, server: BuildServer) -> None:
    world.reset("new")
    damaged = generation(world.index).name
    remove(generation(world.index) / "passages.jsonl", random.Random(0), Path())
    assert server.run(world.order()) == [0]
    assert world.seen() == "new"
    assert read(world.index).notice == ""
    assert [path.name for path in (world.index / "quarantine").iterdir()] == [damaged]


def test_only_the_last_damaged_generations_are_kept(world: World, server: BuildServer) -> None:
    for _ in range(8):
        (generation(world.index) / "passages.jsonl").write_bytes(b"")
        assert server.run(world.order()) == [0]
    assert len(list((world.index / "quarantine").iterdir())) <= 6


def test_faiss_is_not_given_a_damaged_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_index(*_: object) -> None:
        raise AssertionError("FAISS was given a file")

    flip(generation(world.index) / "vectors.faiss", random.Random(1), Path())
    shutil.rmtree(older(world.index))
    monkeypatch.setattr(faiss, "read_index", read_index)
    with pytest.raises(IndexDamaged, match=r"vectors\.faiss"):
        read(world.index)


def test_what_was_checked_is_what_is_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that changes right after it was checked changes nothing in the index that is opened."""
    checked = FolderReader.read

    def read_then_destroy(self: FolderReader, name: str) -> bytes:
        data = checked(self, name)
        (generation(world.index) / name).write_bytes(b"garbage")
        return data

    with monkeypatch.context() as patched:
        patched.setattr(FolderReader, "read", read_then_destroy)
        assert world.seen() == "old"
    assert world.seen() == "older"


def test_a_file_that_cannot_be_read_now_is_not_called_damaged(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too many open files, say: another generation serves meanwhile, and nothing is moved aside."""
    damaged = generation(world.index)
    whole = Path.read_bytes

    def too_many(path: Path) -> bytes:
        if path.parent == damaged and path.name == "passages.jsonl":
            raise OSError(24, "Too many open files")
        return whole(path)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", too_many)
        assert world.seen() == "older"
        assert "Too many open files" in read(world.index).notice
    assert world.seen() == "old"
    assert read(world.index).notice == ""


def test_a_path_out_of_the_generation_is_not_followed(world: World, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hemmeligt")
    reader = FolderReader(generation(world.index), {"../secret": "0" * 64, "/etc/hostname": "0" * 64})
    for name in ("../secret", "/etc/hostname", "unnamed"):
        with pytest.raises(DamageError, match="mangler i manifestet"):
            reader.read(name)


def test_all_generations_damaged_is_one_message(world: World) -> None:
    for home in (generation(world.index), older(world.index)):
        (home / "vectors.faiss").unlink()
    with pytest.raises(IndexUnusable, match=r"vectors\.faiss.*python -m assistant build"):
        read(world.index)
