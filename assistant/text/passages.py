"""Blocks of a page turned into passages: one bullet or short paragraph each, prose cut at sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.records import Document, Mark, Passage, Span
from assistant.text.blocks import MARK, PageLayout, TextBlock, parse_page
from assistant.text.folding import clean
from assistant.text.sentences import sentence_ends

CHUNKING = "bullet-6"
"""Names this way of cutting in the index; change it whenever the same page gives other passages."""

MAX_CHARACTERS = 1000
"""About 300 tokens of Danish for multilingual-e5-small, which holds 512."""


def cut_document(document: Document) -> tuple[Passage, ...]:
    """Return the passages of ``document`` in reading order.

    Every non-blank character of every page is in a passage, a heading, a label or a bullet glyph.
    """
    passages: list[Passage] = []
    path: tuple[str, ...] = ()
    layouts = [parse_page(page.text) for page in document.pages]
    empty = _headings_over_nothing(document, layouts)
    for page, layout in zip(document.pages, layouts, strict=True):
        spoken = empty.get(page.number, frozenset())
        context = _Context(document.id, page.number, page.text, path, spoken, first_page=page.number == 1)
        passages.extend(context.cut(layout, len(passages)))
        path = context.path
    below = Counter((passage.page, passage.heading) for passage in passages)
    return tuple(
        replace(passage, alone=True)
        if passage.heading and below[passage.page, passage.heading] == 1
        else passage
        for passage in passages
    )


def _headings_over_nothing(document: Document, layouts: Sequence[PageLayout]) -> dict[int, frozenset[int]]:
    """Return the marked headings that have no text of their own, by page: where they start.

    What only looks like a heading, a line of large type on a cover or a slide, is said nowhere else.
    """
    found: dict[int, set[int]] = {}
    last: tuple[int, TextBlock] | None = None
    for page, layout in zip(document.pages, layouts, strict=True):
        marked = page.text.endswith(MARK)
        for block in layout.blocks:
            if last and (block.level and block.level <= last[1].level):
                found.setdefault(last[0], set()).add(last[1].span.start)
            last = (page.number, block) if block.level and marked else None
    if last:
        found.setdefault(last[0], set()).add(last[1].span.start)
    return {page: frozenset(starts) for page, starts in found.items()}


@dataclass(slots=True)
class _Context:
    document_id: str
    page: int
    page_text: str
    path: tuple[str, ...]
    spoken: frozenset[int]  # where headings start that are passages too
    first_page: bool
    section: int = 0
    lead: str = ""

    def cut(self, layout: PageLayout, order: int) -> Iterator[Passage]:
        blocks = layout.blocks
        # What stands on a title page is said nowhere else, so its heading can be found too.
        title_page = self.first_page and len(blocks) <= 4 and not any(b.role == "bullet" for b in blocks)
        number = 0
        following_on = _following_on(self.page_text, blocks)
        for index, block in enumerate(blocks):
            if block.level:
                self.path = (*self.path[: block.level - 1], block.text)
                self.section += 1
                self.lead = ""
                if not (title_page or block.span.start in self.spoken):
                    continue
            following = blocks[index + 1] if index + 1 < len(blocks) else None
            introduces = _introduces(block, following)
            if introduces or (self.lead and block.role == "paragraph"):
                self.section += 1
                self.lead = ""
            for piece, span in enumerate(self._pieces(block)):
                number += 1
                yield self._passage(block, span, number, order, follows=piece > 0 or index in following_on)
                order += 1
            if introduces:
                self.lead = block.text

    def _passage(self, block: TextBlock, span: Span, number: int, order: int, *, follows: bool) -> Passage:
        marks: dict[str, Mark] = {"bullet": "bullet", "numbered": "numbered"}
        return Passage(
            id=f"{self.document_id}:{self.page}:{number}",
            document_id=self.document_id,
            page=self.page,
            heading="" if block.level else " › ".join(self.path),
            text=clean(self.page_text[span.start : span.end]),
            span=span,
            section=f"{self.document_id}:{self.page}:s{self.section}",
            mark=marks.get(block.role, "paragraph"),
            order=order,
            lead=self.lead,
            follows=follows,
        )

    def _pieces(self, block: TextBlock) -> Iterator[Span]:
        """Cut a block that is too long at sentence ends, and a sentence that is too long within."""
        if block.span.end - block.span.start <= MAX_CHARACTERS:
            yield block.span
            return
        body = self.page_text[block.span.start : block.span.end]
        start = end = 0
        for stop in _stops(body):
            if stop - start > MAX_CHARACTERS and end > start:
                yield self._trimmed(block, start, end)
                start = end
            end = stop
        yield self._trimmed(block, start, end)

    def _trimmed(self, block: TextBlock, start: int, end: int) -> Span:
        body = self.page_text[block.span.start + start : block.span.start + end]
        left = len(body) - len(body.lstrip())
        return Span(block.span.start + start + left, block.span.start + start + len(body.rstrip()))


# Within a sentence that is too long: after a semicolon or colon, else a comma, else a word.
_WITHIN = (re.compile(r"[;:](?=\s)"), re.compile(r",(?=\s)"), re.compile(r"\S(?=\s)"))


def _stops(body: str) -> Iterator[int]:
    """Return where ``body`` may be cut: at sentence ends, and so that no piece is longer than allowed."""
    start = 0
    for stop in sentence_ends(body):
        while stop - start > MAX_CHARACTERS:
            # Not in the first half, so that no scrap is cut off.
            window = (start + MAX_CHARACTERS // 2, start + MAX_CHARACTERS)
            ends = ([m.end() for m in kind.finditer(body, *window)] for kind in _WITHIN)
            start = next((found[-1] for found in ends if found), window[1])
            yield start
        yield stop
        start = stop


def _introduces(block: TextBlock, following: TextBlock | None) -> bool:
    return (
        block.role == "paragraph"
        and block.text.endswith(":")
        and following is not None
        and following.role in ("bullet", "numbered")
    )


# Words that a Danish slide begins a line with when it goes on from the line above.
_GOES_ON = re.compile(
    r"(?:og|men|samt|eller|kun\s+(?:herved|derved|sådan)|herved|derved|dermed|derfor|således|hvor|hvorved|hvilket|"
    r"frem\s+for|i\s+stedet|bl\.?\s?a\.?\s+fordi|fordi|for\s+at|herunder|derudover|med)\b",
    re.IGNORECASE,
)
_LARGEST_GROUP = 3


def _following_on(page_text: str, blocks: Sequence[TextBlock]) -> frozenset[int]:
    """Return the blocks that go on from the block before them.

    Slides show it in three ways: by the first words, by a line that stops at a comma or semicolon, and
    by standing close under a bullet on a page whose bullets are otherwise set apart.
    """
    found: set[int] = set()
    close = [
        i > 0 and _newlines(page_text, blocks[i - 1], block) == 1 and not blocks[i - 1].level
        for i, block in enumerate(blocks)
    ]
    apart = [not c for i, c in enumerate(close) if i > 0 and not blocks[i - 1].level]
    sets_apart = sum(apart) > 1
    for i, block in enumerate(blocks):
        if i == 0 or block.level or blocks[i - 1].level:
            continue
        before = blocks[i - 1]
        inside_list = (
            before.role == "bullet"
            and block.role == "paragraph"
            and any(later.role == "bullet" for later in blocks[i + 1 :])
        )
        run = next((n for n in range(i, 0, -1) if not close[n]), 0)
        size = next((n for n in range(i + 1, len(blocks)) if not close[n]), len(blocks)) - run
        under = sets_apart and close[i] and block.role == "bullet" and size <= _LARGEST_GROUP
        if _GOES_ON.match(block.text) or before.text.endswith((";", ",")) or inside_list or under:
            found.add(i)
    return frozenset(found)


def _newlines(page_text: str, before: TextBlock, block: TextBlock) -> int:
    start = block.glyph.start if block.glyph else block.span.start
    return page_text.count("\n", before.span.end, start)
