"""Words that a reader of PDFs leaves broken become whole, and those that have a hyphen keep it."""

from __future__ import annotations

import pytest

from assistant.loading.mending import mended
from assistant.text.folding import clean


def one(text: str, *others: str) -> str:
    return mended([text, *others])[0]


def test_ligatures_become_letters() -> None:
    assert one("oﬀentlige ﬁler, ﬂere eﬃciente") == "offentlige filer, flere efficiente"


def test_decomposed_letters_are_composed() -> None:
    assert one("A\u030arhus") == "Århus"


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("kon\x00gurere", "konfigurere"),
        ("\x00len", "filen"),
        ("kon\x00ikt", "konflikt"),
        ("\x00ere", "flere"),
        ("o\x00entlig", "offentlig"),
        ("a\x00evere", "aflevere"),
        ("speci\x00k", "specifik"),
    ],
)
def test_glyph_that_is_no_letter_is_the_ligature_that_danish_suggests(broken: str, whole: str) -> None:
    assert one(broken) == whole


def test_word_of_the_document_counts_for_more_than_spelling() -> None:
    assert one("informa\x00onen", "Se informationen.") == "informationen"


def test_lone_glyph_is_left_out() -> None:
    assert one("før \x00 efter") == "før  efter"


def test_word_with_a_hyphen_elsewhere_keeps_it_at_a_line_end() -> None:
    assert clean(one("en it-\nløsning", "Vores it-løsning virker.")) == "en it-løsning"
    assert clean(one("en forvalt-\nning", "Vores forvaltning virker.")) == "en forvaltning"


def test_single_letter_keeps_its_hyphen() -> None:
    assert clean(one("send en e-\nmail")) == "send en e-mail"


@pytest.mark.parametrize("text", ["social-\nog sundhed", "EU-\nlande", "Covid-\n19"])
def test_other_hyphens_are_left_for_quoting(text: str) -> None:
    assert one(text) == text
