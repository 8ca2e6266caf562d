""" "Mit oplæg": collecting, ordering, writing and taking it along."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from playwright.sync_api import expect
from talking import ask, last_turn, settle

pytestmark = pytest.mark.pages

BUILD_PATIENCE_MS = 120_000
QUESTION = "Hvor tit skal hegnspæle males?"
QUOTE = "Hegnspæle skal males hvert andet år"


def corpus(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    text = f"OM HEGN\n\n• {QUOTE}\n\n• Låger skal kunne lukkes\n\n• Hegn mod vejen er højst én meter\n"
    (folder / "hegn.txt").write_text(text, encoding="utf-8")
    (folder / "corpus.toml").write_text(
        "[hegn]\ntitle = 'Hegnsregler'\norganisation = 'Vejlauget'\nkind = 'notat'\n", encoding="utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def site(serve: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with serve(corpus=corpus(tmp_path_factory.mktemp("hegn"))) as running:
        yield running


def start(page: Any) -> Any:
    page.get_by_role("heading", name="Spørg dokumenterne").wait_for(timeout=BUILD_PATIENCE_MS)
    return page


def visit(page: Any, name: str) -> None:
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def items(page: Any) -> Any:
    return page.locator("[class*='st-key-oplaeg-item-']")


def add_note(page: Any, text: str, count: int) -> None:
    page.get_by_role("textbox", name="Ny note").fill(text)
    page.get_by_role("button", name="Tilføj note").click()
    expect(items(page)).to_have_count(count)


def empty(page: Any) -> None:
    """Begin without what another test has collected: one browser is one owner."""
    visit(page, "Mit oplæg")
    nothing = page.get_by_role("heading", name="Der er ikke samlet noget endnu")
    clear = page.get_by_role("button", name="Tøm oplægget")
    expect(nothing.or_(clear)).to_be_visible()
    if clear.is_visible():
        clear.click()
    expect(nothing).to_be_visible()


def test_an_answer_a_quote_and_a_note_become_an_oplaeg_in_word(
    site: Any, open_page: Any, tmp_path: Path
) -> None:
    page = start(open_page(site))
    empty(page)
    page.get_by_role("link", name="Samtale").click()
    ask(page, QUESTION)
    turn = last_turn(page)
    turn.get_by_role("button", name="Føj til oplæg").click()
    expect(turn.get_by_role("button", name="Fjern fra oplæg")).to_be_visible()
    turn.get_by_role("button", name="Vis kilde [1]").first.click()
    pane = page.locator(".st-key-source")
    pane.get_by_role("button", name="Føj til oplæg").click()
    expect(pane.get_by_role("button", name="Fjern fra oplæg")).to_be_visible()
    pane.get_by_role("button", name="Luk").click()

    visit(page, "Mit oplæg")
    expect(items(page)).to_have_count(2)
    add_note(page, "Det tager vi op på mødet.", 3)
    page.get_by_role("textbox", name="Oplæggets titel").fill("Hegn i år")
    with page.expect_download() as download:
        page.get_by_role("button", name="Hent som Word").click()
    assert download.value.suggested_filename.startswith("Hegn i år 20")
    assert download.value.suggested_filename.endswith(".docx")
    written = docx.Document(io.BytesIO(Path(download.value.path()).read_bytes()))
    said = [(p.style.name, p.text) for p in written.paragraphs]
    assert said[0] == ("Title", "Hegn i år")
    assert said[2] == ("Heading 1", QUESTION)
    assert said.count(("Quote", f"»{QUOTE}«")) == 2
    assert ("Body Text", "Det tager vi op på mødet.") in said
    # When, from where, and with what it can be made again.
    assert re.fullmatch(r"\d{1,2}\. [a-z]+ 20\d\d", said[1][1])
    assert ("List Bullet", "Vejlauget, Hegnsregler (notat).") in said
    assert any(
        re.fullmatch(r"Dokumentassistent \S+, indeks \S+, model .+, indstillinger \S+\.", text)
        for _, text in said
    )
    (notes,) = (part for part in written.part.package.iter_parts() if "footnotes" in part.partname)
    assert notes.blob.decode().count("Vejlauget, Hegnsregler, s. 1.") == 2


def test_the_users_order_is_kept_and_the_keyboard_stays_where_it_was(site: Any, open_page: Any) -> None:
    page = start(open_page(site))
    empty(page)
    for number, text in enumerate(("Ét", "To", "Tre"), 1):
        add_note(page, text, number)
    last = items(page).nth(2).get_by_role("button", name="Flyt op")
    last.focus()
    page.keyboard.press("Enter")

    notes = page.get_by_role("textbox", name="Note", exact=True)
    expect(notes.nth(1)).to_have_value("Tre")
    expect(page.get_by_role("status").filter(has_text="Flyttet: nummer 2 af 3.")).to_be_visible()
    expect(items(page).nth(1).get_by_role("button", name="Flyt op")).to_be_focused()
    page.keyboard.press("Enter")
    expect(notes.nth(0)).to_have_value("Tre")
    expect(items(page).nth(0).get_by_role("button", name="Flyt op")).to_be_disabled()

    another = start(open_page(site))
    visit(another, "Mit oplæg")
    expect(another.get_by_role("textbox", name="Note", exact=True).nth(0)).to_have_value("Tre")


def test_headings_and_notes_are_rewritten_and_a_removal_undone(site: Any, open_page: Any) -> None:
    page = start(open_page(site))
    empty(page)
    add_note(page, "Først", 1)
    add_note(page, "Sidst", 2)
    first = items(page).nth(0)
    first.get_by_role("textbox", name="Overskrift").fill("Formål")
    first.get_by_role("textbox", name="Overskrift").press("Enter")
    settle(page)
    first.get_by_role("textbox", name="Note").fill("Rettet")
    first.get_by_role("textbox", name="Note").press("Control+Enter")
    settle(page)
    first.get_by_role("button", name="Fjern").click()
    expect(items(page)).to_have_count(1)
    page.get_by_role("button", name="Fortryd").click()

    expect(items(page)).to_have_count(2)
    expect(items(page).nth(0).get_by_role("textbox", name="Overskrift")).to_have_value("Formål")
    expect(items(page).nth(0).get_by_role("textbox", name="Note")).to_have_value("Rettet")


def test_the_last_words_of_a_field_are_kept_however_fast_the_next_click_comes(
    site: Any, open_page: Any
) -> None:
    page = start(open_page(site))
    empty(page)
    for number, text in enumerate(("Ét", "To"), 1):
        add_note(page, text, number)
    notes = page.get_by_role("textbox", name="Note", exact=True)

    notes.nth(0).fill("Ét, rettet")
    items(page).nth(0).get_by_role("button", name="Flyt ned").click()
    expect(notes.nth(1)).to_have_value("Ét, rettet")
    items(page).nth(0).get_by_role("textbox", name="Overskrift").fill("Formål")
    visit(page, "Sammenlign")
    visit(page, "Mit oplæg")
    expect(items(page).nth(0).get_by_role("textbox", name="Overskrift")).to_have_value("Formål")
    notes.nth(0).fill("To, rettet")
    with page.expect_download() as download:
        page.get_by_role("button", name="Hent som Markdown").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "## Formål" in text
    assert text.index("To, rettet") < text.index("Ét, rettet")


def test_the_title_is_there_again_in_another_window_and_so_is_a_note_that_was_begun(
    site: Any, open_page: Any
) -> None:
    page = start(open_page(site))
    empty(page)
    add_note(page, "Ét", 1)
    page.get_by_role("textbox", name="Oplæggets titel").fill("Til bestyrelsen, ring 20 30 40 50")
    page.get_by_role("textbox", name="Ny note").fill("Begyndt")
    expect(page.get_by_role("textbox", name="Oplæggets titel")).to_have_value(
        "Til bestyrelsen, ring [telefonnummer]"
    )
    visit(page, "Sammenlign")
    visit(page, "Mit oplæg")
    expect(page.get_by_role("textbox", name="Ny note")).to_have_value("Begyndt")
    settle(page)
    page.get_by_role("textbox", name="Ny note").press("Control+Enter")
    expect(items(page)).to_have_count(2)
    expect(page.get_by_role("textbox", name="Ny note")).to_have_value("")

    another = start(open_page(site))
    visit(another, "Mit oplæg")
    expect(another.get_by_role("textbox", name="Oplæggets titel")).to_have_value(
        "Til bestyrelsen, ring [telefonnummer]"
    )


def test_with_one_document_there_is_nothing_to_compare_and_the_page_says_what_to_do(
    site: Any, open_page: Any
) -> None:
    page = start(open_page(site))
    visit(page, "Sammenlign")

    expect(
        page.get_by_text("Der skal mindst to dokumenter til. Tilføj flere under Dokumenter.")
    ).to_be_visible()
    expect(page.get_by_role("textbox", name="Tema eller spørgsmål")).to_have_count(0)


def test_a_conversation_is_taken_along_as_markdown(site: Any, open_page: Any) -> None:
    page = start(open_page(site))
    ask(page, QUESTION)
    page.get_by_role("button", name="Hent samtalen").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Hent som Markdown").click()

    assert download.value.suggested_filename.startswith("Samtale Hvor tit skal hegnspæle males 20")
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert f"## {QUESTION}" in text
    assert f"> »{QUOTE}«[^1]" in text
    assert "[^1]: Vejlauget, Hegnsregler, s. 1." in text


def test_with_a_failing_database_it_works_and_says_that_it_is_not_kept(
    serve: Any, open_page: Any, tmp_path: Path
) -> None:
    blocked = tmp_path / "ingen-mappe"
    blocked.write_text("en fil, hvor der skulle være en mappe")
    with serve(
        corpus=corpus(tmp_path / "hegn"), ASSISTANT_DATABASE__URL=f"sqlite:///{blocked}/data.sqlite3"
    ) as site:
        page = start(open_page(site))
        visit(page, "Mit oplæg")
        add_note(page, "Kun her", 1)

        expect(page.get_by_role("status").filter(has_text="Ikke gemt.")).to_be_visible()
        expect(page.get_by_role("textbox", name="Note", exact=True)).to_have_value("Kun her")
        page.close()
