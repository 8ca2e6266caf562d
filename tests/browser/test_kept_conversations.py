"""Conversations that are there again: after a reload, in the list, for their owner alone, or plainly not kept."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import talking
from accessible import findings
from playwright.sync_api import expect
from talking import ask, cite, last_turn, pane, settle

from assistant.storage.sql import open_store

pytestmark = pytest.mark.pages

FIELD = "Stil et spørgsmål til dokumenterne"
FIRST = "Hvad er de fire pejlemærker?"
SECOND = "Hvilket tidligere arbejde bygger debatoplægget på?"
THIRD = "Hvad indebærer den kompetente forvaltning?"
PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("database") / "samtaler.sqlite3"


@pytest.fixture(scope="module")
def site(serve: Callable[..., Any], database: Path) -> Iterator[Any]:
    with serve(ASSISTANT_DATABASE__URL=f"sqlite:///{database}") as served:
        yield served


@pytest.fixture
def open_browser(browser: Any, site: Any) -> Iterator[Callable[..., Any]]:
    """Return a function that opens the page in a browser of its own, with no cookies yet."""
    contexts: list[Any] = []

    def opening(query: str = "") -> Any:
        context = browser.new_context(locale="da-DK", viewport={"width": 1400, "height": 1000})
        context.set_default_timeout(talking.PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.goto(site.url + query)
        page.get_by_role("textbox", name=FIELD).wait_for(timeout=PATIENCE_MS)
        return page

    yield opening
    for context in contexts:
        context.close()


def earlier(page: Any) -> Any:
    return page.locator(".st-key-earlier")


def test_a_reload_brings_the_conversation_back_with_its_citations(open_browser: Callable[..., Any]) -> None:
    page = open_browser()
    ask(page, FIRST)
    page.wait_for_url("**samtale=**")
    ask(page, SECOND)
    page.reload()

    expect(page.get_by_role("heading", level=2)).to_have_text([FIRST, SECOND])
    page.locator("[class*='st-key-turn-1']").get_by_role("button", name="[1]").first.click()
    expect(page.locator(".st-key-source")).to_be_visible()


def test_the_address_keeps_conversation_document_and_page(open_browser: Callable[..., Any]) -> None:
    page = open_browser()
    ask(page, FIRST)
    page.wait_for_url("**samtale=**")
    quote = cite(page).locator("mark").first.inner_text()
    page.wait_for_url("**dokument=**")
    page.reload()

    expect(page.get_by_role("heading", level=2, name=FIRST)).to_be_visible()
    expect(pane(page).locator("mark").first).to_have_text(quote)
    expect(last_turn(page)).to_be_visible()
    settle(page)
    pane(page).get_by_role("button", name="Næste slide").click()
    page.wait_for_url("**side=**")
    settle(page)
    number = pane(page).locator(".page-number").inner_text()
    page.reload()
    expect(pane(page).locator(".page-number")).to_have_text(number)

    # A document that is read on a page of its own is in the address too.
    page.get_by_role("link", name="Dokumenter").click()
    settle(page)
    page.get_by_role("button", name="Læs dokumentet").nth(1).click()
    expect(pane(page).locator(".page-number")).to_have_text(re.compile("^Slide 1 af "))
    title = pane(page).get_by_role("heading", level=2).inner_text()
    settle(page)
    page.reload()
    expect(page.get_by_role("heading", level=1, name="Dokumenter")).to_be_visible()
    expect(pane(page).get_by_role("heading", level=2)).to_have_text(title)


def test_everything_of_ones_own_is_deleted_at_once(open_browser: Callable[..., Any]) -> None:
    page = open_browser()
    ask(page, FIRST)
    page.wait_for_url("**samtale=**")
    address = page.url[page.url.index("?") :]
    last_turn(page).get_by_role("button", name="Føj til oplæg").click()
    expect(last_turn(page).get_by_role("button", name="Fjern fra oplæg")).to_be_visible()
    page.get_by_role("button", name="Slet alle samtaler").click()
    page.get_by_role("button", name="Ja, slet alt").click()
    expect(page.get_by_role("heading", name="Spørg dokumenterne")).to_be_visible()
    expect(earlier(page).get_by_role("button")).to_have_count(0)

    page.get_by_role("link", name="Mit oplæg").click()
    expect(page.get_by_role("heading", name="Der er ikke samlet noget endnu")).to_be_visible()
    again = page.context.new_page()
    again.goto(page.url.partition("/mit-oplaeg")[0] + "/" + address)
    expect(again.get_by_role("alert")).to_contain_text("Samtalen findes ikke længere")


def test_a_thumb_up_with_a_comment_is_there_again(open_browser: Callable[..., Any]) -> None:
    page = open_browser()
    ask(page, FIRST)
    page.get_by_role("button", name="Ja", exact=True).click()
    expect(page.get_by_role("button", name="Ja (valgt)")).to_be_visible()
    page.get_by_label("Kommentar (valgfri)").fill("Lige det, jeg søgte")
    page.get_by_role("button", name="Gem kommentaren").click()
    expect(page.get_by_text("Kommentaren er gemt.")).to_be_visible()
    settle(page)
    page.reload()

    expect(page.get_by_role("button", name="Ja (valgt)")).to_be_visible()
    expect(page.get_by_label("Kommentar (valgfri)")).to_have_value("Lige det, jeg søgte")
    expect(page.get_by_text("Foreslå som prøvespørgsmål")).to_have_count(0)
    settle(page)
    page.get_by_role("button", name="Ja (valgt)").click()  # taken back
    expect(page.get_by_role("button", name="Ja", exact=True)).to_be_visible()
    expect(page.get_by_label("Kommentar (valgfri)")).to_have_count(0)


def test_nothing_of_one_browser_shows_in_another(open_browser: Callable[..., Any]) -> None:
    anna = open_browser()
    ask(anna, FIRST)
    anna.wait_for_url("**samtale=**")
    bo = open_browser("/" + anna.url[anna.url.index("?") :])

    expect(bo.get_by_role("alert")).to_contain_text("Samtalen findes ikke længere")
    settle(bo)
    expect(bo.get_by_role("heading", level=2, name=FIRST)).to_have_count(0)
    expect(earlier(bo).get_by_role("button")).to_have_count(0)


def test_earlier_conversations_are_searched_opened_renamed_and_deleted(
    open_browser: Callable[..., Any],
) -> None:
    page = open_browser()
    ask(page, FIRST)
    page.get_by_role("button", name="Ny samtale").click()
    page.get_by_role("heading", name="Spørg dokumenterne").wait_for()
    ask(page, SECOND)
    page.wait_for_url("**samtale=**")
    settle(page)
    second = page.url
    listed = earlier(page).get_by_role("button", name=FIRST)
    expect(listed).to_be_visible()

    search = earlier(page).get_by_label("Søg i tidligere samtaler")
    search.fill("giraffer")
    search.press("Enter")
    expect(listed).to_have_count(0)
    search.fill("kulturbærende")  # stands in the answer only
    search.press("Enter")
    expect(listed).to_be_visible()

    listed.click()
    expect(page.get_by_role("heading", level=2, name=FIRST)).to_be_visible()
    expect(page.get_by_role("heading", level=2, name=SECOND)).to_have_count(0)
    page.wait_for_url(lambda url: "samtale=" in url and url != second)
    settle(page)
    page.wait_for_timeout(1_100)  # a person reads before going back
    page.go_back()
    expect(page.get_by_role("heading", level=2, name=SECOND)).to_be_visible()
    expect(page).to_have_url(second)

    page.get_by_role("button", name="Omdøb").click()
    title = page.get_by_role("textbox", name="Ny titel")
    expect(title).to_be_visible()
    assert findings(page) == []
    title.fill("Til direktionen")
    page.get_by_role("button", name="Gem titlen").click()
    expect(earlier(page).get_by_text("Til direktionen")).to_be_visible()

    page.keyboard.press("Escape")
    page.locator("[class*='st-key-open-acts-']").get_by_role("button", name="Slet").click()
    page.get_by_role("button", name="Ja, slet samtalen").click()
    expect(page.get_by_role("heading", name="Spørg dokumenterne")).to_be_visible()
    expect(earlier(page).get_by_text("Til direktionen")).to_have_count(0)
    expect(page).not_to_have_url(second)


def test_a_conversation_in_two_windows_goes_on_in_both(open_browser: Callable[..., Any]) -> None:
    here = open_browser()
    ask(here, FIRST)
    here.wait_for_url("**samtale=**")
    there = here.context.new_page()
    there.goto(here.url)
    expect(there.get_by_role("heading", level=2)).to_have_text([FIRST])
    ask(there, SECOND)
    ask(here, THIRD)

    expect(here.get_by_role("status").filter(has_text="gemt som en samtale for sig")).to_be_visible()
    here.wait_for_url(lambda url: url != there.url)
    here.reload()
    expect(here.get_by_role("heading", level=2)).to_have_text([FIRST, THIRD])
    there.reload()
    expect(there.get_by_role("heading", level=2)).to_have_text([FIRST, SECOND])


def test_a_conversation_deleted_in_another_window_can_be_kept_as_a_new_one(
    open_browser: Callable[..., Any],
) -> None:
    here = open_browser()
    ask(here, FIRST)
    here.wait_for_url("**samtale=**")
    there = here.context.new_page()
    there.goto(here.url)
    there.locator("[class*='st-key-open-acts-']").get_by_role("button", name="Slet").click()
    there.get_by_role("button", name="Ja, slet samtalen").click()
    expect(there.get_by_role("heading", name="Spørg dokumenterne")).to_be_visible()
    ask(here, SECOND)

    expect(here.get_by_role("alert")).to_contain_text("Ikke gemt. Samtalen er slettet i et andet vindue.")
    here.get_by_role("button", name="Gem som en ny samtale").click()
    expect(here.get_by_role("alert")).to_have_count(0)
    settle(here)
    here.reload()
    expect(here.get_by_role("heading", level=2)).to_have_text([FIRST, SECOND])


def test_a_thumb_down_becomes_a_draft_with_the_gold_of_the_open_source(
    open_browser: Callable[..., Any], database: Path
) -> None:
    page = open_browser()
    ask(page, SECOND)
    page.get_by_role("button", name="[1]").first.click()
    expect(page.locator(".st-key-source")).to_be_visible()
    page.get_by_role("button", name="Nej").click()
    expect(page.get_by_role("button", name="Nej (valgt)")).to_be_visible()
    page.get_by_label("Hvad manglede?").fill("Svaret er for kort. Ring 20 30 40 50")
    page.get_by_role("button", name="Gem kommentaren").click()
    expect(page.get_by_text("Kommentaren er gemt.")).to_be_visible()
    expect(page.get_by_label("Hvad manglede?")).to_have_value("Svaret er for kort. Ring [telefonnummer]")
    page.get_by_text("Foreslå som prøvespørgsmål").click()
    expect(page.get_by_role("button", name="Send forslaget")).to_be_visible()
    gold = page.locator("[data-testid=stMultiSelect]").filter(has_text="Hvor står svaret?")
    expect(gold).to_contain_text("KOMDIR, 4 pejlemærker for en sammenhængende offentlig sektor, slide")
    assert findings(page) == []
    page.get_by_role("button", name="Send forslaget").click()
    expect(page.get_by_text("Forslaget er sendt")).to_be_visible()

    with closing(open_store(f"sqlite:///{database}", Path("/"))) as store:
        draft = store.drafts()[-1]
    assert (draft.question, draft.kind) == (SECOND, "fakta")
    assert draft.comment == "Svaret er for kort. Ring [telefonnummer]"
    assert len(draft.gold) == 1
    assert "Vejen til en ny forvaltningspolitik" in draft.gold[0][1]

    # The evaluators read it, take it along as a question set, and remove it.
    page.keyboard.press("Escape")
    settle(page)
    page.get_by_role("link", name="Evaluering").click()
    drafts = page.locator(".st-key-drafts")
    expect(drafts).to_contain_text(f"{SECOND} (fakta)")
    expect(drafts).to_contain_text("Kommentar: Svaret er for kort. Ring [telefonnummer]")
    with page.expect_download() as download:
        drafts.get_by_role("button", name="Hent 1 som JSON Lines").click()
    (line,) = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    question = json.loads(line)
    assert (question["question"], question["kind"]) == (SECOND, "fakta")
    assert question["gold"] == [{"doc": draft.gold[0][0], "any": [draft.gold[0][1]]}]
    drafts.get_by_role("button", name="Fjern kladden").click()
    expect(drafts).to_contain_text("Ingen endnu.")


def test_with_a_locked_database_the_answer_stands_and_is_kept_later(
    open_browser: Callable[..., Any], database: Path
) -> None:
    page = open_browser()
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        ask(page, FIRST)
        expect(page.get_by_role("alert")).to_contain_text("Ikke gemt. Databasen er optaget")
        expect(page.get_by_text("Den kulturbærende forvaltning").first).to_be_visible()
        assert findings(page) == []
        other.execute("ROLLBACK")
    page.get_by_role("button", name="Prøv at gemme igen").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.wait_for_url("**samtale=**")
    page.reload()
    expect(page.get_by_role("heading", level=2, name=FIRST)).to_be_visible()


def test_without_the_database_the_answer_stands_and_says_that_it_is_not_kept(
    open_browser: Callable[..., Any], database: Path
) -> None:
    page = open_browser()
    for each in database.parent.glob(f"{database.name}*"):
        each.rename(each.with_name(f"væk-{each.name}"))
    ask(page, FIRST)

    expect(page.get_by_role("alert")).to_contain_text("Ikke gemt. Databasen »samtaler.sqlite3« findes ikke")
    # Right under the answer, before what leads on from it.
    settle(page)
    told = page.get_by_role("alert").bounding_box()
    assert told["y"] + told["height"] <= page.get_by_role("heading", name="Spørg videre").bounding_box()["y"]
    expect(page.get_by_text("Den kulturbærende forvaltning").first).to_be_visible()
    expect(earlier(page)).to_contain_text("Tidligere samtaler kan ikke vises.")
    for each in database.parent.glob("væk-*"):
        each.rename(each.with_name(each.name.removeprefix("væk-")))
    page.get_by_role("button", name="Prøv at gemme igen").click()
    expect(page.get_by_role("alert")).to_have_count(0)
