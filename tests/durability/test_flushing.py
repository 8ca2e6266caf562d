"""What a power cut would leave: nothing serves before every file, and every folder that names it, is flushed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from durable_world import World, settings_of

from assistant.durable import files
from assistant.factory import build_index

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/fd").is_dir(), reason="only Linux tells which file a handle is of"
)

Identity = tuple[int, int]


def identity(path: Path) -> Identity:
    found = path.stat()
    return found.st_dev, found.st_ino


class Witness:
    """Remembers what was flushed, and what was not when ``CURRENT`` was renamed."""

    def __init__(self, index: Path, patch: pytest.MonkeyPatch, *, ignoring: Callable[[Path], bool]) -> None:
        self.flushed: dict[Identity, int] = {}
        self.missing: list[str] | None = None
        self.after_the_switch: list[Path] = []
        flush_handle, replace = files.flush_handle, Path.replace

        def flushing(handle: int) -> None:
            path = Path(f"/proc/self/fd/{handle}").readlink()
            if not ignoring(path):
                flush_handle(handle)
                found = os.fstat(handle)
                self.flushed[found.st_dev, found.st_ino] = found.st_mtime_ns
                if self.missing is not None:
                    self.after_the_switch.append(path)

        def replacing(path: Path, target: Path) -> Path:
            if target == index / "CURRENT":
                home = index / "generations" / path.read_text()
                everything = [path, home, home.parent, home.parent.parent / "work", *home.rglob("*")]
                self.missing = [each.name for each in everything if not self.is_flushed(each)]
            return replace(path, target)

        patch.setattr(files, "flush_handle", flushing)
        patch.setattr(Path, "replace", replacing)

    def is_flushed(self, path: Path) -> bool:
        """Whether it was flushed after it was last changed: for a folder, after its last name."""
        return self.flushed.get(identity(path), -1) >= path.stat().st_mtime_ns


def build(world: World, patch: pytest.MonkeyPatch, ignoring: Callable[[Path], bool]) -> Witness:
    world.reset()
    with patch.context() as patched:
        witness = Witness(world.index, patched, ignoring=ignoring)
        build_index(settings_of(world.corpus("new"), world.index))
    return witness


def test_everything_is_flushed_before_the_switch_and_the_switch_after_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = build(world, monkeypatch, lambda _: False)
    assert witness.missing == []
    assert witness.after_the_switch[0] == world.index


@pytest.mark.parametrize(
    "forgotten", ["vectors.faiss", "manifest.json", "terms", "generations", ".CURRENT"], ids=str
)
def test_a_writer_that_forgets_to_flush_one_of_them_is_caught(
    world: World, monkeypatch: pytest.MonkeyPatch, forgotten: str
) -> None:
    witness = build(world, monkeypatch, lambda path: path.name.startswith(forgotten))
    assert witness.missing
    assert all(name.startswith(forgotten) for name in witness.missing)


def test_a_new_index_folder_is_flushed_up_to_where_it_was_made(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "a" / "b" / "index"
    witness = Witness(index, monkeypatch, ignoring=lambda _: False)
    build_index(settings_of(world.corpus("new"), index))
    for folder in (tmp_path, index.parent, index.parent.parent):
        assert identity(folder) in witness.flushed
