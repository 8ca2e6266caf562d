"""The same slides as PDF and as text give the same passages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from support.corpora import CORPUS, corpus
from support.pdfs import (
    LARGE_HEADINGS,
    PLAIN,
    Look,
    aes_pdf,
    hyphenated,
    password_pdf,
    slides_pdf,
)

from assistant.errors import DocumentError
from assistant.loading.pdf import read_pdf
from assistant.loading.reader import read_document
from assistant.records import Passage
from assistant.text.blocks import MARK
from assistant.text.passages import cut_document

LOOKS = {"plain": PLAIN, "large headings": LARGE_HEADINGS, "open lines": Look(leading=1.5, blank=0.6)}


def texts(data: bytes) -> list[str]:
    return [page.text for page in read_pdf("x.pdf", data).pages]


def facts(passages: tuple[Passage, ...]) -> list[tuple[object, ...]]:
    return [(p.page, p.text, p.heading, p.mark, p.lead, p.follows, p.section) for p in passages]


@pytest.mark.parametrize("way", [str, hyphenated], ids=["as in the text", "hyphenated"])
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", [path.stem for path in sorted(CORPUS.glob("*.txt"))])
def test_slides_as_pdf_give_the_passages_of_the_text(
    tmp_path: Path, name: str, look: str, way: Callable[[str], str]
) -> None:
    source = corpus()[name]
    path = tmp_path / f"{name}.pdf"
    path.write_bytes(slides_pdf([way(page.text) for page in source.pages], LOOKS[look]))

    read = read_document(path)

    assert facts(cut_document(read)) == facts(cut_document(source))
    assert [page.label for page in read.pages] == [page.label for page in source.pages]


def test_hyphenated_slides_are_really_hyphenated() -> None:
    pages = [hyphenated(page.text) for d in corpus().values() for page in d.pages]
    assert sum(page.count("-\n") for page in pages) > 10


def test_slide_whose_points_all_stand_apart_keeps_them_apart() -> None:
    slide = "Overskrift over\nto linjer\n\nFørste punkt\n\nAndet punkt\n\nTredje punkt"
    assert texts(slides_pdf([slide])) == [slide]


def test_heading_in_a_larger_font_close_above_its_text_stands_alone() -> None:
    close = Look(size=10, heading_size=20, blank=0.01)
    (text,) = texts(slides_pdf(["Overskrift\n\nVi går forrest\nog vi handler."], close))
    assert text == f"{MARK}Overskrift\n\nVi går forrest\nog vi handler."


def test_empty_page_keeps_its_number() -> None:
    assert texts(slides_pdf(["Første", "", "Tredje"])) == ["Første", "", "Tredje"]


def test_restrictions_on_changing_do_not_hinder_reading() -> None:
    assert texts(password_pdf(user_password="")) == ["Teksten er beskyttet mod ændringer"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (lambda: password_pdf("hemmelig"), "adgangskode"),
        (aes_pdf, "adgangskode"),
        (lambda: slides_pdf(["Tekst"])[:-400], "beskadiget"),
        (lambda: slides_pdf(["Tekst"])[:40], "beskadiget"),
    ],
    ids=["password", "aes", "no end", "only a start"],
)
def test_unreadable_pdf_is_named_with_the_reason(data: Callable[[], bytes], says: str) -> None:
    with pytest.raises(DocumentError, match=rf"^rapport\.pdf: .*{says}"):
        read_pdf("rapport.pdf", data())


def test_truncated_pdf_never_gives_a_part_of_its_text() -> None:
    data = slides_pdf([f"Side {n}\n\nTekst nummer {n}" for n in range(5)])
    for end in range(10, len(data) - 20, len(data) // 25):
        with pytest.raises(DocumentError):
            read_pdf("x.pdf", data[:end])


def test_flipped_bytes_give_text_or_one_clear_error() -> None:
    data = slides_pdf(["Overskrift\n\nTekst på siden"])
    for place in range(0, len(data), max(1, len(data) // 150)):
        broken = bytearray(data)
        broken[place] ^= 0x55
        with suppress(DocumentError):
            read_pdf("x.pdf", bytes(broken))
