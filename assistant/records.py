"""The vocabulary of the project: what flows from a file on disk to a cited answer.

Everything is frozen. Offsets are code points in ``Page.text``, end exclusive, so
``page.text[span.start:span.end]`` is always exactly what a highlight shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Mark = Literal["bullet", "numbered", "paragraph"]
"""How a passage stands on its page: under a bullet, with a number, or as running text."""

Intent = Literal["fact", "list", "section", "comparison"]
"""What a question wants back: one point, a whole list, a whole section, or both sides."""

BlockKind = Literal["frame", "heading", "quote", "item", "text"]
"""``frame`` and ``heading`` are our words, ``quote`` and ``item`` the document's, ``text`` a model's."""

BlockState = Literal["", "verified", "unverified"]
"""Whether what a model wrote was found to follow from what it cites; empty where nothing is claimed."""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points in the text of one page."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page or slide, with the text exactly as the loader read it.

    ``number`` counts from 1; ``label`` is what is printed on the page, where that was found;
    ``label_span`` says where. ``reader`` names what read the page ("pypdf", "pypdfium2", "tesseract", ...;
    empty for plain text).
    """

    number: int
    text: str
    label: str | None = None
    label_span: Span | None = None
    reader: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One file of the corpus. ``id`` is the stem of its name, ``sha256`` that of its bytes.

    ``own_title`` and ``own_noun`` are what the file alone gives for ``title`` and ``page_noun``; ``reading``
    names what read it, so that it is read again only where that would give something else.
    """

    id: str
    title: str
    organisation: str
    kind: str
    language: str
    sha256: str
    pages: tuple[Page, ...]
    page_noun: Literal["side", "slide"] = "side"
    aliases: tuple[str, ...] = ()
    source: str = ""
    own_title: str = ""
    own_noun: Literal["side", "slide"] = "side"
    reading: str = ""

    def page(self, number: int) -> Page:
        """Return page ``number`` (from 1); raises ``KeyError`` if there is none."""
        for page in self.pages:
            if page.number == number:
                return page
        raise KeyError(f"{self.id} has no page {number}")


@dataclass(frozen=True, slots=True)
class Passage:
    """The smallest thing that can be found and cited.

    ``text`` is the slice ``span`` of its page with white space folded. ``heading`` is the path of
    headings above it, joined by " › "; ``section`` is equal for passages under the same heading of
    the same page; ``lead`` is the line that introduces it, if any ("Et par bud:"). ``follows`` is true
    where it goes on from the passage before ("Kun herved kan vi ...") and is hard to read without it,
    ``alone`` where nothing else stands under its heading.
    """

    id: str
    document_id: str
    page: int
    heading: str
    text: str
    span: Span
    section: str
    mark: Mark = "paragraph"
    order: int = 0
    lead: str = ""
    follows: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question. ``score`` is higher for better; ``rank`` counts from 1.

    ``signals`` are the named parts of the score, standardised over the candidates.
    """

    passage: Passage
    score: float
    rank: int
    signals: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it is searched.

    ``text`` is the completed question; ``addition`` is the part of it that is new, where an earlier
    question was put behind it. ``understood_as`` is set where ``text`` differs from what was asked, and is
    shown to the user. ``goes_on`` is true where the question goes on from what was answered before, rather
    than asking the same of another. ``documents`` restricts the search (empty: all of them);
    ``sides`` are the documents that a comparison or a named speaker asks for.
    """

    question: str
    text: str
    intent: Intent = "fact"
    language: Literal["da", "en"] = "da"
    understood_as: str | None = None
    documents: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    addition: str = ""
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered reference. ``quote`` is ``span`` of the page with white space folded.

    ``verified`` is true when the quote was compared with the page and stands there verbatim.
    """

    marker: int
    passage: Passage
    quote: str
    span: Span
    verified: bool


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of an answer, in reading order.

    ``marker`` is the number shown behind it, 0 for none; ``citation`` is the index in
    ``Answer.citations`` of what it opens, -1 for none. The items of a list share one number, shown
    behind the line above them, and each opens its own place.

    A block of kind ``text`` is one sentence that a model wrote, without its markers. ``cites`` are the
    indices in ``Answer.citations`` of what it rests on, ``state`` whether it does, and ``warnings`` what
    a reader should know of it (Danish: a number that stands in no source, a marker that named none).
    ``opens`` is true where it begins a paragraph.
    """

    kind: BlockKind
    text: str
    marker: int = 0
    citation: int = -1
    cites: tuple[int, ...] = ()
    state: BlockState = ""
    warnings: tuple[str, ...] = ()
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Delta:
    """Text as a model writes it, before anything of it is verified; the blocks that follow replace it."""

    text: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an answer can be reproduced from."""

    code: str
    index: str
    model: str
    settings: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question.

    ``text`` is ``blocks`` as plain text. ``mode`` is "extractive" or the name of the model.
    An answer that abstains has no citations; ``hits`` are then the nearest passages.
    ``suggestions`` are questions that the documents do answer. ``sources`` are the documents that it names, their
    pages without text: what its references are written from once a document is gone.
    """

    question: str
    text: str
    blocks: tuple[Block, ...]
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    mode: str
    abstained: bool
    stamp: Stamp
    query: Query
    confidence: float = 0.0
    notices: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = field(default=())
    sources: tuple[Document, ...] = ()
