"""What a user does on the page, and where it is seen."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

FIELD = "Stil et spørgsmål til dokumenterne"
PATIENCE_MS = 90_000
SECTION_QUESTION = "Hvad indebærer den kompetente forvaltning?"


def ask(page: Any, question: str) -> None:
    """Ask, and wait until the answer is there and the page is at rest."""
    field = page.get_by_role("textbox", name=FIELD)
    expect(field).to_be_enabled()
    settle(page)
    answered = exchanges(page).count()
    field.fill(question)
    field.press("Enter")
    expect(exchanges(page)).to_have_count(answered + 1)
    expect(last_turn(page).get_by_role("heading", level=2, name=question, exact=True)).to_be_visible()
    expect(page.locator(".working")).to_have_count(0)
    settle(page)


def settle(page: Any) -> None:
    """Wait until everything is drawn that was asked for, and nothing on the page changes any more."""
    page.wait_for_function("() => window.settled()", polling=30, timeout=PATIENCE_MS)


def exchanges(page: Any) -> Any:
    """The questions that are answered, with all that belongs to them."""
    return page.locator("[class*='st-key-exchange-']")


def last_turn(page: Any) -> Any:
    return page.locator("[class*='st-key-turn-']").last


def pane(page: Any) -> Any:
    return page.locator(".st-key-source")


def cite(page: Any, number: int = 1) -> Any:
    """Open a citation of the newest answer and return the pane, with its page drawn."""
    last_turn(page).get_by_role("button", name=f"Vis kilde [{number}]").first.click()
    drawn = pane(page)
    drawn.locator("[data-source]").wait_for()
    settle(page)
    return drawn
