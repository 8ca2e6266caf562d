"""The words around the quotes are short, natural Danish or English, and claim nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from retrieval_world import COAST, FOREST, document, passage

from assistant.answering import frames
from assistant.answering.frames import (
    FRAMES,
    is_open_question,
    kind_definite,
    says,
    sentence_case,
    side_heading,
)
from assistant.answering.rendering import plain_text
from assistant.answering.suggestions import suggest
from assistant.records import Block, Document
from assistant.text.passages import cut_document


@pytest.mark.parametrize(
    ("kind", "danish", "english"),
    [
        ("debatoplæg", "debatoplægget", "the debate paper"),
        ("Rapport", "rapporten", "the report"),
        ("vidneudsagn", "dokumentet", "the document"),
    ],
)
def test_a_kind_of_paper_is_named_in_the_definite(kind: str, danish: str, english: str) -> None:
    assert kind_definite(kind, "da") == danish
    assert kind_definite(kind, "en") == english


@pytest.mark.parametrize(
    ("heading", "shown"),
    [
        ("2. DEN KOMPETENTE FORVALTNING", "Den kompetente forvaltning"),
        ("KYSTEN › 1. DEN SIKRE KYST", "Den sikre kyst"),
        ("4 PEJLEMÆRKER", "4 pejlemærker"),
        ("Hvad gør vi i skoven?", "Hvad gør vi i skoven?"),
        ("DETTE DEBATOPLÆG....", "Dette debatoplæg"),
        ("Et par bud:", "Et par bud"),
        ("EU", "EU"),
        ("", ""),
    ],
)
def test_a_heading_is_shown_without_number_path_and_shouting(heading: str, shown: str) -> None:
    assert sentence_case(heading) == shown


def test_the_frame_says_who_where_and_under_what() -> None:
    point = [passage("Diget er højt")]

    assert says(COAST, point, "da") == "KYSTRÅDET skriver i debatoplægget:"
    assert says(COAST, point, "da", heading="1. DEN SIKRE KYST") == (
        "KYSTRÅDET skriver i debatoplægget under overskriften »Den sikre kyst«:"
    )
    assert says(COAST, point, "en", heading="1. DEN SIKRE KYST") == (
        "KYSTRÅDET writes in the debate paper, under the heading “Den sikre kyst”:"
    )


def test_a_heading_that_asks_is_told_as_a_question() -> None:
    frame = says(FOREST, [passage("Træer fældes")], "da", heading="Hvad gør vi i skoven?")

    assert "spørgsmålet »Hvad gør vi i skoven?«" in frame


def test_only_questions_are_introduced_as_an_open_question() -> None:
    asks, claims = passage("Skal ulven beskyttes?"), passage("Ulven er fredet")

    assert "åbent spørgsmål" in says(FOREST, [asks], "da")
    assert "open question" in says(FOREST, [asks], "en")
    assert "åbent spørgsmål" not in says(FOREST, [asks, claims], "da")


@pytest.mark.parametrize("text", ["Skal vi?", "(Skal vi?)", "”Skal vi?”", "Skal vi ??", "Skal vi? "])
def test_a_passage_that_ends_by_asking_is_an_open_question(text: str) -> None:
    assert is_open_question(passage(text))


@pytest.mark.parametrize("text", ["Det skal vi.", "Skal vi? Ja, det skal vi.", ""])
def test_a_passage_that_ends_by_claiming_is_none(text: str) -> None:
    assert not is_open_question(passage(text))


def test_the_part_of_a_comparison_is_headed_by_speaker_and_kind() -> None:
    assert side_heading(COAST, "da") == "KYSTRÅDET (debatoplæg)"
    assert side_heading(COAST, "en") == "KYSTRÅDET (debate paper)"


def test_every_frame_there_is_in_danish_is_there_in_english_with_the_same_gaps() -> None:
    gaps = {"word": "x", "count": 2, "who": "x", "where": "x", "words": "x"}

    assert FRAMES["da"].keys() == FRAMES["en"].keys()
    for name, frame in FRAMES["da"].items():
        for gap in gaps:
            assert (f"{{{gap}}}" in frame) == (f"{{{gap}}}" in FRAMES["en"][name])


# --- as text --------------------------------------------------------------------------------------


def test_an_answer_as_text_has_quotation_marks_markers_and_a_line_a_block() -> None:
    blocks = (Block("frame", "KYSTRÅDET skriver:"), Block("quote", "Diget er højt", 1, 0))

    assert plain_text(blocks) == "KYSTRÅDET skriver:\n»Diget er højt« [1]"


def test_a_numbered_item_keeps_its_number_and_another_gets_a_dash() -> None:
    blocks = (Block("frame", "To:", 1, 0), Block("item", "1. Diget", 0, 0), Block("item", "Havnen", 0, 1))

    assert plain_text(blocks) == "To: [1]\n1. Diget\n– Havnen"


def test_a_heading_stands_apart_from_what_is_before_it() -> None:
    blocks = (Block("heading", "A"), Block("frame", "x"), Block("heading", "B"), Block("frame", "y"))

    assert plain_text(blocks) == "A\nx\n\nB\ny"


# --- suggestions ----------------------------------------------------------------------------------


def suggested(*documents: Document) -> list[str]:
    return suggest(documents, [p for d in documents for p in cut_document(d)])


def test_headings_become_questions_and_the_documents_take_turns() -> None:
    assert suggested(COAST, FOREST) == [
        "Hvad indebærer den sikre kyst?",
        "Hvad gør vi i skoven?",
        "Hvad indebærer den grønne kyst?",
        "Hvad skriver skovstyrelsen om »Åbne spørgsmål om skoven«?",
    ]


def test_a_heading_over_one_passage_is_not_suggested() -> None:
    assert suggested(document("x", ("Om havnen og kajen\n\n• Kun dette ene punkt\n",))) == []


@pytest.mark.parametrize(
    "heading", ["Kort?", "Kysten <b>nu</b> og her", "Kysten og [havnen](x)", "Dette oplæg...."]
)
def test_a_heading_that_makes_no_good_question_is_not_suggested(heading: str) -> None:
    page = f"{heading}\n\n• Diget skal være højt\n\n• Havnen er åben\n"

    assert suggested(document("x", (page,))) == []


def test_there_are_no_more_suggestions_than_wanted() -> None:
    assert suggest((COAST, FOREST), [p for d in (COAST, FOREST) for p in cut_document(d)], at_most=1) == [
        "Hvad indebærer den sikre kyst?"
    ]


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("Hej!", "Hej."),
        ("goddag", "Hej."),
        ("Mange tak for hjælpen.", "Selv tak."),
        ("ok tak", "Selv tak."),
        ("Thank you very much", "You are welcome."),
        ("hello there", "Hello."),
        ("Hvem er du?", "Et program, der finder"),
        ("Hvad kan du hjælpe med?", "Et program, der finder"),
    ],
)
def test_a_greeting_and_thanks_are_answered_as_such(said: str, answered: str) -> None:
    assert frames.courtesy(said).startswith(answered)


@pytest.mark.parametrize(
    "asked",
    [
        "Hej, hvad siger staten?",
        "Tak for alt, Hvor er diget?",
        "takst",
        "hvad er ok?",
        "Hvem er du enig med?",
    ],
)
def test_whoever_asks_something_is_not_greeted_only(asked: str) -> None:
    assert not frames.courtesy(asked)


def test_a_page_is_introduced_by_its_name_and_who_wrote_it() -> None:
    assert frames.part_heading(COAST, 2, "da") == "På slide 2 i debatoplægget skriver KYSTRÅDET:"
    assert frames.part_heading(COAST, 2, "en") == "On slide 2 of the debate paper, KYSTRÅDET writes:"
    assert (
        frames.part_heading(FOREST, 0, "da") == "Skovstyrelsen har delt oplægget op under disse overskrifter:"
    )


def test_a_page_that_is_not_there_is_told_with_how_many_there_are() -> None:
    assert (
        frames.no_part(COAST, 9, "da", there=False)
        == "Slide 9 findes ikke: debatoplægget fra KYSTRÅDET har 2 slides."
    )
    assert (
        frames.no_part(replace(FOREST, pages=FOREST.pages[:1]), 9, "da", there=False)
        == "Side 9 findes ikke: oplægget fra Skovstyrelsen har kun én side."
    )
    assert (
        frames.no_part(COAST, 2, "da", there=True) == "Slide 2 i debatoplægget fra KYSTRÅDET er uden tekst."
    )
    assert frames.no_part(FOREST, 9, "en", there=False).startswith("There is no page 9: the presentation")
