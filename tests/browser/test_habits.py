"""What makes the page quick to use every day: questions that lead on, single keys, and plain words offline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect
from talking import FIELD, PATIENCE_MS, SECTION_QUESTION, ask, cite, last_turn, pane, settle

pytestmark = pytest.mark.pages


@pytest.fixture(scope="module")
def asked(library: Any, open_shared: Any) -> Any:
    page = open_shared(library)
    ask(page, SECTION_QUESTION)
    return page


@pytest.fixture
def page(asked: Any) -> Any:
    """The same page, with nothing open and the keyboard nowhere."""
    settle(asked)
    asked.evaluate("document.activeElement.blur()")
    asked.keyboard.press("Escape")
    expect(pane(asked)).to_have_count(0)
    settle(asked)
    asked.evaluate("document.activeElement.blur()")
    return asked


def test_single_keys_go_through_the_sources(page: Any) -> None:
    points = last_turn(page).locator("p.item bdi").all_inner_texts()
    marks = pane(page).locator("mark")

    page.keyboard.press("n")
    expect(marks).to_have_count(len(points))
    page.keyboard.press("n")
    expect(marks).to_have_text([points[0]])
    page.keyboard.press("n")
    expect(marks).to_have_text([points[1]])
    page.keyboard.press("f")
    expect(marks).to_have_text([points[0]])


def test_a_slash_goes_to_the_question_field_where_keys_are_letters(page: Any) -> None:
    page.keyboard.press("/")
    field = page.get_by_role("textbox", name=FIELD)
    expect(field).to_be_focused()
    page.keyboard.type("n/f?r")

    expect(field).to_have_value("n/f?r")
    expect(pane(page)).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    field.fill("")


def test_the_keys_are_listed_and_can_be_turned_off(page: Any) -> None:
    page.keyboard.press("?")
    help_box = page.get_by_role("dialog", name="Genveje")
    expect(help_box).to_contain_text("Gå til spørgsmålsfeltet")
    help_box.get_by_role("checkbox", name="Brug genveje med én tast").uncheck()
    page.keyboard.press("Escape")
    expect(help_box).to_have_count(0)
    page.keyboard.press("n")
    page.keyboard.press("/")
    expect(page.get_by_role("textbox", name=FIELD)).not_to_be_focused()
    expect(pane(page)).to_have_count(0)

    page.get_by_role("button", name="Genveje").click()
    help_box.get_by_role("checkbox", name="Brug genveje med én tast").check()
    help_box.get_by_role("button", name="Luk").click()
    expect(page.get_by_role("button", name="Genveje")).to_be_focused()
    page.keyboard.press("n")
    expect(pane(page)).to_be_visible()


def test_the_keys_of_streamlit_itself_do_nothing(page: Any) -> None:
    page.keyboard.press("c")
    page.keyboard.press("r")
    page.wait_for_timeout(300)
    settle(page)

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(last_turn(page).get_by_role("heading", level=2)).to_have_text(SECTION_QUESTION)


def test_an_answer_leads_on_to_a_question_that_the_documents_answer(page: Any) -> None:
    newest = page.locator("[class*='st-key-exchange-']").last
    next_ones = newest.locator("[class*='st-key-suggestion-']").get_by_role("button")
    expect(newest.get_by_role("heading", name="Spørg videre")).to_be_visible()
    question = "Hvad indebærer den værdiskabende forvaltning?"
    next_ones.filter(has_text=question).click()

    expect(page.locator("[class*='st-key-turn-'] h2").last).to_have_text(question)
    expect(last_turn(page).locator("[class*='st-key-answer-']")).to_be_visible()
    settle(page)
    # Only the newest answer leads on: further up they would be in the way.
    expect(newest.get_by_role("heading", name="Spørg videre")).to_be_visible()
    expect(page.get_by_role("heading", name="Spørg videre")).to_have_count(1)


def test_a_source_that_is_closed_stays_closed_however_fast_the_next_click_comes(page: Any) -> None:
    last_turn(page).get_by_role("button", name="Vis kilde [1]").first.click()
    expect(pane(page).locator("[data-source]")).to_be_visible()
    page.wait_for_url("**dokument=**")
    page.keyboard.press("Escape")
    last_turn(page).get_by_role("button", name="Føj til oplæg").click()
    taken_out = last_turn(page).get_by_role("button", name="Fjern fra oplæg")
    expect(taken_out).to_be_visible()

    settle(page)
    expect(pane(page)).to_have_count(0)
    taken_out.click()
    expect(last_turn(page).get_by_role("button", name="Føj til oplæg")).to_be_visible()


@pytest.fixture
def own_browser(browser: Any, library: Any) -> Iterator[Callable[[int], Any]]:
    """Return a function that opens the page in a browser of its own: whether the sidebar is hidden is remembered."""
    profiles: list[Any] = []

    def opening(width: int) -> Any:
        profiles.append(browser.new_context(locale="da-DK", viewport={"width": width, "height": 800}))
        profiles[-1].set_default_timeout(PATIENCE_MS)
        page = profiles[-1].new_page()
        page.goto(library.url)
        page.get_by_role("heading", name="Spørg dokumenterne").wait_for()
        return page

    yield opening
    for profile in profiles:
        profile.close()


def test_in_a_narrow_window_the_sidebar_makes_way_for_what_was_chosen_in_it(
    own_browser: Callable[[int], Any],
) -> None:
    page = own_browser(390)
    page.get_by_role("button", name="Vis sidepanelet").click()
    page.get_by_role("link", name="Mit oplæg").click()

    expect(page.get_by_role("heading", level=1, name="Mit oplæg")).to_be_visible()
    expect(page.get_by_role("link", name="Dokumenter")).not_to_be_in_viewport()
    expect(page.get_by_role("button", name="Vis sidepanelet")).to_be_visible()


def test_a_source_can_be_closed_where_the_sidebar_is_hidden(own_browser: Callable[[int], Any]) -> None:
    page = own_browser(1400)
    settle(page)
    page.get_by_role("region", name="Sidepanel").hover()
    page.get_by_role("button", name="Skjul sidepanelet").click()
    expect(page.get_by_role("button", name="Vis sidepanelet")).to_be_visible()
    ask(page, SECTION_QUESTION)
    cite(page)

    pane(page).get_by_role("button", name="Luk").click()
    expect(pane(page)).to_have_count(0)


def test_an_address_of_no_page_is_told_in_danish_over_the_first_page(library: Any, context: Any) -> None:
    page = context.new_page()
    page.goto(f"{library.url}/findes-ikke")

    told = page.get_by_role("dialog")
    expect(told).to_contain_text("Siden findes ikke")
    expect(told).to_contain_text("Adressen fører ikke til nogen side her.")
    told.get_by_role("button", name="Luk").click()
    expect(page.get_by_role("heading", name="Spørg dokumenterne")).to_be_visible()
    page.close()


def test_a_server_that_is_gone_is_told_with_what_to_do(serve: Callable[..., Any], context: Any) -> None:
    page = context.new_page()
    with serve(script="tests/browser/slow_app.py") as site:
        page.goto(site.url)
        expect(page.get_by_role("textbox", name=FIELD)).to_be_enabled()

    told = page.get_by_role("dialog")
    expect(told).to_contain_text("Forbindelsen er afbrudt")
    expect(told).to_contain_text("vent lidt: siden forbinder selv igen")
    expect(told.get_by_role("button", name="Luk")).to_be_visible()
    page.close()
