"""What is said of how a document was read: its pages, and those that are pictures or hold no text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from assistant.citing import sender
from assistant.records import Document, Passage

RECOGNISED = "tesseract"
"""What read a page whose text comes from a picture of it."""

UNREAD = "unread"
"""What is named as the reader of a page that is a picture and that nothing has read."""


def count(number: int, one: str, many: str) -> str:
    """Return "1 side" or "3 sider"."""
    return f"{number} {one if number == 1 else many}"


def facts(document: Document, passages: Sequence[Passage]) -> tuple[str, ...]:
    """Return who wrote it, what it is, and how much it holds."""
    many = "sider" if document.page_noun == "side" else "slides"
    found = (
        sender(document),
        document.kind,
        count(len(document.pages), document.page_noun, many),
        count(len(passages), "tekststykke", "tekststykker"),
    )
    return tuple(fact for fact in found if fact)


def ended(title: str) -> str:
    """Return a title as the end of a sentence: one that asks or calls has its own mark."""
    return title if title.endswith(("?", "!", ".", "…")) else f"{title}."


def headings(passages: Sequence[Passage]) -> tuple[str, ...]:
    """Return the headings in reading order, each once, without those above them."""
    return tuple(dict.fromkeys(p.heading.rsplit(" › ", 1)[-1] for p in passages if p.heading))


def reservations(document: Document) -> tuple[str, ...]:
    """Return what a reader should know of how the document was read, in Danish sentences."""
    noun = document.page_noun
    recognised = [page.number for page in document.pages if page.reader == RECOGNISED]
    unread = [page.number for page in document.pages if page.reader == UNREAD]
    empty = [p.number for p in document.pages if not p.text.strip() and p.reader != UNREAD]
    said: list[str] = []
    for numbers, rest in (
        (recognised, "og teksten er læst maskinelt (tekstgenkendt). Der kan være læsefejl."),
        (unread, "og teksten er ikke læst. Den kan hverken søges eller citeres."),
    ):
        if numbers:
            which = _which(noun, numbers, len(document.pages))
            are = "er et billede" if len(numbers) == 1 else "er billeder"
            said.append(f"{which} {are} (scannet), {rest}")
    if empty:
        said.append(f"{_which(noun, empty, len(document.pages))} har ingen tekst.")
    return tuple(said)


def ranges(numbers: Sequence[int]) -> str:
    """Return "1, 3–5 og 9" for sorted numbers."""
    runs: list[list[int]] = [[numbers[0]]] if numbers else []
    for before, number in pairwise(numbers):
        if number == before + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    listed = ", ".join(parts)
    first, _, last = listed.rpartition(", ")
    return f"{first} og {last}" if first else last


def _which(noun: str, numbers: Sequence[int], of: int) -> str:
    plural = "sider" if noun == "side" else "slides"
    if len(numbers) == of and of > 1:
        return f"Alle {of} {plural}"
    return f"{noun.capitalize() if len(numbers) == 1 or noun == 'side' else 'Slides'} {ranges(numbers)}"
