"""A section is chosen where the question asks for the whole of it, by its heading and what is below."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from retrieval_world import passage

from assistant.records import Passage
from assistant.retrieval.known import KNOWN_FEATURES
from assistant.retrieval.sections import (
    SECTION_FEATURES,
    Section,
    as_digit,
    choose_section,
    heading_stems,
    section_features,
    sections_of,
)
from assistant.text.danish import stem, words

GREEN_TEXTS = ("Klitten skal vokse frit", "Tangen skal ligge urørt")
GREEN = tuple(
    passage(text, section="grøn", heading="2. DEN GRØNNE KYST", order=i)
    for i, text in enumerate(("Klit", "Tang"))
)
SAFE = tuple(
    passage(text, section="sikker", heading="KYSTEN › 1. DEN SIKRE KYST", document_id="skov", order=2 + i)
    for i, text in enumerate(("Dige", "Havn"))
)
BOTH = (*GREEN, *SAFE)


def feature(
    name: str,
    question: str = "",
    *,
    focus: str = "",
    passages: Sequence[Passage] = BOTH,
    scores: Sequence[float] | None = None,
    heading_dense: Sequence[float] | None = None,
    sides: Sequence[str] = (),
) -> list[float]:
    """One column of the features of the sections of ``passages``."""
    asked = words(focus)
    zeros = np.zeros(len(passages), dtype=np.float32)
    matrix = section_features(
        question,
        [stem(word) for word in asked],
        [frozenset({stem(word), as_digit(word)}) for word in asked],
        sections_of(passages),
        passages,
        zeros if scores is None else np.asarray(scores, dtype=np.float32),
        zeros if heading_dense is None else np.asarray(heading_dense, dtype=np.float32),
        sides,
    )
    return [round(float(v), 4) for v in matrix[:, SECTION_FEATURES.index(name)]]


# --- sections -------------------------------------------------------------------------------------


def test_passages_of_one_section_belong_together_wherever_they_stand() -> None:
    assert sections_of((GREEN[0], SAFE[0], GREEN[1], SAFE[1])) == [
        Section("grøn", (0, 2), (0, 2)),
        Section("sikker", (1, 3), (1, 3)),
    ]


def test_sections_and_what_is_in_them_come_in_the_order_asked_for() -> None:
    assert sections_of(BOTH, order=[3, 0, 2, 1]) == [
        Section("sikker", (3, 2), (3, 2)),
        Section("grøn", (0, 1), (0, 1)),
    ]


def test_sections_are_made_of_the_rows_looked_at_alone() -> None:
    assert sections_of(BOTH, order=[0, 2, 3]) == [Section("sikker", (2, 3), (2, 3))]


def test_a_line_that_introduces_is_in_its_section_but_tells_nothing() -> None:
    held = [passage(text, section="x", heading="KYSTEN") for text in ("Et par bud:", *GREEN_TEXTS)]
    assert sections_of(held) == [Section("x", (0, 1, 2), (1, 2))]
    assert sections_of(held, silent=np.asarray([False, True, False])) == [Section("x", (0, 1, 2), (0, 2))]


def test_one_passage_is_no_section() -> None:
    assert sections_of((GREEN[0], *SAFE)) == [Section("sikker", (1, 2), (1, 2))]


def test_a_line_that_introduces_does_not_make_a_section_of_one() -> None:
    assert sections_of((passage("Et par bud:", section="x"), passage("Det første", section="x"))) == []


# --- features -------------------------------------------------------------------------------------


def test_what_was_asked_of_a_sections_points_speaks_for_the_section() -> None:
    known = np.zeros((len(BOTH), len(KNOWN_FEATURES)), dtype=np.float32)
    rows = sections_of(BOTH)[0].rows
    known[rows[0], KNOWN_FEATURES.index("known_words")] = 3.0
    known[:, KNOWN_FEATURES.index("known_whitened")] = 0.5
    zeros = np.zeros(len(BOTH), np.float32)
    matrix = section_features("", [], [], sections_of(BOTH), BOTH, zeros, zeros, (), known)

    def of(name: str) -> list[float]:
        return [round(float(v), 4) for v in matrix[:, SECTION_FEATURES.index(name)]]

    assert of("known_words_inside") == [1.5, 0.0]
    assert of("known_words_whole") == [1.5, 0.0]
    assert of("known_whitened_whole") == [0.5, 0.5]


def test_there_is_a_row_a_section_and_a_column_a_feature() -> None:
    matrix = section_features(
        "", [], [], sections_of(BOTH), BOTH, np.zeros(4, np.float32), np.zeros(4, np.float32), ()
    )

    assert matrix.shape == (2, len(SECTION_FEATURES))


def test_no_sections_have_no_rows() -> None:
    none = np.zeros(0, np.float32)

    assert section_features("", [], [], [], [], none, none, ()).shape == (0, len(SECTION_FEATURES))


def test_the_share_of_the_question_in_the_heading() -> None:
    assert feature("focus_in_heading", focus="grønne kyst") == [1.0, 0.5]
    assert feature("focus_in_heading", focus="grønne klitter") == [0.5, 0.0]
    assert feature("all_in_heading", focus="grønne kyst") == [1.0, 0.0]


def test_headings_above_the_innermost_count_apart() -> None:
    assert feature("focus_in_headings", focus="kysten sikre") == [0.5, 1.0]
    assert feature("focus_in_heading", focus="kysten") == [1.0, 1.0]
    above = [passage(t, section="s", heading="Havnen › Kajen", order=i) for i, t in enumerate(("En", "To"))]
    assert feature("focus_in_headings", focus="havnen", passages=above) == [1.0]
    assert feature("focus_in_heading", focus="havnen", passages=above) == [0.0]


def test_the_share_of_the_heading_in_the_question_without_its_number() -> None:
    assert feature("heading_in_focus", focus="grønne") == [0.5, 0.0]
    assert feature("heading_in_focus", focus="grønne kyst") == [1.0, 0.5]


def test_a_counted_heading_is_met_by_its_number_as_a_word() -> None:
    four = [passage(t, section="s", heading="4 PEJLEMÆRKER", order=i) for i, t in enumerate(("En", "To"))]

    assert feature("heading_in_focus", focus="fire pejlemærker", passages=four) == [1.0]
    assert feature("all_in_heading", focus="fire pejlemærker", passages=four) == [1.0]
    assert feature("heading_in_focus", focus="pejlemærker", passages=four) == [0.5]


def test_a_question_about_nothing_overlaps_with_no_heading() -> None:
    assert (
        feature("focus_in_heading") == feature("heading_in_focus") == feature("all_in_heading") == [0.0, 0.0]
    )


@pytest.mark.parametrize(
    "question", ["Hvad er det andet punkt?", "Hvad er punkt nummer 2?", "What is the second principle?"]
)
def test_an_ordinal_points_at_the_heading_with_that_number(question: str) -> None:
    assert feature("ordinal", question, passages=GREEN) == [1.0]
    assert feature("ordinal", "Hvad er det første punkt?", passages=GREEN) == [0.0]


def test_without_an_ordinal_no_number_matters() -> None:
    assert feature("ordinal", "Hvad er de to punkter?") == [0.0, 0.0]


@pytest.mark.parametrize("question", ["Hvilke punkter er der?", "Nævn dem alle", "What are the four?"])
def test_a_question_for_a_list_is_told(question: str) -> None:
    assert feature("list_cue", question) == [1.0, 1.0]
    assert feature("list_cue", "Hvor høj er kysten?") == [0.0, 0.0]


@pytest.mark.parametrize(
    "question", ["Hvad indebærer den grønne kyst?", "Giv et overblik", "What does it involve?"]
)
def test_a_question_for_a_section_is_told(question: str) -> None:
    assert feature("section_cue", question) == [1.0, 1.0]
    assert feature("section_cue", "Hvor høj er kysten?") == [0.0, 0.0]


def test_a_cue_counts_as_much_as_the_heading_is_asked_for() -> None:
    assert feature("cue_and_focus", "Hvad indebærer den?", focus="grønne kyst") == [1.0, 0.5]


def test_a_section_is_as_good_as_its_passages_beside_the_best_one() -> None:
    assert feature("mean_below_best", scores=[4.0, 2.0, 1.0, 0.0]) == [-1.0, -3.5]
    assert feature("holds_best", scores=[4.0, 2.0, 1.0, 0.0]) == [1.0, 0.0]


def test_the_match_of_a_heading_is_told() -> None:
    assert feature("heading_dense", heading_dense=[2.0, 2.0, -1.0, -1.0]) == [2.0, -1.0]


def test_the_section_of_a_named_speaker_is_told() -> None:
    assert feature("speaker", sides=["skov"]) == [0.0, 1.0]
    assert feature("speaker") == [0.0, 0.0]


@pytest.mark.parametrize(
    ("word", "digit"), [("fire", "4"), ("tredje", "3"), ("en", "en"), ("to", "to"), ("kyst", "kyst")]
)
def test_a_number_word_becomes_a_digit_where_it_can_be_nothing_else(word: str, digit: str) -> None:
    assert as_digit(word) == digit


def test_a_heading_is_known_by_its_words_of_meaning() -> None:
    assert heading_stems("Hvad gør vi i skoven?") >= {stem("skoven")}
    assert "i" not in heading_stems("Hvad gør vi i skoven?")


@pytest.mark.parametrize("heading", ["4 PEJLEMÆRKER", "FIRE PEJLEMÆRKER"])
def test_a_number_in_a_heading_is_a_digit_however_it_is_written(heading: str) -> None:
    assert heading_stems(heading) == {"4", stem("pejlemærker")}


# --- choosing -------------------------------------------------------------------------------------


def test_the_chance_of_a_section_is_its_odds_among_all_and_none() -> None:
    row, chance = choose_section(np.asarray([[1.0], [2.0]], np.float32), np.asarray([0.5], np.float32))

    assert row == 1
    assert chance == pytest.approx(math.e / (math.sqrt(math.e) + math.e + 1.0))


def test_one_section_without_evidence_is_as_likely_as_none() -> None:
    assert choose_section(np.zeros((1, 2), np.float32), np.ones(2, np.float32)) == (0, 0.5)


def test_two_equal_sections_share_their_chance() -> None:
    assert choose_section(np.zeros((2, 1), np.float32), np.ones(1, np.float32))[1] == pytest.approx(1 / 3)


@pytest.mark.parametrize(("utility", "chance"), [(1000.0, 1.0), (-1000.0, 0.0)])
def test_extreme_evidence_neither_overflows_nor_warns(utility: float, chance: float) -> None:
    assert choose_section(np.full((1, 1), utility, np.float32), np.ones(1, np.float32)) == (
        0,
        pytest.approx(chance),
    )


def test_no_section_is_chosen_where_there_is_none() -> None:
    assert choose_section(np.zeros((0, 3), np.float32), np.ones(3, np.float32)) == (-1, 0.0)
