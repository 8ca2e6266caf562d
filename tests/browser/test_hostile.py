"""Documents that try to be more than text, and one that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from talking import settle

TITLE = "Hegn <img src=http://fremmed.invalid/t.png onerror=overtaget=1> :smile: $x^2$ **fed**"
HEADING = "Hegnspæle :smile: hos www.fremmed.invalid"
LINES = [
    "Hegnspæle skal <script>window.overtaget = 1</script> males hvert andet år",
    "Hegnspæle skal <img src=http://fremmed.invalid/b.png onerror=overtaget=1> stå lige",
    "Hegnspæle koster $\\frac{1}{2}$ krone og [klik her](http://fremmed.invalid) :smile: **meget** `kode`",
    "Hegnspæle &lt;b&gt; og </div></article><h1>overtaget</h1>",
]


@pytest.fixture(scope="module")
def site(serve: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    corpus: Path = tmp_path_factory.mktemp("corpus")
    bullets = "\n\n".join(f"• {line}" for line in LINES)
    (corpus / "hegn.txt").write_text(f"{HEADING}\n\n{bullets}\n", encoding="utf-8")
    (corpus / "hegn-igen.txt").write_text("OM LÅGER\n\n• Låger skal kunne lukkes\n", encoding="utf-8")
    (corpus / "ødelagt.pdf").write_bytes(b"%PDF-1.7\nintet af dette er en PDF")
    (corpus / "corpus.toml").write_text(
        f"[hegn]\ntitle = '{TITLE}'\norganisation = '<b>Hegn</b> & Co'\nkind = 'notat'\n", encoding="utf-8"
    )
    with serve(corpus=corpus) as running:
        yield running


def assert_nothing_but_text(page: Any) -> None:
    settle(page)
    assert page.evaluate("window.overtaget") is None
    main = page.locator(".stApp")
    assert main.locator("img, script, iframe, .katex, a[href*=fremmed]").count() == 0
    assert page.get_by_role("heading", name="overtaget", exact=True).count() == 0


def test_hostile_text_is_shown_as_text_everywhere(site: Any, open_page: Any) -> None:
    page = open_page(site)
    note = page.get_by_role("region", name="Om svarene")
    expect(note).to_contain_text(TITLE)
    assert_nothing_but_text(page)

    page.get_by_role("combobox", name="Søg kun i").click()
    expect(page.get_by_role("option", name=TITLE)).to_be_visible()
    page.keyboard.press("Escape")

    field = page.get_by_role("textbox")
    field.fill("Hvad skal der ske med hegnspæle?")
    field.press("Enter")
    turn = page.locator("[class*='st-key-turn-']").last
    turn.get_by_role("button", name="Vis kilde [1]").first.click()
    sheet = page.get_by_role("article")
    for line in LINES:
        expect(sheet).to_contain_text(line)
    expect(page.locator(".st-key-source mark").first).to_be_visible()
    expect(turn.locator(".references")).to_contain_text("<b>Hegn</b> & Co")
    assert_nothing_but_text(page)


def test_a_question_made_from_hostile_text_is_text_on_its_button(site: Any, open_page: Any) -> None:
    page = open_page(site)
    starter = page.locator(".st-key-starter").get_by_role("button").first
    starter.wait_for()
    settle(page)

    assert "<b>hegn</b> & co" in starter.inner_text().lower()
    assert HEADING in starter.inner_text().replace("\u2060", "")
    assert starter.locator(":is(b, strong, em, code, a)").count() == 0
    starter.click()
    expect(page.get_by_role("heading", level=2, name=HEADING)).to_be_visible()
    assert_nothing_but_text(page)


def test_an_unreadable_document_is_named_and_the_others_are_used(site: Any, open_page: Any) -> None:
    page = open_page(site)

    expect(page.get_by_role("heading", name="Ét dokument kunne ikke læses")).to_be_visible()
    expect(page.locator(".warning li")).to_have_count(1)
    expect(page.locator(".warning li")).to_contain_text("ødelagt.pdf")
    expect(page.get_by_role("region", name="Om svarene")).to_contain_text("2 dokumenter")
