"""Signals of different kinds become comparable, and a passage is seen beside its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from retrieval_world import passage

from assistant.indexes.base import SIGNALS, Candidates
from assistant.records import Passage
from assistant.retrieval.fusion import ALONE, FEATURES, Earlier, features, fuse
from assistant.retrieval.standing import bare, is_fragment


def candidates(
    passages: Sequence[Passage], *, mean: float = 0.0, std: float = 1.0, **signals: Sequence[float]
) -> Candidates:
    """Candidates with the named signals, 0 for the others."""
    raw = np.zeros((len(passages), len(SIGNALS)), dtype=np.float32)
    for name, values in signals.items():
        raw[:, SIGNALS.index(name)] = values
    whole = np.ones(len(SIGNALS), dtype=np.float32)
    return Candidates(tuple(passages), raw, mean * whole, std * whole)


def column(
    name: str, found: Candidates, sides: Sequence[str] = (), question: str = "Hvad er det?"
) -> list[float]:
    return [round(float(v), 4) for v in features(found, sides, question)[:, FEATURES.index(name)]]


A, B, C = (
    passage("a", section="x", order=0),
    passage("b", section="x", order=1),
    passage("c", section="y", order=2),
)


def test_there_is_a_row_a_passage_and_a_column_a_feature() -> None:
    matrix = features(candidates([A, B, C]), (), "Hvad?")

    assert matrix.shape == (3, len(FEATURES))
    assert matrix.dtype == np.float32


def test_no_candidates_have_no_rows() -> None:
    assert features(candidates([]), (), "Hvad?").shape == (0, len(FEATURES))


def test_a_signal_is_counted_in_deviations_from_what_is_usual() -> None:
    found = candidates([A, B, C], mean=2.0, std=0.5, dense=[2.0, 3.0, 1.0])

    assert column("dense", found) == [0.0, 2.0, -2.0]


def test_a_signal_that_is_the_same_everywhere_says_nothing() -> None:
    found = candidates([A, B], mean=0.0, std=0.0, dense=[0.0, 0.0])

    assert column("dense", found) == [0.0, 0.0]


def test_a_passage_shares_in_the_match_of_its_section() -> None:
    found = candidates([A, B, C], dense=[1.0, 3.0, 5.0], terms=[4.0, 0.0, 1.0])

    assert column("section_dense", found) == [2.0, 2.0, 5.0]
    assert column("section_words", found) == [2.0, 2.0, 1.0]


def test_a_named_speaker_marks_own_passages_and_those_of_others() -> None:
    found = candidates([A, passage("d", document_id="skov")])

    assert column("speaker", found, ["kyst"]) == [1.0, 0.0]
    assert column("other_speaker", found, ["kyst"]) == [0.0, 1.0]


def test_without_a_named_speaker_nobody_is_marked() -> None:
    found = candidates([A, passage("d", document_id="skov")])

    assert column("speaker", found) == column("other_speaker", found) == [0.0, 0.0]


def test_a_passage_that_goes_on_and_the_one_before_it_know_of_each_other() -> None:
    on = passage("Kun herved", follows=True, order=3)
    found = candidates([C, on], dense=[4.0, 2.0], synonyms=[2.0, 0.0])

    assert column("parent", found) == [0.0, 3.0]
    assert column("child", found) == [1.0, 0.0]


def test_passages_that_do_not_go_together_do_not_share() -> None:
    found = candidates([A, B], dense=[4.0, 2.0])

    assert column("parent", found) == column("child", found) == [0.0, 0.0]


def test_going_on_does_not_cross_documents() -> None:
    found = candidates([C, passage("d", document_id="skov", follows=True, order=3)], dense=[4.0, 2.0])

    assert column("parent", found) == [0.0, 0.0]


@pytest.mark.parametrize("question", ["Hvorfor det?", "Hvad er årsagen?", "Why is that?"])
def test_a_question_for_a_reason_looks_below_what_it_names(question: str) -> None:
    found = candidates([C, passage("fordi", follows=True, order=3)], dense=[4.0, 0.0])

    assert column("why_parent", found, question=question) == [0.0, 2.0]
    assert column("why_parent", found, question="Hvad er det?") == [0.0, 0.0]


def test_a_title_page_is_marked() -> None:
    found = candidates([passage("Titel", page=1, mark="paragraph"), passage("Punkt", page=1), A])

    assert column("title", found) == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("text", ["Et par bud:", "Men vi kan gøre mere for fundamentet:"])
def test_a_line_that_introduces_says_nothing_by_itself(text: str) -> None:
    assert is_fragment(passage(text, mark="paragraph"))


def test_a_word_or_two_of_running_text_says_nothing() -> None:
    assert is_fragment(passage("Side tre", mark="paragraph"))
    assert not is_fragment(passage("Kysten er vores", mark="paragraph"))


def test_a_short_bullet_says_something() -> None:
    assert not is_fragment(passage("Tillid"))


def test_a_line_that_is_a_heading_elsewhere_says_nothing() -> None:
    headings = {bare("4 PEJLEMÆRKER › 2. DEN KOMPETENTE FORVALTNING")}
    line = passage("Den kompetente forvaltning", mark="paragraph", heading="Oversigt")

    assert is_fragment(line, headings)
    assert not is_fragment(line, {bare("3. DEN ANDEN")})


def test_a_heading_is_compared_without_number_case_and_path() -> None:
    assert bare("KYSTEN › 2. DEN GRØNNE Kyst") == "den grønne kyst"
    assert bare("2") == "2"


def test_the_score_is_the_weighted_sum() -> None:
    matrix = np.asarray([[1.0, 2.0], [0.0, -1.0]], dtype=np.float32)

    assert fuse(matrix, np.asarray([3.0, 0.5], dtype=np.float32)).tolist() == [4.0, -0.5]


def test_the_point_with_the_number_that_is_asked_for_is_marked() -> None:
    second = passage("2. Den kompetente forvaltning", mark="numbered")
    twelfth = passage("12. Den tolvte", mark="numbered", order=1)
    found = candidates([second, twelfth, A])

    assert column("numbered", found, question="Hvad hedder det andet pejlemærke?") == [1.0, 0.0, 0.0]
    assert column("numbered", found, question="Hvad omfatter pejlemærke 2?") == [1.0, 0.0, 0.0]
    assert column("numbered", found, question="Hvad er de 2 pejlemærker?") == [0.0, 0.0, 0.0]


def test_what_answered_before_is_known_to_a_question_that_goes_on() -> None:
    found = candidates([A, B, C])
    told = around(found, Earlier({A.id: 0.75, C.id: 0.25}, goes_on=True))

    assert told["earlier"] == [0.75, 0.0, 0.25]
    assert told["after_earlier"] == [0.0, 0.75, 0.0]
    assert told["beside_earlier"] == [0.0, 0.75, 0.0]
    assert told["again_earlier"] == [0.0, 0.0, 0.0]


def test_to_a_question_on_its_own_what_answered_before_is_told_apart() -> None:
    found = candidates([A, B, C])
    told = around(found, Earlier({A.id: 0.75, C.id: 0.25}))

    assert told["earlier"] == [0.0, 0.0, 0.0]
    assert told["again_earlier"] == [0.75, 0.0, 0.25]
    assert told["again_after_earlier"] == [0.0, 0.75, 0.0]
    assert told["again_beside_earlier"] == [0.0, 0.75, 0.0]


def test_the_document_that_answered_before_is_known_whatever_is_asked() -> None:
    elsewhere = replace(passage("d", order=3), document_id="skov")
    found = candidates([A, elsewhere])

    for goes_on in (True, False):
        told = around(found, Earlier({A.id: 0.75, elsewhere.id: 0.25}, goes_on=goes_on))
        assert told["document_earlier"] == [0.75, 0.25]


def around(found: Candidates, earlier: Earlier) -> dict[str, list[float]]:
    matrix = features(found, (), "Hvorfor det?", earlier=earlier)
    return {
        name: [round(float(v), 2) for v in matrix[:, column]]
        for column, name in enumerate(FEATURES)
        if name.endswith("earlier")
    }


def test_a_first_question_knows_of_nothing_before_it() -> None:
    found = candidates([A, B, C])

    assert set(map(tuple, around(found, ALONE).values())) == {(0.0, 0.0, 0.0)}
