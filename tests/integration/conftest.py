"""The real documents, indexed once a run with the real packaged model."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from assistant.factory import build_index, open_assistant
from assistant.pipeline import Assistant
from assistant.settings import PROJECT, Settings, load_settings


@pytest.fixture(scope="session")
def index_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index over ``corpus/``, shared by the workers of a run; nothing may change it."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder = base / "real-index"
    with (base / "real-index.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            build_index(_settings(folder))
    return folder


@pytest.fixture(scope="session")
def environment(index_folder: Path) -> Mapping[str, str]:
    """Settings of the environment under which the command line uses that index."""
    return {"ASSISTANT_CORPUS__PATH": str(PROJECT / "corpus"), "ASSISTANT_INDEX__PATH": str(index_folder)}


@pytest.fixture(scope="session")
def assistant(index_folder: Path) -> Assistant:
    """The assistant that a user gets."""
    return open_assistant(_settings(index_folder), build_if_missing=False)


@pytest.fixture
def fresh_assistant(index_folder: Path) -> Assistant:
    """One that nobody has asked anything yet: whatever it keeps for later is still to be made."""
    return open_assistant(_settings(index_folder), build_if_missing=False)


def _settings(index: Path) -> Settings:
    return load_settings(PROJECT, {"ASSISTANT_INDEX__PATH": str(index)})
