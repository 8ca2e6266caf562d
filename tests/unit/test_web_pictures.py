"""A page of a PDF becomes a picture with the quote's place on it; a file that cannot is told as such."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject
from starlette.applications import Starlette
from starlette.testclient import TestClient

from assistant.records import Document, Page
from assistant.web.originals import Original, original
from assistant.web.pictures import ROUTE, NoPicture, Picture, Pictures, pictures
from assistant.web.quote_boxes import Wanted
from tests.support.pdfs import slides_pdf

SLIDES = (
    "1. FORSIDE\n\nEt oplæg",
    "2. OM HEGN\n\n• Hegnspæle skal males\n• Låger skal kunne lukkes\n\nHegnspæle skal males",
)
PATIENCE = 30.0


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pdf") / "hegn.pdf"
    path.write_bytes(slides_pdf(SLIDES))
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def drawn(path: Path, *quotes: Wanted, page: int = 2, shelf: Pictures | None = None) -> Picture:
    return (shelf or pictures).picture(path, sha256(path), page, quotes).result(PATIENCE)


@pytest.fixture(scope="module")
def picture(pdf: Path) -> Picture:
    return drawn(pdf, Wanted("Hegnspæle skal males", 1))


def darkest(image: Image.Image, left: float, top: float, right: float, bottom: float) -> int:
    across, down = image.size
    area = (int(left * across), int(top * down), int(right * across), int(bottom * down))
    return int(image.convert("L").crop(area).getextrema()[0])


def test_the_mark_lies_over_the_letters_and_nowhere_else(picture: Picture) -> None:
    token = picture.address.rpartition("/")[2]
    content, kind = pictures.content(token) or (b"", "")
    image = Image.open(io.BytesIO(content))
    (box,) = picture.boxes

    assert kind == "image/png"
    assert image.width / image.height == pytest.approx(picture.across / picture.down, rel=0.01)
    assert darkest(image, box.left, box.top, box.right, box.bottom) < 60
    assert darkest(image, box.right + 0.01, box.top, 1, box.bottom) == 255
    assert darkest(image, 0, box.bottom + 0.01, 1, 1) == 255  # it is the last line of the two alike


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_the_mark_follows_a_page_that_is_turned_and_cropped(tmp_path: Path, turned: int) -> None:
    writer = PdfWriter()
    page = writer.add_page(PdfReader(io.BytesIO(slides_pdf(SLIDES))).pages[1])
    page.cropbox = RectangleObject((20, 30, float(page.mediabox.right) - 60, float(page.mediabox.top) - 10))
    page.rotate(turned)
    path = tmp_path / "drejet.pdf"
    writer.write(path)

    picture = drawn(path, Wanted("Låger skal kunne lukkes"), page=1)
    content, _ = pictures.content(picture.address.rpartition("/")[2]) or (b"", "")
    image = Image.open(io.BytesIO(content))
    (box,) = picture.boxes
    upright = turned in (0, 180)
    assert (image.width > image.height) is upright
    assert darkest(image, box.left, box.top, box.right, box.bottom) < 60
    length, height = (box.right - box.left) * picture.across, (box.bottom - box.top) * picture.down
    assert (length > 4 * height) is upright


def test_of_two_quotes_on_a_page_both_are_marked(pdf: Path) -> None:
    both = drawn(pdf, Wanted("Låger skal kunne lukkes"), Wanted("Hegnspæle skal males"))

    assert len(both.boxes) == 2
    assert both.boxes[0].top > both.boxes[1].top
    assert both.all_found


def test_a_quote_that_is_not_among_the_letters_is_told(pdf: Path) -> None:
    unmarked = drawn(pdf, Wanted("Stod aldrig på siden"))

    assert unmarked.boxes == ()
    assert not unmarked.all_found


def test_a_page_is_drawn_once_and_has_an_address_that_cannot_be_guessed(pdf: Path, picture: Picture) -> None:
    again = drawn(pdf, Wanted("Låger skal kunne lukkes"))
    first = drawn(pdf, page=1)

    assert again.address == picture.address
    assert first.address != picture.address
    assert len(picture.address.rpartition("/")[2]) >= 32


def test_a_picture_is_served_to_who_knows_its_address(picture: Picture) -> None:
    client = TestClient(Starlette(routes=[ROUTE]))

    served = client.get(picture.address.removeprefix("."))
    assert served.status_code == 200
    assert served.headers["content-type"] == "image/png"
    assert "private" in served.headers["cache-control"]
    assert client.get("/sidebilleder/noget-andet").status_code == 404


def test_only_so_much_is_kept(pdf: Path) -> None:
    shelf = Pictures(kept_bytes=1)
    first = drawn(pdf, page=1, shelf=shelf)
    second = drawn(pdf, page=2, shelf=shelf)

    assert shelf.content(first.address.rpartition("/")[2]) is None
    assert shelf.content(second.address.rpartition("/")[2]) is not None


@pytest.mark.parametrize("data", [b"%PDF-1.7\nintet af dette er en PDF", b""])
def test_a_file_that_cannot_be_drawn_is_told_in_danish(tmp_path: Path, data: bytes) -> None:
    broken = tmp_path / "itu.pdf"
    broken.write_bytes(data)

    with pytest.raises(NoPicture, match="Siden kan ikke vises som billede"):
        drawn(broken)


def test_what_takes_too_long_is_given_up(pdf: Path) -> None:
    with pytest.raises(NoPicture, match="for længe"):
        drawn(pdf, shelf=Pictures(seconds=0.001))


# --- the file behind a document -------------------------------------------------------------------


def document(source: str, digest: str) -> Document:
    return Document("hegn", "Hegn", "Hegnslauget", "notat", "da", digest, (Page(1, "x"),), source=source)


def test_the_file_is_known_by_its_content(pdf: Path, tmp_path: Path) -> None:
    copy = tmp_path / "hegn.pdf"
    copy.write_bytes(pdf.read_bytes())
    read = document("hegn.pdf", sha256(pdf))

    assert original(read, lambda: tmp_path) == Original(copy, "same", is_pdf=True)
    copy.write_bytes(pdf.read_bytes() + b"\n")
    assert original(read, lambda: tmp_path) == Original(copy, "changed")
    copy.unlink()
    assert original(read, lambda: tmp_path) == Original(copy, "missing")


@pytest.mark.parametrize("source", ["", "../hegn.pdf", "/hegn.pdf"])
def test_a_name_that_leads_out_of_the_folder_is_no_file(tmp_path: Path, source: str) -> None:
    assert original(document(source, "0" * 64), lambda: tmp_path) is None
