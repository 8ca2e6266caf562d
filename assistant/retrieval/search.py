"""One question searched: embed, find, fuse, judge, and put the passages in the order of an answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.base import Embedder
from assistant.indexes.base import SIGNALS, Alternatives, Candidates, PassageIndex, SearchQuery
from assistant.indexes.local import heading_text
from assistant.records import Document, Hit, Passage, Query
from assistant.retrieval.expansion import expand
from assistant.retrieval.followup import ordinal_in
from assistant.retrieval.fusion import FEATURES, features, fuse, is_fragment
from assistant.retrieval.model import RankingModel
from assistant.retrieval.sections import (
    SECTION_FEATURES,
    Section,
    choose_section,
    section_features,
    sections_of,
)
from assistant.retrieval.speakers import Speakers
from assistant.retrieval.support import probabilities, support_features
from assistant.retrieval.understanding import focus_words
from assistant.text.danish import compound_parts, stem, terms

JUDGED = 60
"""So many of the best passages are judged for support."""


@dataclass(frozen=True, slots=True)
class Focus:
    """What a question is about: stems, the terms that mean the same, and how much each tells."""

    stems: tuple[str, ...]
    related: tuple[frozenset[str], ...]
    weights: tuple[float, ...]
    known: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Features:
    """What the fitted models saw, kept for fitting and for explaining.

    Rows of ``fusion`` belong to the candidates, rows of ``support`` to the first hits by fused score,
    rows of ``section`` to ``sections``.
    """

    candidates: Candidates
    fusion: NDArray[np.float32]
    fused: NDArray[np.float32]
    order: NDArray[np.int64]
    sections: tuple[Section, ...]
    section: NDArray[np.float32]
    support: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The passages for a question, best first, and how they answer it.

    ``support`` gives for each hit the probability that it supports an answer. ``group`` are the
    passages of the section or list that was asked for, in reading order, else empty.
    """

    query: Query
    hits: tuple[Hit, ...]
    support: tuple[float, ...]
    group: tuple[Passage, ...]
    confidence: float


class Searcher:
    """Ranks passages for questions. Holds no state between questions; safe for many threads."""

    def __init__(
        self, index: PassageIndex, embedder: Embedder, documents: Sequence[Document], model: RankingModel
    ) -> None:
        """Search ``index`` with questions embedded by ``embedder``."""
        self._index = index
        self._embedder = embedder
        self._model = model
        self.speakers = Speakers(documents)
        self._whole_documents = bool(documents)

    def search(self, query: Query, top_k: int = 10) -> tuple[Hit, ...]:
        """Return the best ``top_k`` hits for ``query``."""
        return self.rank(query).hits[:top_k]

    def rank(self, query: Query) -> Ranking:
        """Rank the passages and decide whether a section, a list or a comparison is wanted."""
        focus, found = self._find(query)
        passages = found.candidates.passages
        if not passages:
            return Ranking(query, (), (), (), 0.0)
        support = self._support(found)
        section, chance = choose_section(found.section, self._model.section)
        wants_section = query.intent != "comparison" and chance >= self._model.section_threshold
        group: tuple[Passage, ...] = ()
        order = [int(i) for i in found.order]
        if wants_section:
            rows = _members(found.sections[section], passages, query.text)
            group = tuple(sorted((passages[r] for r in rows), key=lambda p: p.order))
            inside = set(rows)
            order = [r for r in order if r in inside] + [r for r in order if r not in inside]
            query = replace(query, intent="section")
        elif query.intent == "comparison":
            order = _interleaved(order, passages, query.sides)
        hits = tuple(self._hit(found, row, rank) for rank, row in enumerate(order, 1))
        by_row = dict(zip((int(i) for i in found.order), support, strict=False))
        chances = tuple(float(by_row.get(row, 0.0)) for row in order)
        best = max(chances[: len(group)] if group else chances, default=0.0)
        return Ranking(query, hits, chances, group, max(best, chance if wants_section else 0.0))

    def examine(self, query: Query) -> Features:
        """Return what the models see for ``query``, for fitting them."""
        return self._find(query)[1]

    def _find(self, query: Query) -> tuple[Focus, Features]:
        text = query.text
        vector = self._embedder.embed_queries([text])[0]
        alternatives = expand(text, query.language, self._index.index_terms()) if self._whole_documents else ()
        search = SearchQuery(text, vector, alternatives)
        candidates = self._index.search(search, documents=query.documents)
        sides = query.sides if query.intent != "comparison" else ()
        matrix = features(candidates, sides)
        weights = self._model.fusion.get(query.language, self._model.fusion["da"])
        fused = fuse(matrix, weights)
        order = np.argsort(-fused, kind="stable")
        focus = self._focus(query, alternatives)
        near = order[: 4 * JUDGED]
        passages = tuple(candidates.passages[i] for i in near)
        rows = {i: int(row) for i, row in enumerate(near)}
        sections = tuple(
            Section(s.id, tuple(rows[r] for r in s.rows)) for s in (sections_of(passages) if focus else ())
        )
        section = section_features(
            text,
            focus.stems,
            focus.related,
            sections,
            candidates.passages,
            fused,
            matrix[:, FEATURES.index("dense_heading")],
            sides,
        )
        judged = order[:JUDGED]
        known = self._index.vocabulary()
        support = support_features(
            text,
            query.language,
            focus.stems,
            focus.related,
            focus.weights,
            [candidates.passages[i] for i in judged],
            [frozenset(terms(candidates.passages[i].text, known)) for i in judged],
            [frozenset(terms(heading_text(candidates.passages[i]), known)) for i in judged],
            focus.known,
            candidates.signals[judged, SIGNALS.index("dense")],
            fused[judged],
        )
        return focus, Features(candidates, matrix, fused, order, sections, section, support)

    def _support(self, found: Features) -> NDArray[np.float32]:
        chances = probabilities(found.support, self._model.support)
        rest = len(found.order) - len(chances)
        return np.concatenate([chances, np.zeros(rest, dtype=np.float32)])

    def _focus(self, query: Query, alternatives: Sequence[Alternatives]) -> Focus:
        named = dict.fromkeys(stem(w) for w in focus_words(query.text, self.speakers))
        stems = tuple(named)
        known = self._index.vocabulary()
        meant: dict[str, set[str]] = {}
        for alternative in alternatives:
            for word in alternative.word.split():
                meant.setdefault(word, set()).update(alternative.terms)
                meant.setdefault(stem(word), set()).update(alternative.terms)
        related = tuple(frozenset({s, *compound_parts(s, known), *meant.get(s, ())}) for s in stems)
        size = max(len(self._index), 1)
        flat = [term for group in related for term in group]
        counts = dict(zip(flat, (int(c) for c in self._index.document_frequency(flat)), strict=True))
        own = [counts[s] for s in stems]
        weights = tuple(math.log(1 + size / (1 + c)) for c in own)
        return Focus(stems, related, weights, tuple(any(counts[t] for t in group) for group in related))

    def _hit(self, found: Features, row: int, rank: int) -> Hit:
        signals = tuple((name, round(float(v), 4)) for name, v in zip(FEATURES, found.fusion[row], strict=True))
        return Hit(found.candidates.passages[row], round(float(found.fused[row]), 6), rank, signals)


def _members(section: Section, passages: Sequence[Passage], question: str) -> list[int]:
    """Return the rows of a section that belong to the answer: its items, or all where it has none."""
    rows = [r for r in section.rows if not is_fragment(passages[r])]
    items = [r for r in rows if passages[r].mark != "paragraph"]
    return items if len(items) > 1 else rows


def _interleaved(order: Sequence[int], passages: Sequence[Passage], sides: Sequence[str]) -> list[int]:
    """Return ``order`` with the sides taking turns, the side of the best passage first."""
    queues = {side: [r for r in order if passages[r].document_id == side] for side in sides}
    first = sorted(queues, key=lambda side: order.index(queues[side][0]) if queues[side] else len(order))
    mixed: list[int] = []
    for turn in range(max((len(q) for q in queues.values()), default=0)):
        mixed.extend(queues[side][turn] for side in first if turn < len(queues[side]))
    taken = set(mixed)
    return mixed + [r for r in order if r not in taken]


__all__ = ["JUDGED", "SECTION_FEATURES", "Features", "Focus", "Ranking", "Searcher", "ordinal_in"]
