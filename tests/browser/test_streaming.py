"""The answer appears as it is made, jumps nowhere, is said aloud once, and can be stopped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from accessible import findings
from playwright.sync_api import expect
from talking import FIELD, settle

pytestmark = pytest.mark.pages


@pytest.fixture(scope="module")
def second_half(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file whose appearing lets answers go on."""
    return tmp_path_factory.mktemp("slow") / "second half"


@pytest.fixture(scope="module")
def slow(serve: Callable[..., Any], second_half: Path) -> Iterator[Any]:
    with serve(script="tests/browser/slow_app.py", SECOND_HALF=str(second_half)) as site:
        yield site


@pytest.fixture
def page(slow: Any, open_page: Any, second_half: Path) -> Any:
    second_half.unlink(missing_ok=True)
    return open_page(slow, height=700)


def lines(page: Any, text: str, *, exact: bool = False) -> Any:
    """Where a line of an answer stands: not what is said aloud of it, which stays in the announcer."""
    return page.locator(".st-key-conversation").get_by_text(text, exact=exact)


def begin(page: Any, question: str) -> None:
    field = page.get_by_role("textbox", name=FIELD)
    expect(field).to_be_enabled()
    settle(page)
    half = lines(page, "Første halvdel, 15. linje.")
    before = half.count()
    field.fill(question)
    field.press("Enter")
    expect(half).to_have_count(before + 1)


def finish(page: Any, second_half: Path, answers: int) -> None:
    second_half.touch()
    expect(page.locator("[class*='st-key-exchange-']")).to_have_count(answers)
    expect(page.get_by_role("textbox", name=FIELD)).to_be_enabled()


def test_what_is_made_is_shown_before_the_rest_is_made(page: Any, second_half: Path) -> None:
    begin(page, "Hvad så?")

    expect(page.get_by_role("status").filter(has_text="Skriver svaret")).to_be_visible()
    expect(lines(page, "Anden halvdel, 1. li", exact=True)).to_be_visible()
    expect(page.get_by_role("textbox", name=FIELD)).to_be_disabled()
    assert findings(page) == []
    finish(page, second_half, 1)
    expect(lines(page, "Anden halvdel, 15. linje.")).to_have_count(1)
    expect(lines(page, "Anden halvdel, 1. li", exact=True)).to_have_count(0)


def test_long_work_says_how_long_it_has_been_at_it_but_not_aloud(page: Any) -> None:
    begin(page, "Hvad så?")

    seconds = page.locator(".working .seconds")
    expect(seconds).to_have_text(re.compile(r"^\d+ s$"))
    expect(seconds).to_have_attribute("aria-hidden", "true")


@pytest.mark.parametrize("width", [1400, 420])
def test_what_stops_an_answer_longer_than_the_window_is_in_sight(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    begin(page, "Hvad så?")
    expect(lines(page, "Anden halvdel, 1. li", exact=True)).to_be_attached()
    page.wait_for_function(LONGER)

    # Nor does it lie behind the field: what is seen there is the button.
    stop = page.get_by_role("button", name="Stop")
    expect(stop).to_be_in_viewport(ratio=1)
    assert stop.evaluate(UPPERMOST)
    stop.click()
    expect(page.get_by_text("Du stoppede svaret, før det var færdigt.")).to_be_visible()


LONGER = "() => document.querySelector('[data-testid=stMain]').scrollHeight > innerHeight"
UPPERMOST = """button => {
  const box = button.getBoundingClientRect();
  return [box.top + 1, box.bottom - 1].every(
    y => button.contains(document.elementFromPoint(box.left + box.width / 2, y)));
}"""


def test_nothing_jumps_while_the_answer_arrives(page: Any, second_half: Path) -> None:
    begin(page, "Første spørgsmål?")
    finish(page, second_half, 1)
    second_half.unlink()
    begin(page, "Andet spørgsmål?")
    page.evaluate(WATCH)
    finish(page, second_half, 2)
    settle(page)
    page.wait_for_function("() => window.places.length > 10")

    places = page.evaluate("window.places")
    assert max(places) - min(places) <= 2


WATCH = """() => {
  window.places = [];
  const look = () => {
    const questions = document.querySelectorAll(".question");
    const place = questions[questions.length - 1]?.getBoundingClientRect().top;
    if (questions.length === 2) window.places.push(place);
    requestAnimationFrame(look);
  };
  look();
}"""


def test_an_answer_is_said_aloud_once_when_it_is_done(page: Any, second_half: Path) -> None:
    page.get_by_role("textbox", name=FIELD).wait_for()
    page.evaluate(LISTEN)
    begin(page, "Hvad så?")
    page.wait_for_timeout(300)
    assert page.evaluate("window.said") == []
    finish(page, second_half, 1)

    page.wait_for_function("() => window.said.length > 0")
    page.wait_for_timeout(600)
    (said,) = page.evaluate("window.said")
    assert said.startswith("Svaret er klar. Første halvdel, 1. linje.")
    assert page.locator("[class*='st-key-exchange-'] [aria-live], .question [role=status]").count() == 0


LISTEN = """() => {
  window.said = [];
  const place = document.querySelector(".announcer");
  new MutationObserver(() => window.said.push(place.textContent)).observe(place, {childList: true});
}"""


def test_stop_gives_the_question_back_and_the_next_one_is_answered(page: Any, second_half: Path) -> None:
    begin(page, "Hvad så?")
    page.get_by_role("button", name="Stop").click()

    field = page.get_by_role("textbox", name=FIELD)
    expect(page.get_by_text("Du stoppede svaret, før det var færdigt.")).to_be_visible()
    expect(field).to_have_value("Hvad så?")
    expect(field).to_be_focused()
    expect(lines(page, "Første halvdel")).to_have_count(0)
    assert findings(page) == []
    second_half.touch()
    field.press("Enter")
    expect(lines(page, "Anden halvdel, 15. linje.")).to_have_count(1)
    expect(page.get_by_text("Du stoppede svaret")).to_have_count(0)
    expect(page.locator("[class*='st-key-exchange-']")).to_have_count(1)


def test_a_reload_in_the_middle_of_an_answer_gives_the_question_back(page: Any, second_half: Path) -> None:
    begin(page, "Hvad så?")
    page.reload()
    field = page.get_by_role("textbox", name=FIELD)
    expect(field).to_have_value("Hvad så?")

    second_half.touch()
    field.press("Enter")
    expect(lines(page, "Anden halvdel, 15. linje.")).to_have_count(1)
    settle(page)
    page.reload()
    expect(field).to_be_enabled()
    settle(page)
    expect(field).to_have_value("")


def test_a_click_elsewhere_does_not_begin_the_answer_anew(page: Any, second_half: Path) -> None:
    begin(page, "Første spørgsmål?")
    finish(page, second_half, 1)
    second_half.unlink()
    begin(page, "Andet spørgsmål?")
    page.get_by_role("button", name="Ja").first.click()

    expect(lines(page, "Anden halvdel, 1. li", exact=True)).to_be_visible()
    finish(page, second_half, 2)
    expect(lines(page, "Anden halvdel, 15. linje.")).to_have_count(2)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_rest_of_the_page_stays_readable_while_an_answer_is_made(
    serve: Callable[..., Any], browser: Any, tmp_path: Path, theme: str
) -> None:
    """Streamlit fades what comes after the answer, and that may be for a minute."""
    (tmp_path / "hegn.txt").write_text("OM HEGN\n\n• Hegnspæle skal males hvert andet år\n", encoding="utf-8")
    held = {"HELD_AFTER": "1", "SECOND_HALF": str(tmp_path / "aldrig")}
    with serve(corpus=tmp_path, script="tests/browser/held_app.py", **held) as site:
        profile = browser.new_context(locale="da-DK", color_scheme=theme)
        page = profile.new_page()
        page.goto(site.url)
        field = page.get_by_role("textbox", name=FIELD)
        expect(field).to_be_enabled(timeout=120_000)
        settle(page)
        field.fill("Hvor tit skal hegnspæle males?")
        field.press("Enter")
        expect(page.locator(".working")).to_contain_text("Skriver svaret")
        expect(page.get_by_role("region", name="Sidepanel").locator("[data-stale=true]")).not_to_have_count(0)
        page.wait_for_timeout(2_000)  # so long would the fading take

        assert findings(page) == []
        profile.close()
