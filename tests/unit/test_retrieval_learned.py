"""What known questions teach by kernel ridge regression, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.retrieval.learned import LearnedWords, Wordings, learn, likeness

PIER, TIDE, REED = 3, 7, 9
"""Keys of terms."""

SOME = Wordings.of(np.asarray([PIER, TIDE, PIER, TIDE, TIDE], dtype=np.uint32), np.asarray([0, 2, 3, 5]))
"""Three questions: of pier and tide, of pier, and of tide twice, which counts once."""


def alike(*asked: int) -> list[float]:
    """How alike a question and each of these is: what its words give where each has a weight for itself alone."""
    found: list[float] = LearnedWords(SOME, np.eye(3, dtype=np.float32)).scores(asked).tolist()
    return found


def test_questions_with_the_same_words_are_wholly_alike_and_those_without_any_are_not() -> None:
    assert alike(PIER) == pytest.approx([2**-0.5, 1, 0])
    assert alike(TIDE, TIDE) == pytest.approx([2**-0.5, 0, 1])
    assert alike(PIER, TIDE) == pytest.approx([1, 2**-0.5, 2**-0.5])


def test_a_new_word_makes_a_question_less_like_those_that_are_known() -> None:
    # Two of three questions have "pier": log(1 + 3 / 2) against log(1 + 3) for a word of a single one.
    common, rare = np.log(2.5), np.log(4.0)
    assert alike(PIER, REED)[1] == pytest.approx(common / np.hypot(common, rare))
    assert alike(REED) == [0, 0, 0]
    assert alike() == [0, 0, 0]


def test_all_together_are_as_each_by_itself() -> None:
    rows = [alike(PIER, TIDE), alike(PIER), alike(TIDE)]
    assert SOME.among_themselves() == pytest.approx(np.asarray(rows))


def test_meaning_counts_by_its_square_and_never_against() -> None:
    assert likeness(np.asarray([0.5, -0.5], dtype=np.float32)).tolist() == [0.25, 0]


def test_words_give_the_weights_of_the_questions_that_have_them() -> None:
    weights = np.asarray([[1, 0], [0, 2], [4, 0]], dtype=np.float32)
    words = LearnedWords(SOME, weights)
    for asked in ([PIER], [PIER, TIDE], [REED, TIDE], [TIDE], []):
        assert words.scores(asked) == pytest.approx(np.asarray(alike(*asked)) @ weights)


def test_a_question_alone_gives_half_of_its_answer_back() -> None:
    # (1 + RIDGE)^-1 with a question that is like itself alone.
    weights = learn(np.eye(2, dtype=np.float32), np.asarray([[1, 0], [0, 1]], dtype=np.float32))
    assert weights.tolist() == pytest.approx(np.asarray([[0.5, 0], [0, 0.5]]))


def test_what_two_questions_share_tells_less_than_what_sets_them_apart() -> None:
    # Questions 0 and 1 are like each other and have different answers, question 2 is like neither.
    alike = np.asarray([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]], dtype=np.float32)
    weights = learn(alike, np.eye(3, dtype=np.float32))
    # The inverse of [[2, .5], [.5, 2]] is [[2, -.5], [-.5, 2]] / 3.75.
    assert weights[:2, :2] == pytest.approx(np.asarray([[2, -0.5], [-0.5, 2]]) / 3.75, abs=1e-6)
    between = np.asarray([0.8, 0.8, 0], dtype=np.float32) @ weights
    towards = np.asarray([0.9, 0.2, 0], dtype=np.float32) @ weights
    assert between[0] == pytest.approx(between[1])
    # A little likeness to the other speaks against it, once the first is nearer.
    assert towards[1] < 0 < towards[0]
