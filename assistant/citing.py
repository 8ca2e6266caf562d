"""Citations: exact slices of a page, compared with the page before they count, and written as references."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from assistant.errors import UnknownDocument
from assistant.records import Answer, Citation, Document, Page, Passage, Span
from assistant.text.danish import stems
from assistant.text.folding import clean, comparable
from assistant.text.sentences import sentence_ends

Lookup = Callable[[str], Document]
"""Returns a document by id; raises ``UnknownDocument``."""

GONE = "dokumentet er fjernet"
"""What is said of a document that an answer cites and that is no longer in the index."""

WHOLE_UP_TO = 420
"""A passage of this many characters is quoted whole; of a longer one the sentences that answer."""


def cite(document: Document, passage: Passage, marker: int, focus: Collection[str] = ()) -> Citation:
    """Return a citation of ``passage``, or of its sentences about ``focus`` where it is long.

    Args:
        document: the document that the passage is from.
        passage: what is cited.
        marker: the number of the citation.
        focus: stems that the question is about.
    """
    page = document.page(passage.page)
    span = _sentences(page, passage, focus) if len(passage.text) > WHOLE_UP_TO and focus else passage.span
    quote = clean(page.text[span.start : span.end])
    return Citation(marker, passage, quote, span, verified=stands_in(quote, page))


def stands_in(quote: str, page: Page) -> bool:
    """Whether ``quote`` stands verbatim on ``page``, white space and quotation marks folded."""
    return bool(quote.strip()) and comparable(quote) in _comparable_page(page.text)


@lru_cache(maxsize=512)
def _comparable_page(text: str) -> str:
    """The same pages are quoted from again and again."""
    return comparable(text)


def sender(document: Document) -> str:
    """Return whose the document is; empty where nobody has said, and its file stands in for that."""
    return "" if document.organisation == document.id else document.organisation


def titled(document: Document) -> str:
    """Return "KOMDIR, 4 pejlemærker", or the title alone where nobody has said whose it is."""
    return ", ".join(part for part in (sender(document), document.title) if part)


def reference(document: Document, page: int) -> str:
    """Return a reference that can be pasted: organisation, title, page as it is printed."""
    return f"{titled(document)}, {page_name(document, page)}"


def page_name(document: Document, page: int) -> str:
    """Return "slide 3", with the printed label where that differs: "side 12 (trykt: 10)"."""
    label = document.page(page).label
    name = f"{document.page_noun} {page}"
    if label is not None and label != str(page):
        name += f" (trykt: {label})"
    return name + _recognized(document, page)


def memo_reference(document: Document, page: int) -> str:
    """Return a reference for a memo, the page as a reader of the paper counts it: "KOMDIR, Notat, s. 10"."""
    return f"{titled(document)}, {memo_page(document, page)}"


def memo_page(document: Document, page: int) -> str:
    """Return "slide 3" or "s. 5"; where another number is printed, that one: "s. 10 (side 12 i filen)"."""
    abbreviated = "s." if document.page_noun == "side" else document.page_noun
    label = document.page(page).label
    if label is None or label.strip() == str(page):
        return f"{abbreviated} {page}{_recognized(document, page)}"
    return f"{abbreviated} {label.strip()} ({document.page_noun} {page} i filen){_recognized(document, page)}"


def named_in(answer: Answer, lookup: Lookup) -> tuple[Document, ...]:
    """Return the documents that ``answer`` names, as :func:`to_keep`; those that are gone are left out."""
    nearest = [hit.passage for hit in answer.hits] if answer.abstained else []
    return to_keep((*(c.passage for c in answer.citations), *nearest), lookup, answer.query.documents)


def to_keep(
    passages: Iterable[Passage], lookup: Lookup, documents: Iterable[str] = ()
) -> tuple[Document, ...]:
    """Return what references to ``passages`` are written from, to be kept with what cites them.

    Args:
        passages: what is cited.
        lookup: finds the documents; those that are gone are left out.
        documents: ids of more documents that are named, none of their pages.

    Returns:
        The documents, each once, with only the cited pages, and those without text.
    """
    cited: dict[str, set[int]] = {document_id: set() for document_id in documents}
    for passage in passages:
        cited.setdefault(passage.document_id, set()).add(passage.page)
    kept: list[Document] = []
    for document_id, numbers in cited.items():
        try:
            document = lookup(document_id)
        except UnknownDocument:
            continue
        pages = tuple(replace(p, text="", label_span=None) for p in document.pages if p.number in numbers)
        kept.append(replace(document, pages=pages, aliases=(), own_title="", reading=""))
    return tuple(kept)


def lasting_reference(
    passage: Passage,
    lookup: Lookup,
    kept: Sequence[Document] = (),
    write: Callable[[Document, int], str] | None = None,
) -> str:
    """Return the reference of a passage, also where its document or page is gone since; it then says so.

    Args:
        passage: what is referred to.
        lookup: finds the documents that there are.
        kept: the documents as they were kept with what cites the passage, from :func:`to_keep`.
        write: :func:`reference` (the default) or :func:`memo_reference`.
    """
    write = write or reference
    same = [each for each in kept if each.id == passage.document_id]
    # Several answers may each have kept it, with the pages that they cite.
    before = next((each for each in same if _has(each, passage.page)), same[0] if same else None)
    try:
        document = lookup(passage.document_id)
    except UnknownDocument:
        if before is None:
            return f"»{passage.document_id}«, side {passage.page} ({GONE}, og titlen kendes ikke)"
        return f"{_written(before, passage.page, write)} ({GONE})"
    if _has(document, passage.page):
        return write(document, passage.page)
    return f"{_written(before or document, passage.page, write)} (siden findes ikke længere)"


def kept_as(document_id: str, kept: Iterable[Document]) -> Document | None:
    """Return the first of the documents ``kept`` with what cites them that has this id."""
    return next((each for each in kept if each.id == document_id), None)


def _written(document: Document, page: int, write: Callable[[Document, int], str]) -> str:
    """Write a reference also to a page of which only the number is known."""
    return write(document if _has(document, page) else replace(document, pages=(Page(page, ""),)), page)


def _has(document: Document, page: int) -> bool:
    return any(each.number == page for each in document.pages)


def _recognized(document: Document, page: int) -> str:
    """A program may have misread what it recognised in a picture, so the reference says so."""
    return " (tekstgenkendt)" if document.page(page).reader == "tesseract" else ""


def _sentences(page: Page, passage: Passage, focus: Collection[str]) -> Span:
    """Return the span of the best sentence and those beside it that also speak of the focus."""
    body = page.text[passage.span.start : passage.span.end]
    ends = sentence_ends(body)
    starts = [0, *ends[:-1]]
    wanted = set(focus)
    scores = [len(wanted & set(stems(body[a:b]))) for a, b in zip(starts, ends, strict=True)]
    first = last = scores.index(max(scores))
    while last + 1 < len(ends) and scores[last + 1] and ends[last + 1] - starts[first] <= WHOLE_UP_TO:
        last += 1
    while first > 0 and scores[first - 1] and ends[last] - starts[first - 1] <= WHOLE_UP_TO:
        first -= 1
    start, end = starts[first], ends[last]
    text = body[start:end]
    start += len(text) - len(text.lstrip())
    end -= len(text) - len(text.rstrip())
    return Span(passage.span.start + start, passage.span.start + end)
