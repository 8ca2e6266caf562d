"""Good files spoilt at random, from a seed: each is read or refused within the limits, and the reader lives."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from mutations import GOOD, mutation
from support.corpora import write

from assistant.errors import DocumentError
from assistant.loading.isolated import IsolatedReader, ReadLimits
from assistant.records import Document
from assistant.text.passages import cut_document

LIMITS = ReadLimits()
"""Those of the product: 30 seconds and 1 GiB a file."""


def check(folder: Path, seeds: Iterable[int]) -> tuple[int, int]:
    """Read every mutation; returns how many were read and how many refused."""
    read = refused = 0
    with IsolatedReader(LIMITS) as reader:
        for seed in seeds:
            name, data = mutation(seed)
            path = write(folder, [(name, data)]) / name
            match read_or_refuse(reader, path):
                case Document() as document:
                    assert document.source == name
                    cut_document(document)
                    read += 1
                case message:
                    assert message.startswith(f"{name}: ")
                    assert "sekunder" not in message, f"mutation {seed} hangs"
                    assert "gå ned" not in message, f"mutation {seed} crashes the reader"
                    refused += 1
            assert _peak_kilobytes(reader) < LIMITS.memory_megabytes * 1024, f"mutation {seed} takes too much"
    return read, refused


def read_or_refuse(reader: IsolatedReader, path: Path) -> Document | str:
    try:
        return reader.read(path)
    except DocumentError as error:
        return str(error)


def _peak_kilobytes(reader: IsolatedReader) -> int:
    """The most memory that the child ever had in use, where the system tells it."""
    status = Path(f"/proc/{reader.child_id}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) if found else 0


def test_the_good_files_are_read(tmp_path: Path) -> None:
    with IsolatedReader(LIMITS) as reader:
        for kind, make in GOOD.items():
            name = f"god.{kind}"
            text = reader.read(write(tmp_path, [(name, make())]) / name).pages[0].text
            assert "forvaltning" in text or "sammenhæng" in text


def test_a_seed_gives_the_same_mutation_again() -> None:
    assert [mutation(seed) for seed in range(12)] == [mutation(seed) for seed in range(12)]
    assert len({mutation(seed)[1] for seed in range(60)}) > 50


def test_thirty_mutations_are_read_or_refused(tmp_path: Path) -> None:
    read, refused = check(tmp_path, range(30))
    assert read + refused == 30
    assert min(read, refused) > 5, "mutations that all do the same show little"


@pytest.mark.soak
def test_a_thousand_mutations_are_read_or_refused(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    request.node.user_properties.append(("tried", 1000))
    read, refused = check(tmp_path, range(1000))
    assert read + refused == 1000
    assert min(read, refused) > 100
