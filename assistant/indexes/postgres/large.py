"""Searching a revision of more passages than are held: a question waits for the server twice.

First for everything that it can ask at once: whether the revision is there, where the words of the question stand, how
common its n-grams are, and which passages are nearest. Then for those candidates that are not held; meanwhile it is
worked out here what the sample says. The transaction begins with the first and ends with the last. Asking for the
nearest later, to work out the rest beside that, took longer: three waits, and two programs about the same caches.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from assistant.indexes.postgres import finding
from assistant.indexes.postgres.candidates import Candidate, Heading, Place, norms
from assistant.indexes.postgres.finding import Effort, Scope
from assistant.indexes.postgres.postings import Layout, Lookup
from assistant.indexes.postgres.revisions import Revision, missing_is_behind, send_check
from assistant.indexes.postgres.servers import Behind
from assistant.indexes.postgres.signals import Question, Scored, Statistics, Weights
from assistant.indexes.postgres.statistics import (
    gram_frequencies,
    send_gram_frequencies,
    term_frequencies,
)
from assistant.indexes.whitening import Whitening

Held = TypeVar("Held")

_KEPT_PASSAGES = 10_000
_KEPT_HEADINGS = 10_000
_KEPT_GRAMS = 100_000
_NOWHERE = (0, 0)


@dataclass(frozen=True, slots=True)
class Reached:
    """The candidates of a question in any order, what its words count, and mean and spread of each signal."""

    candidates: Sequence[Candidate]
    weights: Weights
    mean: NDArray[np.float32]
    std: NDArray[np.float32]


class Known:
    """What is known of the terms of a revision, and is learned of its n-grams. Safe for many threads."""

    def __init__(self, connection: Connection, revision: Revision) -> None:
        """Read in how many passages each term stands."""
        self._by_term = {
            field: term_frequencies(connection, revision.number, field)
            for field in ("terms", "terms_heading")
        }
        self._grams: dict[str, tuple[int, int]] = {}
        self._before: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()
        self.statistics = Statistics(revision.passages, revision.mean_lengths, self._frequencies)

    @property
    def terms(self) -> Mapping[str, int]:
        """In how many passages each term stands, of those that stand in some."""
        return self._by_term["terms"]

    def missing(self, grams: Sequence[str]) -> list[str]:
        """Return those of ``grams`` of which nothing is known yet."""
        with self._lock:
            # What is asked for again is not let go of, least of all by what this question learns.
            held, before = self._grams, self._before
            held.update({gram: before[gram] for gram in grams if gram in before})
            return [gram for gram in grams if gram not in held]

    def learn(self, found: Mapping[str, tuple[int, int]]) -> None:
        """Take up in how many passages n-grams stand, and in how many headings."""
        with self._lock:
            if len(self._grams) > _KEPT_GRAMS:
                # Those before stay for a while: a question that is under way counts on them.
                self._before, self._grams = self._grams, {}
            self._grams.update(found)

    def _frequencies(self, field: str, terms: Sequence[str]) -> list[int]:
        if field in self._by_term:
            known = self._by_term[field]
            return [known.get(term, 0) for term in terms]
        at, grams, before = int(field == "chars_heading"), self._grams, self._before
        return [(grams.get(gram) or before.get(gram, _NOWHERE))[at] for gram in terms]


class Large:
    """Finds the candidates of questions in one revision. Safe for many threads."""

    def __init__(
        self, connection: Connection, revision: Revision, known: Known, sample: Scored, whitening: Whitening
    ) -> None:
        """Search ``revision``.

        Args:
            connection: to a server that has it.
            revision: what is searched.
            known: what is known of its terms.
            sample: passages that stand for all of them.
            whitening: how its vectors are whitened.
        """
        self._revision = revision
        self._known = known
        self._sample = sample
        self._whitening = whitening
        self._lookup = Lookup(Layout.read(connection, revision.number), known.statistics)
        self._passages: _Kept[Candidate] = _Kept(_KEPT_PASSAGES)
        self._headings: _Kept[Heading] = _Kept(_KEPT_HEADINGS)

    @property
    def terms(self) -> Collection[str]:
        """Every term that stands in some passage."""
        return self._known.terms.keys()

    def reach(
        self, connection: Connection, question: Question, documents: Collection[str], limit: int
    ) -> Reached:
        """Return the candidates of ``question``, about ``limit`` for each of some of the signals.

        Args:
            connection: in a transaction of its own, which is ended.
            question: what is asked.
            documents: only of these, if any are named.
            limit: how many candidates each signal brings.

        Raises:
            Behind: the server does not have the revision.
        """
        # Here and not above: where there is no driver that is told by servers.py.
        from assistant.indexes.postgres.driver import pipelined

        revision = self._revision
        effort = Effort.of(revision.passages)
        scope = Scope.of(revision.number, revision.dimension, documents)
        asked = self._lookup.asked(question, scope.documents)
        grams = self._known.missing(question.words.grams)
        with missing_is_behind(revision), pipelined(connection) as pipeline:
            there = send_check(pipeline, revision, effort.ef_search)
            postings = self._lookup.send(pipeline, asked)
            frequencies = send_gram_frequencies(pipeline, revision.number, grams) if grams else None
            near = finding.send_nearest(pipeline, scope, question.query.vector, limit, effort)
            if there.fetchone() is None:
                raise Behind(revision.name)
            if frequencies is not None:
                self._known.learn(gram_frequencies(grams, frequencies.fetchall()))
            best = self._lookup.best(asked, postings.fetchall() if postings else (), limit)
            places = {*near.fetchall(), *best}
            held = self._passages.get(places)
            unknown = [place for place in places if place not in held]
            reading = finding.send_candidates(pipeline, unknown) if unknown else None
            pipeline.send_end()
            weights = self._sample.statistics.weights(question.words)
            mean, std = self._sample.spread(question, weights)
        new = self._taken_up(reading.fetchall()) if reading else []
        return Reached([*held.values(), *new], weights, mean, std)

    def _taken_up(self, rows: Sequence[tuple[Any, ...]]) -> list[Candidate]:
        """Return what was read, whitened as the revision is, and keep it."""
        new = finding.candidates_from(rows)
        headings = self._headings.get({each.heading.place for each in new})
        for each in new:
            # The same heading is the same object, so that it is scored once.
            each.heading = headings.setdefault(each.heading.place, each.heading)
        self._headings.put(headings)
        otherwise = [each for each in new if each.whitening != self._revision.whitening]
        if otherwise:
            lengths = norms(np.stack([each.vector for each in otherwise]), self._whitening).tolist()
            for each, each.norm in zip(otherwise, lengths, strict=True):
                each.whitening = self._revision.whitening
        self._passages.put({each.place: each for each in new})
        return new


class _Kept(Generic[Held]):
    """What was read last of many, between half of the most and all of it. Safe for many threads."""

    def __init__(self, most: int) -> None:
        self._half = most // 2
        self._lock = threading.Lock()
        self._held: dict[Place, Held] = {}
        self._before: dict[Place, Held] = {}

    def get(self, places: Iterable[Place]) -> dict[Place, Held]:
        """Return those of ``places`` that are held."""
        held, before = self._held, self._before
        found = {place: each for place in places if (each := held.get(place) or before.get(place))}
        self.put({place: each for place, each in found.items() if place not in held})
        return found

    def put(self, new: Mapping[Place, Held]) -> None:
        """Hold these too, and let go of what was not asked for longest."""
        with self._lock:
            self._held.update(new)
            if len(self._held) > self._half:
                self._before, self._held = self._held, {}
