"""A disk that is full, broken or read-only costs the new index, never the old one."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from build_server import BuildServer
from durable_world import World, read, settings_of
from tally import Tally

from assistant.durable import files
from assistant.errors import IndexUnusable
from assistant.factory import build_index

HERE = Path(__file__).parent


class FailingDisk:
    """Counts everything that the system is asked to write, and refuses from the ``first`` on.

    ``once`` refuses that alone, as a passing fault would.
    """

    def __init__(self, first: int, number: int, *, once: bool) -> None:
        self.asked = 0
        self._first = first
        self._once = once
        self._error = number

    def ask(self) -> None:
        self.asked += 1
        if self.asked == self._first or (self.asked > self._first and not self._once):
            raise OSError(self._error, os.strerror(self._error))


@contextmanager
def failing(disk: FailingDisk, patch: pytest.MonkeyPatch) -> Iterator[None]:
    def asking(call: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*arguments: Any, **options: Any) -> Any:
            disk.ask()
            return call(*arguments, **options)

        return asked

    with patch.context() as patched:
        patched.setattr(files, "flush_handle", asking(files.flush_handle))
        patched.setattr(files._Hashing, "write", asking(files._Hashing.write))
        for name in ("mkdir", "rename", "replace"):
            patched.setattr(Path, name, asking(getattr(Path, name)))
        yield


def requests_of_a_build(world: World, patch: pytest.MonkeyPatch) -> int:
    disk = FailingDisk(0, 0, once=True)
    world.reset()
    with failing(disk, patch):
        build_index(settings_of(world.corpus("new"), world.index))
    assert world.seen() == "new"
    return disk.asked


def fail_at(first: int, number: int, world: World, patch: pytest.MonkeyPatch, *, once: bool) -> None:
    world.reset()
    settings = settings_of(world.corpus("new"), world.index)
    refused = ""
    try:
        with failing(FailingDisk(first, number, once=once), patch):
            build_index(settings)
    except IndexUnusable as error:
        refused = str(error)
    seen = world.seen()
    assert read(world.index).notice == ""
    assert seen == "new" or refused, "a build that failed and did not say so"
    if number == errno.ENOSPC and refused:
        assert "disken er fuld" in refused
    build_index(settings)
    assert world.seen() == "new"
    assert world.leftovers() == []


def test_refused_at_some_requests(
    world: World, chance: random.Random, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = requests_of_a_build(world, monkeypatch)
    for first in sorted(chance.sample(range(1, last + 1), 12)):
        once = chance.random() < 0.5
        with tally.trying(f"request {first} of {last}, once={once}"):
            fail_at(first, chance.choice([errno.ENOSPC, errno.EIO]), world, monkeypatch, once=once)
    tally.check(12)


@pytest.mark.soak
@pytest.mark.parametrize("once", [False, True], ids=["from then on", "once"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS], ids=errno.errorcode.get)
def test_refused_at_every_request(
    world: World, tally: Tally, monkeypatch: pytest.MonkeyPatch, number: int, once: bool
) -> None:
    last = requests_of_a_build(world, monkeypatch)
    for first in range(1, last + 1):
        with tally.trying(f"request {first} of {last}"):
            fail_at(first, number, world, monkeypatch, once=once)
    tally.check(last)
    assert last > 80


@pytest.mark.parametrize("largest", [0, 100, 1000, 3000])
def test_refused_by_the_system_in_the_middle_of_a_file(
    world: World, server: BuildServer, largest: int
) -> None:
    assert server.run(world.order("build with small files", nth=largest)) == [1]
    assert world.seen() == "old"
    assert server.run(world.order()) == [0]
    assert world.seen() == "new"
    assert world.leftovers() == []


def on_a_disk_of_its_own(*orders: str) -> list[dict[str, str]]:
    """Run ``mounted_disk.py`` where it may mount; skips where this system lets nobody."""
    command = ["unshare", "--mount", "--map-root-user"]
    if shutil.which("unshare") is None or subprocess.run([*command, "true"], check=False).returncode:
        pytest.skip("this system lets nobody mount a disk of their own")
    done = subprocess.run(
        [*command, sys.executable, str(HERE / "mounted_disk.py"), *orders],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent), str(HERE.parents[1])])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outcomes: list[dict[str, str]] = json.loads(done.stdout.splitlines()[-1])
    return outcomes


def expect_full(outcomes: list[dict[str, str]], tally: Tally) -> None:
    for outcome in outcomes:
        with tally.trying(outcome):
            if outcome["message"] == "":
                assert outcome["seen"] == "new"
            elif "then" in outcome:
                assert outcome["seen"] == "old"
                assert "disken er fuld" in outcome["message"]
            assert outcome.get("then", "new") == "new"
            assert outcome.get("left", "") == ""
    tally.check(len(outcomes))
    full = [outcome for outcome in outcomes if "disken er fuld" in outcome["message"]]
    assert len(full) > len(outcomes) / 3
    assert any(outcome["message"] == "" for outcome in outcomes)


@pytest.fixture(scope="module")
def outcomes() -> list[dict[str, str]]:
    """Of three small disks and a read-only one."""
    return on_a_disk_of_its_own("330", "350", "4000", "read-only")


def test_a_full_disk(outcomes: list[dict[str, str]], tally: Tally) -> None:
    expect_full(outcomes[:3], tally)


def test_a_read_only_disk(outcomes: list[dict[str, str]]) -> None:
    assert outcomes[3]["seen"] == "old"
    assert "skrivebeskyttet" in outcomes[3]["message"]


@pytest.mark.soak
def test_a_disk_full_at_every_point(tally: Tally) -> None:
    expect_full(on_a_disk_of_its_own(*map(str, range(300, 520, 4))), tally)
