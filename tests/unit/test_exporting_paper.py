"""What an export says, whatever the format."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from assistant.citing import named_in, to_keep
from assistant.exporting.paper import (
    UNVERIFIED,
    Paper,
    basket_paper,
    conversation_paper,
    danish_date,
    file_name,
)
from assistant.records import Block
from assistant.storage.base import BasketItem
from tests.support.collected import (
    BEACH,
    COAST,
    DIKE,
    QUOTED,
    STAMP,
    WRITTEN,
    WRITTEN_BY_MODEL,
    answer,
    collected,
    item,
    lookup,
)

PLACE = "Kystrådet, Kystens fremtid, s. 1."


def paper(*items: BasketItem) -> Paper:
    return basket_paper(items, "Mit oplæg", lookup, WRITTEN, STAMP)


def told(made: Paper) -> list[tuple[str, str]]:
    return [(piece.kind, " ".join(run.text for run in piece.runs)) for piece in made.pieces]


def test_things_stand_in_the_users_order_under_their_headings() -> None:
    made = paper(
        item("note", "Først dette.", heading="Formål"), collected(QUOTED), item("note", "Til sidst.")
    )

    assert told(made) == [
        ("heading", "Formål"),
        ("note", "Først dette."),
        ("heading", "Hvor højt er diget?"),
        ("frame", "Kystrådet skriver i debatoplægget:"),
        ("quote", "»Diget er tre meter højt«"),
        ("note", "Til sidst."),
    ]


def test_a_quotes_note_names_document_and_page() -> None:
    made = paper(item("quote", DIKE.quote, citations=(DIKE,)))

    assert made.pieces[0].runs[0].notes == (1,)
    assert made.notes == (PLACE,)
    assert made.sources == ("Kystrådet, Kystens fremtid (debatoplæg).",)


def test_notes_are_numbered_through_the_paper() -> None:
    made = paper(collected(QUOTED), item("quote", BEACH.quote, citations=(BEACH,)))

    assert [run.notes for piece in made.pieces for run in piece.runs if run.notes] == [(1,), (2,)]
    assert len(made.notes) == 2


def test_sentences_of_a_model_run_on_and_the_unverified_one_says_so() -> None:
    made = paper(collected(WRITTEN_BY_MODEL))

    first, second = made.pieces[1:]
    assert [run.text for run in first.runs] == ["Diget er tre meter.", "Det koster 17 kroner."]
    assert first.runs[0].mark == ""
    assert first.runs[1].mark == f"{UNVERIFIED}; 17 står ikke i kilden"
    assert [run.text for run in second.runs] == ["Stranden renses."]
    assert any("lille-model" in line and "Ikke verificeret" in line for line in made.made)


def test_a_sentence_with_two_sources_on_one_page_names_the_page_once() -> None:
    made = paper(collected(WRITTEN_BY_MODEL))

    assert made.notes[1] == PLACE


def test_a_quote_that_could_not_be_found_again_is_marked() -> None:
    made = paper(item("quote", "Diget er grønt", citations=(replace(DIKE, verified=False),)))

    assert made.pieces[0].runs[0].mark == UNVERIFIED


def test_the_note_of_a_list_stands_behind_the_line_above_it() -> None:
    listed = answer(
        "Hvad gælder?",
        [
            Block("frame", "Kystrådet skriver:", 1, 0),
            Block("item", DIKE.quote, 0, 0),
            Block("item", "2. Stranden", 0, 1),
        ],
    )
    made = paper(collected(listed))

    assert [(piece.kind, piece.runs[0].notes) for piece in made.pieces[1:]] == [
        ("frame", (1,)),
        ("bullet", ()),
        ("numbered", ()),
    ]


def test_a_heading_inside_an_answer_stands_below_its_question() -> None:
    compared = answer("Hvad siger de?", [Block("heading", "Staten, slide 3:")])
    made = paper(collected(compared))

    assert [(piece.level, piece.runs[0].text) for piece in made.pieces] == [
        (1, "Hvad siger de?"),
        (2, "Staten, slide 3"),
    ]


GONE = replace(DIKE, passage=replace(DIKE.passage, document_id="væk"))


def test_a_document_that_is_gone_is_named_as_it_was_kept_with_the_quote() -> None:
    kept = to_keep([GONE.passage], lambda _: replace(COAST, id="væk"))
    made = paper(item("quote", DIKE.quote, citations=(GONE,), sources=kept))

    assert made.notes == ("Kystrådet, Kystens fremtid, s. 1 (dokumentet er fjernet).",)
    assert made.sources == ("Kystrådet, Kystens fremtid (debatoplæg). Dokumentet er fjernet.",)


def test_a_document_that_is_gone_is_named_as_it_was_kept_with_the_answer() -> None:
    old = replace(QUOTED, citations=(GONE, BEACH))
    old = replace(old, sources=named_in(old, lambda _: replace(COAST, id="væk")))

    for made in (paper(collected(old)), conversation_paper([old], "Samtale", lookup, WRITTEN)):
        assert made.notes == ("Kystrådet, Kystens fremtid, s. 1 (dokumentet er fjernet).",)


def test_a_document_that_is_gone_and_was_never_kept_is_said_to_be_gone() -> None:
    made = paper(item("quote", DIKE.quote, citations=(GONE,)))

    assert made.notes == ("»væk«, side 1 (dokumentet er fjernet, og titlen kendes ikke).",)
    assert made.sources == ("»væk« (dokumentet er fjernet, og titlen kendes ikke).",)


def test_what_it_was_made_from_is_stamped_once_each() -> None:
    made = paper(collected(QUOTED), collected(QUOTED), collected(WRITTEN_BY_MODEL))

    assert made.made[0] == "Skrevet ud den 21. november 2026 kl. 23.05."
    stamps = [line for line in made.made if line.startswith("Dokumentassistent")]
    assert stamps == [
        "Dokumentassistent 0.1.0, indeks indeks-1, model model-1, indstillinger indstil-1.",
        "Dokumentassistent 0.1.0, indeks indeks-1, model lille-model, indstillinger indstil-1.",
    ]


def test_an_oplaeg_without_answers_is_stamped_with_the_assistant_as_it_is() -> None:
    assert any("indeks-1" in line for line in paper(item("note", "Kun en note.")).made)


def test_paragraphs_of_a_note_stay_apart() -> None:
    assert told(paper(item("note", "Et.\nTo.\n\n \n\nTre.\n"))) == [("note", "Et.\nTo."), ("note", "Tre.")]


def test_a_conversation_has_each_question_as_a_heading_and_says_how_it_was_understood() -> None:
    follow_up = replace(QUOTED, query=replace(QUOTED.query, understood_as="Hvor højt er diget ved kysten?"))
    made = conversation_paper([QUOTED, follow_up], "Samtale", lookup, WRITTEN)

    assert [text for kind, text in told(made) if kind == "heading"] == ["Hvor højt er diget?"] * 2
    assert ("remark", "Forstået som: Hvor højt er diget ved kysten?") in told(made)


def test_dates_and_file_names_are_danish() -> None:
    assert danish_date(datetime(2027, 5, 3)) == "3. maj 2027"
    assert file_name("Mit oplæg", WRITTEN, "docx") == "Mit oplæg 2026-11-21.docx"


@pytest.mark.parametrize("title", ["../../etc/passwd", 'a/b\\c:d*e?f"g<h>i|j', "...", "\n", "x" * 500])
def test_a_file_name_holds_nothing_that_a_file_system_refuses(title: str) -> None:
    name = file_name(title, WRITTEN, "md")

    assert not set(name) & set('/\\:*?"<>|\n')
    assert not name.startswith(".")
    assert len(name) < 100
    assert name.endswith(" 2026-11-21.md")


def test_the_lookup_is_of_the_document_cited() -> None:
    assert lookup(COAST.id) is COAST
