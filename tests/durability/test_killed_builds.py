"""A build that is killed leaves the old index or the new one, whole, and the next build cleans up after it."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest
from build_server import KILLED, BuildServer
from durable_world import World, read
from tally import Tally

from assistant.errors import IndexUnusable
from assistant.indexes.writing import STEPS

FILES = 24
"""Files of a generation: a kill at "file" takes place after one of them."""


def expect_whole(world: World) -> None:
    """The old index or the new one, without a notice: nothing that serves was touched."""
    assert world.seen() in ("old", "new")
    assert read(world.index).notice == ""


def expect_mended(world: World, server: BuildServer) -> None:
    assert server.run(world.order()) == [0]
    assert world.seen() == "new"
    assert world.leftovers() == []


def kill_at(step: str, world: World, server: BuildServer, chance: random.Random) -> None:
    world.reset()
    nth = chance.randint(1, FILES) if step == "file" else 1
    assert server.run(world.order(at=step, nth=nth)) == [KILLED]
    assert world.seen() == ("new" if step in ("switched", "collected") else "old")
    expect_whole(world)
    expect_mended(world, server)


def kill_after(seconds: float, world: World, server: BuildServer, work: str = "build") -> int:
    """Kill a build from outside; returns how it ended, which may be before it was killed."""
    (child,) = server.start([world.order(work)])
    try:
        time.sleep(seconds)
        assert child > 1
        os.kill(child, signal.SIGKILL)
    finally:
        (ended,) = server.wait()
    return ended


def length_of_a_build(world: World, server: BuildServer, work: str = "build") -> float:
    """Seconds, the shortest of five: the machine may have been busy with something else."""
    taken = []
    for _ in range(5):
        world.reset()
        started = time.monotonic()
        assert server.run(world.order(work)) == [0]
        taken.append(time.monotonic() - started)
    return 1.2 * min(taken)


def kill_at_random(
    times: int, world: World, server: BuildServer, chance: random.Random, tally: Tally
) -> None:
    length = length_of_a_build(world, server)
    killed = 0
    for number in range(times):
        moment = chance.uniform(0, length)
        with tally.trying(f"{number}: killed after {moment:.4f} s"):
            world.reset()
            killed += kill_after(moment, world, server) == KILLED
            expect_whole(world)
            expect_mended(world, server)
    tally.check(times)
    assert killed > times / 3  # most came before the build was done


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_named_point(world: World, server: BuildServer, chance: random.Random, step: str) -> None:
    kill_at(step, world, server, chance)


@pytest.mark.soak
@pytest.mark.parametrize("step", STEPS)
def test_killed_twenty_times_at_each_named_point(
    world: World, server: BuildServer, chance: random.Random, tally: Tally, step: str
) -> None:
    for number in range(20):
        with tally.trying(f"{step}, {number}"):
            kill_at(step, world, server, chance)
    tally.check(20)


def test_killed_at_random_times(
    world: World, server: BuildServer, chance: random.Random, tally: Tally
) -> None:
    kill_at_random(8, world, server, chance, tally)


@pytest.mark.soak
def test_killed_at_two_hundred_random_times(
    world: World, server: BuildServer, chance: random.Random, tally: Tally
) -> None:
    kill_at_random(200, world, server, chance, tally)


def test_builds_killed_one_after_another_leave_no_more_than_one(
    world: World, server: BuildServer, chance: random.Random
) -> None:
    for _ in range(6):
        server.run(world.order(at=chance.choice(STEPS[:6])))
        assert world.seen() == "old"
    assert len(list((world.index / "work").iterdir())) <= 1
    expect_mended(world, server)


def test_a_naive_writer_is_caught_at_a_named_point(world: World, server: BuildServer) -> None:
    for step, nth in (("file", 1), ("file", FILES)):
        world.reset(alone=True)
        assert server.run(world.order("naive build", at=step, nth=nth)) == [KILLED]
        with pytest.raises(IndexUnusable):
            world.seen()


def test_a_naive_writer_is_caught_at_random_times(
    world: World, server: BuildServer, chance: random.Random
) -> None:
    length = length_of_a_build(world, server, "naive build")
    caught = 0
    for _ in range(15):
        world.reset(alone=True)
        kill_after(chance.uniform(0, length), world, server, "naive build")
        try:
            expect_whole(world)
        except IndexUnusable:
            caught += 1
    assert caught > 0
