"""``assistant build --dask`` where it cannot be done: one line of Danish, and nothing is changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.corpora import write

from assistant.cli import main
from assistant.spreading import cluster as clusters

pytestmark = pytest.mark.servers


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = write(
        tmp_path / "corpus",
        [
            ("tillid.txt", "Tillid\n\n• Vi viser hinanden tillid\n• Kontrol er ikke målet"),
            ("ansvar.txt", "Ansvar\n\n• Ledelsen har ansvaret\n• Målene er få og klare"),
        ],
    )
    monkeypatch.setenv("ASSISTANT_CORPUS__PATH", str(folder))
    monkeypatch.setenv("ASSISTANT_INDEX__PATH", str(tmp_path / "index"))
    return folder


@pytest.fixture
def refused(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Run a build that must be refused; returns its one line."""

    def run(address: str) -> str:
        assert main(["build", "--dask", address]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1
        assert not (tmp_path / "index").exists()
        return err

    return run


def test_an_address_where_nothing_answers(refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "_CONNECT_SECONDS", 1)
    line = refused("127.0.0.1:9")

    assert "Der svarer ingen Dask-klynge på tcp://127.0.0.1:9" in line
    assert "Intet er ændret" in line


def test_an_address_on_another_machine_without_encryption(refused) -> None:
    assert "ikke krypteret" in refused("tcp://192.0.2.1:8786")


def test_what_is_no_address(refused) -> None:
    assert "ingen adresse" in refused("klyngen")


def test_dask_that_is_not_installed(refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    assert "dokumentassistent[dask]" in refused("127.0.0.1:8786")


def test_dask_is_imported_only_where_it_is_asked_for() -> None:
    code = "import sys, assistant.cli, assistant.factory; print({'dask', 'distributed'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)

    assert done.stdout.strip() == "set()"
