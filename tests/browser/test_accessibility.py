"""axe-core finds nothing serious on any page, in any state, in either theme; the rest is for the keyboard."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from accessible import findings
from playwright.sync_api import expect
from talking import FIELD, PATIENCE_MS, SECTION_QUESTION, ask, cite, last_turn, pane, settle

pytestmark = pytest.mark.pages

COMPARISON = "Hvordan ser kommunerne og staten på styring efter mål?"
FACT = "Hvordan bør man forberede reformer?"


@pytest.fixture(scope="module", params=["light", pytest.param("dark", marks=pytest.mark.soak)])
def page(library: Any, browser: Any, request: Any) -> Iterator[Any]:
    """One page in one theme, which the states of this module follow one another on."""
    profile = browser.new_context(
        locale="da-DK", color_scheme=request.param, viewport={"width": 1400, "height": 900}
    )
    profile.set_default_timeout(PATIENCE_MS)
    page = profile.new_page()
    page.goto(library.url)
    page.get_by_role("heading", name="Spørg dokumenterne").wait_for()
    yield page
    profile.close()


def empty(page: Any) -> None:
    expect(page.get_by_role("region", name="Om svarene")).to_be_visible()


def answered(page: Any) -> None:
    ask(page, FACT)


def list_answer(page: Any) -> None:
    ask(page, SECTION_QUESTION)


def picture_open(page: Any) -> None:
    cite(page)
    pane(page).get_by_role("img", name=re.compile("som billede")).wait_for()


def enlarged(page: Any) -> None:
    pane(page).get_by_role("button", name="Forstør").click()
    pane(page).get_by_role("region", name="Siden, forstørret").wait_for()


def text_open(page: Any) -> None:
    pane(page).get_by_role("radio", name="Tekst").click()
    pane(page).locator("mark").first.wait_for()


def other_places(page: Any) -> None:
    last_turn(page).get_by_role("button", name="vis på siden").first.click()
    pane(page).get_by_text("Andre steder, dokumentet er citeret").click()


def comparison(page: Any) -> None:
    page.keyboard.press("Escape")
    ask(page, COMPARISON)


def abstained(page: Any) -> None:
    ask(page, "Hvad er hovedstaden i Frankrig?")
    last_turn(page).get_by_text("Nærmeste tekststykker").click()


def error(page: Any) -> None:
    field = page.get_by_role("textbox", name=FIELD)
    field.fill("a" * 3000)
    field.press("Enter")
    page.get_by_role("alert").wait_for()


def shortcuts(page: Any) -> None:
    page.get_by_role("button", name="Genveje").click()
    page.get_by_role("dialog", name="Genveje").wait_for()


def narrow(page: Any) -> None:
    """A telephone. What was too long still stands in the field, and covers nothing that the keyboard comes to."""
    page.keyboard.press("Escape")
    in_window(page, 320, 640)
    assert page.evaluate(COVERED) == []
    cite_in(page, 320)


def enlarged_four_times(page: Any) -> None:
    """What is left of 1280 by 1024 pixels, the window that WCAG 2.2 measures reflow by (1.4.10)."""
    pane(page).get_by_role("button", name="Luk").click()
    in_window(page, 320, 256)
    assert page.evaluate(COVERED) == []
    cite_in(page, 320)


COVERED = """() => [...document.querySelectorAll('[data-testid=stMainBlockContainer] :is(button, a[href], summary)')]
  .filter(element => element.checkVisibility())
  .filter(element => {
    element.focus();
    const { x, y, width, height } = element.getBoundingClientRect();
    const seen = document.elementFromPoint(x + width / 2, y + height / 2);
    return !seen?.closest('[data-testid=stMainBlockContainer]');
  })
  .map(element => element.getAttribute('aria-label') ?? element.textContent)"""
"""What something else covers once the keyboard has come to it (WCAG 2.2, 2.4.11)."""


def in_window(page: Any, width: int, height: int) -> None:
    """Make the window so narrow that the side panel draws back, and wait until it has."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function(DRAWN_BACK)
    settle(page)


DRAWN_BACK = "() => document.querySelector('[data-testid=stSidebar]').getBoundingClientRect().right <= 0"


def cite_in(page: Any, width: int) -> None:
    page.locator("[class*='st-key-marker-'] button").first.click()
    pane(page).locator("[data-source]").wait_for()
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def comparing(page: Any) -> None:
    page.set_viewport_size({"width": 1400, "height": 900})
    page.get_by_role("link", name="Sammenlign").click()
    page.get_by_role("heading", level=1, name="Sammenlign").wait_for()


def compared(page: Any) -> None:
    comparing(page)
    page.get_by_role("button", name="ledelse", exact=True).click()
    page.locator(".compared-theme").wait_for()
    page.get_by_role("heading", level=2).first.wait_for()


def collecting(page: Any) -> None:
    page.get_by_role("link", name="Mit oplæg").click()
    page.get_by_role("heading", level=1, name="Mit oplæg").wait_for()


def documents(page: Any) -> None:
    page.get_by_role("link", name="Dokumenter").click()
    page.get_by_role("heading", level=1, name="Dokumenter").wait_for()


def settings(page: Any) -> None:
    page.get_by_role("link", name="Indstillinger").click()
    page.get_by_role("heading", level=1, name="Indstillinger").wait_for()


def evaluation(page: Any) -> None:
    page.get_by_role("link", name="Evaluering").click()
    page.get_by_role("heading", level=1, name="Evaluering").wait_for()


STATES: tuple[Callable[[Any], None], ...] = (
    empty,
    answered,
    list_answer,
    picture_open,
    enlarged,
    text_open,
    other_places,
    comparison,
    abstained,
    error,
    shortcuts,
    narrow,
    enlarged_four_times,
    comparing,
    compared,
    collecting,
    documents,
    settings,
    evaluation,
)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_nothing_serious_is_found(page: Any, state: Callable[[Any], None]) -> None:
    state(page)
    settle(page)

    assert findings(page) == []
    levels = [int(tag[1]) for tag in page.evaluate(HEADINGS)]
    assert levels[:1] == [1]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


HEADINGS = """() => [...document.querySelectorAll('[data-testid=stMain] :is(h1, h2, h3, h4, h5, h6)')]
  .filter(heading => heading.checkVisibility()).map(heading => heading.tagName)"""


def test_the_check_sees_what_is_wrong(open_page: Any, library: Any) -> None:
    page = open_page(library)
    page.get_by_role("heading", name="Spørg dokumenterne").wait_for()
    settle(page)
    page.evaluate("document.querySelector('.stHtml').append(document.createElement('button'))")

    assert [finding.split(" (")[0] for finding in findings(page)] == ["critical: button-name"]


def test_everything_can_be_reached_and_seen_with_the_keyboard_alone(open_page: Any, library: Any) -> None:
    page = open_page(library)
    page.get_by_role("textbox", name=FIELD).wait_for()
    settle(page)
    page.keyboard.press("/")
    page.keyboard.type(SECTION_QUESTION)
    page.keyboard.press("Enter")
    last_turn(page).get_by_role("button", name="Vis kilde [1]").wait_for()
    expect(page.locator(".working")).to_have_count(0)
    settle(page)

    # Backwards from the question field, through the answer, to the citation.
    page.get_by_role("textbox", name=FIELD).focus()
    marker = last_turn(page).get_by_role("button", name="Vis kilde [1]")
    for _ in range(60):
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(OUTLINED), page.evaluate("document.activeElement.outerHTML")
        if marker.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(pane(page).get_by_role("heading", level=2)).to_be_focused()
    settle(page)

    seen = []
    for _ in range(16):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break  # past the last one, on the way to the browser's own buttons
        assert page.evaluate(OUTLINED), page.evaluate("document.activeElement.outerHTML")
        seen.append(page.evaluate("document.activeElement.innerText"))
    for name in ("Luk", "Forrige slide", "Næste slide", "Forstør", "Kopiér link til stedet"):
        assert any(name in text for text in seen), seen
    assert page.evaluate("document.activeElement === document.body")  # nothing holds on to the keyboard
    page.keyboard.press("Escape")
    expect(marker).to_be_focused()


# The outline may be that of the field around what has the keyboard.
OUTLINED = """() => {
  const around = [];
  for (let element = document.activeElement; element && around.length < 6; element = element.parentElement) {
    around.push(getComputedStyle(element));
  }
  return around.some(style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)
    || around[0].boxShadow !== 'none';
}"""
