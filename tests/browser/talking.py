"""What a user does on the page, and where it is seen."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

FIELD = "Stil et spørgsmål til dokumenterne"
SECTION_QUESTION = "Hvad indebærer den kompetente forvaltning?"


def ask(page: Any, question: str) -> None:
    """Ask, and wait until the answer is there."""
    field = page.get_by_role("textbox", name=FIELD)
    expect(field).to_be_enabled()
    field.fill(question)
    field.press("Enter")
    page.get_by_role("heading", level=2, name=question, exact=True).last.wait_for()
    expect(page.locator(".working")).to_have_count(0)


def settle(page: Any) -> None:
    """Wait until the page has taken in what was written or clicked."""
    page.wait_for_timeout(100)  # until the browser has asked for it
    expect(page.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "notRunning")


def last_turn(page: Any) -> Any:
    return page.locator("[class*='st-key-turn-']").last


def pane(page: Any) -> Any:
    return page.locator(".st-key-source")


def cite(page: Any, number: int = 1) -> Any:
    """Open a citation of the newest answer and return the pane, with its page drawn."""
    last_turn(page).get_by_role("button", name=f"Vis kilde [{number}]").first.click()
    drawn = pane(page)
    drawn.locator("[data-source]").wait_for()
    return drawn
