"""The best rows by words are those that reading every word gives, though frequent words are not read."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.indexes.large import maxscore
from assistant.indexes.large.maxscore import Ranked, Term
from assistant.indexes.large.words import Postings
from assistant.indexes.scoring import K1, B

ROWS = 4_000
SHARES = (0.9, 0.6, 0.4, 0.05, 0.02, 0.01, 0.004, 0.3, 0.03)
AVERAGE = 14.0


def made(seed: int) -> tuple[Postings, list[Term]]:
    """Words that stand in such shares of the rows, weighed by how rare they are."""
    random = np.random.default_rng(seed)
    rows = [np.flatnonzero(random.random(ROWS) < share).astype(np.int32) for share in SHARES]
    counts = [random.integers(1, 4, len(own)).astype(np.uint8) for own in rows]
    starts = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    lengths = random.integers(5, 25, ROWS).astype(np.int32)
    words = [(term, float(np.log1p((ROWS - len(own)) / len(own)))) for term, own in enumerate(rows)]
    return Postings(starts, np.concatenate(rows), np.concatenate(counts), lengths), words


def all_read(postings: Postings, words: list[Term], allowed: np.ndarray | None = None) -> np.ndarray:
    """The score of every row, of all words."""
    scores = np.zeros(ROWS)
    for term, weight in words:
        rows, counts = postings.of(term)
        length = postings.lengths[rows] / AVERAGE
        scores[rows] += weight * counts / (counts + K1 * (1 - B + B * length))
    return scores if allowed is None else np.where(allowed, scores, 0)


def check(ranked: Ranked, wanted: np.ndarray, limit: int) -> None:
    rows, scores = ranked.best()
    best = np.sort(wanted[wanted > 0])[::-1][:limit]
    np.testing.assert_allclose(np.sort(scores)[::-1], best, rtol=1e-4)
    np.testing.assert_allclose(scores, wanted[rows], rtol=1e-4)


@pytest.fixture(autouse=True)
def reads_nothing_that_it_need_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maxscore, "_FEW", 0)
    monkeypatch.setattr(maxscore, "_LOOKED_UP", ROWS)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("limit", [1, 20, 100, ROWS])
def test_the_best_rows_are_those_of_all_words(seed: int, limit: int) -> None:
    postings, words = made(seed)
    check(Ranked(postings, words, AVERAGE, limit), all_read(postings, words), limit)


@pytest.mark.parametrize("seed", range(6))
def test_nearly_all_are_found_where_words_are_looked_up_in_few_rows(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maxscore, "_LOOKED_UP", 0)
    postings, words = made(seed)
    scores = all_read(postings, words)
    least = np.sort(scores)[-200]
    rows, _ = Ranked(postings, words, AVERAGE, 200).best()
    assert len(rows) == 200
    assert (scores[rows] >= least).sum() > 180


@pytest.mark.parametrize("seed", range(6))
def test_only_rows_that_may_be_found_are(seed: int) -> None:
    postings, words = made(seed)
    allowed = np.random.default_rng(seed + 100).random(ROWS) < 0.2
    ranked = Ranked(postings, words, AVERAGE, 20, allowed)
    check(ranked, all_read(postings, words, allowed), 20)
    assert allowed[ranked.best()[0]].all()


@pytest.mark.parametrize("seed", range(6))
def test_more_words_give_what_all_of_them_give_at_once(seed: int) -> None:
    postings, words = made(seed)
    own = Ranked(postings, words[:5], AVERAGE, 20)
    check(own.with_words(words[5:]), all_read(postings, words), 20)
    check(own, all_read(postings, words[:5]), 20)


def read(ranked: Ranked, postings: Postings) -> int:
    """How many of the words that stand in more than a fifth of the rows were read as a whole."""
    left = {term for term, _ in ranked._left}
    return sum(postings.frequency(term) > ROWS / 5 and term not in left for term in range(len(SHARES)))


def test_frequent_words_are_not_read() -> None:
    postings, words = made(1)
    assert read(Ranked(postings, words, AVERAGE, 20), postings) <= 1


def test_where_all_words_are_frequent_they_are_read_as_far_as_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    postings, words = made(1)
    frequent = words[:3]
    check(Ranked(postings, frequent, AVERAGE, ROWS), all_read(postings, frequent), ROWS)
    monkeypatch.setattr(maxscore, "ENOUGH_PER_ROW", 1.2)
    few = Ranked(postings, frequent, AVERAGE, 20)
    assert read(few, postings) == 2
    assert len(few.best()[0]) == 20


@pytest.mark.parametrize("weight", [0.01, 50.0])
def test_a_word_that_stands_in_none_of_the_rows_changes_nothing(weight: float) -> None:
    postings, words = made(1)
    nowhere = len(SHARES)
    with_it = Postings(
        np.append(postings.starts, postings.starts[-1]), postings.rows, postings.counts, postings.lengths
    )
    wanted = all_read(postings, words)
    check(Ranked(with_it, [*words, (nowhere, weight)], AVERAGE, 20), wanted, 20)
    check(Ranked(with_it, words, AVERAGE, 20).with_words([(nowhere, weight)]), wanted, 20)


def test_nothing_asked_for_finds_nothing() -> None:
    postings, _ = made(1)
    assert [len(part) for part in Ranked(postings, [], AVERAGE, 20).best()] == [0, 0]
