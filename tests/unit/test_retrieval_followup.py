"""A question that leans on the conversation is completed; one that stands on its own is left alone."""

from __future__ import annotations

import pytest
from retrieval_world import SPEAKERS

from assistant.retrieval.followup import (
    LAST,
    MAX_HISTORY,
    Completed,
    compares_only,
    complete,
    counted_out,
    ordinal_in,
)


def understood(question: str, *history: str) -> str | None:
    return complete(question, history, SPEAKERS).understood_as


# --- another speaker ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    ["Og skovfolket?", "Hvad med skovfolket?", "Hvad siger Skovstyrelsen om det samme?", "OG SKOVFOLKET??"],
)
def test_another_speaker_takes_the_place_of_the_first(question: str) -> None:
    assert understood(question, "Hvad siger KYSTRÅDET om stier?") == "Hvad siger skovstyrelsen om stier?"


def test_another_speaker_is_asked_what_nobody_was_asked_before() -> None:
    assert (
        understood("Og skovfolket?", "Hvordan renses stier?")
        == "Hvordan renses stier – ifølge skovstyrelsen?"
    )


def test_another_speaker_keeps_the_genitive() -> None:
    assert (
        understood("Og kystens?", "Hvad er Skovstyrelsens syn på stier?")
        == "Hvad er KYSTRÅDETs syn på stier?"
    )


def test_a_name_in_capitals_keeps_them_inside_a_question() -> None:
    assert (
        understood("Og kommunerne?", "Hvad siger Skovstyrelsen om stier?") == "Hvad siger KYSTRÅDET om stier?"
    )


def test_a_speaker_with_a_subject_of_its_own_is_a_new_question() -> None:
    assert understood("Hvad siger Skovstyrelsen om hunde?", "Hvad siger KYSTRÅDET om stier?") is None


def test_after_a_comparison_one_of_its_speakers_does_not_replace_both() -> None:
    completed = complete("Og skovfolket?", ["Hvad siger KYSTRÅDET og Skovstyrelsen om stier?"], SPEAKERS)

    assert "stier" in completed.text
    assert "KYSTRÅDET" not in completed.asked


# --- another thing of the same kind ---------------------------------------------------------------


@pytest.mark.parametrize("question", ["Og hvad med den grønne?", "Hvad med den grønne?", "Og den grønne?"])
def test_another_adjective_takes_the_place_of_its_like(question: str) -> None:
    assert understood(question, "Hvad indebærer den sikre kyst?") == "Hvad indebærer den grønne kyst?"


def test_an_adjective_of_another_gender_takes_no_place() -> None:
    completed = complete("Og hvad med det grønne?", ["Hvad indebærer den sikre kyst?"], SPEAKERS)

    assert completed.text == "Og hvad med det grønne? Hvad indebærer den sikre kyst?"


def test_another_ordinal_takes_the_place_of_the_first() -> None:
    assert (
        understood("Og nummer to?", "Hvad handler pejlemærke nummer et om?")
        == "Hvad handler pejlemærke nummer to om?"
    )


def test_a_number_after_an_ordinal_becomes_one() -> None:
    assert understood("Og nummer tre?", "Hvad er det første pejlemærke?") == "Hvad er det tredje pejlemærke?"


def test_an_ordinal_keeps_its_gender() -> None:
    assert understood("Og det andet?", "Hvad er det første pejlemærke?") == "Hvad er det andet pejlemærke?"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("det tredje pejlemærke", 3),
        ("pejlemærke nummer fire", 4),
        ("punkt nr. 2", 2),
        ("the second principle", 2),
        ("number three", 3),
        ("Hvad er det sidste pejlemærke?", LAST),
        ("Hvad handler det sidste om?", LAST),
        ("What is the last principle?", LAST),
    ],
)
def test_ordinals_are_read(text: str, number: int) -> None:
    found = ordinal_in(text)

    assert found is not None
    assert found[0] == number


@pytest.mark.parametrize(
    "text",
    [
        "de fire pejlemærker",
        "the one principle",
        "den kompetente forvaltning",
        "",
        "Hvad er sket det sidste år?",
    ],
)
def test_a_count_is_no_ordinal(text: str) -> None:
    assert ordinal_in(text) is None


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("Hvad er det sidste pejlemærke?", "Hvad er det fjerde pejlemærke?"),
        ("Hvad handler det allersidste om?", "Hvad handler det fjerde om?"),
        ("What is the last principle?", "What is the fourth principle?"),
        ("Hvad er det tredje pejlemærke?", "Hvad er det tredje pejlemærke?"),
        ("Hvad er sket det sidste år?", "Hvad er sket det sidste år?"),
    ],
)
def test_the_last_of_four_is_the_fourth(text: str, counted: str) -> None:
    assert counted_out(text, 4) == counted


@pytest.mark.parametrize(
    ("earlier", "question", "completed"),
    [
        ("Hvad er det første pejlemærke?", "Og det næste?", "Hvad er det andet pejlemærke?"),
        ("Hvad er pejlemærke nummer to?", "Hvad med det næste?", "Hvad er pejlemærke det tredje?"),
        ("What is the third principle?", "And the next?", "What is the fourth principle?"),
    ],
)
def test_the_next_is_one_more_than_the_one_before(earlier: str, question: str, completed: str) -> None:
    assert complete(question, [earlier], SPEAKERS).text == completed


def test_the_last_after_the_second_is_asked_for_in_its_place() -> None:
    completed = complete("Og det sidste?", ["Hvad er det andet pejlemærke?"], SPEAKERS)

    assert completed.text == "Hvad er det sidste pejlemærke?"


# --- a comparison without a matter ----------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "Hvad er forskellen?",
        "Sammenlign de to oplæg",
        "Hvad er KYSTRÅDET og Skovstyrelsen enige om?",
        "Hvad er forskellen på KYSTRÅDET og Skovstyrelsen?",
        "What do the two papers agree on?",
    ],
)
def test_a_comparison_may_name_no_matter(question: str) -> None:
    assert compares_only(question, SPEAKERS)


@pytest.mark.parametrize(
    "question",
    [
        "Er de enige om diget?",
        "Hvad er forskellen på diger og høfder?",
        "Hvad siger kysten?",
        "Hvad er kystens holdning?",
        "",
    ],
)
def test_who_names_a_matter_or_compares_nothing_is_not_taken_for_that(question: str) -> None:
    assert not compares_only(question, SPEAKERS)


def test_a_comparison_without_a_matter_is_about_the_matter_before() -> None:
    completed = complete("Hvad er forskellen?", ["Hvad siger KYSTRÅDET om diget?"], SPEAKERS)

    assert completed.text == "Hvad er forskellen? Hvad siger om diget?"
    assert completed.addition == ""


def test_who_was_compared_before_is_compared_again() -> None:
    before = "Hvad siger KYSTRÅDET og Skovstyrelsen om stier?"

    assert complete("Hvor er de enige?", [before], SPEAKERS).text == f"Hvor er de enige? {before}"


def test_whoever_names_the_parties_anew_compares_them_as_a_whole() -> None:
    question = "Hvad er KYSTRÅDET og Skovstyrelsen enige om?"

    assert understood(question, "Hvad siger KYSTRÅDET om diget?") is None


# --- the earlier question behind the new one ------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "Hvorfor?",
        "Hvordan det?",
        "Uddyb",
        "Kan du uddybe det?",
        "Hvilket dilemma er der i det?",
        "Hvad siger de om det?",
        "Er der et alternativ?",
        "Hvem har ansvaret for det?",
        "Og økonomien?",
        "I modsætning til hvad?",
        "Er de bindende?",
        "Har den ret?",
        "Hvordan kunne det foregå i praksis?",
        "Hvordan kommer man derhen?",
        "Hvad er nummer to?",
        "Hvad er det første punkt?",
        "Hvilke fire ting?",
    ],
)
def test_a_leaning_question_has_the_earlier_one_behind_it(question: str) -> None:
    completed = complete(question, ["Hvordan forberedes reformer?"], SPEAKERS)

    assert completed.text == f"{question} Hvordan forberedes reformer?"
    assert completed.understood_as == f"{question} (i forlængelse af: »Hvordan forberedes reformer?«)"


def test_what_a_leaning_question_adds_is_told() -> None:
    assert complete("Hvilket dilemma er der i det?", ["Hvordan forberedes reformer?"], SPEAKERS).addition == (
        "Hvilket dilemma er der i det?"
    )


def test_a_question_for_more_adds_nothing() -> None:
    assert complete("Kan du uddybe det?", ["Hvordan forberedes reformer?"], SPEAKERS).addition == ""


# --- questions that stand on their own ------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "Hvad indebærer den kompetente forvaltning?",
        "Hvad er det, der hører under det kulturbærende pejlemærke?",
        "Er det vigtigt at have tillid til medarbejderne?",
        "Når det gælder stier, hvad siger Skovstyrelsen om snor?",
        "Hvad handler den demokratiske samtale om?",
        "Hvordan kan man fastholde talenter i det offentlige?",
        "Hvem har ansvaret for digernes vedligeholdelse?",
        "Hvad siger de to oplæg om tillid?",
        "Tak",
        "What does the forest agency say about dogs?",
        "Is it important to prepare reforms well?",
    ],
)
def test_a_question_that_stands_on_its_own_is_left_alone(question: str) -> None:
    assert complete(question, ["Hvordan forberedes reformer?"], SPEAKERS) == Completed(question, question)


@pytest.mark.parametrize("question", ["Og skovfolket?", "Hvorfor?", "Hvad med den grønne?"])
def test_nothing_is_completed_without_a_conversation(question: str) -> None:
    assert complete(question, [], SPEAKERS) == Completed(question, question)


def test_white_space_alone_is_no_change() -> None:
    assert complete("  Hvad  er\nen klit? ", [], SPEAKERS) == Completed(
        "Hvad er en klit?", "Hvad er en klit?"
    )


# --- a long conversation --------------------------------------------------------------------------


def test_a_follow_up_to_a_follow_up_is_completed_from_what_that_meant() -> None:
    history = ["Hvad indebærer den sikre kyst?", "Og hvad med den grønne?"]

    assert understood("Og den åbne?", *history) == "Hvad indebærer den åbne kyst?"


def test_the_latest_subject_counts() -> None:
    history = ["Hvad siger KYSTRÅDET om tang?", "Hvad siger KYSTRÅDET om diger?"]

    assert understood("Og skovfolket?", *history) == "Hvad siger skovstyrelsen om diger?"


def test_a_subject_stays_through_several_follow_ups() -> None:
    history = ["Hvad siger KYSTRÅDET om tang?", "Og skovfolket?", "Og kommunerne?"]

    assert understood("Hvad med skovfolket?", *history) == "Hvad siger skovstyrelsen om tang?"


def test_a_subject_that_has_been_left_is_not_read() -> None:
    history = ["Hvad siger KYSTRÅDET om tang?", *["Hvorfor?"] * MAX_HISTORY]

    assert "tang" not in complete("Hvorfor?", history, SPEAKERS).text


# --- English --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question", ["Why?", "Is there a dilemma in it?", "Tell me more", "Can you elaborate?"]
)
def test_a_leaning_english_question_has_the_earlier_one_behind_it(question: str) -> None:
    completed = complete(question, ["How should reforms be prepared?"], SPEAKERS)

    assert completed.text == f"{question} How should reforms be prepared?"


def test_another_english_adjective_takes_the_place_of_its_like() -> None:
    assert (
        understood("And the green?", "What does the safe coast involve?")
        == "What does the green coast involve?"
    )


def test_another_english_ordinal_stays_english() -> None:
    assert understood("And the third?", "What is the first principle?") == "What is the third principle?"


def test_another_speaker_in_english_takes_the_place_of_the_first() -> None:
    completed = complete("What about the forest agency?", ["What does KYSTRÅDET say about paths?"], SPEAKERS)

    assert "KYSTRÅDET" not in completed.asked
    assert "paths" in completed.asked
    assert [m.organisation for m in SPEAKERS.mentions(completed.asked.lower().rstrip("?").split())] == [
        "Skovstyrelsen"
    ]
