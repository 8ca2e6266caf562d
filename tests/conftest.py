"""What holds for every test: no network, no settings from outside, and no silent skips in CI."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import hypothesis
import pytest

if TYPE_CHECKING:
    from support.postgres import Server

AnyReport = TypeVar("AnyReport", pytest.TestReport, pytest.CollectReport)

# Set while this file is imported, before any test can import what reads it.
os.environ["HF_HUB_OFFLINE"] = "1"
for name in [name for name in os.environ if name.startswith("ASSISTANT_")]:
    del os.environ[name]

# A run starts hundreds of processes: what one of them has compiled the others need not compile again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Each worker of a run has no core for itself: threads of theirs for small matrices only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# What the tests say is not kept among the conversations of whoever runs them.
_DATABASE = tempfile.TemporaryDirectory(prefix="dokumentassistent-")
os.environ["ASSISTANT_DATABASE__URL"] = f"sqlite:///{_DATABASE.name}/samtaler.sqlite3"

# A slow moment of a shared machine is no failure; times are measured in eval/bench.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

BROWSER_TESTS = Path(__file__).parent / "browser"

ALLOWED_SKIPS = ("no GPU", "no sample documents", "no LibreOffice")
"""How the reason of a skip may begin where ``REQUIRE_BROWSER=1`` forbids all others."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(BROWSER_TESTS):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def postgres() -> Generator[Server]:
    """A PostgreSQL with pgvector, started when a test first asks for it and stopped at the end."""
    from support.postgres import running

    with running() as server:
        yield server


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Generator[None]:
    """Undo what a program under test set up for its own log."""
    log = logging.getLogger("assistant")
    level, handlers, propagate = log.level, log.handlers[:], log.propagate
    yield
    log.setLevel(level)
    log.handlers[:], log.propagate = handlers, propagate


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _without_skip((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _without_skip((yield))


def _without_skip(report: AnyReport) -> AnyReport:
    """Turn a skip into a failure with its reason, where CI has installed what every test needs."""
    if os.environ.get("REQUIRE_BROWSER") == "1" and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2]).removeprefix("Skipped: ")
        if not reason.startswith(ALLOWED_SKIPS):
            report.outcome = "failed"
            report.longrepr = f"skipped, and REQUIRE_BROWSER=1 allows no skips: {reason}"
    return report
