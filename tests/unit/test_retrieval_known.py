"""What questions that were judged before tell of a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from retrieval_world import COAST, FOREST, WordCounter, passage

from assistant.embedding.packaged import PackagedEmbedder
from assistant.indexes.local import LocalIndex, heading_text
from assistant.records import Passage, Query
from assistant.retrieval.fusion import FEATURES
from assistant.retrieval.known import (
    KNOWN_FEATURES,
    NOTHING_KNOWN,
    KnownQuestions,
    load_known,
    question_key,
)
from assistant.retrieval.model import load_model
from assistant.retrieval.search import Searcher, scores_of
from assistant.text.passages import cut_document
from tests.support.corpora import corpus_passages

DIKE, HARBOUR, SEAWEED = (passage(text) for text in ("Diget er højt", "Havnen er åben", "Tang er godt"))
EAST, NORTH, UP = np.eye(3, dtype=np.float32)


def known(*asked: tuple[str, np.ndarray, Sequence[Passage]]) -> KnownQuestions:
    texts, vectors, answers = zip(*asked, strict=True)
    return KnownQuestions.of("m", np.stack(vectors), [(text,) for text in texts], answers, texts)


SOME = known(("Hvor højt?", EAST, [DIKE]), ("Åbent?", NORTH, [HARBOUR]), ("Pris?", UP, []))


def told(some: KnownQuestions, vector: np.ndarray, name: str, wording: str = "") -> list[float]:
    column = some.features(vector, wording, (DIKE, HARBOUR, SEAWEED))[:, KNOWN_FEATURES.index(name)]
    return [round(float(value), 3) for value in column]


def test_a_passage_that_answered_the_same_question_has_nearly_all_of_it() -> None:
    assert told(SOME, EAST, "known") == [1.0, 0.0, 0.0]


class Overtaken(list[Any]):
    """Has what another thread kept right after whatever is put into it."""

    def __setitem__(self, at: Any, value: Any) -> None:
        super().__setitem__(at, [((SEAWEED,), np.asarray([1]), np.asarray([0]))])


def test_what_another_thread_keeps_meanwhile_is_not_told_of_these_passages() -> None:
    some = replace(SOME)
    some.__dict__["_kept"] = Overtaken()

    assert told(some, EAST, "known_passage") == [1.0, 1.0, 0.0]


def test_a_question_far_from_all_known_ones_tells_nothing() -> None:
    between = np.asarray([0.6, 0.5, 0.5], dtype=np.float32)

    assert told(SOME, between, "known") == [0.0, 0.0, 0.0]
    assert told(SOME, between, "known_near") == [0.0, 0.0, 0.0]


def test_how_near_counts_from_where_questions_begin_to_be_alike_and_from_their_mean() -> None:
    tilted = np.asarray([0.9, np.sqrt(0.19), 0], dtype=np.float32)

    assert told(SOME, tilted, "known_near") == [0.5, -0.5, 0.0]
    assert told(SOME, tilted, "known_level") == [0.5, 0.5, 0.0]


def test_a_passage_is_known_once_any_question_is() -> None:
    assert told(SOME, UP, "known_passage") == [1.0, 1.0, 0.0]


def test_a_question_with_several_answers_is_shared_among_them() -> None:
    assert told(known(("Hvad?", EAST, [DIKE, HARBOUR])), EAST, "known") == [0.5, 0.5, 0.0]


def test_what_is_known_to_have_no_answer_speaks_against_known_passages_only() -> None:
    assert told(SOME, UP, "known_unanswered") == [1.0, 1.0, 0.0]


def test_the_words_of_a_known_question_find_what_answered_it() -> None:
    by_words = told(SOME, UP, "known_words", "Er det højt?")

    assert by_words == [1.0, -1.0, 0.0]
    assert told(SOME, UP, "known_words", "Er det dybt?") == [0.0, 0.0, 0.0]


def test_parts_of_compounds_are_words_too() -> None:
    some = known(("Hvad koster vandet?", EAST, [DIKE]), ("Åbent?", NORTH, [HARBOUR]))

    assert told(some, UP, "known_words", "Hvad er vandstanden?")[0] == 1.0


def test_a_word_that_was_asked_of_few_passages_tells_more() -> None:
    some = known(
        ("havet om vinteren?", EAST, [DIKE, HARBOUR]), ("havet om vinteren og tang?", NORTH, [SEAWEED])
    )

    values = told(some, UP, "known_words", "tang om vinteren")
    assert values[2] > values[0] == values[1]


def test_how_close_the_nearest_lies_is_told_of_each_passage_and_of_what_has_no_answer() -> None:
    (own, other, unknown) = told(SOME, EAST, "known_close")
    assert own == 1.0 > other
    assert unknown == 0.0
    assert told(SOME, UP, "known_declined") == [1.0, 1.0, 0.0]
    assert told(SOME, EAST, "known_whitened") == [1.0, -1.0, 0.0]


def test_what_is_learnt_gives_each_passage_its_share_and_no_answer_its_own() -> None:
    # The three have neither meaning nor words in common: each is like itself by 2, and 2 / (2 + RIDGE) comes back.
    assert told(SOME, EAST, "known_score", "Hvor højt?") == [0.667, 0.0, 0.0]
    assert told(SOME, UP, "known_refused", "Pris?") == [0.667, 0.667, 0.0]
    assert told(SOME, EAST, "known_refused", "Hvor højt?") == [0.0, 0.0, 0.0]
    assert told(SOME, EAST, "known_learned", "Hvor højt?") == [1.0, -1.0, 0.0]


def test_what_is_learnt_is_learnt_anew_once_a_question_is_left_out() -> None:
    rest = SOME.without([("Hvor højt?",)])

    assert told(rest, EAST, "known_score", "Hvor højt?") == [0.0, 0.0, 0.0]
    assert told(rest, NORTH, "known_score", "Åbent?") == [0.0, 0.667, 0.0]


def test_the_same_words_below_another_heading_are_another_passage() -> None:
    other = replace(DIKE, heading="Andet sted")

    assert not SOME.features(EAST, "", (other,)).any()


def test_a_question_that_is_left_out_is_new_and_the_others_stay() -> None:
    rest = SOME.without([("hvor  HØJT?",)])

    assert len(rest) == 2
    assert told(rest, EAST, "known") == [0.0, 0.0, 0.0]
    assert told(rest, NORTH, "known") == [0.0, 1.0, 0.0]
    assert told(rest, UP, "known_unanswered") == [0.0, 1.0, 0.0]


def test_a_follow_up_is_known_by_what_it_follows() -> None:
    assert question_key(("Hvad siger staten?", "Hvorfor?")) != question_key(("Hvorfor?",))


def test_what_is_written_is_read_again() -> None:
    again = KnownQuestions.from_bytes(SOME.to_bytes())

    assert again.model == "m"
    # Vectors have a byte a number, the whitening two.
    assert again.features(EAST, "Højt?", (DIKE, HARBOUR, SEAWEED)) == pytest.approx(
        SOME.features(EAST, "Højt?", (DIKE, HARBOUR, SEAWEED)), abs=0.01
    )


@pytest.mark.parametrize("some", [NOTHING_KNOWN, SOME.without([("Hvor højt?",), ("Åbent?",), ("Pris?",)])])
def test_knowing_nothing_is_allowed(some: KnownQuestions) -> None:
    assert not some.features(EAST, "Hvor højt?", (DIKE,)).any()
    assert some.features(EAST, "Hvor højt?", ()).shape == (0, len(KNOWN_FEATURES))


def test_another_embedder_knows_nothing() -> None:
    assert len(load_known("en anden model")) == 0


def test_each_answer_that_is_kept_is_a_passage_of_the_documents() -> None:
    committed = load_known(PackagedEmbedder().fingerprint)
    assert len(committed), "the committed questions are those of another embedder: python -m eval.fit"
    of_passages = committed.features(committed.vectors[0], "", corpus_passages())
    reached = of_passages[:, KNOWN_FEATURES.index("known_passage")] > 0

    assert reached.sum() == len(set(committed.answers.tolist()))
    assert reached.mean() > 0.9


def test_a_search_puts_the_passage_first_that_answered_nearly_the_same_question() -> None:
    passages = tuple(p for d in (COAST, FOREST) for p in cut_document(d))
    embedder = WordCounter()
    index = LocalIndex(embedder.dimension)
    index.add(
        passages,
        embedder.embed_passages([p.text for p in passages]),
        embedder.embed_passages([heading_text(p) for p in passages]),
    )
    bare = Searcher(index, embedder, (COAST, FOREST), load_model())
    query = Query("Må vovsen løbe løs?", "Må vovsen løbe løs?")
    wanted = next(p for p in passages if p.text.startswith("Hunde"))
    another, other = Query("Hvad med diget?", "Hvad med diget?"), passages[0]
    learnt = bare.with_known(
        KnownQuestions.of(
            embedder.fingerprint,
            np.stack([bare.vector(query), bare.vector(another)]),
            [(query.text,), (another.text,)],
            [[wanted], [other]],
            [query.text, another.text],
        )
    )

    assert bare.rank(query).hits[0].passage != wanted
    assert learnt.rank(query).hits[0].passage == wanted
    assert FEATURES[-len(KNOWN_FEATURES) :] == KNOWN_FEATURES


PLACES = (
    DIKE,
    HARBOUR,
    replace(SEAWEED, document_id="skov"),
    replace(passage("Ræven sover"), document_id="skov"),
)


def test_what_is_known_takes_nothing_from_documents_that_no_question_is_known_of() -> None:
    matrix = np.zeros((4, len(FEATURES)), dtype=np.float32)
    matrix[:, FEATURES.index("dense")] = [1.0, 0.0, 2.0, -1.0]
    matrix[0, FEATURES.index("known_passage")] = 1.0
    before = chances(matrix)
    matrix[1, FEATURES.index("known_words")] = 6.0
    after = chances(matrix)

    assert after[1] > before[1]
    assert after[2:] == pytest.approx(before[2:], rel=1e-4)


def test_among_documents_all_known_or_all_new_one_kind_of_weights_decides() -> None:
    model = load_model()
    matrix = np.eye(4, len(FEATURES), dtype=np.float32)
    assert scored(matrix) == pytest.approx(matrix @ model.fusion["da"])

    matrix[[0, 3], FEATURES.index("known_passage")] = 1.0
    assert scored(matrix) == pytest.approx(matrix @ model.fusion["da_known"])


def scored(matrix: np.ndarray) -> np.ndarray:
    return scores_of(Query("Hvad?", "Hvad?"), load_model(), matrix, PLACES, prose=False)


def chances(matrix: np.ndarray) -> np.ndarray:
    """The probabilities that the scores are logits of."""
    odds = np.exp(scored(matrix))
    return odds / odds.sum()
