"""Builds that can be killed: one process that has imported everything and forks a new one for each build.

Run as a program it takes orders from its standard input, a line of JSON each, and answers with the ids of
the processes; asked to wait, it answers with how they ended.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tqdm import tqdm

PATIENCE_SECONDS = 60
KILLED = -signal.SIGKILL
TESTS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Order:
    """One process: what it does, to which corpus and index, and when it kills itself.

    ``at`` is the step at whose ``nth`` time (from 1) it does; "" never.
    """

    work: str
    corpus: str
    index: str
    at: str = ""
    nth: int = 1


class BuildServer:
    """The test's end of the pipe."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)]),
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
            },
        )

    def start(self, orders: Sequence[Order]) -> list[int]:
        """Start a process for each order; returns their ids."""
        return self._ask([asdict(order) for order in orders])

    def wait(self) -> list[int]:
        """Wait for those started last; returns how each ended: 0, or minus the signal.

        Until then their ids are theirs, also when they have ended, so that nobody else is killed.
        """
        return self._ask("wait")

    def run(self, *orders: Order) -> list[int]:
        self.start(orders)
        return self.wait()

    def close(self) -> None:
        self._process.communicate()

    def _ask(self, what: object) -> list[int]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the server has ended"
        answer: list[int] = json.loads(line)
        return answer


def _serve() -> None:
    import durable_world

    tqdm.monitor_interval = 0  # no thread, which a fork would not have
    # Before it is first used, under bm25s: it would make a lock that all forks share, and that a killed
    # one never gives back.
    tqdm.set_lock(threading.RLock())
    with durable_world.hashed_embedder():
        with tempfile.TemporaryDirectory() as folder:
            durable_world.make_world(Path(folder))  # so that everything is imported here, once
        _take_orders(durable_world.WORK)


def _take_orders(works) -> None:
    children: list[int] = []
    for line in sys.stdin:
        asked = json.loads(line)
        if asked == "wait":
            answer = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
            children = []
        else:
            assert not children, "wait for those before"
            for order in (Order(**order) for order in asked):
                child = os.fork()
                if child == 0:
                    _work(works[order.work], order)
                children.append(child)
            answer = children
        print(json.dumps(answer), flush=True)


def _work(work, order: Order) -> None:
    tqdm.set_lock(threading.RLock())
    signal.alarm(PATIENCE_SECONDS)
    count = 0

    def step(name: str) -> None:
        nonlocal count
        count += name == order.at
        if name == order.at and count == order.nth:
            os.kill(os.getpid(), signal.SIGKILL)

    status = 1
    try:
        work(order, step)
        status = 0
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    finally:
        os._exit(status)


if __name__ == "__main__":
    _serve()
