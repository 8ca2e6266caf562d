"""A question also finds documents that say the same in other words, in Danish, or spelt right."""

from __future__ import annotations

import pytest

from assistant.indexes.base import Alternatives
from assistant.retrieval.expansion import (
    KNOWN_WORD_WEIGHT,
    Lexicon,
    danish_synonyms,
    english_glossary,
    english_stem,
    expand,
)
from assistant.text.danish import stem, stems


def meant(text: str, *known: str, language: str = "da") -> set[str]:
    """The index terms that ``text`` may stand for, where the documents have the words ``known``."""
    found = expand(text, language, {stem(word) for word in known})
    return {term for alternative in found for term in alternative.terms}


# --- the lexicon ----------------------------------------------------------------------------------


@pytest.fixture
def lexicon() -> Lexicon:
    made = Lexicon()
    made.add(("chef",), ("led",))
    made.add(("samm", "ham"), ("sammenhæng",))
    return made


def test_a_word_is_looked_up(lexicon: Lexicon) -> None:
    assert lexicon.groups(["en", "chef"]) == [(("chef",), ("led",))]


def test_a_phrase_is_looked_up_as_a_whole(lexicon: Lexicon) -> None:
    assert lexicon.groups(["på", "samm", "ham"]) == [(("samm", "ham"), ("sammenhæng",))]
    assert lexicon.groups(["ham", "samm"]) == []


def test_a_phrase_may_have_one_word_inside_but_not_two() -> None:
    phrase = Lexicon()
    phrase.add(("træk", "samm", "ham"), ("sammenhæng",))
    phrase.add(("a", "b", "c", "d"), ("x",))

    assert phrase.groups(["træk", "all", "samm", "ham"]) == [(("træk", "samm", "ham"), ("sammenhæng",))]
    assert phrase.groups(["træk", "all", "altid", "samm", "ham"]) == []


def test_a_second_line_for_a_word_adds_to_the_first(lexicon: Lexicon) -> None:
    lexicon.add(("chef",), ("direktør", "led"))

    assert lexicon.entries["chef",] == ("led", "direktør")


def test_an_empty_line_adds_nothing() -> None:
    empty = Lexicon()
    empty.add((), ("x",))
    empty.add(("x",), ())

    assert empty.entries == {}


# --- the lists that come along --------------------------------------------------------------------


def test_near_equal_words_stand_for_each_other() -> None:
    entries = danish_synonyms().entries

    assert stem("leder") in entries[stem("chef"),]
    assert stem("chef") in entries[stem("leder"),]


def test_what_people_ask_stands_for_what_documents_say_and_not_back() -> None:
    entries = danish_synonyms().entries

    assert stem("ledelsesrum") in entries[tuple(stems("lang snor"))]
    assert "snor" not in entries[stem("ledelsesrum"),]


def test_english_words_and_phrases_have_danish_ones() -> None:
    entries = english_glossary().entries

    assert stem("ledelse") in entries[english_stem("leadership"),]
    assert stem("ledelseskæde") in entries[tuple(english_stem(w) for w in ("chain", "of", "command"))]


def test_no_danish_word_stands_for_itself() -> None:
    entries = danish_synonyms().entries

    assert len(entries) > 500
    assert not any(set(key) & set(values) for key, values in entries.items())


# --- expanding ------------------------------------------------------------------------------------


def test_a_synonym_of_the_documents_is_found() -> None:
    assert stem("leder") in meant("Hvad gør en god chef?", "leder")


def test_a_term_that_the_documents_do_not_have_is_left_out() -> None:
    assert meant("Hvad gør en god chef?", "dige", "strand") == set()


def test_a_synonym_counts_less_where_the_word_itself_stands_in_the_documents() -> None:
    (alone,) = expand("chef", "da", {stem("leder")})
    (beside,) = expand("chef", "da", {stem("leder"), stem("chef")})

    assert (alone.weight, beside.weight) == (1.0, KNOWN_WORD_WEIGHT)


def test_an_english_word_is_translated() -> None:
    assert stem("ledelse") in meant("leadership", "ledelse", language="en")


@pytest.mark.parametrize(
    ("asked", "written"), [("strategy", "strategi"), ("analysis", "analyse"), ("families", "familier")]
)
def test_a_word_that_is_nearly_the_same_in_both_languages_is_translated(asked: str, written: str) -> None:
    assert stem(written) in meant(asked, written, language="en")


def test_a_translation_brings_its_synonyms() -> None:
    assert stem("chef") in meant("leader", "chef", language="en")


def test_an_english_question_is_not_read_as_danish() -> None:
    assert meant("råderum", "ledelsesrum") == {stem("ledelsesrum")}
    assert meant("råderum", "ledelsesrum", language="en") == set()


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("prioritaring", "prioritering"),
        ("prioritring", "prioritering"),
        ("resourcer", "ressourcer"),
        ("vaerdiskabende", "værdiskabende"),
        ("loesninger", "løsninger"),
        ("raaderum", "råderum"),
        ("raderum", "råderum"),
        ("losninger", "løsninger"),
    ],
)
def test_a_misspelt_word_finds_the_right_one(asked: str, written: str) -> None:
    assert meant(asked, written) == {stem(written)}


def test_a_compound_in_two_words_finds_the_whole() -> None:
    assert stem("klitkanalen") in meant("Hvad med klit kanalen?", "klitkanalen", "kanalen")


def test_a_short_word_is_not_respelt() -> None:
    assert meant("hus", "hun", "mus") == set()


def test_a_word_of_the_documents_is_not_respelt() -> None:
    assert meant("stierne", "stierne", "stjerne") == set()


def test_a_number_is_not_respelt() -> None:
    assert expand("12345", "da", {"12346"}) == ()


@pytest.mark.parametrize("text", ["", "?", "og det der"])
def test_nothing_is_expanded_to_nothing(text: str) -> None:
    assert expand(text, "da", {"leder"}) == ()


def test_alternatives_say_which_word_they_stand_for() -> None:
    assert expand("chef", "da", {stem("leder")}) == (Alternatives((stem("leder"),), 1.0, "chef"),)
