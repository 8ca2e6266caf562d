"""One server of builds and one world for all tries, on a disk that costs nothing to flush."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from build_server import BuildServer
from durable_world import World, hashed_embedder, make_world
from tally import Tally

SEED = int(os.environ.get("DURABILITY_SEED", "20261121"))
"""Everything that is drawn at random is drawn from this; a failure prints it."""


@pytest.fixture(autouse=True)
def no_model() -> Iterator[None]:
    with hashed_embedder():
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[BuildServer]:
    started = BuildServer()
    yield started
    started.close()


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """A kill loses nothing that the system has been given, so flushing to a real disk would prove no more."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def shared_world() -> Iterator[World]:
    with folder_in_memory() as folder:
        with hashed_embedder():
            made = make_world(folder)
        yield made


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder of this test's own that costs nothing to flush."""
    with folder_in_memory() as folder:
        yield folder


@pytest.fixture
def world(shared_world: World) -> World:
    shared_world.reset()
    return shared_world


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Random numbers of this test's own, the same in every run with the same seed."""
    return random.Random(f"{SEED} {request.node.name}")


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Counts what was tried and what held; a test that tried something must have held it all."""
    counted = Tally()
    yield counted
    print(f"\n{request.node.name}: {counted.held} of {counted.tried} held (DURABILITY_SEED={SEED})")
    request.node.user_properties += [("tried", counted.tried), ("held", counted.held)]


@pytest.fixture
def tried(request: pytest.FixtureRequest) -> Callable[[int], None]:
    """Says how much a test tries, where that is more than once and all of it must hold."""

    def say(times: int) -> None:
        request.node.user_properties.append(("tried", times))

    return say
