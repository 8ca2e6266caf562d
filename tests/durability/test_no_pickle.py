"""Nothing that is read from the disk can run."""

from __future__ import annotations

import ast
import io
import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from durable_world import World, read, settings_of

import assistant
from assistant.errors import IndexDamaged
from assistant.factory import build_index
from assistant.indexes.manifest import _checksum

RUNS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
SAFE = {"allow_pickle": False, "weights_only": True}
SOURCES = sorted(Path(assistant.__file__).parent.rglob("*.py"))


def pickling(source: str) -> Iterator[str]:
    """Imports of what unpickles, and calls that allow NumPy or torch to."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.partition(".")[0] in RUNS)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in RUNS:
            yield str(node.module)
        elif isinstance(node, ast.keyword) and node.arg in SAFE:
            said = node.value.value if isinstance(node.value, ast.Constant) else None
            if said is not SAFE[node.arg]:
                yield node.arg


@pytest.mark.parametrize(
    "source",
    ["import pickle", "from joblib import load", "np.load(f, allow_pickle=True)", "load(f, allow_pickle=x)"],
)
def test_the_search_finds_what_unpickles(source: str) -> None:
    assert list(pickling(source))


def test_no_module_unpickles() -> None:
    assert len(SOURCES) > 50
    found = {path.name: names for path in SOURCES if (names := list(pickling(path.read_text("utf-8"))))}
    assert found == {}


def test_a_build_and_a_reader_unpickle_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def unpickling(*_: object, **__: object) -> None:
        raise AssertionError("something was unpickled")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, unpickling)
    build_index(settings_of(world.corpus("new"), world.index))
    assert world.seen() == "new"


class Payload:
    """Leaves a trace when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.trace,)


@pytest.mark.parametrize("name", ["headings.npy", "terms/data.npy"])
def test_a_pickle_with_the_right_checksum_is_refused_and_does_not_run(
    world: World, tmp_path: Path, name: str
) -> None:
    """Whoever can write the index folder can write a manifest too, but still runs nothing in a reader."""
    import hashlib

    trace = tmp_path / "it-ran"
    file = io.BytesIO()
    np.save(file, np.array([Payload(trace)], dtype=object), allow_pickle=True)
    for home in (world.index / "generations").iterdir():
        (home / name).write_bytes(file.getvalue())
        facts = json.loads((home / "manifest.json").read_text())
        facts["files"][name] = hashlib.sha256(file.getvalue()).hexdigest()
        del facts["checksum"]
        facts["checksum"] = _checksum(facts)
        (home / "manifest.json").write_text(json.dumps(facts))
    with pytest.raises(IndexDamaged, match="allow_pickle=False"):
        read(world.index)
    assert not trace.exists()
    np.load(io.BytesIO(file.getvalue()), allow_pickle=True)
    assert trace.exists()  # the payload works
