"""The answer appears as it is made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect


def test_what_is_made_is_shown_before_the_rest_is_made(
    serve: Callable[..., Any], context: Any, tmp_path: Path
) -> None:
    second_half = tmp_path / "second half"
    with serve(script="tests/browser/slow_page.py", SECOND_HALF=str(second_half)) as site:
        page = context.new_page()
        page.goto(site.url)
        field = page.get_by_role("textbox")
        field.fill("Hvad så?")
        field.press("Enter")

        expect(page.get_by_text("Første halvdel.")).to_be_visible()
        expect(page.get_by_role("status").filter(has_text="Søger i dokumenterne")).to_be_visible()
        expect(page.get_by_text("Anden halvdel.")).to_have_count(0)
        expect(field).to_be_disabled()

        second_half.touch()
        expect(page.get_by_text("Anden halvdel.")).to_be_visible()
        expect(field).to_be_enabled()
        page.close()
