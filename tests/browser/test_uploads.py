"""Files of every kind at once, through the page: progress, preview, details, questions, a new version, removal."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import docx
import pptx
import pytest
from accessible import findings
from playwright.sync_api import expect
from talking import FIELD, ask, cite, last_turn, pane, settle

from tests.support.pdfs import slides_pdf

pytestmark = pytest.mark.pages

PATIENCE_MS = 120_000


def slides(*pages: tuple[str, tuple[str, ...]]) -> bytes:
    """A file of PowerPoint: a title and points on each slide."""
    presentation, made = pptx.Presentation(), io.BytesIO()
    for title, points in pages:
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text_frame.text = "\n".join(points)
    presentation.save(made)
    return made.getvalue()


def word_file(heading: str, *paragraphs: str) -> bytes:
    document, made = docx.Document(), io.BytesIO()
    document.add_heading(heading, 1)
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(made)
    return made.getvalue()


FERRIES = slides(
    ("Færgeplan", ("Færgen sejler klokken otte hver morgen", "Cykler kommer gratis med")),
    ("Om vinteren", ("Færgen ligger stille i februar",)),
)
FILES = {
    "færger.pptx": FERRIES,
    "cykler.docx": word_file(
        "Cykler", "Cykler skal have lys på om aftenen.", "Hjelm er frivillig for voksne."
    ),
    "både.html": "<h1>Både</h1><p>Både bundmales hvert andet år af ejeren.</p>".encode(),
    "broer.md": "# Broer\n\n- Broer efterses hvert sjette år\n".encode(),
    "vand.pdf": slides_pdf(
        ["OM VAND\n\nDrikkevandet prøves hver mandag", "OM REGN\n\nRegnvand ledes til søen"]
    ),
    "stier.txt": "OM STIER\n\nStierne ryddes for sne før klokken syv.\n".encode(),
}
READ = {
    "færger.pptx": "Læst som: 2 slides",
    "cykler.docx": "Læst som: 1 side",
    "både.html": "Læst som: 1 side",
    "broer.md": "Læst som: 1 side",
    "vand.pdf": "Læst som: 2 sider",
    "stier.txt": "Læst som: 1 side",
}
ASKED = {
    "Sejler færgen i februar?": "Færgen ligger stille i februar",
    "Skal cykler have lys på om aftenen?": "Cykler skal have lys på om aftenen",
    "Hvor tit bundmales både?": "Både bundmales hvert andet år",
    "Hvor tit efterses broer?": "Broer efterses hvert sjette år",
    "Hvornår prøves drikkevandet?": "Drikkevandet prøves hver mandag",
    "Skal stierne ryddes for sne?": "Stierne ryddes for sne før klokken syv",
}
WATCH = """() => {
  window.told = [];
  const look = () => {
    const said = document.querySelector(".st-key-job")?.innerText.replaceAll("\\u2060", "");
    if (said && window.told.at(-1) !== said) window.told.push(said);
    requestAnimationFrame(look);
  };
  look();
}"""


@pytest.fixture(scope="module")
def page(site: Any, open_shared: Any) -> Any:
    """One page, which the tests of this module follow one another on."""
    opened = open_shared(site)
    opened.get_by_role("textbox", name=FIELD).wait_for(timeout=PATIENCE_MS)
    return opened


def visit(page: Any, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()
    settle(page)


def reading(page: Any, name: str) -> Any:
    heading = page.get_by_role("heading", level=3, name=name, exact=True)
    return page.locator("[class*='st-key-reading-']").filter(has=heading).first


def entry(page: Any, title: str) -> Any:
    heading = page.get_by_role("heading", level=2, name=title, exact=True)
    return page.locator("[class*='st-key-document-']").filter(has=heading)


def payload(name: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def done(page: Any, what: str) -> None:
    expect(page.get_by_role("status").filter(has_text=what)).to_be_visible(timeout=PATIENCE_MS)
    settle(page)


def test_six_files_are_read_with_progress_file_by_file(page: Any) -> None:
    visit(page, "Dokumenter")
    page.evaluate(WATCH)
    page.get_by_label("Filer", exact=True).set_input_files([payload(*file) for file in FILES.items()])
    for name, read in READ.items():
        expect(reading(page, name)).to_contain_text(read, timeout=PATIENCE_MS)

    settle(page)
    told = "\n".join(page.evaluate("window.told"))
    seen = [(name, int(number)) for name, number in re.findall(r"Læser (\S+): (\d) af 6", told)]
    # Not every file takes long enough to be seen.
    assert len({name for name, _ in seen}) > 1
    order = list(FILES)
    assert all(order[number] == name for name, number in seen)
    assert [number for _, number in seen] == sorted(number for _, number in seen)


def test_the_preview_shows_how_each_was_read_and_asks_for_what_is_missing(page: Any) -> None:
    ferries = reading(page, "færger.pptx")
    expect(ferries).to_contain_text("3 tekststykker")
    for heading in ("Færgeplan", "Om vinteren"):
        expect(ferries).to_contain_text(heading)
    expect(ferries.get_by_role("combobox", name="En side kaldes")).to_have_value("slide")
    ferries.get_by_text("Se teksten, som den er læst").click()
    expect(ferries.get_by_role("article").nth(1)).to_contain_text("Færgen ligger stille i februar")
    assert findings(page) == []

    ferries.get_by_role("textbox", name="Titel").fill("Færgeplanen")
    ferries.get_by_role("textbox", name="Afsender", exact=True).fill("Færgeselskabet")
    ferries.get_by_role("textbox", name="Type").fill("oplæg")
    cycling = reading(page, "cykler.docx")
    expect(cycling.get_by_role("textbox", name="Titel")).to_have_value("Cykler")
    cycling.get_by_role("textbox", name="Afsender", exact=True).fill("Cyklistforbundet")


def test_they_are_added_while_another_asks(page: Any, site: Any, open_page: Any) -> None:
    other = open_page(site)
    other.get_by_role("textbox", name=FIELD).wait_for(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Tilføj 6 dokumenter").click()
    ask(other, "Hvor tit skal hegnspæle males?")
    expect(last_turn(other)).to_contain_text("hvert andet år")

    done(page, f"Tilføjet: {', '.join(FILES)}.")
    expect(entry(page, "Færgeplanen")).to_contain_text("Færgeselskabet · oplæg · 2 slides · 3 tekststykker")
    expect(entry(page, "Cykler")).to_contain_text("Cyklistforbundet · ")
    lead = page.get_by_text(
        re.compile(r"^Svarene bygger på 7 dokumenter, sidst indekseret den \d+\. \w+ 20\d\d")
    )
    expect(lead).to_be_visible()
    ask(other, "Hvor tit efterses broer?")  # in a browser that was open all along
    expect(last_turn(other)).to_contain_text("hvert sjette år")


def test_each_is_asked_about_at_once_and_cited_by_its_page(page: Any) -> None:
    visit(page, "Samtale")
    for question, words in ASKED.items():
        ask(page, question)
        expect(last_turn(page)).to_contain_text(words)
        expect(cite(page).locator("mark").first).to_contain_text(words)
    ask(page, "Hvad sker der med færgen i februar?")
    expect(last_turn(page).locator(".references")).to_contain_text("Færgeselskabet, Færgeplanen, slide 2")
    expect(cite(page).locator(".page-number")).to_have_text("Slide 2 af 2")
    page.keyboard.press("Escape")
    expect(pane(page)).to_have_count(0)


def test_slides_are_replaced_by_a_new_version_and_keep_their_details(page: Any, site: Any) -> None:
    visit(page, "Dokumenter")
    entry(page, "Færgeplanen").get_by_role("button", name="Ret, erstat eller fjern").click()
    changes = page.locator(".st-key-changes")
    new = slides(("Færgeplan", ("Færgen sejler nu også i februar",)))
    changes.get_by_label("Filer", exact=True).set_input_files(payload("ny plan.pptx", new))
    changes.get_by_role("button", name="Erstat dokumentet").click()
    done(page, "Erstattet: Færgeplanen.")
    expect(entry(page, "Færgeplanen")).to_contain_text("Færgeselskabet · oplæg · 1 slide")

    visit(page, "Samtale")
    ask(page, "Sejler færgen i februar?")
    expect(cite(page).locator("mark")).to_contain_text("Færgen sejler nu også i februar")
    page.keyboard.press("Escape")
    assert sorted(path.name for path in Path(site.corpus).glob("færger*")) == ["færger.pptx"]


def test_a_removed_document_is_not_answered_from(page: Any, site: Any) -> None:
    visit(page, "Dokumenter")
    entry(page, "Færgeplanen").get_by_role("button", name="Ret, erstat eller fjern").click()
    page.get_by_text("Ja, jeg vil fjerne dokumentet").click()
    page.get_by_role("button", name="Fjern dokumentet").click()
    done(page, "Fjernet: Færgeplanen.")
    expect(entry(page, "Færgeplanen")).to_have_count(0)

    visit(page, "Samtale")
    page.get_by_role("button", name="Ny samtale").click()
    ask(page, "Sejler færgen i februar?")
    expect(last_turn(page)).not_to_contain_text("sejler nu")
    expect(last_turn(page)).not_to_contain_text("Færgeselskabet")
    assert not list(Path(site.corpus).glob("færger*"))
    assert "Færgeplanen" not in (Path(site.corpus) / "corpus.toml").read_text(encoding="utf-8")
