"""A slice of a page as it is quoted: white space folded, broken words whole."""

from __future__ import annotations

import pytest

from assistant.text.folding import clean, comparable


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("den offentlige\nsektor", "den offentlige sektor"),
        ("den  offentlige \t\n  sektor ", "den offentlige sektor"),
        ("offent-\nlige", "offentlige"),
        ("offent- \n  lige", "offentlige"),
        ("offent\u2010\nlige", "offentlige"),
        ("forår-\nårstid", "forårårstid"),
    ],
)
def test_what_a_line_end_broke_is_whole(broken: str, whole: str) -> None:
    assert clean(broken) == whole


@pytest.mark.parametrize("word", ["og", "eller", "samt"])
def test_hyphen_stays_before_a_conjunction(word: str) -> None:
    assert clean(f"proces-\n{word} dokumentationskrav") == f"proces- {word} dokumentationskrav"


def test_a_word_that_only_begins_like_a_conjunction_is_rejoined() -> None:
    assert clean("bi-\nogså samt-\nogen") == "biogså samtogen"


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("Nord-\nSjælland", "Nord-Sjælland"),
        ("EU-\nlande", "EU-lande"),
        ("Covid-\n19", "Covid-19"),
        ("18-\nårige", "18-årige"),
    ],
)
def test_hyphen_stays_next_to_a_capital_or_a_digit(broken: str, whole: str) -> None:
    assert clean(broken) == whole


def test_hyphen_inside_a_line_stays() -> None:
    assert clean("styrings- og ledelsesmæssigt, e-mail") == "styrings- og ledelsesmæssigt, e-mail"


def test_dash_at_a_line_end_is_no_hyphen() -> None:
    assert clean("stat -\nkommune –\nregion") == "stat - kommune – region"


@pytest.mark.parametrize("broken", ["offent\u00adlige", "offent\u00ad\nlige", "offent\u00ad \n lige"])
def test_soft_hyphen_is_invisible(broken: str) -> None:
    assert clean(broken) == "offentlige"


def test_texts_compare_equal_whatever_their_quotation_marks_and_composition() -> None:
    assert comparable("”a\u030a” siger ’vi’") == comparable("»å« siger 'vi'")


def test_case_and_punctuation_count_in_a_comparison() -> None:
    assert comparable("Stat.") not in (comparable("stat."), comparable("Stat"))
