"""What cannot work is one clear message with what to do, never a traceback."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from accessible import findings
from playwright.sync_api import expect
from talking import settle

from assistant.factory import build_index
from assistant.settings import load_settings

pytestmark = pytest.mark.pages


def expect_one_message(page: Any, *parts: str) -> None:
    expect(page.get_by_role("heading", name="Dokumentassistenten kan ikke åbnes")).to_be_visible()
    alert = page.get_by_role("alert")
    expect(alert).to_have_count(1)
    for part in parts:
        expect(alert).to_contain_text(part)
    settle(page)
    assert "Traceback" not in page.locator("body").inner_text()
    assert findings(page) == []


@pytest.fixture
def start(serve: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Return a function that starts a server. Asked for before ``open_page``: the pages close first."""
    with ExitStack() as servers:
        yield lambda **options: servers.enter_context(serve(**options))


@pytest.fixture
def small_corpus(tmp_path: Path) -> Path:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "hegn.txt").write_text("OM HEGN\n\n• Hegnspæle skal males hvert andet år\n", encoding="utf-8")
    return corpus


def test_an_empty_corpus_is_explained_and_can_be_tried_again(
    start: Callable[..., Any], open_page: Any, tmp_path: Path, small_corpus: Path
) -> None:
    empty = tmp_path / "tom"
    empty.mkdir()
    page = open_page(start(corpus=empty))
    expect_one_message(page, "Der er ingen dokumenter")

    (small_corpus / "hegn.txt").rename(empty / "hegn.txt")
    page.get_by_role("button", name="Prøv igen").click()
    expect(page.get_by_role("region", name="Om svarene")).to_contain_text("ét dokument")


def test_a_damaged_index_is_explained_and_can_be_built_again(
    start: Callable[..., Any], open_page: Any, tmp_path: Path, small_corpus: Path
) -> None:
    index = tmp_path / "index"
    environ = {"ASSISTANT_CORPUS__PATH": str(small_corpus), "ASSISTANT_INDEX__PATH": str(index)}
    build_index(load_settings(environ={**os.environ, **environ}))
    largest = max((path for path in index.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    largest.write_bytes(largest.read_bytes()[:-7] + b"skade!!")

    page = open_page(start(corpus=small_corpus, index=index))
    expect_one_message(page, largest.name)

    page.get_by_role("button", name="Byg indekset igen").click()
    expect(page.get_by_role("region", name="Om svarene")).to_contain_text("ét dokument")


def test_an_unknown_setting_is_named(start: Callable[..., Any], open_page: Any) -> None:
    page = open_page(start(ASSISTANT_CORPUS__STI="/et/sted"))
    expect_one_message(page, "ASSISTANT_CORPUS__STI")
