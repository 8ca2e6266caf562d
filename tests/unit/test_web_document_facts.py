"""What is said of how a document was read."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from assistant.records import Document, Page
from assistant.web.document_facts import ended, facts, headings, ranges, reservations
from tests.support.corpora import document, passages


def read(*readers: str, noun: Literal["side", "slide"] = "side") -> Document:
    """A document with one page for each reader; "" is a page of text, "blank" one without."""
    pages = tuple(
        Page(
            n,
            "" if reader in ("blank", "unread") else "Tekst.",
            reader=reader if reader != "blank" else "pdf",
        )
        for n, reader in enumerate(readers, 1)
    )
    return replace(document("x"), pages=pages, page_noun=noun)


def test_facts_say_who_what_and_how_much() -> None:
    made = replace(document("OM HEGN\n\n• Ét\n\n• To\n"), organisation="Vejvæsenet", kind="notat")

    assert facts(made, passages("OM HEGN\n\n• Ét\n\n• To\n")) == (
        "Vejvæsenet",
        "notat",
        "1 side",
        "2 tekststykker",
    )


def test_headings_stand_once_in_reading_order() -> None:
    found = passages("OM HEGN\n\n• Hegn skal males\n\n• Hegn skal stå\n", "OM LÅGER\n\n• Låger skal lukkes\n")

    assert headings(found) == ("OM HEGN", "OM LÅGER")


def test_a_document_of_text_has_no_reservations() -> None:
    assert reservations(read("", "pdfium")) == ()


@pytest.mark.parametrize(
    ("readers", "said"),
    [
        (("", "tesseract"), "Side 2 er et billede (scannet), og teksten er læst maskinelt (tekstgenkendt)."),
        (("tesseract", "", "tesseract", "tesseract", "tesseract"), "Side 1, 3–5 er billeder (scannet)"),
        (("tesseract", "tesseract"), "Alle 2 sider er billeder (scannet)"),
        (("", "unread"), "Side 2 er et billede (scannet), og teksten er ikke læst."),
        (("", "blank"), "Side 2 har ingen tekst."),
    ],
)
def test_scanned_pages_are_named_as_such(readers: tuple[str, ...], said: str) -> None:
    (found,) = reservations(read(*readers))

    assert found.replace("1 og 3–5", "1, 3–5").startswith(said)


def test_slides_are_called_slides() -> None:
    assert reservations(read("", "blank", "blank", noun="slide")) == ("Slides 2 og 3 har ingen tekst.",)


@pytest.mark.parametrize(
    ("numbers", "text"),
    [((), ""), ((4,), "4"), ((1, 2), "1 og 2"), ((1, 2, 3), "1–3"), ((1, 3, 4, 5, 9), "1, 3–5 og 9")],
)
def test_numbers_are_listed_short(numbers: tuple[int, ...], text: str) -> None:
    assert ranges(numbers) == text


@pytest.mark.parametrize(
    ("title", "told"),
    [("Diger", "Diger."), ("Hvordan styrker vi diger?", "Hvordan styrker vi diger?"), ("Nu!", "Nu!")],
)
def test_a_title_ends_a_sentence_with_one_mark(title: str, told: str) -> None:
    assert ended(title) == told
