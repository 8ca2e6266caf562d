"""The signals of passages that lie in memory, by statistics of the whole index.

The formulas are those of :mod:`assistant.indexes.scoring` and :mod:`assistant.indexes.local`. Passages that are
scored again and again, as those that an index stands for, are turned into an inverted index once; the candidates
of one question are looked through for what it asks only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.base import Vectors
from assistant.indexes.base import SIGNALS, SearchQuery
from assistant.indexes.local import heading_text, searched_text
from assistant.indexes.postgres.grams import AskedGrams, GramPostings
from assistant.indexes.scoring import inverse_frequencies, weighed
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

    ``own`` and ``above``: the different words in what is searched of it and above it. ``lengths``: number of
    terms, by field.
    """

    own: Collection[str]
    above: Collection[str]
    lengths: tuple[int, ...]

    def of(self, field: str) -> Collection[str]:
        """Return the words of a field."""
        return self.above if field.endswith("_heading") else self.own


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

    def row(
        self, place: tuple[str, int, int], passage: Passage, vector: Vectors, heading_vector: Vectors
    ) -> Row:
        """Return a passage as it is scored."""
        own, above = self._counted(searched_text(passage)), self._counted(heading_text(passage))
        return Row(place, passage, vector, heading_vector, own, above)

    def words(self, passage: Passage) -> Words:
        """Return the words of a passage."""
        own, above = Counter(words(searched_text(passage))), Counter(words(heading_text(passage)))
        lengths = tuple(
            sum(n * len(self.of_word(field)(word)) for word, n in found.items())
            for field, found in zip(FIELDS, (own, above, own, above), strict=True)
        )
        return Words(own.keys(), above.keys(), lengths)

    def of_word(self, field: str) -> Callable[[str], tuple[str, ...]]:
        """Return what gives the terms of a word in a field."""
        return self.terms if field.startswith("terms") else self._grams

    def different(self, found: Words, field: str) -> set[str]:
        """Return the different terms of a field of a passage."""
        return set(chain.from_iterable(map(self.of_word(field), found.of(field))))

    def _counted(self, text: str) -> Counter[str]:
        return Counter(chain.from_iterable(map(self.terms, words(text))))


@dataclass(frozen=True, slots=True)
class Statistics:
    """What BM25 needs of the whole index: passages, mean lengths by field, and who knows frequencies."""

    passages: int
    lengths: Mapping[str, float]
    frequency: Callable[[str, str], int]

    def idf(self, field: str, terms: Sequence[str]) -> NDArray[np.float64]:
        """Return the inverse document frequency of terms, 0 for one that stands nowhere."""
        frequencies = np.asarray([self.frequency(field, term) for term in terms], dtype=np.float64)
        return inverse_frequencies(frequencies, self.passages)


@dataclass(frozen=True, slots=True)
class Question:
    """A query cut into what is looked up."""

    terms: tuple[str, ...]
    grams: tuple[str, ...]
    query: SearchQuery

    @classmethod
    def of(cls, query: SearchQuery, known: Collection[str]) -> Question:
        """Cut ``query`` by the stems ``known``."""
        return cls(tuple(terms(query.text, known)), tuple(character_ngrams(query.text)), query)

    def wanted_in(self, field: str) -> frozenset[str]:
        """Return every term that passages are looked through for."""
        if field.startswith("chars"):
            return frozenset(self.grams)
        return frozenset((*self.terms, *(term for each in self.query.alternatives for term in each.terms)))


class Postings:
    """An inverted index over one field of some passages; row i belongs to passage i."""

    def __init__(
        self, counts: Sequence[Mapping[str, int]], lengths: NDArray[np.int64], average: float
    ) -> None:
        """Index how often each term stands in each passage.

        Args:
            counts: for each passage; terms may be left out.
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

    def frequency(self, term: str) -> int:
        """Return in how many of the passages ``term`` stands."""
        number = self._ids.get(term)
        return 0 if number is None else int(self._starts[number + 1] - self._starts[number])

    @property
    def terms(self) -> Collection[str]:
        """Every term of the field."""
        return self._ids.keys()

    def scores(self, terms: Sequence[str], idf: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the BM25 score of every passage (a repeated term counts again); shape (n,)."""
        total = np.zeros(self._size, dtype=np.float64)
        for term, weight in zip(terms, idf, strict=True):
            number = self._ids.get(term)
            if number is not None:
                found = slice(self._starts[number], self._starts[number + 1])
                total[self._rows[found]] += weight * self._share[found]
        return total.astype(np.float32)


class _Field(Protocol):
    """One field of some passages, ready to be scored."""

    def frequency(self, term: str) -> int: ...

    def scores(self, terms: Sequence[str], idf: NDArray[np.float64]) -> NDArray[np.float32]: ...


class Scored:
    """Some passages in memory, ready to be scored for many questions or for one."""

    def __init__(
        self,
        rows: Sequence[Row],
        statistics: Statistics | None,
        whitening: Whitening,
        question: Question | None = None,
    ) -> None:
        """Prepare ``rows``.

        Args:
            rows: the passages.
            statistics: those of the whole index; ``None`` where ``rows`` are all of it.
            whitening: how vectors are whitened.
            question: the only one that will be asked, where there will be no other.
        """
        self.passages = tuple(row.passage for row in rows)
        self._vectors = _stacked([row.vector for row in rows], len(whitening.mean))
        self._heading_vectors = _stacked([row.heading_vector for row in rows], len(whitening.mean))
        self._whitened = whitening.apply(self._vectors)
        self._whitening = whitening
        counts = [[row.terms for row in rows], [row.above for row in rows]]
        texts = [[of(passage) for passage in self.passages] for of in (searched_text, heading_text)]
        means = statistics.lengths if statistics else {}
        grams = [
            AskedGrams(each, question.grams, means.get(field))
            if question
            else GramPostings(each, means.get(field))
            for field, each in zip(FIELDS[2:], texts, strict=True)
        ]
        of_words = [np.asarray([sum(own.values()) for own in each], dtype=np.int64) for each in counts]
        lengths = np.column_stack([*of_words, *(each.lengths for each in grams)])
        means = means or _means(lengths)
        if question:
            wanted = question.wanted_in("terms")
            counts = [[{t: own[t] for t in wanted if t in own} for own in each] for each in counts]
        self._words = [Postings(each, lengths[:, i], means[FIELDS[i]]) for i, each in enumerate(counts)]
        self._fields: dict[str, _Field] = dict(zip(FIELDS, [*self._words, *grams], strict=True))
        self.statistics = statistics or Statistics(
            len(rows), means, lambda field, term: self._fields[field].frequency(term)
        )

    @property
    def terms(self) -> Collection[str]:
        """Every index term of the passages."""
        return self._words[0].terms

    def signals(self, question: Question) -> NDArray[np.float32]:
        """Return the signals of every passage; shape (n, len(SIGNALS))."""
        vector = question.query.vector
        own = self._scores("terms", question.terms)
        expanded = own.copy()
        for each in question.query.alternatives:
            best = np.max([self._scores("terms", [term]) for term in each.terms], axis=0)
            expanded += np.float32(each.weight) * best
        columns = {
            "dense": self._vectors @ vector,
            "dense_whitened": self._whitened @ self._whitening.apply(vector[None, :])[0],
            "dense_heading": self._heading_vectors @ vector,
            "terms": own,
            "terms_heading": self._scores("terms_heading", question.terms),
            "chars": self._scores("chars", question.grams),
            "chars_heading": self._scores("chars_heading", question.grams),
            "synonyms": expanded,
        }
        return np.column_stack([columns[name] for name in SIGNALS]).astype(np.float32)

    def _scores(self, field: str, terms: Sequence[str]) -> NDArray[np.float32]:
        return self._fields[field].scores(terms, self.statistics.idf(field, terms))


def _means(lengths: NDArray[np.int64]) -> dict[str, float]:
    return {field: float(lengths[:, i].mean()) if len(lengths) else 0.0 for i, field in enumerate(FIELDS)}


def _stacked(vectors: Sequence[NDArray[np.float32]], dimension: int) -> NDArray[np.float32]:
    return np.vstack(vectors) if vectors else np.zeros((0, dimension), dtype=np.float32)
