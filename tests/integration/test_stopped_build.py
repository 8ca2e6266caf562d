"""Ctrl-C while ``assistant build`` goes on: one line of Danish, nothing lost, and the rest is built next time."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.corpora import write

TESTS = Path(__file__).resolve().parents[1]
STOPPED = "Afbrudt. Intet er tabt: kør den samme kommando igen, så fortsætter byggeriet, hvor det slap."


class Build:
    """``assistant build`` in a process of its own, on a terminal of its own."""

    def __init__(self, corpus: Path, index: Path) -> None:
        import pty

        self._terminal, inside = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, str(TESTS / "integration" / "slow_build.py"), "build"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=inside,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join((str(TESTS), str(TESTS.parent))),
                "ASSISTANT_CORPUS__PATH": str(corpus),
                "ASSISTANT_INDEX__PATH": str(index),
            },
            start_new_session=True,
        )
        os.close(inside)
        self.seen = ""

    def read(self) -> bool:
        """Read what comes next on the terminal; false when there is no more."""
        try:
            part = os.read(self._terminal, 10_000)
        except OSError:  # so Linux says that the other end is closed
            return False
        self.seen += part.decode("utf-8", "replace")
        return bool(part)

    def read_until(self, pattern: str) -> None:
        while not re.search(pattern, self.seen):
            assert self.read(), self.seen

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def status(self) -> int:
        while self.read():
            pass
        return self._process.wait(60)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._terminal)

    @property
    def embedded(self) -> list[int]:
        """How many texts it said were embedded, each time it said so."""
        return [int(done) for done in re.findall(r"Indlejrer tekststykker[^:\r]*: (\d+) af", self.seen)]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write(
        tmp_path / "corpus", [(f"{n}.txt", f"Mål {n}\n\n• Ansvar {n}\n• Ledelse {n}") for n in range(100)]
    )


@pytest.fixture
def builds(corpus: Path, tmp_path: Path) -> Iterator[list[Build]]:
    started: list[Build] = []
    yield started
    for build in started:
        build.close()


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals of that kind")
def test_ctrl_c_ends_a_build_in_one_line_and_the_next_goes_on_from_there(
    builds: list[Build], corpus: Path, tmp_path: Path
) -> None:
    first = Build(corpus, tmp_path / "index")
    builds.append(first)
    first.read_until(r"Indlejrer tekststykker[^:\r]*: [1-9]\d+ af")
    first.stop()

    assert first.status() == 130
    drawn, _, told = first.seen.rpartition("\033[K")
    assert told.splitlines() == [STOPPED]
    assert "\n" not in drawn
    assert not (tmp_path / "index" / "CURRENT").exists()

    second = Build(corpus, tmp_path / "index")
    builds.append(second)
    assert second.status() == 0
    assert second.embedded[0] >= first.embedded[-1] >= 10
    assert (tmp_path / "index" / "CURRENT").exists()
    assert not (tmp_path / "index" / "kept").exists()
