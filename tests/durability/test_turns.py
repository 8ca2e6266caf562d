"""Builders take turns, readers never wait, and nobody's files are taken away while they are in use."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time

import pytest
from build_server import KILLED, BuildServer
from durable_world import World, content, read, settings_of
from tally import Tally

from assistant.durable.locks import exclusive
from assistant.errors import IndexUnusable
from assistant.factory import build_index
from assistant.indexes import store, writing
from assistant.progress import Progress


def build_two_at_once(rounds: int, world: World, server: BuildServer, tally: Tally) -> int:
    """Two builders of different corpora at once, again and again, while readers read; returns the reads."""
    world.reset()
    done = threading.Event()
    reads = 0

    def keep_reading() -> None:
        nonlocal reads
        while not done.is_set():
            with tally.trying("a reader beside two builders"):
                assert world.seen() in ("old", "new")
                assert read(world.index).notice == ""
            reads += 1

    readers = [threading.Thread(target=keep_reading) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for number in range(rounds):
            with tally.trying(f"round {number}"):
                assert server.run(world.order(which="new"), world.order(which="old")) == [0, 0]
                assert world.seen() in ("old", "new")
    finally:
        done.set()
        for reader in readers:
            reader.join()
    gc.collect()
    build_index(settings_of(world.corpus("new"), world.index))
    build_index(settings_of(world.corpus("old"), world.index))
    assert world.leftovers() == []
    tally.check(rounds + reads)
    return reads


def test_two_builds_at_once(world: World, server: BuildServer, tally: Tally) -> None:
    assert build_two_at_once(6, world, server, tally) > 10


@pytest.mark.soak
def test_two_builds_at_once_two_hundred_times(world: World, server: BuildServer, tally: Tally) -> None:
    assert build_two_at_once(200, world, server, tally) > 400


def test_two_builds_of_one_corpus_write_one_generation(world: World, server: BuildServer) -> None:
    assert server.run(world.order(), world.order(), world.order()) == [0, 0, 0]
    numbers = sorted(home.name.partition("-")[0] for home in (world.index / "generations").iterdir())
    assert numbers == ["000002", "000003"]


def test_a_builder_that_waits_says_so(world: World) -> None:
    told: list[Progress] = []
    waits = threading.Event()

    def tell(progress: Progress) -> None:
        told.append(progress)
        waits.set()

    with exclusive(world.index / "LOCK", seconds=0, waiting=lambda: None):
        builder = threading.Thread(
            target=build_index, args=(settings_of(world.corpus("new"), world.index), tell)
        )
        builder.start()
        assert waits.wait(10)
        assert told[0].stage == "Venter på en anden opdatering af dokumenterne"
        assert world.seen() == "old"
    builder.join()
    assert world.seen() == "new"


def test_a_builder_that_never_finishes_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_PATIENCE_SECONDS", 0.2)
    with (
        exclusive(world.index / "LOCK", seconds=0, waiting=lambda: None),
        pytest.raises(IndexUnusable, match="bliver opdateret af en anden"),
    ):
        build_index(settings_of(world.corpus("new"), world.index))
    assert world.seen() == "old"


def test_a_killed_builder_leaves_its_lock_free(world: World, server: BuildServer) -> None:
    assert server.run(world.order(at="manifest")) == [KILLED]
    with exclusive(world.index / "LOCK", seconds=0, waiting=lambda: None):
        pass


# --- what is in use ---------------------------------------------------------------------------------


def build_both(world: World, times: int = 1) -> None:
    for _ in range(times):
        for which in ("new", "old"):
            build_index(settings_of(world.corpus(which), world.index))


def homes(world: World) -> set[str]:
    return {home.name for home in (world.index / "generations").iterdir()}


def test_a_generation_stays_while_it_is_read_and_goes_when_it_is_not(world: World) -> None:
    held = read(world.index)
    before = content(held)
    build_both(world, 2)
    assert held.name in homes(world)
    assert len(homes(world)) == 3
    assert content(held) == before
    name = held.name
    del held
    gc.collect()
    build_both(world)
    assert name not in homes(world)
    assert len(homes(world)) == 2


def test_a_killed_reader_keeps_nothing(world: World, server: BuildServer) -> None:
    (reader,) = server.start([world.order("hold")])
    note = world.folder / "holding"
    deadline = time.monotonic() + 30
    while not (note.exists() and note.read_text()) and time.monotonic() < deadline:
        time.sleep(0.01)
    name = note.read_text()
    note.unlink()
    try:
        build_both(world, 2)
        gc.collect()
        assert name in homes(world)
        assert reader > 1
        os.kill(reader, signal.SIGKILL)
    finally:
        assert server.wait() == [KILLED]
    build_both(world)
    assert name not in homes(world)


def test_an_index_under_constant_change_is_refused_after_many_tries(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def switched(*_: object) -> None:
        raise store._Switched

    monkeypatch.setattr(store, "_newest_good", switched)
    with pytest.raises(IndexUnusable, match="skifter hele tiden"):
        read(world.index)
