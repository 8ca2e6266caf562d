"""Citations: exact slices of a page, compared with the page before they count, and written as references."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from assistant.records import Citation, Document, Page, Passage, Span
from assistant.text.danish import stems
from assistant.text.folding import clean, comparable
from assistant.text.sentences import sentence_ends

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


def reference(document: Document, page: int) -> str:
    """Return a reference that can be pasted: organisation, title, page as it is printed."""
    return f"{document.organisation}, {document.title}, {page_name(document, page)}"


def page_name(document: Document, page: int) -> str:
    """Return "slide 3", with the printed label where that differs: "side 12 (trykt: 10)"."""
    label = document.page(page).label
    name = f"{document.page_noun} {page}"
    if label is not None and label != str(page):
        name += f" (trykt: {label})"
    return name + _recognized(document, page)


def memo_reference(document: Document, page: int) -> str:
    """Return a reference for a memo, the page as a reader of the paper counts it: "KOMDIR, Notat, s. 10"."""
    return f"{document.organisation}, {document.title}, {memo_page(document, page)}"


def memo_page(document: Document, page: int) -> str:
    """Return "slide 3" or "s. 5"; where another number is printed, that one: "s. 10 (side 12 i filen)"."""
    abbreviated = "s." if document.page_noun == "side" else document.page_noun
    label = document.page(page).label
    if label is None or label.strip() == str(page):
        return f"{abbreviated} {page}{_recognized(document, page)}"
    return f"{abbreviated} {label.strip()} ({document.page_noun} {page} i filen){_recognized(document, page)}"


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
