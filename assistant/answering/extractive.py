"""Answers without a language model: the passages that answer, verbatim, with a short frame around them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.answering.base import Draft
from assistant.answering.frames import (
    FRAMES,
    Language,
    courtesy,
    kind_definite,
    no_part,
    part_heading,
    says,
    sentence_case,
    side_heading,
)
from assistant.citing import cite, page_name
from assistant.indexes.local import PROSE_FROM
from assistant.records import Block, Citation, Document, Hit, Passage
from assistant.retrieval.contents import stems_in
from assistant.retrieval.search import Ranking
from assistant.retrieval.standing import is_fragment
from assistant.retrieval.understanding import focus_words
from assistant.retrieval.wordlists import DANISH_FRAME_WORDS, DANISH_FUNCTION_WORDS
from assistant.text.danish import stem, words

MAX_QUOTES = 5
"""Quotes in an answer, but for a section or list, which is quoted whole."""

NEAREST = 2
"""Passages shown, as such, where the documents do not answer."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When the documents answer, when they answer a comparison, and how sure the quotes must be."""

    answer: float
    comparison: float
    enough: float = 0.8


@dataclass(slots=True)
class _Writer:
    """Collects blocks and citations; quotes get the next number."""

    documents: Mapping[str, Document]
    focus: tuple[str, ...]
    blocks: list[Block] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    marker: int = 0

    def frame(self, text: str) -> Iterator[Block]:
        yield self._block(Block("frame", text))

    def heading(self, text: str) -> Iterator[Block]:
        yield self._block(Block("heading", text))

    def quote(self, passage: Passage) -> Iterator[Block]:
        self.marker += 1
        citation = cite(self.documents[passage.document_id], passage, self.marker, self.focus)
        self.citations.append(citation)
        yield self._block(Block("quote", citation.quote, self.marker, len(self.citations) - 1))

    def items(self, frame: str, passages: Sequence[Passage]) -> Iterator[Block]:
        """A line with one number and below it every passage, each opening its own place."""
        self.marker += 1
        first = len(self.citations)
        for passage in passages:
            self.citations.append(cite(self.documents[passage.document_id], passage, self.marker))
        yield self._block(Block("frame", frame, self.marker, first))
        for offset, citation in enumerate(self.citations[first:]):
            yield self._block(Block("item", citation.quote, 0, first + offset))

    def _block(self, block: Block) -> Block:
        self.blocks.append(block)
        return block


class ExtractiveAnswerer:
    """The default: needs no model, says nothing of its own."""

    mode = "extractive"

    def __init__(self, thresholds: Thresholds) -> None:
        """Answer where support reaches ``thresholds``."""
        self._thresholds = thresholds

    def answer(self, ranking: Ranking, documents: Mapping[str, Document]) -> Iterator[Block | Draft]:
        """Yield the blocks of the answer and last the whole draft."""
        focus = tuple(stem(w) for w in focus_words(ranking.query.text))
        writer = _Writer(documents, focus)
        if returned := courtesy(ranking.query.question):
            yield from writer.frame(returned)
            yield Draft(tuple(writer.blocks), (), supported=False)
            return
        if ranking.parts:
            yield from self._parts(writer, ranking)
            yield Draft(tuple(writer.blocks), tuple(writer.citations), supported=bool(writer.citations))
            return
        comparing = ranking.query.intent == "comparison"
        if ranking.confidence < (self._thresholds.comparison if comparing else self._thresholds.answer):
            said, word = ([], "") if comparing else _said_of(ranking)
            yield from self._mention(writer, ranking, said, word) if said else self._decline(writer, ranking)
            yield Draft(tuple(writer.blocks), tuple(writer.citations), supported=bool(said))
            return
        if comparing:
            yield from self._compare(writer, ranking)
        elif ranking.group:
            yield from self._section(writer, ranking)
        else:
            yield from self._point(writer, ranking)
        yield Draft(tuple(writer.blocks), tuple(writer.citations), supported=True)

    def _parts(self, writer: _Writer, ranking: Ranking) -> Iterator[Block]:
        language = ranking.query.language
        for part in ranking.parts:
            if part.passages:
                yield from writer.items(part_heading(part.document, part.page, language), part.passages)
            else:
                yield from writer.frame(no_part(part.document, part.page, language, there=part.there))
        if ranking.query.intent == "comparison" and not any(part.page for part in ranking.parts):
            yield from writer.frame(FRAMES[language]["no_theme"])

    def _section(self, writer: _Writer, ranking: Ranking) -> Iterator[Block]:
        first = ranking.group[0]
        document = writer.documents[first.document_id]
        heading = first.lead.rstrip(":") if _long_enough(first.lead) else first.heading
        yield from _silent_sides(writer, ranking, ranking.group)
        frame = says(document, list(ranking.group), ranking.query.language, heading=heading)
        yield from writer.items(frame, ranking.group)

    def _point(self, writer: _Writer, ranking: Ranking) -> Iterator[Block]:
        language = ranking.query.language
        chosen = self._chosen(ranking)
        yield from _silent_sides(writer, ranking, [h.passage for h in chosen])
        for document_id in dict.fromkeys(h.passage.document_id for h in chosen):
            passages = [h.passage for h in chosen if h.passage.document_id == document_id]
            passages = _reading_order(passages)
            document = writer.documents[document_id]
            headings = {p.heading for p in passages}
            heading = passages[0].heading if len(headings) == 1 and _helps(passages[0]) else ""
            yield from writer.frame(says(document, passages, language, heading=heading))
            for passage in passages:
                yield from writer.quote(passage)

    def _chosen(self, ranking: Ranking) -> list[Hit]:
        """The hits that hold the answer with the wanted probability, no more than needed for that."""
        hits = [h for h in ranking.hits if not is_fragment(h.passage)] or list(ranking.hits)
        return _with_what_they_follow(_likely(hits, self._thresholds.enough, MAX_QUOTES), ranking.hits)

    def _compare(self, writer: _Writer, ranking: Ranking) -> Iterator[Block]:
        language, sides = ranking.query.language, ranking.query.sides
        quoted: list[list[Passage]] = []
        left = MAX_QUOTES
        speaking = _speaking(ranking)
        for number, side in enumerate(sides):
            document = writer.documents[side]
            own = [h for h in speaking if h.passage.document_id == side]
            # Each side gets its share of the quotes, and what the sides before it left over.
            share = max(left // (len(sides) - number), 1)
            passages = [h.passage for h in _likely(own, self._thresholds.enough, share)]
            left -= len(passages)
            yield from writer.heading(side_heading(document, language))
            if not passages:
                yield from writer.frame(FRAMES[language]["silent"])
                continue
            quoted.append(passages)
            yield from writer.frame(says(document, passages, language))
            for passage in passages:
                yield from writer.quote(passage)
        shared = _shared_words(quoted)
        if len(quoted) == len(sides) and shared:
            key = "both" if len(quoted) == 2 else "all"
            yield from writer.frame(FRAMES[language][key].format(words=", ".join(shared)))

    def _mention(
        self, writer: _Writer, ranking: Ranking, said: Sequence[Passage], word: str
    ) -> Iterator[Block]:
        """Quote the places where a word stands, as all that is said of it."""
        frames = FRAMES[ranking.query.language]
        for name in dict.fromkeys(p.document_id for p in said):
            own = _reading_order([p for p in said if p.document_id == name])
            document = writer.documents[name]
            where = kind_definite(document.kind, ranking.query.language)
            frame = frames["mentions_once" if len(own) == 1 else "mentions"]
            yield from writer.frame(
                frame.format(who=document.organisation, word=word, count=len(own), where=where)
            )
            for passage in own:
                yield from writer.quote(passage)

    def _decline(self, writer: _Writer, ranking: Ranking) -> Iterator[Block]:
        language: Language = ranking.query.language
        frames = FRAMES[language]
        asked = [writer.documents[side] for side in ranking.query.sides if side in writer.documents]
        if len(asked) == 1:
            # Another may well answer it: only of the one who was asked is it said that it does not.
            who, where = asked[0].organisation, kind_definite(asked[0].kind, language)
            yield from writer.frame(frames["side_not_answered"].format(who=who, where=where))
        else:
            yield from writer.frame(frames["not_answered"])
        near, word, count = _mentions(ranking)
        if not near:
            return
        if word:
            key = "mentioned_once" if count == 1 else "mentioned"
            yield from writer.frame(frames[key].format(word=word, count=count))
        else:
            yield from writer.frame(frames["nearest_of_all" if len(asked) == 1 else "nearest"])
        for passage in near:
            document = writer.documents[passage.document_id]
            yield from writer.heading(f"{document.organisation}, {page_name(document, passage.page)}:")
            yield writer._block(Block("quote", cite(document, passage, 0, writer.focus).quote))


def _silent_sides(writer: _Writer, ranking: Ranking, quoted: Sequence[Passage]) -> Iterator[Block]:
    """Say of a speaker whom the question names, and who is not quoted, that it does not mention the matter."""
    language = ranking.query.language
    for side in ranking.query.sides:
        if side in writer.documents and all(p.document_id != side for p in quoted):
            document = writer.documents[side]
            where = kind_definite(document.kind, language)
            yield from writer.frame(
                FRAMES[language]["side_silent"].format(who=document.organisation, where=where)
            )


def _with_what_they_follow(chosen: list[Hit], hits: Sequence[Hit]) -> list[Hit]:
    """Add the passage before one that goes on from it ("Og derefter ..."), where there is room."""
    if not any(hit.passage.follows for hit in chosen):
        return chosen
    place = {(h.passage.document_id, h.passage.order): h for h in hits}
    complete = list(chosen)
    for hit in chosen:
        before = place.get((hit.passage.document_id, hit.passage.order - 1))
        if hit.passage.follows and before and before not in complete and len(complete) < MAX_QUOTES:
            complete.append(before)
    return complete


def _speaking(ranking: Ranking) -> list[Hit]:
    """The hits of a comparison that speak of its theme; where none does in any words, the first of all."""
    judged = [
        (hit, covered > 0 or support >= _SURELY)
        for hit, covered, support in zip(ranking.hits, ranking.covered, ranking.support, strict=True)
        if not is_fragment(hit.passage)
    ]
    return [hit for hit, speaks in judged if speaks] or [hit for hit, _ in judged]


_SURELY = 0.9
"""With this support a passage speaks of a theme in other words."""


def _likely(hits: Sequence[Hit], enough: float, at_most: int) -> list[Hit]:
    """Return the first hits that together hold the answer with probability ``enough``.

    Fused scores are fitted as the logits of a softmax over the passages, so that is what they give.
    """
    if not hits:
        return []
    top = hits[0].score
    odds = [math.exp(min(h.score - top, 0.0)) for h in hits]
    total = sum(odds)
    chosen: list[Hit] = []
    held = 0.0
    for hit, chance in zip(hits, odds, strict=True):
        if chosen and (held >= enough or len(chosen) >= at_most or chance / total < _TOO_UNLIKELY):
            break
        chosen.append(hit)
        held += chance / total
    return chosen


_TOO_UNLIKELY = 0.04

_LONG_WORD = 12
"""A name or a term is worth telling, an everyday word is not."""

_FEW = 4
"""What stands in more places is not told by all of them."""


_SAID_OF = re.compile(
    r"\b(?:hvad|what)\b.*\b(?:siger|sagde|skriver|skrev|mener|nævner|fortæller|står|say|says|said|write|writes)\b"
    r".*\b(?:om|about)\s+(?P<theme>[^?]+)|"
    r"^\W*(?:hvor|hvem|where|who)\b.*\b(?:nævnes|omtales|nævner|omtaler|mentions?|mentioned)\b(?P<named>[^?]+)|"
    r"^\W*where\s+is\b(?P<passive>[^?]+)\bmentioned\b",
    re.IGNORECASE,
)


def _said_of(ranking: Ranking) -> tuple[list[Passage], str]:
    """Return the few passages with the word of which a question asks what is said, and that word as it stands there.

    Whoever asks what somebody says of the Folketing has an answer in the only sentence with that word, whatever else
    it is about.
    """
    match = _SAID_OF.search(ranking.query.text)
    theme = focus_words(match["theme"] or match["named"] or match["passive"]) if match else []
    if len(theme) != 1 or ranking.stranger:
        return [], ""
    sides = ranking.query.sides
    speaking = (h.passage for h in ranking.hits if not sides or h.passage.document_id in sides)
    return _told([p for p in speaking if not is_fragment(p) and not _on_title_page(p)], theme[0])


def _on_title_page(passage: Passage) -> bool:
    """Whether a passage names who writes of what: that is nothing said of them."""
    line = passage.mark == "paragraph" and len(passage.text) <= PROSE_FROM
    return passage.page == 1 and line and not passage.lead


def _told(passages: Sequence[Passage], word: str) -> tuple[list[Passage], str]:
    """Return those with ``word`` where they are few, and the word as it stands there; a common word tells nothing."""
    holding = [p for p in passages if stem(word) in stems_in(p.text)]
    if not 0 < len(holding) <= _FEW:
        return [], ""
    shown = next((w for w in _surface(holding[0].text) if stem(w.lower()) == stem(word)), word)
    return (holding, shown) if shown[:1].isupper() or len(shown) >= _LONG_WORD else ([], "")


def _mentions(ranking: Ranking) -> tuple[list[Passage], str, int]:
    """Return the nearest passages, and the word of the question that they mention, in how many places."""
    nearest = [h.passage for h in ranking.hits if not is_fragment(h.passage)]
    for word in sorted(focus_words(ranking.query.text), key=len, reverse=True):
        holding, shown = _told(nearest, word)
        if holding:
            return holding[:NEAREST], shown, len(holding)
    supported = [p for p, s in zip(nearest, ranking.support, strict=False) if s >= 0.1]
    return supported[:NEAREST], "", 0


def _surface(text: str) -> list[str]:
    return [w.strip('”“"»«()[].,;:!?…–-/') for w in text.replace("/", " ").split()]


def _reading_order(passages: list[Passage]) -> list[Passage]:
    """Passages of one page in their order there, pages in the order of their best passage."""
    pages = list(dict.fromkeys(p.page for p in passages))
    return sorted(passages, key=lambda p: (pages.index(p.page), p.order))


def _helps(passage: Passage) -> bool:
    if passage.page == 1:
        return False  # what stands above on a title page is the title
    return bool(passage.heading) and len(sentence_case(passage.heading)) <= 90


def _long_enough(lead: str) -> bool:
    return len(lead.split()) >= 4


def _shared_words(quoted: Sequence[Sequence[Passage]], at_most: int = 5) -> list[str]:
    """Return content words that every side uses, as the first side writes them."""
    if len(quoted) < 2:
        return []
    drop = DANISH_FUNCTION_WORDS | DANISH_FRAME_WORDS
    sides = [
        {stem(w): w for p in side for w in words(p.text) if w not in drop and len(w) > 1 and not w.isdigit()}
        for side in quoted
    ]
    common = set(sides[0]).intersection(*sides[1:])
    return [word for s, word in sides[0].items() if s in common][:at_most]
