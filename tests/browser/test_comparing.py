"""Documents side by side, as a user compares them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect
from talking import PATIENCE_MS, settle

pytestmark = pytest.mark.pages

BUILD_PATIENCE_MS = 120_000
FIELD = "Tema eller spørgsmål"
BELOW = """() => {
  const [first, second] = document.querySelectorAll("[class*='st-key-compare-column-']");
  return first.getBoundingClientRect().bottom <= second.getBoundingClientRect().top;
}"""


@pytest.fixture(scope="module")
def site(serve: Callable[..., Any]) -> Iterator[Any]:
    with serve() as running:
        yield running


@pytest.fixture
def comparing(site: Any, open_page: Any) -> Callable[..., Any]:
    """Return a function that opens the page "Sammenlign"."""

    def opening() -> Any:
        page = open_page(site)
        page.get_by_role("heading", name="Spørg dokumenterne").wait_for(timeout=BUILD_PATIENCE_MS)
        page.get_by_role("link", name="Sammenlign").click()
        expect(page.get_by_role("heading", level=1, name="Sammenlign")).to_be_visible()
        settle(page)  # what is typed while the page is still being drawn is lost
        return page

    return opening


def compare(page: Any, theme: str) -> None:
    field = page.get_by_role("textbox", name=FIELD)
    field.fill(theme)
    field.press("Enter")
    expect(page.locator(".compared-theme")).to_have_text([f"»{theme}«"])
    # The first column has the whole width until the second is there.
    expect(columns(page)).to_have_count(2)
    settle(page)


def columns(page: Any) -> Any:
    return page.locator("[class*='st-key-compare-column-']")


def test_a_theme_from_the_documents_is_compared_with_a_click(comparing: Any) -> None:
    page = comparing()
    offered = page.locator(".st-key-compare-themes").get_by_role("button")
    expect(offered).to_have_count(8)
    settle(page)
    theme = offered.first.inner_text().replace("\u2060", "")
    offered.first.click()

    expect(page.locator(".compared-theme")).to_have_text([f"»{theme}«"])
    expect(page.get_by_role("textbox", name=FIELD)).to_have_value(theme)
    expect(columns(page)).to_have_count(2)
    settle(page)
    expect(columns(page).get_by_text("Ikke omtalt.")).to_have_count(0)


def test_what_both_mention_stands_together_and_the_rest_by_document(comparing: Any) -> None:
    page = comparing()
    compare(page, "mål")

    expect(page.get_by_role("heading", level=3, name="Det nævner begge")).to_be_visible()
    shared = page.locator("[class*='st-key-compare-shared-']")
    expect(shared).to_contain_text("Fælles ord: få, mål")
    expect(shared.locator("blockquote")).to_have_count(2)
    expect(columns(page).nth(0)).to_contain_text("Kun hos KOMDIR:")
    expect(columns(page).nth(1)).to_contain_text("Primært vejledende metoder")
    expect(columns(page).nth(1)).not_to_contain_text("Styring på få men centrale mål")


def test_a_silent_document_says_that_it_is_silent(comparing: Any) -> None:
    page = comparing()
    compare(page, "cyber")

    expect(columns(page).nth(0)).to_contain_text("Ikke omtalt.")
    expect(columns(page).nth(1)).to_contain_text("På cyber?")
    expect(
        page.get_by_role("status").filter(has_text="Omtalt af Staten. Ikke omtalt af KOMDIR.")
    ).to_be_visible()


def test_what_nobody_mentions_says_what_to_do(comparing: Any) -> None:
    page = comparing()
    compare(page, "klima")

    expect(columns(page).get_by_text("Ikke omtalt.")).to_have_count(2)
    expect(page.get_by_role("status").filter(has_text="Prøv et andet ord")).to_be_visible()


def test_a_citation_opens_its_page_with_the_quote_marked_and_closes_back(comparing: Any) -> None:
    page = comparing()
    compare(page, "cyber")
    quote = columns(page).nth(1).locator("blockquote bdi").first.inner_text()
    marker = page.get_by_role("button", name="Vis kilde [1]")
    marker.click()

    pane = page.locator(".st-key-source")
    expect(pane.locator("mark").first).to_have_text(quote)
    page.keyboard.press("Escape")
    expect(pane).to_have_count(0)
    expect(marker).to_be_focused()


def test_an_empty_theme_and_a_single_document_are_refused_in_one_sentence(comparing: Any) -> None:
    page = comparing()
    page.get_by_role("button", name="Sammenlign", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Skriv et tema")

    page.get_by_role("button", name="Fjern KOMDIR").click()
    page.get_by_role("textbox", name=FIELD).fill("mål")
    page.get_by_role("button", name="Sammenlign", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("Vælg mindst to dokumenter at sammenligne.")


def test_columns_stand_side_by_side_and_below_one_another_in_a_narrow_window(comparing: Any) -> None:
    page = comparing()
    compare(page, "tillid")
    wide = [columns(page).nth(n).bounding_box() for n in (0, 1)]
    assert wide[0]["y"] == wide[1]["y"]
    assert wide[0]["x"] + wide[0]["width"] <= wide[1]["x"]

    page.set_viewport_size({"width": 420, "height": 900})
    page.wait_for_function(BELOW, timeout=PATIENCE_MS)
    settle(page)
    narrow = [columns(page).nth(n).bounding_box() for n in (0, 1)]
    assert narrow[0]["x"] == narrow[1]["x"]
    assert narrow[0]["y"] + narrow[0]["height"] <= narrow[1]["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 420


def test_headings_come_in_order(comparing: Any) -> None:
    page = comparing()
    compare(page, "mål")
    levels = page.get_by_role("main").locator("h1, h2, h3").evaluate_all("all => all.map(h => +h.tagName[1])")

    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert levels.count(1) == 1
