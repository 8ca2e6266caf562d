"""A Dask cluster of real processes on this machine, each started by a test and ended by its id."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from assistant.progress import silent
from assistant.spreading.address import Access
from assistant.spreading.cluster import connected

TESTS = Path(__file__).resolve().parents[1]
PROJECT = TESTS.parent


PATIENCE_SECONDS = 240.0
"""On a machine that is busy with other tests a process may take minutes to start."""


def wait_until(there: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for what other processes do."""
    ends = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.02)


_OPTIONS = {"ca_file": "--tls-ca-file", "cert_file": "--tls-cert", "key_file": "--tls-key"}


class LocalCluster:
    """A scheduler, and workers as they are asked for."""

    def __init__(self, folder: Path, certificates: Mapping[str, Path] | None = None) -> None:
        self._folder = folder
        self._certificates = dict(certificates or {})
        self._tls = [
            part
            for name, option in _OPTIONS.items()
            if name in self._certificates
            for part in (option, str(self._certificates[name]))
        ]
        file = folder / "scheduler.json"
        self.scheduler = self._start(
            "distributed.cli.dask_scheduler",
            *("--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0"),
            *("--idle-timeout", "600"),  # should the tests be killed before they can end it
            *("--scheduler-file", str(file), "--protocol", "tls" if self._tls else "tcp", *self._tls),
        )
        wait_until(lambda: file.exists() and file.read_text())
        self.address = str(json.loads(file.read_text())["address"])
        self.workers: list[subprocess.Popen[bytes]] = []

    def access(self, wait_seconds: float = PATIENCE_SECONDS) -> Access:
        """How a build reaches it."""
        return Access(self.address, wait_seconds=wait_seconds, **self._certificates)

    def worker(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a worker of one thread, whose process is the one that works."""
        process = self._start(
            "distributed.cli.dask_worker",
            *(self.address, "--no-nanny", "--nthreads", "1", "--host", "127.0.0.1"),
            *("--dashboard-address", "127.0.0.1:0", "--local-directory", str(self._folder)),
            *("--death-timeout", f"{PATIENCE_SECONDS:.0f}"),
            *(*self._tls, *arguments),
            environment=environment,
        )
        self.workers.append(process)
        return process

    def have(self, count: int) -> list[subprocess.Popen[bytes]]:
        """Return so many workers, started where they are missing."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) > count:
            self.end(self.workers[-1])
        while len(self.workers) < count:
            self.worker()
        self.await_workers(count)
        return self.workers

    def await_workers(self, count: int) -> None:
        """Wait until the scheduler knows of so many workers."""
        with connected(self.access(), silent) as cluster:
            wait_until(lambda: len(cluster._client.nthreads()) == count)

    def on_scheduler(self, function: Callable[..., None]) -> None:
        """Let the scheduler call a function of ``dask_scheduler``."""
        with connected(self.access(), silent) as cluster:
            cluster._client.run_on_scheduler(function)

    def end(self, worker: subprocess.Popen[bytes]) -> None:
        """Kill a worker without a warning."""
        worker.kill()
        worker.wait()
        if worker in self.workers:
            self.workers.remove(worker)

    def close(self) -> None:
        """End every process that is left."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()

    def _start(
        self, module: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        paths = (str(PROJECT), str(TESTS), str(TESTS / "spreading"))
        log = (self._folder / "log.txt").open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **(environment or {})},
                start_new_session=True,
            )
