"""Words taken apart once give the terms that they give each time."""

from __future__ import annotations

from assistant.text.danish import Terms, character_ngrams, terms, vocabulary

TEXTS = (
    "Borgernær ledelse kræver ledelsesrum og tillid.",
    "Ledelsesrummet er borgernært; tilliden, tilliden!",
    "Æbler og æblekage i 2020, på ÅBENT HAV",
    "",
)


def test_terms_are_the_same_however_often_a_word_came_before() -> None:
    known = vocabulary(TEXTS)
    taken_apart = Terms(known)
    for text in (*TEXTS, *reversed(TEXTS)):
        assert taken_apart(text) == terms(text, known)


def test_what_compounds_are_split_by_is_that_of_each_index() -> None:
    assert Terms(frozenset())("ledelsesrum") == ["ledelsesrum"]
    assert Terms(frozenset({"led", "rum"}))("ledelsesrum") == terms("ledelsesrum", frozenset({"led", "rum"}))


def test_ngrams_of_a_text_are_those_of_its_words_in_order() -> None:
    assert character_ngrams("og i og") == [*[" og", "og ", " og "], " i ", *[" og", "og ", " og "]]
    assert character_ngrams("ledelse", 3, 3) == [" le", "led", "ede", "del", "els", "lse", "se "]
