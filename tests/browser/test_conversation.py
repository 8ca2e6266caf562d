"""A conversation over the two documents, as a user has it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect
from talking import FIELD, SECTION_QUESTION, ask, last_turn, settle

BUILD_PATIENCE_MS = 120_000
BUILDING = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  const said = main.innerText;
  return /\\d+ af \\d+/.test(said) && [said, main.querySelectorAll("[role=progressbar]").length];
}"""


@dataclass(frozen=True)
class FirstStart:
    site: Any
    progress: str
    bars: int


@pytest.fixture(scope="module")
def first_start(serve: Callable[..., Any], context: Any) -> Iterator[FirstStart]:
    """The first browser on a server without an index: what it showed while the index was built."""
    with serve() as site:
        page = context.new_page()
        page.goto(site.url)
        page.get_by_role("heading", name="Dokumenterne gøres klar").wait_for()
        # In one look: a moment later the page may be another.
        seen, bars = page.wait_for_function(BUILDING, polling=30).json_value()
        page.get_by_role("heading", name="Spørg dokumenterne").wait_for(timeout=BUILD_PATIENCE_MS)
        page.close()
        yield FirstStart(site, seen, bars)


@pytest.fixture
def site(first_start: FirstStart) -> Any:
    return first_start.site


def test_a_first_start_builds_with_progress(first_start: FirstStart) -> None:
    assert first_start.bars == 1
    assert re.search(r"\w+: \d+ af \d+", first_start.progress.replace("\u2060", ""))


def test_before_the_first_question_the_page_says_what_answers_are(site: Any, open_page: Any) -> None:
    page = open_page(site)

    note = page.get_by_role("region", name="Om svarene")
    expect(note).to_contain_text("Svarene er lavet af en maskine.")
    expect(note).to_contain_text("kun på 2 dokumenter")
    expect(note).to_contain_text("4 pejlemærker for en sammenhængende offentlig sektor")
    expect(page.locator("html")).to_have_attribute("lang", "da")
    expect(page).to_have_title("Dokumentassistent")


def test_a_starter_question_is_answered_with_a_citation_that_opens_its_page(
    site: Any, open_page: Any
) -> None:
    page = open_page(site)
    starters = page.locator(".st-key-starter").get_by_role("button")
    starters.first.wait_for()
    settle(page)
    assert starters.count() >= 3
    starters.first.click()

    marker = last_turn(page).get_by_role("button", name="Vis kilde [1]").first
    marker.click()
    pane = page.locator(".st-key-source")
    expect(pane.locator("mark").first).to_be_in_viewport()
    expect(pane.get_by_role("heading", level=2)).to_be_focused()
    expect(last_turn(page).get_by_role("heading", name="Kilder")).to_be_visible()


def test_the_mark_is_the_quote_and_its_neighbours_are_a_click_away(site: Any, open_page: Any) -> None:
    page = open_page(site)
    ask(page, "Hvordan bør man forberede reformer?")
    quote = last_turn(page).locator("blockquote bdi").first.inner_text()
    last_turn(page).get_by_role("button", name="Vis kilde [1]").click()

    pane = page.locator(".st-key-source")
    expect(pane.locator("mark")).to_have_text(quote)
    settle(page)
    number, last = map(int, re.findall(r"\d+", pane.locator(".page-number").inner_text()))
    assert 1 < number < last
    reference = last_turn(page).locator(".references li").first
    expect(reference).to_have_text(re.compile(rf"\[1\] Staten, .+, slide {number}$"))
    pane.get_by_role("button", name="Næste slide").click()
    expect(pane.locator(".page-number")).to_have_text(f"Slide {number + 1} af {last}")
    expect(pane.locator("mark")).to_have_count(0)
    for page_number in range(number, 0, -1):
        pane.get_by_role("button", name="Forrige slide").click()
        expect(pane.locator(".page-number")).to_have_text(f"Slide {page_number} af {last}")
    expect(pane.get_by_role("button", name="Forrige slide")).to_be_disabled()


def test_each_point_of_a_list_opens_its_own_place(site: Any, open_page: Any) -> None:
    page = open_page(site)
    ask(page, SECTION_QUESTION)
    turn = last_turn(page)
    points = turn.locator("p.item bdi").all_inner_texts()
    pane = page.locator(".st-key-source")

    turn.get_by_role("button", name="vis på siden").nth(2).click()
    expect(pane.locator("mark")).to_have_text(points[2])
    turn.get_by_role("button", name="Vis kilde [1]").click()
    expect(pane.locator("mark")).to_have_count(len(points))


def test_escape_closes_the_source_and_returns_to_the_citation(site: Any, open_page: Any) -> None:
    page = open_page(site)
    ask(page, SECTION_QUESTION)
    marker = last_turn(page).get_by_role("button", name="Vis kilde [1]").first
    marker.click()
    expect(page.locator(".st-key-source").get_by_role("heading", level=2)).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.locator(".st-key-source")).to_have_count(0)
    expect(marker).to_be_focused()


def test_in_a_narrow_window_the_source_lies_below_with_the_quote_in_sight(site: Any, open_page: Any) -> None:
    page = open_page(site, width=420, height=800)
    ask(page, SECTION_QUESTION)
    last_turn(page).get_by_role("button", name="Vis kilde [1]").first.click()

    expect(page.locator(".st-key-source mark").first).to_be_in_viewport()
    settle(page)
    box = page.locator(".st-key-source").bounding_box()
    assert (box["x"], box["width"]) == (0, 420)
    assert box["y"] > 200
    assert page.evaluate("document.documentElement.scrollWidth") <= 420


def test_a_follow_up_says_how_it_was_understood(site: Any, open_page: Any) -> None:
    page = open_page(site)
    ask(page, "Hvordan bør man forberede reformer?")
    ask(page, "Hvilket dilemma er der i det?")

    expect(last_turn(page).get_by_text("Forstået som:")).to_be_visible()
    expect(page.locator("[class*='st-key-turn-'] h2")).to_have_count(2)
    page.get_by_role("button", name="Ny samtale").click()
    expect(page.locator("[class*='st-key-turn-']")).to_have_count(0)
    expect(page.get_by_role("region", name="Om svarene")).to_be_visible()


def test_the_filter_restricts_the_search(site: Any, open_page: Any) -> None:
    page = open_page(site)
    page.get_by_role("combobox", name="Søg kun i").click()
    page.get_by_role("option", name="Staten").click()
    page.keyboard.press("Escape")
    ask(page, "Hvad siges der om styring efter mål?")

    turn = last_turn(page)
    expect(turn.get_by_text("Søgt kun i:")).to_be_visible()
    references = turn.locator(".references li").all_inner_texts()
    assert references
    assert all("Staten" in reference for reference in references)


def test_what_the_documents_do_not_say_is_declined_with_what_they_do(site: Any, open_page: Any) -> None:
    page = open_page(site)
    ask(page, "Hvad er hovedstaden i Frankrig?")

    turn = last_turn(page)
    expect(turn.locator("[class*='st-key-abstained-']")).to_be_visible()
    expect(turn.get_by_role("button", name="Vis kilde")).to_have_count(0)
    suggestions = page.locator("[class*='st-key-suggestion-']").get_by_role("button")
    question = suggestions.first.inner_text().replace("\u2060", "")
    suggestions.first.click()
    expect(page.get_by_role("heading", level=2, name=question)).to_be_visible()


def test_the_answer_can_be_copied_with_its_references(site: Any, open_page: Any) -> None:
    page = open_page(site)
    ask(page, SECTION_QUESTION)
    last_turn(page).get_by_role("button", name="Kopiér svar og kilder").click()

    expect(last_turn(page).get_by_text("Kopieret")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "– Vi udviser ordentlighed, saglighed og kompetence" in copied
    assert "[1] KOMDIR, 4 pejlemærker for en sammenhængende offentlig sektor, slide 5" in copied


def test_an_empty_question_cannot_be_sent(site: Any, open_page: Any) -> None:
    page = open_page(site)
    field = page.get_by_role("textbox", name=FIELD)
    field.fill("   ")
    field.press("Enter")

    expect(page.get_by_role("button", name="Send spørgsmålet")).to_be_disabled()
    expect(page.locator("[class*='st-key-turn-']")).to_have_count(0)
    expect(page.get_by_role("region", name="Om svarene")).to_be_visible()


def test_a_question_of_20000_characters_is_refused_and_nothing_is_lost(site: Any, open_page: Any) -> None:
    page = open_page(site)
    ask(page, SECTION_QUESTION)
    field = page.get_by_role("textbox", name=FIELD)
    field.fill("a" * 20_000)
    field.press("Enter")

    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_role("alert")).to_contain_text("tegn")
    expect(page.locator("[class*='st-key-turn-'] h2")).to_have_text(SECTION_QUESTION)
    expect(field).to_have_value("a" * 20_000)
    ask(page, "Hvordan bør man forberede reformer?")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_question_is_shown_as_text(site: Any, open_page: Any) -> None:
    page = open_page(site)
    question = "Hvad er **de fire** <b>pejlemærker</b> $x^2$ :smile: [a](http://fremmed.invalid)?"
    ask(page, question)

    expect(last_turn(page).get_by_role("heading", level=2)).to_have_text(question)
    assert last_turn(page).locator("h2 :is(b, strong, a, .katex)").count() == 0


def test_the_documents_page_lists_what_answers_are_made_from(site: Any, open_page: Any) -> None:
    page = open_page(site)
    page.get_by_role("link", name="Dokumenter").click()

    expect(page.get_by_role("heading", level=1, name="Dokumenter")).to_be_visible()
    expect(page.get_by_text("KOMDIR · debatoplæg · 8 slides")).to_be_visible()
    page.get_by_role("button", name="Læs dokumentet").first.click()
    expect(page.locator(".st-key-source").get_by_text("Slide 1 af 8")).to_be_visible()
    expect(page.locator(".st-key-source mark")).to_have_count(0)
