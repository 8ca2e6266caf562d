"""Questions that ask for a place in a document, not for a matter: "Hvad står der på slide 5?", "Giv mig et resumé".

They are answered from the documents' own order: a page's passages, or the headings of a document. Only where a
question asks for nothing else; one that also names a matter is searched as others are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.records import Document, Page, Passage, Query, Span
from assistant.retrieval.attribution import speaking
from assistant.retrieval.followup import ENGLISH_ORDINALS, NUMBER_WORDS, ORDINALS, compares_only
from assistant.retrieval.speakers import Speakers, is_form
from assistant.retrieval.wordlists import DANISH_FRAME_WORDS, DANISH_FUNCTION_WORDS, ENGLISH_FUNCTION_WORDS
from assistant.text.danish import words
from assistant.text.folding import clean

MOST_PAGES = 4
"""So many pages, or outlines, are shown at once."""

MOST_HEADINGS = 40
"""A document with more headings is outlined by its outermost ones."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a document that was asked for as such.

    ``page`` is the page's number, 0 for the outline of the whole document. ``there`` is false where the
    document has no such page. ``passages`` are what stands there, in reading order; an outline's are headings.
    """

    document: Document
    page: int
    passages: tuple[Passage, ...] = ()
    there: bool = True


def parts_asked(
    query: Query,
    documents: Sequence[Document],
    passages_of: Callable[[str], Sequence[Passage]],
    speakers: Speakers,
) -> tuple[Part, ...]:
    """Return the parts of ``documents`` that a question asks for as such; none where it asks for a matter.

    Args:
        query: the question as understood; whom it names says whose pages are meant.
        documents: all documents.
        passages_of: gives a document's passages in reading order.
        speakers: their organisations.
    """
    numbers, rest = _pages(query.text)
    compared = query.intent == "comparison" and compares_only(query.text, speakers)
    outline = not numbers and (compared or _OUTLINE.search(query.text))
    if not numbers and not outline:
        return ()  # as nearly every question, so the documents are looked through for none of those
    meant = _meant(query, documents)
    if len(meant) > MOST_PAGES:
        return ()
    if numbers:
        if _asks_for_more(rest, speakers, _NOTHING_MORE):
            return ()
        pages = [_page(d, number, passages_of) for d in meant for number in numbers[:MOST_PAGES]]
        # Of whoever was not named, only those count that have the page.
        there = [part for part in pages if part.there]
        return tuple(there or pages)[:MOST_PAGES]
    if not compared and _asks_for_more(_OUTLINE.sub(" ", query.text), speakers, _PAPER_WORDS):
        return ()
    outlines = (Part(d, 0, headings_of(d, passages_of(d.id))) for d in meant)
    return tuple(part for part in outlines if part.passages)


def pages_named(query: Query, documents: Sequence[Document]) -> frozenset[tuple[str, int]]:
    """Return the pages, as document id and number in the file, that a question about some matter names."""
    numbers, _ = _pages(query.text)
    if not numbers:
        return frozenset()
    found = ((d.id, _page_number(d, number)) for d in _meant(query, documents) for number in numbers)
    return frozenset((document_id, page) for document_id, page in found if page)


def headings_of(document: Document, passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Return a document's headings in reading order, each with its own place on its page.

    A heading that does not stand on the page as it is known (a broken line was mended) is left out.
    """
    first: dict[tuple[str, ...], Passage] = {}
    for passage in passages:
        path = tuple(part for part in passage.heading.split(" › ") if part)
        for depth in range(1, len(path) + 1):
            first.setdefault(path[:depth], passage)
    if len(first) > MOST_HEADINGS:
        first = {path: passage for path, passage in first.items() if len(path) == 1}
    found = (
        (passage, path, _span_of(document.page(passage.page), path[-1])) for path, passage in first.items()
    )
    title = document.title.casefold()
    return tuple(
        replace(passage, heading=" › ".join(path[:-1]), text=path[-1], span=span, mark="paragraph", lead="")
        for passage, path, span in found
        if span is not None and path[-1].casefold() != title
    )[:MOST_HEADINGS]


_PAGE = re.compile(
    r"\b(?:(?:side(?:n|r|rne)?|slide(?:n|t|s|ne)?|dias|pages?)\s*(?:nr\.?|nummer|no\.?|number)?|s\.|p\.)\s*"
    r"(?P<first>\d{1,4})\b(?:\s*(?:-|–|og|til|and|to)\s*(?P<last>\d{1,4})\b)?",
    re.IGNORECASE,
)
# "Den anden side" is the other party.
_ORDINAL_PAGE = re.compile(
    rf"\b(?P<ordinal>{'|'.join([*ORDINALS.values(), *ENGLISH_ORDINALS.values()])})\s+(?:slide|dias|page)\b|"
    r"\b(?P<front>forside(?:n)?|første\s+side|front\s+page)\b|\b(?:sidste|bageste|last)\s+(?:side|slide|dias|page)\b",
    re.IGNORECASE,
)
_OUTLINE = re.compile(
    r"\b(?:opsummer(?:e|er|ing(?:en)?)?|resum[eé](?:et|er)?|sammenfat(?:te|ning(?:en)?)?|sammendrag(?:et)?|hovedpointe(?:n|r|rne)?|"
    r"(?:hoved|kerne)budskab(?:et|er|erne)?|hovedindhold(?:et)?|essens(?:en)?|"
    r"(?:vigtigste|centrale|væsentligste|bærende)\s+(?:pointer|budskaber)|(?:main|key)\s+(?:points?|messages?)|"
    r"(?<=hvad )går\s+(?=[^?]*\bud\s+på\b)|"
    r"hovedpunkter(?:ne)?|disposition(?:en)?|indholdsfortegnelse(?:n)?|overskrifter(?:ne)?|overblik(?:ket)?|"
    r"summar(?:y|ise|ize)|outline|overview|table\s+of\s+contents)\b",
    re.IGNORECASE,
)
# Beside those that carry no subject in any question.
_PAPER_WORDS = frozenset(
    """
    papirer papirerne rapporten notatet slidesene sliden præsentation præsentationen
    indhold indholdet lille papers report presentation brief short
    """.split()
)
_NOTHING_MORE = _PAPER_WORDS | frozenset(
    "læs læse ordret ordlyd ordlyden content contents written read stands show hel word".split()
)


@lru_cache(maxsize=256)
def _pages(text: str) -> tuple[tuple[int, ...], str]:
    """Return the pages that ``text`` names, and the text without them."""
    numbers: list[int] = []
    for match in _PAGE.finditer(text):
        first, last = int(match["first"]), int(match["last"] or match["first"])
        numbers += range(first, min(last, first + MOST_PAGES - 1) + 1) if first <= last else [first, last]
    for match in _ORDINAL_PAGE.finditer(text):
        otherwise = 1 if match["front"] else _LAST
        numbers.append(NUMBER_WORDS[match["ordinal"].lower()] if match["ordinal"] else otherwise)
    return tuple(dict.fromkeys(numbers)), _ORDINAL_PAGE.sub(" ", _PAGE.sub(" ", text))


def _asks_for_more(rest: str, speakers: Speakers, allowed: frozenset[str]) -> bool:
    tokens = words(rest)
    named = {i for mention in speaking(tokens, speakers) for i in range(mention.start, mention.end)}
    drop = DANISH_FUNCTION_WORDS | DANISH_FRAME_WORDS | ENGLISH_FUNCTION_WORDS | allowed
    return any(i not in named and len(word) > 1 and word not in drop for i, word in enumerate(tokens))


def _meant(query: Query, documents: Sequence[Document]) -> list[Document]:
    named = frozenset(query.sides or query.documents or _of_kind(query.text, documents))
    return [d for d in documents if not named or d.id in named]


def _of_kind(text: str, documents: Sequence[Document]) -> tuple[str, ...]:
    """Return the documents that ``text`` calls by their kind: "debatoplægget"."""
    tokens = words(text)
    return tuple(d.id for d in documents if any(is_form(token, d.kind.lower()) for token in tokens))


def _page(document: Document, number: int, passages_of: Callable[[str], Sequence[Passage]]) -> Part:
    page = _page_number(document, number)
    if page is None:
        return Part(document, number, there=False)
    return Part(document, page, tuple(p for p in passages_of(document.id) if p.page == page))


_LAST = -1


def _page_number(document: Document, number: int) -> int | None:
    """Return the page that is printed as ``number``, or where none is, page ``number`` of the file."""
    if number == _LAST:
        return max((page.number for page in document.pages), default=None)
    printed = (page.number for page in document.pages if page.label and page.label.strip() == str(number))
    page = next(printed, number)
    return page if any(page == known.number for known in document.pages) else None


def _span_of(page: Page, heading: str) -> Span | None:
    pattern = r"\s+".join(map(re.escape, heading.split()))
    match = re.search(pattern, page.text) if pattern else None
    if match is None or clean(match.group()) != heading:
        return None
    return Span(match.start(), match.end())
