"""The main states as pictures: ``SCREENSHOTS=docs/screenshots make soak`` renews those that are shown in docs/."""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from accessible import SHOWN
from PIL import Image
from playwright.sync_api import expect
from slides import CORPUS, komdir_slides
from talking import FIELD, SECTION_QUESTION, ask, cite, last_turn, pane, settle

pytestmark = pytest.mark.soak

WIDE, NARROW = (1400, 900), (420, 860)
LARGEST_BYTES = 150_000
COMPARED = "Hvordan ser kommunerne og staten på styring efter mål?"


@pytest.fixture(scope="module")
def site(serve: Any, context: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The two documents, the slides as the PDF that they were."""
    corpus = tmp_path_factory.mktemp("shown") / "corpus"
    shutil.copytree(CORPUS, corpus)
    (corpus / "komdir-4-pejlemaerker.txt").unlink()
    (corpus / "komdir-4-pejlemaerker.pdf").write_bytes(komdir_slides())
    with serve(corpus=corpus) as running:
        page = context.new_page()
        page.goto(running.url)
        page.get_by_role("heading", name="Spørg dokumenterne").wait_for(timeout=120_000)
        page.close()
        yield running


def welcome(page: Any) -> None:
    expect(page.locator(".st-key-starter").get_by_role("button").first).to_be_visible()


def answer(page: Any) -> None:
    ask(page, SECTION_QUESTION)


def source(page: Any) -> None:
    answer(page)
    cite(page)
    image = pane(page).get_by_role("img", name=re.compile("som billede"))
    image.evaluate("image => image.decode()")


def source_text(page: Any) -> None:
    ask(page, "Hvordan bør man forberede reformer?")
    cite(page).locator("mark").first.wait_for()


def comparison(page: Any) -> None:
    ask(page, COMPARED)


def abstained(page: Any) -> None:
    ask(page, "Hvad er hovedstaden i Frankrig?")
    last_turn(page).get_by_text("Nærmeste tekststykker").click()


def error(page: Any) -> None:
    answer(page)
    field = page.get_by_role("textbox", name=FIELD)
    field.fill("Hvad siger staten om styring? " * 70)
    field.press("Enter")
    page.get_by_role("alert").wait_for()


def shortcuts(page: Any) -> None:
    answer(page)
    page.get_by_role("button", name="Genveje").click()
    page.get_by_role("dialog", name="Genveje").wait_for()


def link_to(name: str) -> Callable[[Any], None]:
    def opened(page: Any) -> None:
        page.goto(page.url.split("?")[0] + name)
        page.get_by_role("heading", level=1).first.wait_for()

    return opened


def compared(page: Any) -> None:
    link_to("sammenlign")(page)
    page.get_by_role("button", name="ledelse", exact=True).click()
    page.get_by_role("heading", level=2).first.wait_for()


def collected(page: Any) -> None:
    source(page)
    pane(page).get_by_role("button", name="Føj til oplæg").click()
    expect(pane(page).get_by_role("button", name="Fjern fra oplæg")).to_be_visible()
    link_to("mit-oplaeg")(page)
    page.get_by_role("textbox", name="Oplæggets titel").fill("Til direktionen")
    page.get_by_role("textbox", name="Oplæggets titel").press("Enter")
    expect(page.get_by_role("heading", level=2, name="Hent »Til direktionen«")).to_be_attached()


STATES = {
    "velkomst": (welcome, WIDE, "light"),
    "velkomst-smal": (welcome, NARROW, "dark"),
    "svar": (answer, WIDE, "light"),
    "svar-smal": (answer, NARROW, "light"),
    "svar-moerk": (answer, WIDE, "dark"),
    "kilde": (source, WIDE, "light"),
    "kilde-moerk": (source, WIDE, "dark"),
    "kilde-smal": (source, NARROW, "light"),
    "kilde-tekst": (source_text, WIDE, "light"),
    "sammenligning": (comparison, WIDE, "light"),
    "afvisning": (abstained, WIDE, "light"),
    "fejl": (error, WIDE, "light"),
    "genveje": (shortcuts, WIDE, "light"),
    "sammenlign": (compared, WIDE, "light"),
    "mit-oplaeg": (collected, WIDE, "light"),
    "mit-oplaeg-smal": (collected, NARROW, "dark"),
    "indstillinger": (link_to("indstillinger"), WIDE, "light"),
    "evaluering": (link_to("evaluering"), WIDE, "light"),
    "dokumenter": (link_to("dokumenter"), WIDE, "light"),
    "dokumenter-smal": (link_to("dokumenter"), NARROW, "dark"),
}


@pytest.mark.parametrize("name", STATES)
def test_the_state_can_be_shown(name: str, site: Any, browser: Any, tmp_path: Path) -> None:
    reach, (width, height), theme = STATES[name]
    with opened(browser, site, width=width, height=height, theme=theme) as page:
        page.get_by_role("textbox", name=FIELD).wait_for()
        reach(page)
        settle(page)
        keep(page, name, tmp_path)


def test_what_is_not_kept_can_be_shown(serve: Any, site: Any, browser: Any, tmp_path: Path) -> None:
    blocked = tmp_path / "fil"
    blocked.touch()
    lost = f"sqlite:///{blocked}/samtaler.sqlite3"
    with (
        serve(corpus=site.corpus, index=site.index, ASSISTANT_DATABASE__URL=lost) as running,
        opened(browser, running, height=1000) as page,
    ):
        source_text(page)
        pane(page).get_by_role("button", name="Luk").click()
        settle(page)
        keep(page, "ikke-gemt", tmp_path)


def test_a_lost_server_can_be_shown(serve: Any, site: Any, browser: Any, tmp_path: Path) -> None:
    with ExitStack() as server:
        running = server.enter_context(serve(corpus=site.corpus, index=site.index))
        with opened(browser, running) as page:
            answer(page)
            server.close()
            expect(page.get_by_role("dialog")).to_contain_text("Forbindelsen er afbrudt")
            keep(page, "afbrudt", tmp_path)


def test_an_answer_under_way_can_be_shown(serve: Any, site: Any, browser: Any, tmp_path: Path) -> None:
    """The first side of a comparison stands, the second is not there yet."""
    held = {"HELD_AFTER": "4", "SECOND_HALF": str(tmp_path / "aldrig")}
    with (
        serve(corpus=site.corpus, index=site.index, script="tests/browser/held_app.py", **held) as running,
        opened(browser, running, height=700) as page,
    ):
        field = page.get_by_role("textbox", name=FIELD)
        expect(field).to_be_enabled(timeout=120_000)
        settle(page)
        field.fill(COMPARED)
        field.press("Enter")
        expect(page.locator(".working")).to_contain_text("Skriver svaret")
        expect(page.locator(".working .seconds")).to_have_text(re.compile(r"^\d+ s$"))
        expect(page.get_by_role("button", name="Stop")).to_be_in_viewport(ratio=1)
        keep(page, "undervejs", tmp_path)


@contextmanager
def opened(
    browser: Any, site: Any, *, width: int = WIDE[0], height: int = WIDE[1], theme: str = "light"
) -> Iterator[Any]:
    profile = browser.new_context(
        locale="da-DK",
        color_scheme=theme,
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
    )
    page = profile.new_page()
    page.goto(f"{site.url}/")
    yield page
    profile.close()


def keep(page: Any, name: str, otherwise: Path) -> None:
    """Keep a picture of the page where it is asked for, small enough and nowhere wider than the window."""
    page.wait_for_function(SHOWN, polling=30)
    picture = small(page.screenshot())
    folder = Path(os.environ.get("SCREENSHOTS", otherwise))
    (folder / f"{name}.png").write_bytes(picture)
    assert len(picture) <= LARGEST_BYTES
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def small(png: bytes) -> bytes:
    """The picture in 128 colours: a page of text needs no more."""
    out = io.BytesIO()
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()
