"""How well a passage supports an answer is told by what it has, not by what else was found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from retrieval_world import passage

from assistant.retrieval.support import SUPPORT_FEATURES, Focus, probabilities, support_features
from assistant.text.danish import stem, stems

NEUTRAL = "Diget er højt"


def about(*asked: str, missing: Sequence[str] = (), weights: Sequence[float] | None = None) -> Focus:
    """A question about the words ``asked``, of which the documents do not have ``missing``."""
    own = tuple(stem(word) for word in asked)
    here = tuple(word not in missing for word in asked)
    related = tuple(frozenset({s}) for s in own)
    return Focus(own, related, tuple(weights or [1.0] * len(own)), here, here, related)


def feature(
    name: str,
    text: str = NEUTRAL,
    *,
    question: str = "Hvad er det?",
    focus: Focus | None = None,
    heading: str = "",
    cosine: float = 0.0,
    mean: float = 0.0,
    fused: float = 0.0,
    language: str = "da",
    in_sides: bool = True,
) -> float:
    """One feature of one passage."""
    matrix = support_features(
        question,
        language,
        focus or about(),
        [passage(text)],
        [frozenset(stems(text))],
        [frozenset(stems(heading))],
        np.asarray([cosine], dtype=np.float32),
        mean,
        np.asarray([fused], dtype=np.float32),
        [in_sides],
    )
    assert matrix.shape == (1, len(SUPPORT_FEATURES))
    return round(float(matrix[0, SUPPORT_FEATURES.index(name)]), 4)


def test_without_passages_there_is_nothing_to_judge() -> None:
    none = np.zeros(0, dtype=np.float32)

    assert support_features("?", "da", about(), [], [], [], none, 0.0, none, []).shape == (
        0,
        len(SUPPORT_FEATURES),
    )


def test_one_passage_is_judged_the_same_beside_others() -> None:
    texts = ["Diget er højt", "Havnen er åben"]
    focus = about("diget", "åben")
    together = support_features(
        "Er diget højt?",
        "da",
        focus,
        [passage(t) for t in texts],
        [frozenset(stems(t)) for t in texts],
        [frozenset(), frozenset()],
        np.asarray([0.8, 0.9], dtype=np.float32),
        0.7,
        np.asarray([3.0, 9.0], dtype=np.float32),
        [True, True],
    )
    alone = [
        feature(name, question="Er diget højt?", focus=focus, cosine=0.8, mean=0.7, fused=3.0)
        for name in SUPPORT_FEATURES
    ]

    assert together[0].tolist() == pytest.approx(alone, abs=1e-4)


def test_likeness_is_told_absolutely_and_against_the_index() -> None:
    assert feature("cosine", cosine=0.85) == 0.5
    assert feature("cosine_above_mean", cosine=0.85, mean=0.8) == 0.5
    assert feature("mean_cosine", mean=0.9) == 1.0


def test_the_share_of_the_question_that_a_passage_has() -> None:
    focus = about("diget", "stranden", weights=[3.0, 1.0])

    assert feature("covered_exactly", "Diget er højt", focus=focus) == 0.75
    assert feature("covered_exactly", "Stranden er ren", focus=focus) == 0.25


def test_a_word_that_means_the_same_counts_as_covered_but_not_exactly() -> None:
    focus = Focus(
        ("dæmning",),
        (frozenset({"dæmning", stem("diget")}),),
        (1.0,),
        (True,),
        (False,),
        (frozenset({"dæmning", stem("diget")}),),
    )

    assert feature("covered", focus=focus) == 1.0
    assert feature("covered_exactly", focus=focus) == 0.0


def test_what_stands_above_a_passage_counts_apart() -> None:
    focus = about("kysten", "diget")

    assert feature("covered", focus=focus, heading="KYSTEN") == 0.5
    assert feature("covered_with_heading", focus=focus, heading="KYSTEN") == 1.0


def test_a_word_that_the_documents_do_not_have_is_unknown() -> None:
    assert (
        feature("unknown", focus=about("diget", "raketter", missing=["raketter"], weights=[1.0, 3.0])) == 0.75
    )


def test_a_question_about_nothing_covers_nothing() -> None:
    assert feature("covered") == feature("unknown") == feature("asked_for_missing") == 0.0


def test_a_name_that_the_documents_do_not_have_is_told() -> None:
    focus = about("danske", "regioner", missing=["danske", "regioner"])

    assert feature("unknown_name", question="Hvad mener Danske Regioner?", focus=focus) == 1.0
    assert feature("unknown_name", question="Hvad mener danske regioner?", focus=focus) == 0.0


def test_the_first_word_of_a_question_is_no_name() -> None:
    assert (
        feature(
            "unknown_name", question="Raketter på stranden?", focus=about("raketter", missing=["raketter"])
        )
        == 0.0
    )


def test_the_first_thing_asked_for_may_be_missing() -> None:
    focus = about("dato", "diget")

    assert feature("asked_for_missing", focus=focus) == 1.0
    assert feature("asked_for_missing", focus=focus, heading="Dato") == 0.0


@pytest.mark.parametrize(
    ("name", "question", "answering", "other"),
    [
        ("who_missing", "Hvem bygger diget?", "Kommunen bygger diget", "Diget er højt"),
        ("when_missing", "Hvornår bygges diget?", "Diget bygges i 2027", "Diget er højt"),
        ("number_missing", "Hvor mange diger er der?", "Der er tre diger", "Diget er højt"),
        ("number_missing", "How many dikes are there?", "Der er 12 diger", "Diget er højt"),
        ("where_missing", "Hvor ligger diget?", "Diget ligger ved Ribe", "Diget er højt"),
        ("attribute_missing", "Hvad er budgettet?", "Budgettet er stort", "Diget er højt"),
    ],
)
def test_a_passage_without_what_was_asked_for_is_told(
    name: str, question: str, answering: str, other: str
) -> None:
    assert feature(name, answering, question=question) == 0.0
    assert feature(name, other, question=question) == 1.0
    assert feature(name, other, question="Er diget højt?") == 0.0


def test_somebody_the_question_names_itself_does_not_answer_who() -> None:
    asked = about("medarbejderne")

    assert (
        feature("who_missing", "Medarbejderne er glade", question="Hvem er medarbejderne?", focus=asked)
        == 1.0
    )


@pytest.mark.parametrize("question", ["Skriv et digt om foråret.", "Oversæt det til tysk", "Hvad er 7 * 6?"])
def test_a_task_is_no_question_about_documents(question: str) -> None:
    assert feature("task", question=question) == 1.0
    assert feature("task", question="Hvad skriver de om kysten?") == 0.0


def test_the_language_the_length_and_the_speaker_are_told() -> None:
    assert (feature("english", language="en"), feature("english")) == (1.0, 0.0)
    assert (feature("few_words", focus=about("diget")), feature("few_words", focus=about("a", "b", "c"))) == (
        1.0,
        0.0,
    )
    assert (feature("speaker_absent", in_sides=False), feature("speaker_absent")) == (1.0, 0.0)


def test_support_is_the_logistic_of_the_weighted_sum() -> None:
    matrix = np.asarray([[0.0, 0.0], [1.0, 2.0]], dtype=np.float32)
    weights = np.asarray([1.0, -1.0], dtype=np.float32)

    assert probabilities(matrix, weights).tolist() == pytest.approx([0.5, 1 / (1 + np.e)])


def test_a_match_by_a_part_of_a_compound_is_told_from_one_of_the_word() -> None:
    part = stem("reform")
    focus = Focus(
        ("kvalitetsreform",),
        (frozenset({"kvalitetsreform", part}),),
        (1.0,),
        (True,),
        (False,),
        (frozenset({"kvalitetsreform"}),),
    )

    assert feature("by_part", "En reform af sektoren", focus=focus) == 1.0
    assert feature("by_part", "En kvalitetsreform", focus=about("kvalitetsreform")) == 0.0


@pytest.mark.parametrize(
    ("question", "text", "missing"),
    [
        ("Hvem er formand for foreningen?", "Foreningen har en formand", 1.0),
        ("Hvem er formand for foreningen?", "Formand er Karen Blixen", 0.0),
        ("Hvilken minister har ansvaret?", "Regeringen har ansvaret", 1.0),
        ("Hvem har ansvaret?", "Regeringen har ansvaret", 0.0),
        ("Hvem har skrevet rapporten?", "En rapport fra Skovrådet", 0.0),
        ("Hvem har skrevet rapporten?", "En rapport fra i går", 1.0),
        ("Hvem holdt oplægget?", "Et oplæg fra Skovrådet", 1.0),
    ],
)
def test_a_person_is_asked_for_by_office(question: str, text: str, missing: float) -> None:
    assert feature("person_missing", text, question=question) == missing


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Hvilke regler har staten fjernet?", 1.0),
        ("Hvilke løsninger har kommunerne taget i brug?", 1.0),
        ("Hvilken kommune er bedst til det?", 1.0),
        ("Hvor mange kontrakter er der i dag?", 1.0),
        ("Hvilke regler bør fjernes?", 0.0),
        ("Hvilke værdier har forvaltningen?", 0.0),
    ],
)
def test_what_was_in_fact_done_is_told_from_what_should_be(question: str, asked: float) -> None:
    assert feature("instances", question=question) == asked


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Hvordan fornyr jeg mit pas?", 1.0),
        ("Hvordan klager man over en afgørelse?", 1.0),
        ("Hvor mange uger har jeg ret til?", 1.0),
        ("Hvordan leder man på afstand?", 1.0),
        ("Hvordan bør man lede?", 0.0),
        ("Hvordan ser man på det i kommunerne?", 0.0),
    ],
)
def test_help_with_an_errand_is_told_from_a_question(question: str, asked: float) -> None:
    assert feature("service", question=question) == asked


def test_a_title_that_is_only_mentioned_explains_nothing() -> None:
    text = "Bygger videre på ”Vejen til en ny politik”"
    focus = about("vejen", "politik")

    assert (
        feature("only_mentioned", text, question="Hvad handler Vejen til en ny politik om?", focus=focus)
        == 1.0
    )
    assert feature("only_mentioned", text, question="Hvad bygger det videre på?", focus=focus) == 0.0
    assert feature("only_mentioned", "Vejen er en ny politik", question="Hvad er vejen?", focus=focus) == 0.0


@pytest.mark.parametrize(
    ("text", "missing"), [("Kodeks 7 gælder", 1.0), ("Indført i 2019", 0.0), ("Hver mandag", 0.0)]
)
def test_a_time_is_more_than_a_number(text: str, missing: float) -> None:
    assert feature("when_missing", text, question="Hvornår blev det indført?") == missing


def test_how_often_is_answered_by_a_word() -> None:
    assert feature("number_missing", "Det sker sjældent", question="Hvor ofte sker det?") == 0.0
    assert feature("number_missing", "Det sker", question="Hvor ofte sker det?") == 1.0
    assert feature("number_missing", "Få mål", question="Hvor mange mål bør der være?") == 0.0
    assert feature("number_missing", "Få mål", question="Hvor mange mål er der?") == 1.0
