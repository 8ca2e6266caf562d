"""The real page, served by ``streamlit run app.py`` and driven in Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright
from slides import komdir_slides
from talking import PATIENCE_MS

from tests.support.pdfs import slides_pdf

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_PATIENCE_S = 120
BUILD_PATIENCE_MS = 120_000
expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True)
class Site:
    """A running server, and where it keeps its corpus and its index."""

    url: str
    corpus: Path
    index: Path
    process: int = 0
    log: Path = Path()
    server: subprocess.Popen[bytes] | None = None


@dataclass
class Watched:
    """What a page should not do: complain, or ask another server for something."""

    origin: str
    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Any) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.origin, self.origin.replace("http", "ws", 1), "data:", "blob:")):
            self.complaints.append(f"request: {request.url}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    executable = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if executable is None:
        pytest.skip(f"Chromium er ikke installeret (søgte efter {', '.join(CHROMIUM)})")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=executable, args=FLAGS)
        chromium.new_context = _listening(chromium.new_context)
        yield chromium
        chromium.close()


def _listening(new_context: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``new_context``, with pages that know when all is drawn that was asked for: ``talking.settle``."""

    def listening(**options: Any) -> Any:
        context = new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(path=Path(__file__).with_name("settled.js"))
        return context

    return listening


@pytest.fixture(scope="session")
def serve(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Return a context manager that serves the page over a corpus of its own.

    Depends on ``browser``, so that nothing is started where there is none.
    """

    @contextmanager
    def serving(
        corpus: Path | None = None,
        index: Path | None = None,
        script: str = "app.py",
        port: int | None = None,
        **environ: str,
    ) -> Iterator[Site]:
        folder = tmp_path_factory.mktemp("site")
        if corpus is None:
            corpus = folder / "corpus"
            shutil.copytree(ROOT / "corpus", corpus)
        site = Site(f"http://127.0.0.1:{port or _free_port()}", corpus, index or folder / "index")
        log = folder / "log"
        with log.open("w") as output:
            server = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "streamlit",
                    "run",
                    script,
                    "--server.port",
                    site.url.rpartition(":")[2],
                ],
                cwd=ROOT,
                env={
                    **os.environ,
                    "ASSISTANT_CORPUS__PATH": str(site.corpus),
                    "ASSISTANT_INDEX__PATH": str(site.index),
                    "ASSISTANT_DATABASE__URL": f"sqlite:///{folder / 'data.sqlite3'}",
                    **environ,
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            _wait_until_up(site.url, server, log)
            yield replace(site, process=server.pid, log=log, server=server)
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()

    return serving


@pytest.fixture(scope="session")
def library(
    serve: Callable[..., Any], context: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A server that many tests share: slides as a PDF, a text, and a paper whose printed pages begin at 9."""
    corpus = tmp_path_factory.mktemp("library")
    shutil.copy(ROOT / "corpus" / "corpus.toml", corpus)
    shutil.copy(ROOT / "corpus" / "staten-styring-og-ledelse.txt", corpus)
    (corpus / "komdir-4-pejlemaerker.pdf").write_bytes(komdir_slides())
    (corpus / "hegn.pdf").write_bytes(slides_pdf(PAPER))
    with serve(corpus=corpus) as site:
        wait_until_built(context, site)
        yield site


@pytest.fixture(scope="module")
def site(serve: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server of one module's own, with one small text, whose documents may be changed."""
    folder = tmp_path_factory.mktemp("hegn")
    (folder / "hegn.txt").write_text("OM HEGN\n\n• Hegnspæle skal males hvert andet år\n", encoding="utf-8")
    with serve(corpus=folder) as running:
        yield running


def wait_until_built(context: Any, site: Site) -> None:
    """Open the page until the index is there, which takes its time where others work too."""
    page = context.new_page()
    page.goto(site.url)
    page.get_by_role("heading", name="Spørg dokumenterne").wait_for(timeout=BUILD_PATIENCE_MS)
    page.close()


PAPER = tuple(
    f"OM HEGN {part.upper()}\n\n• Hegnspæle {part} skal males hvert andet år af den, der ejer hegnet\n\n"
    f"• Låger {part} skal kunne lukkes og åbnes af et barn\n\n\n{number}"
    for number, part in enumerate(("i byen", "på landet", "ved stranden", "i skoven"), 9)
)


@pytest.fixture(scope="session")
def context(browser: Any) -> Iterator[Any]:
    """One browser profile for all tests, so that Streamlit's scripts are fetched once for each server."""
    profile = browser.new_context(locale="da-DK", permissions=["clipboard-read", "clipboard-write"])
    profile.set_default_timeout(PATIENCE_MS)
    yield profile
    profile.close()


@pytest.fixture
def open_page(context: Any) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a site in a conversation of its own; nothing it does may be amiss."""
    with opening_pages(context) as opening:
        yield opening


@pytest.fixture(scope="module")
def open_shared(context: Any) -> Iterator[Callable[..., Any]]:
    """As ``open_page``, for pages that the tests of a module share."""
    with opening_pages(context) as opening:
        yield opening


@contextmanager
def opening_pages(context: Any) -> Iterator[Callable[..., Any]]:
    opened: list[tuple[Any, Watched]] = []

    def opening(site: Site, width: int = 1400, height: int = 900) -> Any:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        watched = Watched(site.url)
        watched.watch(page)
        opened.append((page, watched))
        page.goto(site.url)
        return page

    yield opening
    for page, _ in opened:
        page.close()
    assert [watched.complaints for _, watched in opened] == [[] for _ in opened]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_up(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"Serveren kom ikke op:\n{log.read_text()}")
