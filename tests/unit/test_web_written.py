"""Sentences of a model on the page: state in words and shape, paragraph by paragraph."""

from __future__ import annotations

from assistant.records import Block
from assistant.web.written import UNVERIFIED, paragraphs, sentence


def test_a_verified_sentence_has_a_tick_with_a_name() -> None:
    html = sentence(Block("text", "Diget er højt.", state="verified")).source

    assert 'role="img" aria-label="verificeret"' in html
    assert UNVERIFIED not in html


def test_an_unverified_sentence_says_so_in_words() -> None:
    html = sentence(Block("text", "Diget er lavt.", state="unverified")).source

    assert f">{UNVERIFIED}</span>" in html
    assert 'class="unverified"' in html


def test_a_sentence_that_claims_nothing_says_neither() -> None:
    html = sentence(Block("text", "Hej!")).source

    assert "verificeret" not in html


def test_what_a_model_writes_is_text() -> None:
    assert "<img" not in sentence(Block("text", "<img src=x onerror=y>", state="verified")).source


def test_a_paragraph_begins_where_a_sentence_opens_one() -> None:
    opening = [False, False, True, True, False]
    blocks = [(n, Block("text", str(n), opens=opens)) for n, opens in enumerate(opening)]

    assert [[number for number, _ in each] for each in paragraphs(blocks)] == [[0, 1], [2], [3, 4]]
