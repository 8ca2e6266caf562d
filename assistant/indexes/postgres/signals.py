"""The signals of passages that lie in memory and are scored again and again, by statistics of the whole index.

The formulas are those of :mod:`assistant.indexes.scoring` and :mod:`assistant.indexes.local`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.base import Vectors
from assistant.indexes.base import SIGNALS, SearchQuery
from assistant.indexes.local import heading_text, searched_text
from assistant.indexes.postgres.grams import GramPostings
from assistant.indexes.postgres.rows import term_code
from assistant.indexes.scoring import AskedWords, inverse_frequencies, weighed
from assistant.indexes.whitening import Whitening
from assistant.records import Passage
from assistant.text.danish import character_ngrams, terms, words

FIELDS = ("terms", "terms_heading", "chars", "chars_heading")
"""What is counted, in the order of the numbers that stand for them in the database."""

_WORDS = 200_000


@dataclass(frozen=True, slots=True)
class Row:
    """A passage as it is scored.

    ``place``: its document's key, the revision it came with, its position. ``terms`` and ``above``: how often
    each term stands in what is searched of it and above it.
    """

    place: tuple[str, int, int]
    passage: Passage
    vector: NDArray[np.float32]
    heading_vector: NDArray[np.float32]
    terms: Mapping[str, int]
    above: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a passage as they are counted in a build.

    ``own`` and ``above``: how often each word stands in what is searched of it and above it. ``terms`` and
    ``terms_above``: the same of their terms. ``lengths``: number of terms, by field.
    """

    own: Mapping[str, int]
    above: Mapping[str, int]
    terms: Mapping[str, int]
    terms_above: Mapping[str, int]
    lengths: tuple[int, ...]


class Cutter:
    """Turns words into index terms, each word once."""

    def __init__(self, known: Collection[str]) -> None:
        """Split compounds by the stems ``known``."""
        self.terms: Callable[[str], tuple[str, ...]] = lru_cache(_WORDS)(
            lambda word: tuple(terms(word, known))
        )
        self._grams: Callable[[str], tuple[str, ...]] = lru_cache(_WORDS)(
            lambda word: tuple(character_ngrams(word))
        )
        self._code = lru_cache(_WORDS)(term_code)

    def row(
        self, place: tuple[str, int, int], passage: Passage, vector: Vectors, heading_vector: Vectors
    ) -> Row:
        """Return a passage as it is scored."""
        own, above = (self._counted(words(of(passage))) for of in (searched_text, heading_text))
        return Row(place, passage, vector, heading_vector, own, above)

    def words(self, passage: Passage) -> Words:
        """Return the words of a passage."""
        own, above = Counter(words(searched_text(passage))), Counter(words(heading_text(passage)))
        own_terms, terms_above = self._counted(own.elements()), self._counted(above.elements())
        grams = (sum(n * len(self._grams(word)) for word, n in found.items()) for found in (own, above))
        return Words(own, above, own_terms, terms_above, (own_terms.total(), terms_above.total(), *grams))

    def different(self, found: Words, field: str) -> Collection[str]:
        """Return the different terms of a field of a passage."""
        if field.startswith("terms"):
            return (found.terms_above if field == "terms_heading" else found.terms).keys()
        return set(
            chain.from_iterable(map(self._grams, found.above if field == "chars_heading" else found.own))
        )

    def codes(self, counts: Mapping[str, int]) -> bytes:
        """Return the numbers of some terms, each as often as it stands there, four bytes each."""
        return np.asarray(
            [self._code(term) for term, n in counts.items() for _ in range(n)], dtype="<u4"
        ).tobytes()

    def _counted(self, found: Iterable[str]) -> Counter[str]:
        return Counter(chain.from_iterable(map(self.terms, found)))


@dataclass(frozen=True, slots=True)
class Statistics:
    """What BM25 needs of the whole index: passages, mean lengths by field, and who knows frequencies."""

    passages: int
    lengths: Mapping[str, float]
    frequencies: Callable[[str, Sequence[str]], Sequence[int]]

    def idf(self, field: str, terms: Sequence[str]) -> NDArray[np.float64]:
        """Return the inverse document frequency of terms, 0 for one that stands nowhere."""
        frequencies = np.asarray(self.frequencies(field, terms), dtype=np.float64)
        return inverse_frequencies(frequencies, self.passages)

    def weights(self, asked: AskedWords) -> Weights:
        """Return what the words of a question count."""
        idf = {
            field: self.idf(field, asked.grams if field in FIELDS[2:] else asked.terms) for field in FIELDS
        }
        return Weights(idf, self.lengths)


@dataclass(frozen=True, slots=True)
class Weights:
    """What BM25 needs for one question.

    ``idf``: by field, of each asked term or n-gram. ``lengths``: mean number of terms of a passage, by field.
    """

    idf: Mapping[str, NDArray[np.float64]]
    lengths: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Question:
    """A query cut into what is looked up."""

    query: SearchQuery
    words: AskedWords

    @classmethod
    def of(cls, query: SearchQuery, known: Collection[str]) -> Question:
        """Cut ``query`` by the stems ``known``."""
        return cls(query, AskedWords.of(query, known))


class Postings:
    """An inverted index over one field of some passages; row i belongs to passage i."""

    def __init__(
        self, counts: Sequence[Mapping[str, int]], lengths: NDArray[np.int64], average: float
    ) -> None:
        """Index how often each term stands in each passage.

        Args:
            counts: for each passage.
            lengths: how many terms each has, shape (n,).
            average: how many a passage of the whole index has.
        """
        self._size = len(counts)
        self._ids: dict[str, int] = {}
        number = self._ids.setdefault
        ids = np.asarray([number(term, len(self._ids)) for own in counts for term in own], dtype=np.int64)
        times = np.asarray([n for own in counts for n in own.values()], dtype=np.int64)
        rows = np.repeat(np.arange(self._size), [len(own) for own in counts])
        order = np.argsort(ids, kind="stable")
        self._rows = rows[order]
        self._share = weighed(times, lengths[rows], np.ones(1), average)[order]
        self._starts = np.searchsorted(ids[order], np.arange(len(self._ids) + 1))

    def frequencies(self, terms: Sequence[str]) -> list[int]:
        """Return in how many of the passages each term stands."""
        numbers = [self._ids.get(term) for term in terms]
        return [0 if at is None else int(self._starts[at + 1] - self._starts[at]) for at in numbers]

    @property
    def terms(self) -> Collection[str]:
        """Every term of the field."""
        return self._ids.keys()

    def scores(self, terms: Sequence[str], weights: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the BM25 score of every passage, each term counting ``weights`` times; shape (n,)."""
        total = np.zeros(self._size, dtype=np.float64)
        for term, weight in zip(terms, weights, strict=True):
            number = self._ids.get(term)
            if number is not None:
                found = slice(self._starts[number], self._starts[number + 1])
                total[self._rows[found]] += weight * self._share[found]
        return total.astype(np.float32)


class _Field(Protocol):
    """One field of some passages, ready to be scored."""

    def frequencies(self, terms: Sequence[str]) -> Sequence[int]: ...

    def scores(self, terms: Sequence[str], weights: NDArray[np.float64]) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class _Spread:
    """Mean, shape (dimension,), and covariance of some vectors: what their products with any vector spread like."""

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]

    @classmethod
    def of(cls, vectors: Vectors) -> _Spread:
        whole = vectors.astype(np.float64)
        mean = whole.mean(axis=0)
        centred = whole - mean
        return cls(mean, centred.T @ centred / len(whole))

    def with_vector(self, vector: NDArray[np.float32]) -> tuple[float, float]:
        """Return mean and standard deviation of the inner products with ``vector``."""
        variance = float(vector @ (self.covariance @ vector))
        return float(self.mean @ vector), max(variance, 0.0) ** 0.5


class Scored:
    """Some passages in memory, ready to be scored for any question."""

    def __init__(self, rows: Sequence[Row], statistics: Statistics | None, whitening: Whitening) -> None:
        """Prepare ``rows``.

        Args:
            rows: the passages.
            statistics: those of the whole index; ``None`` where ``rows`` are all of it.
            whitening: how vectors are whitened.
        """
        self.passages = tuple(row.passage for row in rows)
        self._vectors = _stacked([row.vector for row in rows], len(whitening.mean))
        self._heading_vectors = _stacked([row.heading_vector for row in rows], len(whitening.mean))
        self._whitened = whitening.apply(self._vectors)
        self._whitening = whitening
        counts = [[row.terms for row in rows], [row.above for row in rows]]
        texts = [[of(passage) for passage in self.passages] for of in (searched_text, heading_text)]
        means = statistics.lengths if statistics else {}
        grams = [GramPostings(each, means.get(field)) for field, each in zip(FIELDS[2:], texts, strict=True)]
        of_words = [np.asarray([sum(own.values()) for own in each], dtype=np.int64) for each in counts]
        lengths = np.column_stack([*of_words, *(each.lengths for each in grams)])
        means = means or _means(lengths)
        self._words = [Postings(each, lengths[:, i], means[FIELDS[i]]) for i, each in enumerate(counts)]
        self._fields: dict[str, _Field] = dict(zip(FIELDS, [*self._words, *grams], strict=True))
        self.statistics = statistics or Statistics(
            len(rows),
            means,
            lambda field, asked: self._fields[field].frequencies(asked),
        )

    @property
    def terms(self) -> Collection[str]:
        """Every index term of the passages."""
        return self._words[0].terms

    def signals(self, question: Question) -> NDArray[np.float32]:
        """Return the signals of every passage; shape (n, len(SIGNALS))."""
        vector = question.query.vector
        columns = {
            "dense": self._vectors @ vector,
            "dense_whitened": self._whitened @ self._whitening.apply(vector[None, :])[0],
            "dense_heading": self._heading_vectors @ vector,
            **self._of_words(question.words, self.statistics.weights(question.words)),
        }
        return np.column_stack([columns[name] for name in SIGNALS]).astype(np.float32)

    def spread(self, question: Question, weights: Weights) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return mean and standard deviation of each of the signals, as :meth:`signals` would give them."""
        vector = question.query.vector
        dense, whitened, heading = self._spreads
        found = {
            "dense": dense.with_vector(vector),
            "dense_whitened": whitened.with_vector(self._whitening.apply(vector[None, :])[0]),
            "dense_heading": heading.with_vector(vector),
            **{
                name: (own.mean(), own.std()) for name, own in self._of_words(question.words, weights).items()
            },
        }
        both = np.asarray([found[name] for name in SIGNALS], dtype=np.float32)
        return both[:, 0], both[:, 1]

    @cached_property
    def _spreads(self) -> tuple[_Spread, _Spread, _Spread]:
        return _Spread.of(self._vectors), _Spread.of(self._whitened), _Spread.of(self._heading_vectors)

    def _of_words(self, asked: AskedWords, weights: Weights) -> dict[str, NDArray[np.float32]]:
        idf = weights.idf["terms"]
        own = self._fields["terms"].scores(asked.terms, idf * asked.times)
        expanded = own.copy()
        for weight, places in asked.alternatives:
            if places:
                each = [self._fields["terms"].scores([asked.terms[at]], idf[[at]]) for at in places]
                expanded += np.float32(weight) * np.max(each, axis=0)
        others = {
            field: self._fields[field].scores(terms, weights.idf[field] * times)
            for field, terms, times in (
                ("terms_heading", asked.terms, asked.times),
                ("chars", asked.grams, asked.gram_times),
                ("chars_heading", asked.grams, asked.gram_times),
            )
        }
        return {"terms": own, "synonyms": expanded, **others}


def _means(lengths: NDArray[np.int64]) -> dict[str, float]:
    return {field: float(lengths[:, i].mean()) if len(lengths) else 0.0 for i, field in enumerate(FIELDS)}


def _stacked(vectors: Sequence[NDArray[np.float32]], dimension: int) -> NDArray[np.float32]:
    return np.vstack(vectors) if vectors else np.zeros((0, dimension), dtype=np.float32)
