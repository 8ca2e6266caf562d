"""A PostgreSQL with pgvector that the tests start and stop: pg0's, run by an ordinary user, with fsync on."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pg0
import psycopg

USER, PASSWORD, DATABASE = "postgres", "hemmelig-kode", "assistent"
_SECONDS = 60
_SETTINGS = {
    "fsync": "on",
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "64MB",
    "max_wal_senders": "4",
    "autovacuum_naptime": "5s",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it is, and what it was started from."""

    port: int
    home: Path
    programs: Path

    @property
    def process(self) -> int:
        """The id of its first process."""
        (file,) = (self.home / ".pg0" / "instances").glob("*/data/postmaster.pid")
        return int(file.read_text().split()[0])

    @property
    def url(self) -> str:
        """Its address for the settings."""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{DATABASE}"

    def run(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []


class Replica:
    """A streaming replica of a server."""

    def __init__(self, primary: Server) -> None:
        """Copy ``primary`` and follow it."""
        self._primary = primary
        self._folder = primary.home / f"replica-{uuid.uuid4().hex[:8]}"
        port = free_port()
        self.server = Server(port, primary.home, primary.programs)
        _ordinarily(
            [
                primary.programs / "pg_basebackup",
                *(
                    "--pgdata",
                    self._folder,
                    "--write-recovery-conf",
                    "--checkpoint=fast",
                    "--wal-method=stream",
                ),
                *("--dbname", primary.url),
            ],
            primary.home,
        )
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Its address for the settings."""
        return self.server.url

    def start(self) -> None:
        """Run it, and return when it answers."""
        command = [
            self.server.programs / "postgres",
            *("-D", self._folder, "-p", str(self.server.port), "-c", "listen_addresses=127.0.0.1"),
            *("-c", f"unix_socket_directories={self.server.home}", "-c", "fsync=on"),
        ]
        log = (self.server.home / "replica.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                command,
                cwd=self.server.home,
                env=_environment(self.server.home, self.server.programs),
                stdout=log,
                stderr=log,
                **_as_ordinary_user(),
            )
        _wait(self.server)

    def kill(self) -> None:
        """End it as a power cut would, without a word to its clients."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(timeout=_SECONDS)
        # Its children notice by themselves; only then can it be started again.
        until(lambda: not _answers(self.server.port))

    def stop(self) -> None:
        """End it for good."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.send_signal(2)
            self._process.wait(timeout=_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    def pause(self) -> None:
        """Let it fall behind."""
        self.server.run("SELECT pg_wal_replay_pause()")
        until(lambda: self.server.run("SELECT pg_get_wal_replay_pause_state()") == [("paused",)])

    def catch_up(self) -> None:
        """Let it follow again, and return when it knows what its primary does."""
        self.server.run("SELECT pg_wal_replay_resume()")
        told = self._primary.run("SELECT pg_current_wal_lsn()")[0][0]
        until(lambda: self.server.run("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", (told,)) == [(True,)])


@contextmanager
def running() -> Iterator[Server]:
    """A server of the tests' own, until the block ends."""
    home = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        # An ordinary user may not be able to read where the package is installed.
        program = home / "pg0"
        shutil.copy2(Path(pg0.__file__).parent / "bin" / "pg0", program)
        program.chmod(0o755)
        home.chmod(0o755)
        if os.geteuid() == 0:
            user = _ordinary_user()
            os.chown(home, user.pw_uid, user.pw_gid)
        port = free_port()
        settings = {**_SETTINGS, "unix_socket_directories": str(home)}
        _ordinarily(
            [
                program,
                *("start", "--name", "tests", "--port", str(port)),
                *("--username", USER, "--password", PASSWORD, "--database", DATABASE),
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            home,
        )
        (programs,) = (home / ".pg0" / "installation").glob("*/bin")
        try:
            server = Server(port, home, programs)
            _wait(server)
            yield server
        finally:
            (data,) = (home / ".pg0" / "instances").glob("*/data")
            _ordinarily([programs / "pg_ctl", "stop", "--mode=immediate", "-D", data], home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    """Return a port that nothing listened on a moment ago."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


# --- helpers --------------------------------------------------------------------------------------


def _ordinary_user() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def _as_ordinary_user() -> dict[str, Any]:
    """PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    user = _ordinary_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _environment(home: Path, programs: Path) -> dict[str, str]:
    # The programs come with the libraries that they need.
    return {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "LD_LIBRARY_PATH": str(programs.parent / "lib"),
    }


def _ordinarily(command: Sequence[str | Path], home: Path) -> None:
    # Through a file, not a pipe: the server that is left running keeps what it was handed.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            command,
            cwd=home,
            env=_environment(home, Path(command[0]).parent),
            stdout=said,
            stderr=said,
            timeout=_SECONDS,
            check=False,
            **_as_ordinary_user(),
        )
        said.seek(0)
        assert done.returncode == 0, said.read().decode(errors="replace")


def _answers(port: int) -> bool:
    with socket.socket() as trying:
        trying.settimeout(1)
        return trying.connect_ex(("127.0.0.1", port)) == 0


def _wait(server: Server) -> None:
    def ready() -> bool:
        try:
            return bool(server.run("SELECT 1"))
        except psycopg.OperationalError:
            return False

    until(ready)


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fails where it does not come to."""
    deadline = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < deadline, "the server did not get there in time"
        time.sleep(0.02)
