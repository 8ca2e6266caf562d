"""A build beside the running page is seen at the next click, and what was said before stays readable."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from talking import ask, cite, last_turn, pane

from assistant.factory import build_index
from assistant.settings import Settings, load_settings

pytestmark = pytest.mark.pages

FENCES = "OM HEGN\n\n• Hegnspæle skal males hvert andet år\n"
DIKES = "OM DIGER\n\n• Diget skal være tre meter højt\n"
QUESTION_OF_FENCES = "Hvor tit skal hegnspæle males?"
QUESTION_OF_DIKES = "Hvor højt skal diget være?"


def settings_of(site: Any) -> Settings:
    environ = {"ASSISTANT_CORPUS__PATH": str(site.corpus), "ASSISTANT_INDEX__PATH": str(site.index)}
    return load_settings(environ={**os.environ, **environ})


@pytest.fixture
def site(serve: Callable[..., Any], tmp_path: Path) -> Iterator[Any]:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "hegn.txt").write_text(FENCES, encoding="utf-8")
    (corpus / "broer.txt").write_text("OM BROER\n\n• Broer efterses hvert sjette år\n", encoding="utf-8")
    with serve(corpus=corpus) as running:
        build_index(settings_of(running))
        yield running


def test_an_open_conversation_goes_on_over_a_new_index(site: Any, open_page: Any) -> None:
    page = open_page(site)
    ask(page, QUESTION_OF_FENCES)
    expect(last_turn(page)).to_contain_text("hvert andet år")
    # The search is held to the document that is about to go.
    page.get_by_role("combobox", name="Søg kun i").click()
    page.get_by_role("option", name="hegn").click()
    page.keyboard.press("Escape")

    (site.corpus / "hegn.txt").unlink()
    (site.corpus / "diger.txt").write_text(DIKES, encoding="utf-8")
    build_index(settings_of(site))

    ask(page, QUESTION_OF_DIKES)
    expect(last_turn(page)).to_contain_text("tre meter højt")
    expect(cite(page)).to_contain_text("Diget skal være tre meter højt")
    page.locator("[class*='st-key-turn-']").first.get_by_role("button", name="Vis kilde [1]").first.click()
    expect(pane(page)).to_contain_text("findes ikke længere")
    expect(page.locator("[class*='st-key-turn-']").first).to_contain_text("hvert andet år")


def test_a_replaced_document_is_not_shown_as_what_was_quoted(site: Any, open_page: Any) -> None:
    page = open_page(site)
    ask(page, QUESTION_OF_FENCES)
    (site.corpus / "hegn.txt").write_text(FENCES.replace("males hvert andet", "rives ned hvert tiende"))
    build_index(settings_of(site))

    drawn = cite(page)
    expect(drawn).to_contain_text("rives ned hvert tiende år")
    expect(drawn).to_contain_text("Citatet kunne ikke genfindes ordret på siden.")
    expect(drawn.locator("mark")).to_have_count(0)


def test_a_damaged_new_index_is_told_and_the_old_one_answers(site: Any, open_page: Any) -> None:
    page = open_page(site)
    ask(page, QUESTION_OF_FENCES)
    (site.corpus / "diger.txt").write_text(DIKES, encoding="utf-8")
    build_index(settings_of(site))
    home = site.index / "generations" / (site.index / "CURRENT").read_text()
    (home / "vectors.faiss").write_bytes(b"")

    ask(page, QUESTION_OF_FENCES)
    expect(last_turn(page)).to_contain_text("hvert andet år")
    notice = page.get_by_role("status").filter(has_text="Indekset er beskadiget")
    expect(notice).to_contain_text("vectors.faiss")
    expect(notice).to_contain_text("Svarene bygger på det seneste hele indeks")

    build_index(settings_of(site))
    ask(page, QUESTION_OF_DIKES)
    expect(last_turn(page)).to_contain_text("tre meter højt")
    expect(notice).to_have_count(0)
