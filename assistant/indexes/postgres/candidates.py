"""The candidates of a question, scored from what lies ready for it in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.base import SIGNALS
from assistant.indexes.ngrams import counts_in
from assistant.indexes.postgres.rows import CODE, term_code
from assistant.indexes.postgres.signals import Question, Weights
from assistant.indexes.scoring import weighed, with_alternatives
from assistant.indexes.whitening import Whitening
from assistant.records import Passage

_TERM_BITS = 14

Place = tuple[str, int, int]
"""A document's key, the revision that it came with, and a passage's position or a heading's number in it."""


# Not frozen: some hundred of them are made for every question, and frozen ones take three times as long to make.
@dataclass(slots=True)
class Text:
    """A text as its words are counted.

    ``letters``: its words, each between spaces. ``grams``: how many character n-grams these have. ``terms``: the
    number of each of its terms in four bytes, see :func:`~assistant.indexes.postgres.rows.term_code`.
    """

    letters: str
    grams: int
    terms: bytes


@dataclass(slots=True)
class Heading:
    """What stands above passages, where, and its vector."""

    place: Place
    text: Text
    vector: NDArray[np.float32]


@dataclass(slots=True)
class Candidate:
    """A passage as it is scored for one question.

    ``norm``: the length that its vector has when it is whitened as revision ``whitening`` does.
    """

    place: Place
    passage: Passage
    text: Text
    vector: NDArray[np.float32]
    whitening: int
    norm: float
    heading: Heading


def signals_of(
    candidates: Sequence[Candidate], question: Question, weigh: Weights, whitening: Whitening
) -> NDArray[np.float32]:
    """Return the signals of candidates; shape (len(candidates), len(SIGNALS))."""
    if not candidates:
        return np.zeros((0, len(SIGNALS)), dtype=np.float32)
    numbers: dict[int, int] = {}
    under = np.asarray([numbers.setdefault(id(each.heading), len(numbers)) for each in candidates])
    headings = list({id(each.heading): each.heading for each in candidates}.values())
    vectors = _matrix([each.vector for each in candidates])
    vector = question.query.vector
    own = _term_scores([each.text for each in candidates], question, "terms", weigh)
    above = _term_scores([each.text for each in headings], question, "terms_heading", weigh)
    chars, chars_heading = _gram_scores(
        {"chars": [each.text for each in candidates], "chars_heading": [each.text for each in headings]},
        question,
        weigh,
    )
    columns = {
        "dense": vectors @ vector,
        "dense_whitened": _whitened(candidates, vectors, vector, whitening),
        "dense_heading": (_matrix([each.vector for each in headings]) @ vector)[under],
        "terms": own @ question.words.times,
        "terms_heading": (above @ question.words.times)[under],
        "chars": chars,
        "chars_heading": chars_heading[under],
        "synonyms": with_alternatives(own, question.words),
    }
    return np.column_stack([columns[name] for name in SIGNALS]).astype(np.float32)


def norms(vectors: NDArray[np.float32], whitening: Whitening) -> NDArray[np.float32]:
    """Return the lengths that vectors, shape (n, dimension), have when they are whitened; shape (n,)."""
    return np.asarray(np.linalg.norm((vectors - whitening.mean) @ whitening.matrix, axis=-1))


def _whitened(
    candidates: Sequence[Candidate],
    vectors: NDArray[np.float32],
    vector: NDArray[np.float32],
    whitening: Whitening,
) -> NDArray[np.float32]:
    """Return the cosines of whitened vectors with the whitened ``vector``.

    The length of each whitened vector is known, so that it takes an inner product and no whitening.
    """
    towards = whitening.matrix @ whitening.apply(vector[None, :])[0]
    lengths = np.maximum([each.norm for each in candidates], 1e-12)
    return np.asarray((vectors @ towards - whitening.mean @ towards) / lengths, dtype=np.float32)


def _term_scores(
    texts: Sequence[Text], question: Question, field: str, weigh: Weights
) -> NDArray[np.float64]:
    """Return what each asked term adds to the BM25 score of each text; shape (len(texts), terms asked)."""
    asked = question.words.terms
    if not asked:
        return np.zeros((len(texts), 0))
    held = [text.terms for text in texts]
    lengths = np.asarray([*map(len, held)], dtype=np.int64) // CODE.itemsize
    codes = np.asarray([term_code(term) for term in asked], dtype=CODE)
    order = np.argsort(codes)
    ascending = codes[order]
    terms = np.frombuffer(b"".join(held), dtype=CODE)
    # Most are none of those that are asked, which a few bits of each tell.
    possible = np.zeros(1 << _TERM_BITS, dtype=np.bool_)
    possible[codes & (len(possible) - 1)] = True
    there = np.flatnonzero(possible.take(terms & (len(possible) - 1)))
    at = np.minimum(np.searchsorted(ascending, terms[there]), len(asked) - 1)
    same = ascending[at] == terms[there]
    there, at = there[same], order[at[same]]
    rows = np.searchsorted(np.cumsum(lengths), there, side="right")
    counts = np.bincount(rows * len(asked) + at, minlength=len(texts) * len(asked))
    return weighed(
        counts.reshape(len(texts), len(asked)),
        lengths[:, None],
        weigh.idf[field],
        weigh.lengths[field],
    )


def _gram_scores(
    fields: Mapping[str, Sequence[Text]], question: Question, weigh: Weights
) -> list[NDArray[np.float64]]:
    """Return for each field the BM25 scores of its texts by character n-grams; shape (number of texts,)."""
    texts = [text for own in fields.values() for text in own]
    held = [text.letters for text in texts]
    letters = np.frombuffer("".join(held).encode("utf-32-le"), dtype=np.uint32)
    starts = np.cumsum([0, *map(len, held)])
    counts = counts_in(letters, starts, question.words.grams)
    lengths = np.asarray([text.grams for text in texts], dtype=np.int64)
    first = 0
    scores: list[NDArray[np.float64]] = []
    for field, own in fields.items():
        inside = slice(first, first + len(own))
        each = weighed(counts[inside], lengths[inside, None], np.ones(1), weigh.lengths[field])
        scores.append(each @ (weigh.idf[field] * question.words.gram_times))
        first += len(own)
    return scores


def _matrix(rows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.concatenate(rows).reshape(len(rows), -1)
