"""The page "Dokumenter": adding, describing, replacing and removing, while others go on."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import docx
import pytest
import talking
from playwright.sync_api import expect
from pypdf import PdfReader, PdfWriter

from tests.support.pdfs import scanned_pdf, slides_pdf

pytestmark = pytest.mark.pages

BUILD_PATIENCE_MS = 120_000
JOB_PATIENCE_MS = 60_000
MINUTES = "# Referat\n\n## Diger\n\n- Diget skal være tre meter højt\n- Stranden renses hver uge\n"


@pytest.fixture
def page(site: Any, open_page: Any) -> Any:
    """The page "Dokumenter"."""
    opened = open_page(site)
    opened.get_by_role("heading", name="Spørg dokumenterne").wait_for(timeout=BUILD_PATIENCE_MS)
    opened.get_by_role("link", name="Dokumenter").click()
    expect(opened.get_by_role("heading", level=1, name="Dokumenter")).to_be_visible()
    return opened


def mixed_pdf() -> bytes:
    """A page of text and a page that is a picture."""
    writer = PdfWriter()
    for part in (slides_pdf(["OM VAND\n\nVandet er koldt hele året"]), scanned_pdf()):
        writer.append(PdfReader(io.BytesIO(part)))
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def word_file(heading: str, text: str) -> bytes:
    document, made = docx.Document(), io.BytesIO()
    document.add_heading(heading, 1)
    document.add_paragraph(text)
    document.save(made)
    return made.getvalue()


def choose(page: Any, *files: tuple[str, bytes]) -> None:
    page.get_by_label("Filer", exact=True).set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files]
    )


def reading(page: Any, name: str) -> Any:
    return (
        page.locator("[class*='st-key-reading-']")
        .filter(has=page.get_by_role("heading", level=3, name=name))
        .first
    )


def entry(page: Any, title: str) -> Any:
    return page.locator("[class*='st-key-document-']").filter(
        has=page.get_by_role("heading", level=2, name=title)
    )


def expect_done(page: Any, what: str) -> None:
    expect(page.get_by_role("status").filter(has_text=what)).to_be_visible(timeout=JOB_PATIENCE_MS)


def ask(page: Any, question: str) -> Any:
    page.get_by_role("link", name="Samtale").click()
    talking.ask(page, question)
    return talking.last_turn(page)


def test_a_document_is_added_described_asked_about_replaced_and_removed(
    site: Any, page: Any, open_page: Any
) -> None:
    other = open_page(site)
    other.get_by_role("heading", name="Spørg dokumenterne").wait_for()

    choose(page, ("referat.md", MINUTES.encode()))
    shown = reading(page, "referat.md")
    expect(shown).to_contain_text("1 side · 2 tekststykker")
    expect(shown).to_contain_text("Diger")
    shown.get_by_role("textbox", name="Afsender", exact=True).fill("Kystrådet")
    shown.get_by_role("textbox", name="Type").fill("referat")
    page.get_by_role("button", name="Tilføj 1 dokument").click()  # straight from the field
    expect_done(page, "Tilføjet: referat.md.")
    expect(entry(page, "Referat")).to_contain_text("Kystrådet · referat · 1 side")

    # Without a restart, here and in a browser that was open all along.
    expect(ask(page, "Hvor højt skal diget være?")).to_contain_text("Kystrådet skriver i referatet")
    expect(ask(other, "Hvor højt skal diget være?")).to_contain_text("tre meter højt")

    page.get_by_role("link", name="Dokumenter").click()
    entry(page, "Referat").get_by_role("button", name="Ret, erstat eller fjern").click()
    changes = page.locator(".st-key-changes")
    changes.get_by_label("Filer", exact=True).set_input_files(
        {
            "name": "ny.txt",
            "mimeType": "text/plain",
            "buffer": b"OM DIGER\n\nDiget skal v\xc3\xa6re fem meter\n",
        }
    )
    changes.get_by_role("button", name="Erstat dokumentet").click()
    expect_done(page, "Erstattet: Referat.")
    expect(ask(page, "Hvor højt skal diget være?")).to_contain_text("fem meter")

    page.get_by_role("link", name="Dokumenter").click()
    listed = page.locator("[class*='st-key-document-']").filter(has_text="Kystrådet")
    listed.get_by_role("button", name="Ret, erstat eller fjern").click()
    remove = page.get_by_role("button", name="Fjern dokumentet")
    expect(remove).to_be_disabled()
    page.get_by_text("Ja, jeg vil fjerne dokumentet").click()
    remove.click()
    expect(listed).to_have_count(0, timeout=JOB_PATIENCE_MS)
    assert not list(Path(site.corpus).glob("referat*"))


def test_what_cannot_be_read_is_named_and_the_others_are_offered(site: Any, page: Any) -> None:
    choose(page, ("tom.txt", b"   "), ("slides.pdf", slides_pdf(["OM VAND\n\nVandet er koldt"])))

    expect(reading(page, "tom.txt").get_by_role("alert")).to_contain_text("tom.txt")
    expect(reading(page, "slides.pdf")).to_contain_text("Læst som: 1 side")
    expect(page.get_by_text("1 fil kan ikke læses og bliver ikke tilføjet.")).to_be_visible()
    expect(page.get_by_role("button", name="Tilføj 1 dokument")).to_be_visible()


def test_the_text_can_be_seen_as_it_was_read(site: Any, page: Any) -> None:
    choose(page, ("referat.md", MINUTES.encode()))
    reading(page, "referat.md").get_by_text("Se teksten, som den er læst").click()

    expect(page.get_by_role("article")).to_contain_text("Stranden renses hver uge")


def test_scanned_pages_are_named_as_such(site: Any, page: Any) -> None:
    choose(page, ("blandet.pdf", mixed_pdf()), ("kun-billeder.pdf", scanned_pdf()))

    expect(reading(page, "blandet.pdf")).to_contain_text("Side 2 er et billede (scannet)")
    expect(reading(page, "kun-billeder.pdf").get_by_role("alert")).to_contain_text("scannet")
    expect(page.get_by_role("button", name="Tilføj 1 dokument")).to_be_visible()


def test_details_are_corrected(site: Any, page: Any) -> None:
    entry(page, "OM HEGN").get_by_role("button", name="Ret, erstat eller fjern").click()
    changes = page.locator(".st-key-changes")
    expect(changes.get_by_role("button", name="Vælg fil", exact=True)).to_be_visible()
    changes.get_by_role("textbox", name="Afsender", exact=True).fill("Vejlauget")
    changes.get_by_role("button", name="Gem oplysninger").click()

    expect_done(page, "Gemt: oplysninger om OM HEGN.")
    expect(entry(page, "OM HEGN")).to_contain_text("Vejlauget · ")
    assert 'organisation = "Vejlauget"' in (Path(site.corpus) / "corpus.toml").read_text(encoding="utf-8")


def test_the_last_document_stays_and_the_page_says_why(site: Any, page: Any) -> None:
    entry(page, "OM HEGN").get_by_role("button", name="Ret, erstat eller fjern").click()
    page.get_by_text("Ja, jeg vil fjerne dokumentet").click()
    page.get_by_role("button", name="Fjern dokumentet").click()

    expect(page.get_by_role("alert")).to_contain_text("det sidste dokument")
    expect(entry(page, "OM HEGN")).to_be_visible()


def test_the_field_for_files_speaks_danish(site: Any, page: Any) -> None:
    field = page.locator("[data-testid=stFileUploader]")

    expect(field).to_contain_text("Højst 50 MB pr. fil")
    expect(field.get_by_role("button", name="Vælg filer")).to_be_visible()
    expect(field).not_to_contain_text("Upload")


def test_of_five_files_the_one_that_is_broken_stays_out(site: Any, page: Any) -> None:
    choose(
        page,
        ("cykler.docx", word_file("Cykler", "Cykler skal have lys på om aftenen.")),
        ("broer.md", "# Broer\n\n- Broer efterses hvert sjette år\n".encode()),
        ("både.html", "<h1>Både</h1><p>Både males hvert andet år af ejeren.</p>".encode()),
        ("ødelagt.pdf", b"%PDF-1.7 intet"),
        ("færge.txt", "OM FÆRGEN\n\nFærgen sejler klokken otte hver morgen.\n".encode()),
    )

    expect(reading(page, "ødelagt.pdf").get_by_role("alert")).to_contain_text("beskadiget")
    page.get_by_role("button", name="Tilføj 4 dokumenter").click()
    expect_done(page, "Tilføjet: cykler.docx, broer.md, både.html, færge.txt.")
    expect(page.locator("[class*='st-key-document-']").filter(has_text="Fil: ")).to_have_count(5)
    assert not list(Path(site.corpus).glob("ødelagt*"))
    expect(ask(page, "Hvornår sejler færgen?")).to_contain_text("klokken otte")


def test_a_document_that_is_removed_is_still_named_where_it_was_cited(site: Any, page: Any) -> None:
    choose(page, ("diger.md", "# Diger\n\n- Diget skal være tre meter højt\n".encode()))
    shown = reading(page, "diger.md")
    shown.get_by_role("textbox", name="Afsender", exact=True).fill("Digelauget")
    shown.get_by_role("textbox", name="Type").fill("referat")
    page.get_by_role("button", name="Tilføj 1 dokument").click()
    expect_done(page, "Tilføjet: diger.md.")
    turn = ask(page, "Hvor højt skal diget være?")
    expect(turn).to_contain_text("tre meter højt")
    turn.get_by_role("button", name="Føj til oplæg").click()
    talking.cite(page).get_by_role("button", name="Føj til oplæg").click()
    expect(talking.pane(page).get_by_role("button", name="Fjern fra oplæg")).to_be_visible()

    page.get_by_role("link", name="Dokumenter").click()
    entry(page, "Diger").get_by_role("button", name="Ret, erstat eller fjern").click()
    page.get_by_text("Ja, jeg vil fjerne dokumentet").click()
    page.get_by_role("button", name="Fjern dokumentet").click()
    expect_done(page, "Fjernet: Diger.")

    page.get_by_role("link", name="Mit oplæg").click()
    items = page.locator("[class*='st-key-oplaeg-item-']")
    expect(items).to_have_count(2)
    for number in range(2):
        expect(items.nth(number)).to_contain_text("Diget skal være tre meter højt")
        expect(items.nth(number)).to_contain_text("Digelauget, Diger, side 1 (dokumentet er fjernet)")
    page.get_by_role("button", name="vis på siden").click()
    told = "findes ikke længere i indekset: »Diger« fra Digelauget"
    expect(talking.pane(page).get_by_role("alert")).to_contain_text(told)
    with page.expect_download() as download:
        page.get_by_role("button", name="Hent som Word").click()
    written = docx.Document(io.BytesIO(Path(download.value.path()).read_bytes()))
    said = [p.text for p in written.paragraphs]
    assert said.count("»Diget skal være tre meter højt«") == 2
    assert "Digelauget, Diger (referat). Dokumentet er fjernet." in said
    with page.expect_download() as download:
        page.get_by_role("button", name="Hent som Markdown").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert text.count("]: Digelauget, Diger, s. 1 (dokumentet er fjernet).") == 2
    page.get_by_role("link", name="Samtale").click()
    references = talking.last_turn(page).locator(".references")
    expect(references).to_contain_text("Digelauget, Diger, side 1 (dokumentet er fjernet)")
    talking.settle(page)
    page.reload()  # now from the database
    expect(references).to_contain_text("Digelauget, Diger, side 1 (dokumentet er fjernet)")
