"""One question searched: embed, find, fuse, judge, and put the passages in the order of an answer."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.base import Embedder
from assistant.indexes.base import SIGNALS, Alternatives, Candidates, PassageIndex, SearchQuery
from assistant.indexes.local import heading_text, is_prose
from assistant.records import Document, Hit, Intent, Passage, Query
from assistant.retrieval.attribution import asked_of, asks_a_stranger, speaking
from assistant.retrieval.expansion import english_stem, expand
from assistant.retrieval.followup import MAX_HISTORY, ORDINALS, counted_out
from assistant.retrieval.fusion import ALONE, FEATURES, NOTHING, Earlier, features, fuse
from assistant.retrieval.known import KNOWN_FEATURES, NOTHING_KNOWN, KnownQuestions
from assistant.retrieval.model import RankingModel
from assistant.retrieval.places import Part, pages_named, parts_asked
from assistant.retrieval.products import in_one_thread
from assistant.retrieval.sections import (
    Section,
    as_digit,
    choose_section,
    last_numbers,
    section_features,
    sections_of,
)
from assistant.retrieval.speakers import Speakers
from assistant.retrieval.spelling import Spelling
from assistant.retrieval.standing import Standing, standing_of
from assistant.retrieval.support import (
    JUDGED_FOR_CONFIDENCE,
    PARTICULARS,
    SUPPORT_FEATURES,
    Focus,
    probabilities,
    support_features,
)
from assistant.retrieval.understanding import focus_words, understand
from assistant.retrieval.wordlists import COMPARING_WORDS
from assistant.text.danish import Terms, compound_parts, stem, words
from assistant.timing import Stopwatch

_WORD = re.compile(r"[^\W_]+")

_SENTENCE = re.compile(r"[.!?]\W*$")
_END = " .!?"

_COVERED = SUPPORT_FEATURES.index("covered")
_COVERED_EXACTLY = SUPPORT_FEATURES.index("covered_exactly")
_KNOWN = [FEATURES.index(name) for name in KNOWN_FEATURES]
_NOT_ASKED = FEATURES.index("not_asked")
_KNOWN_PASSAGE = FEATURES.index("known_passage")

KNOWN = "_known"
"""Ends the names of the weights for documents that known questions are about."""

_PARTICULARS = [SUPPORT_FEATURES.index(name) for name in PARTICULARS]

JUDGED = 100
"""So many of the best passages are judged for support."""

_THEME_AMONG = 20
"""Among so many of the best passages a theme that is compared shall stand in its own words."""

EXPLAINED = 20
"""So many of the first hits carry the signals that gave their score."""

_EMBEDDED = 5
"""So many alternatives for each word that the documents do not have are embedded with the question."""

_LOOKED_AT = 500
"""So many passages, spread over the index, tell whether it is mostly running text."""

_REMEMBERED = 10
"""So many passages may have answered the question before."""

_CONVERSATIONS = 256


@dataclass(frozen=True, slots=True)
class Features:
    """What the fitted models saw, kept for fitting and for explaining.

    Rows of ``fusion`` belong to the candidates, rows of ``support`` to the first hits by fused score,
    rows of ``section`` to ``sections``. ``prose`` says whether the candidates are mostly running text.
    """

    focus: Focus
    candidates: Candidates
    prose: bool
    fusion: NDArray[np.float32]
    fused: NDArray[np.float32]
    order: NDArray[np.int64]
    sections: tuple[Section, ...]
    section: NDArray[np.float32]
    support: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The passages for a question, best first, and how they answer it.

    ``support`` gives for each hit the probability that it supports an answer, ``covered`` the share of
    what the question is about that the passage speaks of, in the question's words or others. ``group``
    are the passages of the section or list that was asked for, in reading order, else empty. ``parts`` are the
    pages or outlines that were asked for as such. ``stranger``: somebody's words are asked for
    who has no document.
    """

    query: Query
    hits: tuple[Hit, ...]
    support: tuple[float, ...]
    covered: tuple[float, ...]
    group: tuple[Passage, ...]
    confidence: float
    parts: tuple[Part, ...] = ()
    stranger: bool = False


class Searcher:
    """Ranks passages for questions. Holds no state between questions; safe for many threads."""

    def __init__(
        self,
        index: PassageIndex,
        embedder: Embedder,
        documents: Sequence[Document],
        model: RankingModel,
        known: KnownQuestions = NOTHING_KNOWN,
    ) -> None:
        """Search ``index`` with questions embedded by ``embedder``, which gave those that are ``known``."""
        in_one_thread()
        self._index = index
        self._embedder = embedder
        self._model = model
        self.known = known
        self.speakers = Speakers(documents)
        self._documents = tuple(documents)
        looked_at = index.sample(_LOOKED_AT)
        self._last_numbers = last_numbers(looked_at if len(looked_at) == len(index) else ())
        self._of_prose = 2 * sum(is_prose(p) for p in looked_at) > len(looked_at)
        # Passages are judged again and again; their terms are worth keeping.
        taken_apart = Terms(index.vocabulary())
        self._terms = lru_cache(maxsize=20_000)(lambda text: frozenset(taken_apart(text)))
        self._spelling = Spelling(index.index_terms())
        self._standing: tuple[tuple[Passage, ...], Standing] | None = None
        self._cut: tuple[tuple[Passage, ...], dict[int, tuple[frozenset[str], frozenset[str]]]] | None = None
        # The question before was most often answered a moment ago, or is asked of again.
        self._answered = lru_cache(maxsize=_CONVERSATIONS)(self._answered_before)

    def search(self, query: Query, top_k: int = 10) -> tuple[Hit, ...]:
        """Return the best ``top_k`` hits for ``query``."""
        return self.rank(query).hits[:top_k]

    def rank(self, query: Query, watch: Stopwatch | None = None) -> Ranking:
        """Rank the passages and decide whether a section, a list or a comparison is wanted."""
        if parts := parts_asked(query, self._documents, self._index.passages_of, self.speakers):
            return _places(query, parts)
        query = self._counted_out(query)
        found = self.examine(query, watch)
        passages = found.candidates.passages
        if not passages:
            return Ranking(query, (), (), (), (), 0.0)
        support = probabilities(found.support, self._model.support)
        section, chance = _wanted_section(query, found, self._model)
        confidence = _confidence(query, found, support, section, chance)
        group: tuple[Passage, ...] = ()
        order: list[int] = found.order.tolist()
        if section >= 0:
            rows = _members(found.sections[section], passages)
            group = tuple(sorted((passages[r] for r in rows), key=lambda p: p.order))
            inside = set(rows)
            # The points come before the sentences that stand among them.
            points = {r for r in rows if passages[r].mark != "paragraph"} or inside
            order.sort(key=lambda r: (r not in inside, r not in points))
            query = replace(query, intent="section")
        elif query.intent == "comparison":
            order = _interleaved(_theme_first(order, found), passages, query.sides)
        if named := pages_named(query, self._documents):
            order.sort(key=lambda r: (passages[r].document_id, passages[r].page) not in named)
        judged = found.order[: len(support)].tolist()
        chance_of = dict(zip(judged, support.tolist(), strict=True))
        chances = tuple(chance_of.get(row, 0.0) for row in order)
        share_of = dict(zip(judged, found.support[:, _COVERED].tolist(), strict=True))
        covered = tuple(share_of.get(row, 0.0) for row in order)
        stranger = asks_a_stranger(query.text, self.speakers)
        return Ranking(query, _hits(found, order), chances, covered, group, confidence, stranger=stranger)

    def with_model(self, model: RankingModel) -> Searcher:
        """Return a searcher that differs in its coefficients only."""
        other = copy(self)
        other._model = model
        other._answered = lru_cache(maxsize=_CONVERSATIONS)(other._answered_before)
        return other

    def with_known(self, known: KnownQuestions) -> Searcher:
        """Return a searcher that knows other questions."""
        other = copy(self)
        other.known = known
        other._answered = lru_cache(maxsize=_CONVERSATIONS)(other._answered_before)
        return other

    def with_embedder(self, embedder: Embedder) -> Searcher:
        """Return a searcher that embeds questions another way."""
        other = copy(self)
        other._embedder = embedder
        other._answered = lru_cache(maxsize=_CONVERSATIONS)(other._answered_before)
        return other

    def examine(self, query: Query, watch: Stopwatch | None = None) -> Features:
        """Return what the models see for ``query``, for ranking and for fitting."""
        text = query.text
        alternatives = self._alternatives(query, self._wording(query))
        candidates, matrix = self.features(query, alternatives, watch)
        sides = _one_side(query)
        standing = self._standing_of(candidates.passages)
        prose = standing.mostly_prose
        fused = scores_of(query, self._model, matrix, candidates.passages, prose=prose)
        order = np.argsort(-fused, kind="stable")
        focus = self._focus(query, alternatives)
        first = order[: 4 * JUDGED].tolist()
        silent = standing.silent
        sections = tuple(sections_of(candidates.passages, first, silent) if focus.stems else ())
        section = section_features(
            text,
            focus.stems,
            focus.related,
            sections,
            candidates.passages,
            fused,
            matrix[:, FEATURES.index("dense_heading")],
            sides,
            matrix[:, _KNOWN],
        )
        judged = order[:JUDGED]
        near = [candidates.passages[i] for i in judged]
        support = support_features(
            text,
            query.language,
            focus,
            near,
            *self._taken_apart(candidates.passages, judged.tolist()),
            candidates.signals[judged, SIGNALS.index("dense")],
            float(candidates.mean[SIGNALS.index("dense")]),
            fused[judged],
            [not sides or p.document_id in sides for p in near],
            stranger=asks_a_stranger(text, self.speakers),
            known=matrix[judged][:, _KNOWN],
        )
        return Features(focus, candidates, prose, matrix, fused, order, sections, section, support)

    def features(
        self,
        query: Query,
        alternatives: Sequence[Alternatives] | None = None,
        watch: Stopwatch | None = None,
    ) -> tuple[Candidates, NDArray[np.float32]]:
        """Return the candidates for ``query`` and what they are scored by; shape (n, len(FEATURES))."""
        wording = self._wording(query)
        if alternatives is None:
            alternatives = self._alternatives(query, wording)
        watch = watch or Stopwatch()
        with watch.stage("embed"):
            vector = self.vector(query, alternatives)
        with watch.stage("search"):
            search = SearchQuery(wording, vector, tuple(alternatives))
            candidates = self._index.search(search, documents=query.documents)
        return candidates, features(
            candidates,
            _one_side(query),
            query.text,
            leans=query.understood_as is not None,
            asked=bool(asked_of(words(query.text), self.speakers)),
            earlier=self._earlier(query),
            standing=self._standing_of(candidates.passages),
            known=self.known.features(vector, query.text, candidates.passages),
        )

    def _counted_out(self, query: Query) -> Query:
        """Return the question with a number for "det sidste", where one document alone has numbered headings."""
        within = _one_side(query) or query.documents
        last = [n for name, n in self._last_numbers.items() if not within or name in within]
        if len(last) != 1 or last[0] not in ORDINALS:
            return query
        return replace(query, text=counted_out(query.text, last[0]))

    def _earlier(self, query: Query) -> Earlier:
        if not query.history:
            return ALONE
        return Earlier(self._answered(query.history[-MAX_HISTORY:], query.documents), query.goes_on)

    def _taken_apart(
        self, passages: tuple[Passage, ...], rows: Sequence[int]
    ) -> tuple[list[frozenset[str]], list[frozenset[str]]]:
        """Return the terms of each of ``rows`` and of what stands above it; kept as :meth:`_standing_of` says."""
        kept = self._cut
        if kept is None or kept[0] is not passages:
            self._cut = kept = passages, {}
        known = kept[1]
        for row in rows:
            if row not in known:
                passage = passages[row]
                known[row] = self._terms(passage.text), self._terms(heading_text(passage))
        return [known[row][0] for row in rows], [known[row][1] for row in rows]

    def _standing_of(self, passages: tuple[Passage, ...]) -> Standing:
        """Return how the candidates stand; kept for the steps of a question, and of a small index for all."""
        known = self._standing
        if known is None or known[0] is not passages:
            self._standing = known = passages, standing_of(passages)
        return known[1]

    def _answered_before(self, history: tuple[str, ...], documents: tuple[str, ...]) -> Mapping[str, float]:
        """Return with what probability each of the first passages answered the last question of ``history``.

        Fused scores are fitted as the logits of a softmax over the passages, so that is what they give.
        """
        past = understand(
            history[-1],
            history=history[:-1],
            documents=documents,
            speakers=self.speakers,
            all_documents=tuple(d.id for d in self._documents),
        )
        past = self._counted_out(past)
        found = self.examine(past)
        passages = found.candidates.passages
        if not passages:
            return NOTHING
        section, _ = _wanted_section(past, found, self._model)
        if section >= 0:
            rows = _members(found.sections[section], passages)
            return {passages[row].id: 1 / len(rows) for row in rows}
        first = found.order[:_REMEMBERED]
        odds = np.exp(found.fused[first] - found.fused[first[0]])
        chances = odds / odds.sum()
        return {passages[row].id: float(chance) for row, chance in zip(first, chances, strict=True)}

    def vector(self, query: Query, alternatives: Sequence[Alternatives] | None = None) -> NDArray[np.float32]:
        """Embed the question with the documents' words for those of its own that they do not have.

        Shape (dimension,). Running text says enough of itself: there they lost a little, and the question is
        embedded as :func:`unmarked` writes it. A question that adds to an earlier one counts by itself and with that.
        """
        if alternatives is None:
            alternatives = self._alternatives(query, self._wording(query))
        unknown = () if self._of_prose else (a for a in alternatives if a.weight == 1.0)
        instead = " ".join(dict.fromkeys(term for a in unknown for term in a.terms[:_EMBEDDED]))
        texts = [
            f"{self._without_speakers(t)} {instead}".strip()
            for t in ((query.text,) if query.addition == "" else (query.text, query.addition))
        ]
        if self._of_prose:
            texts = [unmarked(text) for text in texts]
        vectors = self._embedder.embed_queries(texts)
        mean = vectors.mean(axis=0)
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), dtype=np.float32)

    def _without_speakers(self, text: str) -> str:
        """Return ``text`` without the names of speakers, who are a signal; as it is where nothing is left."""
        pieces = list(_WORD.finditer(text))
        kept = text
        for mention in reversed(speaking([p.group().lower() for p in pieces], self.speakers)):
            kept = kept[: pieces[mention.start].start()] + kept[pieces[mention.end - 1].end() :]
        kept = " ".join(kept.split())
        return kept if focus_words(kept) else text

    def _wording(self, query: Query) -> str:
        """Return the words to match: without the speaker, who is a signal, and what was added twice."""
        tokens = words(f"{query.text} {query.addition}")
        if query.intent == "comparison":
            tokens = [t for t in tokens if t not in COMPARING_WORDS] or tokens
        named = {i for m in speaking(tokens, self.speakers) for i in range(m.start, m.end)}
        kept = [t for i, t in enumerate(tokens) if i not in named]
        return " ".join(kept if focus_words(" ".join(kept)) else tokens)

    def _alternatives(self, query: Query, wording: str) -> tuple[Alternatives, ...]:
        return expand(wording, query.language, self._index.index_terms(), self._spelling)

    def _focus(self, query: Query, alternatives: Sequence[Alternatives]) -> Focus:
        found = dict.fromkeys(focus_words(query.text, self.speakers))
        if query.intent == "comparison":
            found = {word: None for word in found if word not in COMPARING_WORDS} or found
        stems = tuple(dict.fromkeys(stem(word) for word in found))
        known = self._index.vocabulary()
        meant: dict[str, set[str]] = {}
        for alternative in alternatives:
            for part in alternative.word.split():
                meant.setdefault(part, set()).update(alternative.terms)
        groups: dict[str, set[str]] = {}
        plain: dict[str, set[str]] = {}
        for word in found:
            # Alternatives are known by Danish stems, by English stems, or by a word as it was misspelt.
            keys = {stem(word), word, english_stem(word)} if query.language == "en" else {stem(word), word}
            group = groups.setdefault(stem(word), {stem(word), as_digit(word), *compound_parts(word, known)})
            alike = set().union(*(meant.get(key, set()) for key in keys))
            group |= alike
            plain.setdefault(stem(word), {stem(word), as_digit(word)}).update(alike)
        related = tuple(frozenset(groups[s]) for s in stems)
        direct = tuple(frozenset(plain[s]) for s in stems)
        size = max(len(self._index), 1)
        flat = [term for group in related for term in group]
        counts = dict(zip(flat, (int(c) for c in self._index.document_frequency(flat)), strict=True))
        own = [counts[s] for s in stems]
        weights = tuple(math.log(1 + size / (1 + c)) for c in own)
        known_to_it = tuple(any(counts[t] for t in group) for group in related)
        return Focus(stems, related, weights, known_to_it, tuple(c > 0 for c in own), direct)


def unmarked(text: str) -> str:
    """Return ``text`` in lower case and without the mark that ends it; as it is where there is nothing else.

    Who types in a hurry leaves out "?" and capitals. That says nothing of what is asked, but moves the vector.
    """
    return text.lower().rstrip(_END) or text


def _places(query: Query, parts: tuple[Part, ...]) -> Ranking:
    """Return what stands in parts that were asked for: certain, where they are there."""
    passages = [passage for part in parts for passage in part.passages]
    hits = tuple(Hit(passage, 0.0, rank) for rank, passage in enumerate(passages, 1))
    sure = tuple(1.0 for _ in hits)
    intent: Intent = "comparison" if query.intent == "comparison" else "section"
    return Ranking(replace(query, intent=intent), hits, sure, sure, (), 1.0 if hits else 0.0, parts)


def _hits(found: Features, order: Sequence[int]) -> tuple[Hit, ...]:
    """Return the hits in ``order``; those that nobody looks at closely are without their signals."""
    passages = found.candidates.passages
    # float32 times a power of ten is exact in float64, so this rounds as round() does.
    scores = np.round(found.fused.astype(np.float64), 6).tolist()
    signals = np.round(found.fusion[list(order[:EXPLAINED])].astype(np.float64), 4).tolist()
    explained = [tuple(zip(FEATURES, row, strict=True)) for row in signals]
    explained += [()] * (len(order) - len(explained))
    ranked = [passages[row] for row in order]
    return tuple(map(Hit, ranked, [scores[row] for row in order], range(1, len(order) + 1), explained))


def _one_side(query: Query) -> tuple[str, ...]:
    return query.sides if query.intent != "comparison" else ()


def scores_of(
    query: Query,
    model: RankingModel,
    matrix: NDArray[np.float32],
    passages: Sequence[Passage],
    *,
    prose: bool,
) -> NDArray[np.float32]:
    """Return the fused score of every row of ``matrix``; shape (len(passages),).

    Running text has weights of its own, and so have documents that known questions are about. Where only some are,
    what is known moves probability among those alone: how much of it they have together, and how much the others
    have, is for the signals that all of them have.
    """
    if prose:
        return fuse(matrix, model.fusion["prose"])
    known = _of_known_documents(matrix, passages)
    plain = fuse(matrix, model.fusion[query.language])
    if not known.any():
        return plain
    informed = fuse(matrix, model.fusion[f"{query.language}{KNOWN}"])
    if known.all():
        return informed
    shift = np.logaddexp.reduce(informed[known]) - np.logaddexp.reduce(plain[known])
    return np.where(known, informed, plain + shift)


def _weight_of(feature: str, query: Query, model: RankingModel, found: Features) -> NDArray[np.float32]:
    """Return what a feature weighs in :func:`scores_of` for each candidate; shape (n,), or () where all are alike."""
    column = FEATURES.index(feature)
    if found.prose:
        return np.asarray(model.fusion["prose"][column])
    known = _of_known_documents(found.fusion, found.candidates.passages)
    plain = np.asarray(model.fusion[query.language][column])
    return np.where(known, model.fusion[f"{query.language}{KNOWN}"][column], plain) if known.any() else plain


def _of_known_documents(matrix: NDArray[np.float32], passages: Sequence[Passage]) -> NDArray[np.bool_]:
    """Return for each passage whether known questions are about its document; shape (len(passages),)."""
    own = matrix[:, _KNOWN_PASSAGE] > 0
    if own.all() or not own.any():
        return own
    documents = {passage.document_id for passage, known in zip(passages, own, strict=True) if known}
    return np.fromiter((passage.document_id in documents for passage in passages), bool, len(passages))


def confidence_of(query: Query, found: Features, model: RankingModel) -> float:
    """Return how sure it is that the documents answer: the best support, or that a section is wanted.

    Of a comparison it is the mean of the best support and of how much of the theme stands there in its own words.
    """
    return _confidence(
        query, found, probabilities(found.support, model.support), *_wanted_section(query, found, model)
    )


def _confidence(
    query: Query, found: Features, support: NDArray[np.float32], section: int, chance: float
) -> float:
    if not len(support) or not found.focus.stems:
        return 0.0  # nothing was found, or nothing was asked about
    # Whose words are asked for must have them: what another says is no answer of theirs.
    own = support[found.fusion[found.order[: len(support)], _NOT_ASKED] == 0]
    best = float(own[:JUDGED_FOR_CONFIDENCE].max(initial=0.0))
    if query.intent == "comparison":
        # Whoever compares asks what is said of a theme: that its own words stand there counts as much, unless it is
        # a name or a number that is wanted of it.
        theme = 0.0 if _asks_for_particulars(found) else found.support[:_THEME_AMONG, _COVERED_EXACTLY].max()
        return (best + float(theme)) / 2
    # Once a section is what is asked for, its heading answers for it.
    return max(best, (1 + chance) / 2) if section >= 0 else best


def _wanted_section(query: Query, found: Features, model: RankingModel) -> tuple[int, float]:
    """Return the section that is asked for and how sure that is; (-1, 0.0) for none."""
    if query.intent == "comparison" or _asks_for_particulars(found):
        return -1, 0.0
    introduced = _introduced_by_best(found, _weight_of("fragment", query, model, found))
    if introduced >= 0:
        return introduced, 1.0
    section, chance = choose_section(found.section, model.section)
    if chance < model.section_threshold:
        return -1, 0.0
    document = found.candidates.passages[found.sections[section].rows[0]].document_id
    return (section, chance) if not query.sides or document in query.sides else (-1, 0.0)


def _asks_for_particulars(found: Features) -> bool:
    """Whether the question wants a name, a number or a task done, which no section as a whole gives."""
    first = found.support[:JUDGED_FOR_CONFIDENCE, _PARTICULARS]
    return bool(len(first)) and bool(first.all(axis=0).any())


def _introduced_by_best(found: Features, weight: NDArray[np.float32]) -> int:
    """Return the section whose introducing line fits best, or -1: the list is what was asked for.

    Here the line counts for what it says, though it is no answer by itself.
    """
    fragment = found.fusion[:, FEATURES.index("fragment")]
    best = found.candidates.passages[int(np.argmax(found.fused - weight * fragment))]
    if not best.text.endswith(":"):
        return -1
    for number, section in enumerate(found.sections):
        leads = {found.candidates.passages[row].lead for row in section.rows}
        if best.section == found.candidates.passages[section.rows[0]].section and best.text in leads:
            return number
    return -1


def _members(section: Section, passages: Sequence[Passage]) -> list[int]:
    """Return the rows of a section that belong to the answer: its items, or all where it has none."""
    rows = list(section.telling)
    items = [r for r in rows if passages[r].mark != "paragraph"]
    if len(items) < 2:
        return rows
    if all(passages[r].mark == "numbered" for r in items):
        return items
    return [r for r in rows if not _stands_beside(passages[r]) or _SENTENCE.search(passages[r].text)]


def _stands_beside(passage: Passage) -> bool:
    return passage.mark == "paragraph" and not passage.follows


def _theme_first(order: Sequence[int], found: Features) -> list[int]:
    """Return ``order`` with the passages that speak of the theme, in any words, before the others."""
    column = found.support[:, _COVERED]
    speaking = set(found.order[: len(column)][column > 0].tolist())
    return sorted(order, key=lambda r: r not in speaking)


def _interleaved(order: Sequence[int], passages: Sequence[Passage], sides: Sequence[str]) -> list[int]:
    """Return ``order`` with the sides taking turns, the side of the best passage first."""
    queues = {side: [r for r in order if passages[r].document_id == side] for side in sides}
    first = sorted(queues, key=lambda side: order.index(queues[side][0]) if queues[side] else len(order))
    mixed: list[int] = []
    for turn in range(max((len(q) for q in queues.values()), default=0)):
        mixed.extend(queues[side][turn] for side in first if turn < len(queues[side]))
    taken = set(mixed)
    return mixed + [r for r in order if r not in taken]
