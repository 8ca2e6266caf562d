"""The source as the reader knows it: the page itself, what is on it, and what can be taken along."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect
from talking import SECTION_QUESTION, ask, cite, last_turn, pane, settle

pytestmark = pytest.mark.pages

PAPER_QUESTION = "Hvad skal der ske med hegnspæle på landet?"
REFERENCE = "KOMDIR, 4 pejlemærker for en sammenhængende offentlig sektor, slide 5"


@pytest.fixture(scope="module")
def asked(library: Any, open_shared: Any) -> Any:
    """A page with two answers about the slides, the section's last."""
    page = open_shared(library)
    ask(page, "Hvad indebærer den kulturbærende forvaltning?")
    ask(page, SECTION_QUESTION)
    return page


@pytest.fixture
def page(asked: Any) -> Any:
    """The same page, with nothing open and pages shown as pictures."""
    settle(asked)
    if pane(asked).count():
        radio = pane(asked).get_by_role("radio", name="Slide")
        if radio.count() and not radio.is_checked():
            radio.click()
            picture(asked).wait_for()
            settle(asked)
        pane(asked).get_by_role("button", name="Luk").click()
        expect(pane(asked)).to_have_count(0)
    return asked


def picture(page: Any) -> Any:
    return pane(page).get_by_role("img", name=re.compile(r"som billede"))


def test_a_citation_opens_the_page_itself_with_the_quote_marked(page: Any) -> None:
    last_turn(page).get_by_role("button", name="vis på siden").nth(1).click()

    expect(picture(page)).to_have_attribute(
        "alt", re.compile(r"^Slide 5 af »4 pejlemærker.+citatet markeret")
    )
    assert picture(page).evaluate("image => image.decode().then(() => image.naturalWidth)") >= 1000
    mark = pane(page).locator(".quote-box").first
    expect(mark).to_be_in_viewport()
    settle(page)
    paper = picture(page).bounding_box()
    box = mark.bounding_box()
    assert paper["x"] < box["x"] < box["x"] + box["width"] < paper["x"] + paper["width"]
    assert paper["y"] < box["y"] < box["y"] + box["height"] < paper["y"] + paper["height"]


def test_the_words_behind_the_picture_are_there_for_who_hears_the_page(page: Any) -> None:
    cite(page)

    heard = pane(page).get_by_role("article")
    expect(heard).to_contain_text("Vi udviser ordentlighed, saglighed og kompetence")
    assert heard.get_by_role("listitem").count() > 4
    expect(heard.locator("mark").first).to_have_text("Vi udviser ordentlighed, saglighed og kompetence")


def test_the_text_is_a_click_away_and_stays_chosen(page: Any) -> None:
    shown = cite(page)
    shown.get_by_role("radio", name="Tekst").click()

    expect(picture(page)).to_have_count(0)
    expect(shown.locator("mark").first).to_be_in_viewport()
    shown.get_by_role("button", name="Næste slide").click()
    expect(shown.locator(".page-number")).to_have_text("Slide 6 af 8")
    expect(picture(page)).to_have_count(0)
    shown.get_by_role("radio", name="Slide").click()
    expect(picture(page)).to_have_attribute("alt", re.compile("Slide 6"))
    expect(shown.locator(".quote-box")).to_have_count(0)


def test_the_page_can_be_enlarged(page: Any) -> None:
    cite(page)
    expect(picture(page)).to_be_visible()
    before = picture(page).bounding_box()["width"]
    pane(page).get_by_role("button", name="Forstør").click()

    expect(pane(page).get_by_role("region", name="Siden, forstørret")).to_be_visible()
    settle(page)
    assert picture(page).bounding_box()["width"] > 2 * before
    expect(pane(page).locator(".quote-box").first).to_be_in_viewport()


def test_a_quote_is_copied_with_its_reference_in_danish(page: Any) -> None:
    last_turn(page).get_by_role("button", name="vis på siden").first.click()
    pane(page).get_by_role("button", name="Kopiér citat med henvisning").click()

    expect(pane(page).get_by_text("Kopieret")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"»Vi udviser ordentlighed, saglighed og kompetence« ({REFERENCE})"


def test_a_printed_number_that_differs_is_the_one_to_cite(library: Any, open_page: Any) -> None:
    page = open_page(library)
    ask(page, PAPER_QUESTION)
    cite(page)

    expect(pane(page).locator(".page-number")).to_have_text("Side 2 af 4 (trykt: 10)")
    expect(last_turn(page).locator(".references li").first).to_contain_text("side 2 (trykt: 10)")
    pane(page).get_by_role("button", name="Kopiér citat med henvisning").click()
    expect(pane(page).get_by_text("Kopieret")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith("s. 10 (side 2 i filen))")


def test_a_copied_link_opens_the_same_place_for_somebody_else(
    page: Any, library: Any, open_page: Any
) -> None:
    last_turn(page).get_by_role("button", name="vis på siden").nth(1).click()
    expect(pane(page).locator(".quote-box")).to_have_count(1)
    pane(page).get_by_role("button", name="Kopiér link til stedet").click()
    expect(pane(page).get_by_text("Kopieret")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    place = parse_qs(urlsplit(link).query)
    assert (place["dokument"], place["side"]) == (["komdir-4-pejlemaerker"], ["5"])

    other = open_page(library)
    other.goto(link)
    expect(pane(other).locator(".page-number")).to_have_text("Slide 5 af 8")
    expect(pane(other).locator("mark")).to_have_text(
        "Respektfuld opførsel fra både borger og embedsværk er grundlaget for den kompetente forvaltning"
    )
    expect(pane(other).locator(".quote-box").first).to_be_visible()


def test_the_address_follows_the_source_and_the_back_button_goes_back(page: Any) -> None:
    cite(page)
    page.wait_for_url(re.compile(r"side=5"))
    pane(page).get_by_role("button", name="Næste slide").click()
    page.wait_for_url(re.compile(r"side=6"))
    settle(page)
    page.wait_for_timeout(1_100)  # a person reads before going back
    page.go_back()
    expect(pane(page).locator(".page-number")).to_have_text("Slide 5 af 8")
    expect(pane(page).locator("mark").first).to_be_attached()
    pane(page).get_by_role("button", name="Luk").click()
    page.wait_for_url(lambda url: "dokument" not in url)


def test_a_link_to_a_document_that_is_gone_says_so(library: Any, open_page: Any) -> None:
    page = open_page(library)
    page.goto(f"{library.url}/?dokument=findes-ikke&side=3")

    expect(page.get_by_role("alert")).to_contain_text("findes ikke længere")
    pane(page).get_by_role("button", name="Luk").click()
    expect(pane(page)).to_have_count(0)


def test_the_other_places_that_were_cited_are_a_click_away(page: Any) -> None:
    cite(page)
    pane(page).get_by_text("Andre steder, dokumentet er citeret").click()
    places = pane(page).locator(".st-key-other-places").get_by_role("button")
    places.first.wait_for()
    settle(page)
    other = places.first.inner_text()
    places.first.click()

    expect(pane(page).locator(".page-number")).not_to_have_text("Slide 5 af 8")
    assert other.startswith("slide ")
    quote = other.partition("»")[2].rstrip(" …«")
    expect(pane(page).locator("mark")).to_contain_text(quote)


@contextmanager
def moved(path: Path) -> Iterator[bytes]:
    content = path.read_bytes()
    path.unlink()
    yield content
    path.write_bytes(content)


def test_a_file_that_is_gone_or_changed_falls_back_to_the_text_that_was_read(page: Any, library: Any) -> None:
    file = library.corpus / "komdir-4-pejlemaerker.pdf"
    with moved(file) as content:
        shown = cite(page)
        expect(shown.get_by_text("Filen findes ikke længere.")).to_be_visible()
        expect(shown.locator("mark").first).to_be_in_viewport()
        expect(picture(page)).to_have_count(0)
        file.write_bytes(content + b"\n")
        shown.get_by_role("button", name="Næste slide").click()
        expect(shown.get_by_text("Filen er ændret, siden den blev læst.")).to_be_visible()
    shown.get_by_role("button", name="Næste slide").click()
    expect(picture(page)).to_be_visible()
