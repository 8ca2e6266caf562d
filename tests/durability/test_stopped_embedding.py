"""A build that is killed while it embeds goes on where it was, and ends with the index of one that was not."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from durable_world import content, hashed_embedder, read, settings_of
from support.corpora import write

from assistant.factory import build_index

BULLETS = 240
TESTS = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 300

BUILD = """
import hashlib, sys, time
from pathlib import Path
from durable_world import settings_of
from support.embedders import HashedEmbedder
from assistant import factory

corpus, index, log = map(Path, sys.argv[1:])

class Slow(HashedEmbedder):
    def embed_passages(self, texts):
        time.sleep(sum(map(len, texts)) * 1e-4)
        vectors = super().embed_passages(texts)
        with log.open("a") as file:
            file.write("".join(hashlib.sha256(t.encode()).hexdigest() + "\\n" for t in texts) + "-\\n")
        return vectors

factory.open_embedder = lambda _: Slow()
factory.build_index(settings_of(corpus, index))
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    chance = random.Random(7)
    words = "ledelse tillid kommune økonomi borger ansvar kultur styring faglighed resultat".split()
    lines = [
        f"• Punkt {n} om {' '.join(chance.choices(words, k=chance.randint(3, 25)))}" for n in range(BULLETS)
    ]
    folder = tmp_path / "corpus"
    folder.mkdir()
    write(folder, [("mange.txt", "Mange punkter\n\n" + "\n".join(lines))])
    return folder


@contextmanager
def build(corpus: Path, index: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    paths = os.pathsep.join([str(TESTS), str(TESTS / "durability"), str(TESTS.parent)])
    process = subprocess.Popen(
        [sys.executable, "-c", BUILD, str(corpus), str(index), str(log)],
        env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def batches(log: Path) -> list[list[str]]:
    """The texts of each batch that was embedded, by their digests."""
    if not log.exists():
        return []
    whole = log.read_text().rpartition("-\n")[0]
    return [batch.split() for batch in whole.split("-\n")] if whole else []


def embedded(log: Path) -> int:
    return sum(map(len, batches(log)))


def kill_when(share: float, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while embedded(log) < share * BULLETS:
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def expect_goes_on(corpus: Path, folder: Path, shares: list[float]) -> None:
    index, log = folder / "index", folder / "log"
    for share in shares:
        with build(corpus, index, log) as process:
            kill_when(share, process, log)
        assert not (index / "CURRENT").exists()
    with build(corpus, index, log) as process:
        assert process.wait(PATIENCE_SECONDS) == 0
    times = Counter(text for batch in batches(log) for text in batch)
    again = sum(times.values()) - len(times)
    assert again <= sum(sorted(map(len, batches(log)))[-len(shares) :]), "a batch a kill at most"
    assert len(times) >= BULLETS
    whole = folder / "whole"
    with hashed_embedder():
        build_index(settings_of(corpus, whole))
    assert content(read(index)) == content(read(whole))
    assert not (index / "kept").exists()


def test_a_build_killed_at_four_fifths_goes_on_from_there(corpus: Path, tmp_path: Path) -> None:
    expect_goes_on(corpus, tmp_path, [0.8])


@pytest.mark.soak
def test_builds_killed_again_and_again_embed_nothing_twice(
    corpus: Path, tmp_path: Path, tried: Callable[[int], None]
) -> None:
    chance = random.Random(20261122)
    tried(8 * 4)
    for number in range(8):
        folder = tmp_path / str(number)
        folder.mkdir()
        expect_goes_on(corpus, folder, sorted(chance.uniform(0.05, 0.9) for _ in range(4)))
