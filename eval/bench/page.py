"""The page from a cold start: until its first byte, and until somebody can ask."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant import factory
from assistant.progress import ProgressCallback
from assistant.settings import PROJECT, Settings
from eval.errors import EvaluationError

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE = 240.0


@dataclass(frozen=True, slots=True)
class PageStart:
    """Seconds from starting the server; ``usable`` is ``None`` where no Chromium drives the page."""

    first_byte: float
    usable: float | None


def page_start(settings: Settings, progress: ProgressCallback) -> PageStart:
    """Start the server over an index that is built, and wait for its page."""
    with tempfile.TemporaryDirectory(prefix="bench-page-") as name:
        folder = Path(name)
        own = replace(settings, index=replace(settings.index, path=folder / "index"))
        factory.build_index(own, progress)
        port = _free_port()
        environment = {
            **os.environ,
            "ASSISTANT_CORPUS__PATH": str(own.corpus.path),
            "ASSISTANT_INDEX__PATH": str(own.index.path),
            "ASSISTANT_DATABASE__URL": f"sqlite:///{folder / 'data.sqlite3'}",
        }
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
        command += ["--server.headless", "true", "--server.address", "127.0.0.1"]
        started = time.perf_counter()
        server = subprocess.Popen(  # noqa: S603 - our own command line
            command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            first = _first_byte(f"http://127.0.0.1:{port}/", server, started)
            return PageStart(round(first, 3), _usable(f"http://127.0.0.1:{port}/", started))
        finally:
            server.terminate()
            server.wait()


def _first_byte(url: str, server: subprocess.Popen[bytes], started: float) -> float:
    while time.perf_counter() - started < _PATIENCE:
        if server.poll() is not None:
            raise EvaluationError(f"Websiden sluttede med {server.returncode}, før den svarede.")
        try:
            with urllib.request.urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310 - our own page
                answer.read(1)
                return time.perf_counter() - started
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.01)
    raise EvaluationError(f"Websiden svarede ikke inden for {_PATIENCE:.0f} sekunder.")


def _usable(url: str, started: float) -> float | None:
    executable = next((found for name in _CHROMIUM if (found := shutil.which(name))), None)
    if executable is None:
        return None
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as driver:
        chromium: Any = driver.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = chromium.new_page()
        page.goto(url)
        page.get_by_test_id("stChatInputTextArea").wait_for(timeout=_PATIENCE * 1000)
        usable = time.perf_counter() - started
        chromium.close()
    return round(usable, 3)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
