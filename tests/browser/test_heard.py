"""What a screen reader is given: Chromium's own accessibility tree, and the whole way through by Tab alone."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
import pytest
from playwright.sync_api import expect
from talking import FIELD, PATIENCE_MS, SECTION_QUESTION, ask, cite, last_turn, pane, settle

pytestmark = pytest.mark.pages

CONTROLS = {
    "button",
    "checkbox",
    "combobox",
    "link",
    "listbox",
    "menuitem",
    "option",
    "radio",
    "searchbox",
    "slider",
    "spinbutton",
    "switch",
    "tab",
    "textbox",
}


@dataclass(frozen=True)
class Node:
    """What assistive technology is told of one element."""

    role: str
    name: str
    level: int
    live: str


def heard(page: Any) -> list[Node]:
    """Return the nodes of the page that are not hidden from assistive technology, in reading order."""
    session = page.context.new_cdp_session(page)
    session.send("Accessibility.enable")
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    known = {node["nodeId"]: node for node in nodes}
    waiting, found = [nodes[0]["nodeId"]], []
    while waiting:
        node = known.get(waiting.pop())
        if node is not None:
            waiting += reversed(node.get("childIds", []))
            found += [] if node["ignored"] else [_node(node)]
    return found


def _node(node: Any) -> Node:
    properties = {each["name"]: each["value"].get("value") for each in node.get("properties", [])}
    name = " ".join(str(node.get("name", {}).get("value", "")).split())
    return Node(node["role"]["value"], name, int(properties.get("level", 0)), properties.get("live", ""))


@pytest.fixture(scope="module")
def page(library: Any, browser: Any) -> Iterator[Any]:
    """One page, which the states follow one another on."""
    profile = browser.new_context(locale="da-DK", viewport={"width": 1400, "height": 900})
    profile.set_default_timeout(PATIENCE_MS)
    page = profile.new_page()
    page.goto(library.url)
    page.get_by_role("heading", name="Spørg dokumenterne").wait_for()
    yield page
    profile.close()


def empty(page: Any) -> None:
    expect(page.get_by_role("region", name="Om svarene")).to_be_visible()


def answered(page: Any) -> None:
    ask(page, SECTION_QUESTION)
    expect(page.get_by_text("Var svaret brugbart?")).to_be_visible()


def judged(page: Any) -> None:
    page.get_by_role("button", name="Nej", exact=True).click()
    page.get_by_text("Foreslå som prøvespørgsmål").click()
    expect(page.get_by_role("button", name="Send forslaget")).to_be_visible()


def source_open(page: Any) -> None:
    cite(page)
    pane(page).get_by_role("img", name=re.compile("som billede")).wait_for()


def compared(page: Any) -> None:
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Sammenlign").click()
    page.locator(".st-key-compare-themes").get_by_role("button").first.click()
    page.locator(".compared-theme").wait_for()


def collected(page: Any) -> None:
    page.get_by_role("button", name="Føj til oplæg (alle)").click()
    expect(page.get_by_role("button", name="Fjern fra oplæg (alle)")).to_be_visible()
    page.get_by_role("link", name="Mit oplæg").click()
    page.get_by_role("button", name="Hent som Word").wait_for()


def documents(page: Any) -> None:
    page.get_by_role("link", name="Dokumenter").click()
    page.get_by_role("button", name="Ret, erstat eller fjern").first.click()
    page.get_by_role("button", name="Fjern dokumentet").wait_for()


def settings(page: Any) -> None:
    page.get_by_role("link", name="Indstillinger").click()
    page.get_by_role("heading", level=1, name="Indstillinger").wait_for()


def evaluation(page: Any) -> None:
    page.get_by_role("link", name="Evaluering").click()
    page.get_by_role("heading", name="Kladder til prøvespørgsmål").wait_for()


STATES: tuple[Callable[[Any], None], ...] = (
    empty,
    answered,
    judged,
    source_open,
    compared,
    collected,
    documents,
    settings,
    evaluation,
)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_every_control_is_named_and_the_headings_come_in_order(
    page: Any, state: Callable[[Any], None]
) -> None:
    state(page)
    settle(page)

    nodes = heard(page)
    controls = [node for node in nodes if node.role in CONTROLS]
    assert len(controls) > 8
    assert [node for node in controls if not node.name] == []
    assert [node for node in nodes if node.role in ("image", "img") and not node.name] == []
    levels = [node.level for node in nodes if node.role == "heading"]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels
    # Nothing of Streamlit's own English is left to be read aloud.
    assert [node.name for node in nodes if ENGLISH.search(node.name)] == []


ENGLISH = re.compile(
    r"\b(?:press|upload|browse|select|close|open|remove|clear|loading|running|skip|show)\b", re.I
)


def test_the_answer_is_in_the_one_live_region_once_it_is_done(library: Any, open_page: Any) -> None:
    page = open_page(library)
    ask(page, SECTION_QUESTION)
    page.wait_for_function("() => document.querySelector('.announcer').textContent !== ''")

    voice = page.locator("[aria-live=polite]").filter(has_text="Svaret er klar.")
    expect(voice).to_have_count(1)
    said = voice.text_content()
    assert said.startswith("Svaret er klar. KOMDIR skriver")
    assert said.count("ordentlighed, saglighed og kompetence") == 1
    spoken = [node for node in heard(page) if node.live in ("polite", "assertive") and "Svaret" in node.name]
    assert len(spoken) <= 1


def tab_to(page: Any, name: str, *, back: bool = False, at_most: int = 90) -> None:
    """Press Tab until what is named so has the focus, as somebody does who hears each name."""
    for _ in range(at_most):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if name in page.evaluate(FOCUSED):
            return
    pytest.fail(f"»{name}« kan ikke nås med tabulatortasten")


# Only what can be acted upon: the page itself takes the keyboard too, to be scrolled, and holds every name.
FOCUSED = """() => {
  const element = document.activeElement;
  if (!element.matches("a, button, input, textarea, select, summary")) return "";
  return [element.getAttribute("aria-label"), element.innerText, element.labels?.[0]?.innerText]
    .filter(Boolean).join(" ").replaceAll("\\u2060", "");
}"""


def test_from_question_to_word_file_by_tab_and_enter_alone(library: Any, browser: Any) -> None:
    profile = browser.new_context(locale="da-DK", viewport={"width": 1400, "height": 900})
    profile.set_default_timeout(PATIENCE_MS)
    page = profile.new_page()
    page.goto(library.url)
    page.get_by_role("heading", name="Spørg dokumenterne").wait_for()
    settle(page)

    tab_to(page, FIELD)
    page.keyboard.type(SECTION_QUESTION)
    page.keyboard.press("Enter")
    last_turn(page).get_by_role("button", name="Vis kilde [1]").wait_for()
    settle(page)
    tab_to(page, "Vis kilde [1]", back=True)
    page.keyboard.press("Enter")
    expect(pane(page).get_by_role("heading", level=2)).to_be_focused()
    pane(page).get_by_role("img", name=re.compile("som billede")).wait_for()
    settle(page)
    tab_to(page, "Føj til oplæg (alle)")
    page.keyboard.press("Enter")
    expect(pane(page).get_by_role("button", name="Fjern fra oplæg (alle)")).to_be_visible()
    page.keyboard.press("Escape")
    expect(last_turn(page).get_by_role("button", name="Vis kilde [1]")).to_be_focused()
    settle(page)

    tab_to(page, "Mit oplæg", back=True)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Hent som Word").wait_for()
    settle(page)
    tab_to(page, "Hent som Word", at_most=200)
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    written = docx.Document(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert "»Vi udviser ordentlighed, saglighed og kompetence«" in [p.text for p in written.paragraphs]
    profile.close()
