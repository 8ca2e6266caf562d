"""An index in memory that is too large for every passage to be a candidate."""

from __future__ import annotations

import numpy as np
import pytest
from support.embedders import HashedEmbedder

from assistant.indexes.base import SIGNALS, Candidates, SearchQuery
from assistant.indexes.local import LocalIndex
from assistant.records import Passage, Span

EMBEDDER = HashedEmbedder(32)
COUNT = 200
LIMIT = 15


def filled(**sizes: int) -> LocalIndex:
    random = np.random.default_rng(3)
    themes = "ledelse styring tillid kultur værdi opgave borger stat kommune drift".split()
    own = []
    for n in range(COUNT):
        text = " ".join(random.choice(themes, size=random.integers(3, 20)))
        name = f"dokument-{n % 4}"
        own.append(Passage(f"{name}:{n}", name, 1, f"Om {themes[n % 10]}", text, Span(0, len(text)), name))
    index = LocalIndex(EMBEDDER.dimension, **sizes)
    texts = EMBEDDER.embed_passages([p.text for p in own])
    index.add(own, texts, EMBEDDER.embed_passages([p.heading for p in own]))
    return index


def asked(index: LocalIndex, documents: tuple[str, ...] = ()) -> Candidates:
    text = "Hvad er tillid i kommunens drift?"
    query = SearchQuery(text, EMBEDDER.embed_queries([text])[0])
    return index.search(query, documents=documents, limit=LIMIT)


@pytest.mark.parametrize("documents", [(), ("dokument-1", "dokument-2")])
def test_the_best_by_each_signal_are_candidates_with_the_signals_they_have_among_all(documents):
    everything = asked(filled(), documents)
    found = asked(filled(every_one_up_to=COUNT - 1), documents)

    at = {p.id: row for row, p in enumerate(everything.passages)}
    rows = [at[p.id] for p in found.passages]
    assert LIMIT <= len(rows) < len(at)
    assert rows == sorted(rows)
    np.testing.assert_array_equal(found.signals, everything.signals[rows])
    np.testing.assert_array_equal(found.mean, everything.mean)
    np.testing.assert_array_equal(found.std, everything.std)
    for column in range(len(SIGNALS)):
        of_all = np.sort(everything.signals[:, column])[-LIMIT:]
        np.testing.assert_array_equal(np.sort(found.signals[:, column])[-LIMIT:], of_all)


def test_up_to_the_size_every_passage_is_a_candidate():
    assert len(asked(filled(every_one_up_to=COUNT)).passages) == COUNT


def test_a_filter_that_leaves_no_more_than_are_asked_for_leaves_all_of_them():
    text = "Hvad er tillid?"
    query = SearchQuery(text, EMBEDDER.embed_queries([text])[0])

    found = filled(every_one_up_to=10).search(query, documents=("dokument-0",), limit=COUNT // 4)

    assert len(found.passages) == COUNT // 4
