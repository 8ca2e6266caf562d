"""Scanned pages: recognised where Tesseract is, named as unread where it is not."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont
from support.corpora import write
from support.pdfs import font_file, scanned_pdf

from assistant.citing import memo_page, reference
from assistant.errors import DocumentError
from assistant.loading import ocr
from assistant.loading.isolated import ReadLimits
from assistant.loading.reader import Problem, read_document, read_folder
from assistant.loading.recognizing import check_text, with_recognized
from assistant.loading.texts import UNREAD, unread_pages
from assistant.records import Document, Page
from assistant.text.blocks import MARK

SENTENCE = "Kommunen skal følge op på æblerne hvert år."


def scan() -> bytes:
    """A page of text and a page with a picture of one."""
    picture = Image.new("L", (1600, 400), 255)
    font = ImageFont.truetype(str(font_file()), 48)
    ImageDraw.Draw(picture).text((60, 120), SENTENCE, fill=0, font=font)
    data = io.BytesIO()
    picture.save(data, "PNG")
    pdf = FPDF()
    pdf.add_font("Text", fname=font_file())
    pdf.set_font("Text", size=12)
    pdf.add_page()
    pdf.text(20, 30, "Den første side har tekst, som kan læses uden videre.")
    pdf.add_page()
    pdf.image(data, x=10, y=20, w=190)
    return bytes(pdf.output())


def read(folder: Path, *, with_ocr: bool) -> tuple[list[Document], list[Problem]]:
    found = list(read_folder(folder, ReadLimits(ocr=with_ocr)))
    return [f for f in found if isinstance(f, Document)], [f for f in found if isinstance(f, Problem)]


def test_unread_page_is_named_and_the_document_is_read(tmp_path: Path) -> None:
    (document,), (problem,) = read(write(tmp_path, [("a.pdf", scan())]), with_ocr=False)
    assert [page.reader for page in document.pages] == ["pypdf", UNREAD]
    assert problem.kind == "partly"
    assert problem.message.startswith("a.pdf: side 2 er et billede uden tekst")


def test_scanned_page_is_recognised_and_its_reference_says_so(tmp_path: Path) -> None:
    if not ocr.is_available():
        pytest.skip("no Tesseract with Danish")
    (document,), problems = read(write(tmp_path, [("a.pdf", scan())]), with_ocr=True)
    assert problems == []
    assert document.page(2).reader == "tesseract"
    assert SENTENCE in document.page(2).text
    assert reference(document, 2).endswith("side 2 (tekstgenkendt)")
    assert memo_page(document, 2) == "s. 2 (tekstgenkendt)"
    assert reference(document, 1).endswith("side 1")


def test_document_of_pictures_alone_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, [("a.pdf", scanned_pdf())]) / "a.pdf"
    with pytest.raises(DocumentError, match=r"^a\.pdf: .*scannet"):
        read_document(path)
    blank = read_document(path, scanned=True)
    with pytest.raises(DocumentError, match=r"^a\.pdf: .*scannet"):
        check_text(blank)


def document(*readers: str) -> Document:
    pages = tuple(Page(n, "" if r == UNREAD else "Tekst", reader=r) for n, r in enumerate(readers, 1))
    return Document("a", "a", "a", "notat", "da", "0" * 64, pages, source="a.pdf", own_title="a")


def test_recognised_text_fills_only_what_was_unread() -> None:
    found = with_recognized(document("pypdf", UNREAD), lambda n: f"Genkendt på side {n}")
    assert [page.text for page in found.pages] == ["Tekst", "Genkendt på side 2"]


def test_title_is_taken_from_what_was_recognised() -> None:
    found = with_recognized(document(UNREAD), lambda _: "Rapporten\n\nTekst.")
    assert found.title == "Rapporten"


def test_without_tesseract_it_is_asked_only_once() -> None:
    asked: list[int] = []

    def recognize(number: int) -> None:
        asked.append(number)

    assert with_recognized(document(UNREAD, UNREAD), recognize) == document(UNREAD, UNREAD)
    assert asked == [1]


@pytest.mark.parametrize(
    ("unread", "named"),
    [
        ((2,), "side 2 er et billede"),
        ((1, 2, 3), "siderne 1-3 er billeder"),
        ((1, 3, 4, 6), "siderne 1, 3-4 og 6 er"),
    ],
)
def test_unread_pages_are_named_as_ranges(unread: tuple[int, ...], named: str) -> None:
    read = document(*(UNREAD if n in unread else "pypdf" for n in range(1, 8)))
    assert unread_pages(read).startswith(named)
    assert "slide" in unread_pages(replace(read, page_noun="slide"))


def test_words_that_tesseract_is_not_sure_of_are_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = (
        "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
    )
    rows = [f"5\t1\t1\t1\t1\t{n}\t0\t0\t9\t9\t{{}}\tkystlinjen" for n in range(4)]
    assert ocr._text(columns + "\n".join(rows).format(*[40] * 4)) == ""
    assert ocr._text(columns + "\n".join(rows).format(*[90] * 4)).startswith("kystlinjen kystlinjen")


def test_a_sentence_goes_on_over_lines_that_are_set_wide_apart() -> None:
    head = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
    lines = [
        "Referat af mødet",
        "Udvalget besluttede at uddybe",
        "sejlrenden til fire meter.",
        "Alle stemte for.",
    ]
    table = head + "".join(
        f"5\t1\t1\t{n}\t1\t{i}\t0\t0\t1\t1\t95\t{word}\n"
        for n, line in enumerate(lines)
        for i, word in enumerate(line.split())
    )
    assert ocr._text(table).split("\n\n") == [
        "Referat af mødet",
        "Udvalget besluttede at uddybe\nsejlrenden til fire meter.",
        f"Alle stemte for.\n{MARK}",
    ]
