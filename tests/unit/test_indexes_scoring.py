"""Candidates scored by themselves have the scores that they have among all passages."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from support.corpora import corpus_passages
from support.embedders import HashedEmbedder

from assistant.indexes.base import SIGNALS, Alternatives, SearchQuery
from assistant.indexes.local import LocalIndex, heading_text, searched_text
from assistant.indexes.scoring import (
    WORD_SIGNALS,
    AskedWords,
    FieldStatistics,
    inverse_frequencies,
    word_signals,
)
from assistant.text.danish import character_ngrams, terms

EMBEDDER = HashedEmbedder()


def statistics_of(rows: list[list[str]]) -> FieldStatistics:
    return FieldStatistics(
        len(rows), float(np.mean([len(row) for row in rows])), Counter(t for row in rows for t in set(row))
    )


@pytest.fixture(scope="module")
def index() -> LocalIndex:
    filled = LocalIndex(EMBEDDER.dimension)
    passages = corpus_passages()
    filled.add(
        passages,
        EMBEDDER.embed_passages([searched_text(p) for p in passages]),
        EMBEDDER.embed_passages([heading_text(p) or "-" for p in passages]),
    )
    return filled


@pytest.mark.parametrize(
    "question",
    [
        "Hvad er den kompetente forvaltning?",
        "ledelse og ledelse, tillid og 2020",
        "kompetenceudvikling i forvaltningspolitikken",
        "zzzz",
        "å i 7",
    ],
)
def test_the_signals_of_candidates_are_those_of_an_index_that_scores_all(
    index: LocalIndex, question: str
) -> None:
    passages = corpus_passages()
    alternatives = (
        Alternatives(("ledels", "findesikke"), 0.5, "chef"),
        Alternatives(("tillid",), 0.7, "tro"),
    )
    query = SearchQuery(question, EMBEDDER.embed_queries([question])[0], alternatives)
    everything = index.search(query)
    known = index.vocabulary()
    texts, headings = [searched_text(p) for p in passages], [heading_text(p) for p in passages]
    statistics = {
        "terms": statistics_of([terms(t, known) for t in texts]),
        "terms_heading": statistics_of([terms(h, known) for h in headings]),
        "chars": statistics_of([character_ngrams(t) for t in texts]),
        "chars_heading": statistics_of([character_ngrams(h) for h in headings]),
    }
    some = list(range(3, len(passages), 5))

    found = word_signals(
        AskedWords.of(query, known),
        [texts[row] for row in some],
        [headings[row] for row in some],
        known,
        statistics,
    )

    wanted = everything.signals[np.ix_(some, [SIGNALS.index(name) for name in WORD_SIGNALS])]
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)
    assert question == "zzzz" or found[:, 0].max() > 0


def test_without_passages_there_are_no_signals() -> None:
    query = SearchQuery("ledelse", EMBEDDER.embed_queries(["ledelse"])[0])
    statistics = dict.fromkeys(
        ("terms", "terms_heading", "chars", "chars_heading"), FieldStatistics(0, 0.0, {})
    )
    assert word_signals(AskedWords.of(query, ()), [], [], (), statistics).shape == (0, len(WORD_SIGNALS))


def test_a_term_that_stands_nowhere_weighs_nothing() -> None:
    assert list(inverse_frequencies(np.asarray([0.0, 1.0]), 10) > 0) == [False, True]
