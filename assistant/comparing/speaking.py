"""Who speaks of a theme, and who only comes near it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answering.frames import sentence_case
from assistant.pipeline import Assistant
from assistant.records import Hit, Passage, Query
from assistant.retrieval.search import JUDGED, Ranking
from assistant.retrieval.standing import bare, is_fragment
from assistant.retrieval.understanding import focus_words
from assistant.text.danish import stem, terms, vocabulary

ANSWERED = 0.5
"""How sure it must be that anything is on the theme, where passages have only related words."""

COVERS = 0.4
"""So much of the theme, by weight, must a passage speak of."""

NEAR_BEST = 0.3
"""A passage that has words of the theme is on it from this share of the best score."""

RELATED = 0.4
"""From this share of the best score, a passage with related words only is worth showing as such."""

HEADS = 0.6
"""A heading is the theme where the theme's words are at least this share of it."""


@dataclass(frozen=True, slots=True)
class Found:
    """Passages best first: those on the theme, and those that only speak of something related."""

    speaking: list[Passage]
    near: list[Passage]


def find(assistant: Assistant, ranking: Ranking, focus: Sequence[str]) -> Found:
    """Tell who speaks of the theme from who only comes near.

    The retrieval's own judgement of what a passage covers counts related words too, and the best of bad
    passages look good to it where nothing else is there. So a passage must have a word of the theme, in
    some form or compound, or stand under a heading that is the theme. A theme in English has no words
    here; there its translations count, where they score well.
    """
    sure = ranking.confidence >= ANSWERED
    hits = _telling(ranking)
    covering = sorted((hit for hit, covered in hits if covered >= COVERS), key=lambda hit: -hit.score)
    best = max(covering[0].score, 0.0) if covering else 0.0
    known = vocabulary(hit.passage.text for hit in ranking.hits[:JUDGED])
    speaking: list[Passage] = []
    near: list[Passage] = []
    for hit in covering:
        if hit.score >= NEAR_BEST * best and _has_words(hit.passage, focus, known):
            speaking.append(hit.passage)
        elif sure and hit.score >= RELATED * best:
            (speaking if ranking.query.language == "en" else near).append(hit.passage)
    under = [hit.passage for hit, _ in hits if _headed(hit.passage, frozenset(focus))]
    speaking += sorted((p for p in under if p not in speaking), key=lambda p: (p.document_id, p.order))
    heard = {passage.document_id for passage in speaking}
    for document_id in ranking.query.sides:
        if document_id not in heard:
            # Scores are those of one passage among others. Where many speak of the theme, they are low for
            # some that do; but who has all its words is not silent.
            speaking += _speaking(hits, document_id, focus, known, 1.0)
    if len(ranking.hits) > JUDGED:
        heard = {passage.document_id for passage in speaking}
        for document_id in ranking.query.sides:
            if document_id not in heard:
                speaking += _overlooked(assistant, ranking.query, document_id, focus)
    named = {passage.id for passage in speaking}
    return Found(speaking, [passage for passage in near if passage.id not in named])


def _telling(ranking: Ranking) -> list[tuple[Hit, float]]:
    headings = {bare(hit.passage.heading) for hit in ranking.hits}
    return [
        (hit, covered)
        for hit, covered in zip(ranking.hits, ranking.covered, strict=True)
        if not is_fragment(hit.passage, headings)
    ]


def _has_words(passage: Passage, focus: Sequence[str], known: frozenset[str], share: float = 0.5) -> bool:
    """Whether a passage has at least ``share`` of the theme's words."""
    held = set(terms(passage.text, known))
    found = sum(any(akin(wanted, term) for term in held) for wanted in focus)
    return found >= share * len(focus) > 0


def akin(a: str, b: str) -> bool:
    """Whether two stems are of one family: "digital" and "digitalisering", "kompetent" and "kompetenc"."""
    shorter = min(len(a), len(b))
    shared = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), shorter)
    return a == b or shared == shorter >= 4 or shared >= max(5, 0.7 * shorter)


def _headed(passage: Passage, focus: frozenset[str]) -> bool:
    """Whether the heading right above a passage is the theme, with at most a word or so beside it."""
    above = {stem(word) for word in focus_words(sentence_case(passage.heading))} if passage.heading else set()
    return bool(focus) and focus <= above and len(focus) >= HEADS * len(above)


def _overlooked(assistant: Assistant, query: Query, document_id: str, focus: Sequence[str]) -> list[Passage]:
    """Return what a document says of the theme that the others' better passages kept from being judged."""
    ranking = assistant.searcher.rank(replace(query, documents=(document_id,)))
    known = vocabulary(hit.passage.text for hit in ranking.hits[:JUDGED])
    return _speaking(_telling(ranking), document_id, focus, known, 0.5)


def _speaking(
    hits: Sequence[tuple[Hit, float]],
    document_id: str,
    focus: Sequence[str],
    known: frozenset[str],
    share: float,
) -> list[Passage]:
    return [
        hit.passage
        for hit, covered in hits
        if hit.passage.document_id == document_id
        and covered >= COVERS
        and _has_words(hit.passage, focus, known, share)
    ]
