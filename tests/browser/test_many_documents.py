"""More than two documents side by side, one of them uploaded on the page, and one that goes away again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from accessible import findings
from playwright.sync_api import expect
from talking import FIELD, settle

pytestmark = pytest.mark.pages

PATIENCE_MS = 120_000
ABOUT = {
    "hegn": ("Hegnsregler", "Vejlauget", "regelsæt"),
    "havn": ("Havnens drift", "Havneudvalget", "notat"),
    "skov": ("Skovens stier", "Skovlauget", "notat"),
}
TEXTS = {
    "hegn": "OM HEGN\n\n• Hegnspæle skal males hvert andet år\n\n• Låger skal kunne lukkes af et barn\n",
    "havn": "OM HAVNEN\n\n• Bolværket skal males hvert andet år\n\n• Diget skal være tre meter højt\n",
    "skov": "OM SKOVEN\n\n• Stierne skal males op hvert andet år\n\n• Hunde føres i snor\n",
}
MINUTES = "# Referat\n\n## Broer\n\n- Broen skal males hvert tredje år\n- Broen efterses om foråret\n"


@pytest.fixture
def site(serve: Callable[..., Any], tmp_path: Path) -> Iterator[Any]:
    described = []
    for name, (title, organisation, kind) in ABOUT.items():
        (tmp_path / f"{name}.txt").write_text(TEXTS[name], encoding="utf-8")
        described.append(f"[{name}]\ntitle = '{title}'\norganisation = '{organisation}'\nkind = '{kind}'\n")
    (tmp_path / "corpus.toml").write_text("\n".join(described), encoding="utf-8")
    with serve(corpus=tmp_path) as running:
        yield running


def columns(page: Any) -> Any:
    return page.locator("[class*='st-key-compare-column-']")


def column(page: Any, heading: str) -> Any:
    return columns(page).filter(has=page.get_by_role("heading", level=3, name=heading))


def visit(page: Any, name: str) -> None:
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    settle(page)


def compare(page: Any, theme: str, number: int) -> None:
    field = page.get_by_role("textbox", name="Tema eller spørgsmål")
    field.fill(theme)
    field.press("Enter")
    # As a list: the one before stands beside it until the page is drawn.
    expect(page.locator(".compared-theme")).to_have_text([f"»{theme}«"])
    expect(columns(page)).to_have_count(number)
    settle(page)


def test_documents_side_by_side_each_with_its_own_cited_words(site: Any, open_page: Any) -> None:
    page = open_page(site)
    page.get_by_role("textbox", name=FIELD).wait_for(timeout=PATIENCE_MS)
    visit(page, "Sammenlign")

    # A question, over the three documents that are chosen to begin with.
    compare(page, "Hvor tit skal der males?", 3)
    told = page.get_by_role("status").filter(has_text="Omtalt af Havneudvalget, Vejlauget og Skovlauget.")
    expect(told).to_be_visible()
    together = page.locator("[class*='st-key-compare-shared-']")
    expect(page.get_by_role("heading", level=3, name="Det nævner flere")).to_be_visible()
    expect(together).to_have_count(1)
    expect(together.locator("blockquote")).to_have_count(3)
    for words, place in (
        ("Hegnspæle skal males hvert andet år", "Vejlauget, side 1"),
        ("Bolværket skal males hvert andet år", "Havneudvalget, side 1"),
        ("Stierne skal males op hvert andet år", "Skovlauget, side 1"),
    ):
        expect(together).to_contain_text(f"»{words}«")
        expect(together).to_contain_text(place)
    wide = [columns(page).nth(n).bounding_box() for n in range(3)]
    assert len({box["y"] for box in wide}) == 1
    assert wide[0]["x"] + wide[0]["width"] <= wide[1]["x"]
    assert wide[1]["x"] + wide[1]["width"] <= wide[2]["x"]
    assert findings(page) == []

    # Each number opens its own document, with the words marked.
    opened = set()
    for number in range(3):
        together.get_by_role("button", name=re.compile("Vis kilde")).nth(number).click()
        pane = page.locator(".st-key-source")
        expect(pane.locator("mark")).to_have_text(
            together.locator("blockquote").nth(number).inner_text().strip("»«")
        )
        opened.add((pane.get_by_role("heading", level=2).inner_text(), pane.locator("mark").inner_text()))
    assert opened == {
        ("Hegnsregler", "Hegnspæle skal males hvert andet år"),
        ("Havnens drift", "Bolværket skal males hvert andet år"),
        ("Skovens stier", "Stierne skal males op hvert andet år"),
    }
    page.keyboard.press("Escape")

    # One speaks, two are silent.
    compare(page, "hunde", 3)
    expect(column(page, "Skovlauget (notat)")).to_contain_text("»Hunde føres i snor«")
    for silent in ("Vejlauget (regelsæt)", "Havneudvalget (notat)"):
        expect(column(page, silent)).to_contain_text("Ikke omtalt.")
    expect(page.get_by_role("status").filter(has_text="Omtalt af Skovlauget. Ikke omtalt af")).to_be_visible()

    # In a narrow window they stand below one another.
    page.set_viewport_size({"width": 420, "height": 900})
    settle(page)
    narrow = [columns(page).nth(n).bounding_box() for n in range(3)]
    assert len({box["x"] for box in narrow}) == 1
    assert narrow[0]["y"] + narrow[0]["height"] <= narrow[1]["y"]
    assert narrow[1]["y"] + narrow[1]["height"] <= narrow[2]["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 420


def test_an_uploaded_document_is_compared_at_once_and_one_that_is_removed_is_not(
    site: Any, open_page: Any
) -> None:
    page = open_page(site)
    page.get_by_role("textbox", name=FIELD).wait_for(timeout=PATIENCE_MS)
    visit(page, "Sammenlign")
    compare(page, "males", 3)

    visit(page, "Dokumenter")
    file = {"name": "referat.md", "mimeType": "text/markdown", "buffer": MINUTES.encode()}
    page.get_by_label("Filer", exact=True).set_input_files(file)
    reading = page.locator("[class*='st-key-reading-']").first
    reading.get_by_role("textbox", name="Afsender", exact=True).fill("Broudvalget")
    reading.get_by_role("textbox", name="Type").fill("referat")
    page.get_by_role("button", name="Tilføj 1 dokument").click()
    expect(page.get_by_role("status").filter(has_text="Tilføjet: referat.md.")).to_be_visible(
        timeout=PATIENCE_MS
    )
    settle(page)

    # What was compared stands as it was; the new document can be chosen beside the others.
    visit(page, "Sammenlign")
    expect(columns(page)).to_have_count(3)
    page.get_by_role("combobox", name="Dokumenter").click()
    page.get_by_role("option", name="Broudvalget").click()
    page.keyboard.press("Escape")
    compare(page, "Hvor tit skal der males?", 4)
    expect(page.get_by_role("status").filter(has_text="og Broudvalget.")).to_be_visible()
    expect(page.get_by_text("»Broen skal males hvert tredje år«").first).to_be_visible()

    visit(page, "Dokumenter")
    entry = page.locator("[class*='st-key-document-']").filter(
        has=page.get_by_role("heading", level=2, name="Skovens stier")
    )
    entry.get_by_role("button", name="Ret, erstat eller fjern").click()
    page.get_by_text("Ja, jeg vil fjerne dokumentet").click()
    page.get_by_role("button", name="Fjern dokumentet").click()
    expect(entry).to_have_count(0, timeout=PATIENCE_MS)

    # The others are compared without it.
    visit(page, "Sammenlign")
    expect(columns(page)).to_have_count(3)
    expect(page.get_by_role("status").filter(has_text="Et af dokumenterne er fjernet")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_role("main")).not_to_contain_text("Skovlauget")
    compare(page, "males", 3)
    expect(page.get_by_role("status").filter(has_text="Et af dokumenterne er fjernet")).to_have_count(0)
