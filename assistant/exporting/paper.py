"""A paper to be written, whatever the format: pieces in reading order, and the notes that they refer to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from assistant.citing import GONE, Lookup, kept_as, lasting_reference, memo_reference, titled
from assistant.errors import UnknownDocument
from assistant.records import Answer, Block, Citation, Document, Stamp
from assistant.storage.base import BasketItem

UNVERIFIED = "ikke verificeret"
"""What is written behind a sentence or a quote that was not found to hold."""

PieceKind = Literal["heading", "quote", "bullet", "numbered", "frame", "text", "note", "remark"]
"""``frame`` are our words around quotes, ``text`` a model's, ``note`` the user's, ``remark`` a reservation."""


@dataclass(frozen=True, slots=True)
class Run:
    """Text with the notes behind it. ``mark`` says, in brackets, what is to be known of it."""

    text: str
    notes: tuple[int, ...] = ()
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One paragraph or heading. ``level`` is that of a heading, from 1 below the title."""

    kind: PieceKind
    runs: tuple[Run, ...]
    level: int = 0


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper. Note n, from 1, is ``notes[n - 1]``; ``made`` says how the paper came about."""

    title: str
    written: datetime
    pieces: tuple[Piece, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]
    made: tuple[str, ...]


def basket_paper(
    items: Sequence[BasketItem], title: str, lookup: Lookup, written: datetime, stamp: Stamp
) -> Paper:
    """Return a paper of what a user has collected, in the user's order.

    Args:
        items: answers, quotes and notes.
        title: the title of the paper.
        lookup: finds the documents that are cited.
        written: when, in the user's own time.
        stamp: of the assistant as it is now, which quotes and notes come from.
    """
    quoted = [document for item in items for document in item.sources]
    answered = [document for item in items if item.answer for document in item.answer.sources]
    writer = _Writer(lookup, [*quoted, *answered])
    for item in items:
        if item.heading.strip():
            writer.heading(item.heading, 1)
        if item.answer is not None:
            writer.answer(item.answer)
        elif item.kind == "quote":
            writer.quote(item.text, item.citations)
        else:
            writer.note(item.text)
    stamps = [item.answer.stamp for item in items if item.answer is not None]
    return writer.paper(title, written, stamps or [stamp], [i.answer for i in items if i.answer])


def conversation_paper(answers: Sequence[Answer], title: str, lookup: Lookup, written: datetime) -> Paper:
    """Return a paper of a conversation: every question a heading, with its answer under it."""
    writer = _Writer(lookup, [document for answer in answers for document in answer.sources])
    for answer in answers:
        writer.heading(answer.question, 1)
        if answer.query.understood_as:
            writer.add("remark", f"Forstået som: {answer.query.understood_as}")
        writer.answer(answer)
    return writer.paper(title, written, [answer.stamp for answer in answers], answers)


@dataclass(slots=True)
class _Writer:
    """``kept`` are the documents as they were kept with what is written: for those that are gone."""

    lookup: Lookup
    kept: Sequence[Document]
    pieces: list[Piece] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)

    def add(self, kind: PieceKind, text: str) -> None:
        self.pieces.append(Piece(kind, (Run(text),)))

    def heading(self, text: str, level: int) -> None:
        self.pieces.append(Piece("heading", (Run(_line(text)),), level))

    def note(self, text: str) -> None:
        for paragraph in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
            if paragraph.strip():
                self.add("note", paragraph.strip("\n"))

    def quote(self, text: str, citations: Sequence[Citation]) -> None:
        verified = bool(citations) and all(citation.verified for citation in citations)
        self.pieces.append(Piece("quote", (Run(f"»{text}«", self._note(citations), _mark(verified)),)))

    def answer(self, answer: Answer) -> None:
        """Write an answer block by block; sentences of a model run on to the end of their paragraph."""
        for notice in answer.notices:
            self.add("remark", notice)
        for block in answer.blocks:
            cited = [answer.citations[i] for i in _cited(block, len(answer.citations))]
            if block.kind == "text":
                self._sentence(block, cited)
            elif block.kind == "heading":
                self.heading(block.text.rstrip(":"), 2)
            elif block.kind == "quote":
                near = cited or _nearest(answer, block)
                self.quote(block.text, near) if near else self._plain_quote(block.text)
            elif block.kind == "item":
                self._item(block, cited)
            else:
                self.pieces.append(Piece("frame", (Run(block.text, self._note(cited)),)))

    def paper(
        self, title: str, written: datetime, stamps: Iterable[Stamp], answers: Iterable[Answer]
    ) -> Paper:
        made = [f"Skrevet ud den {danish_date(written)} kl. {written:%H.%M}."]
        models = list(dict.fromkeys(a.mode for a in answers if a.mode != "extractive"))
        if models:
            made.append(
                f"Svar i løbende tekst er formuleret af sprogmodellen {', '.join(models)} ud fra de kilder, "
                f"der er henvist til. »{UNVERIFIED.capitalize()}« betyder, at sætningen ikke er fundet dækket "
                "af sin kilde."
            )
        made += [_stamp(stamp) for stamp in dict.fromkeys(stamps)]
        return Paper(
            _line(title),
            written,
            tuple(self.pieces),
            tuple(self.notes),
            tuple(self.sources.values()),
            tuple(made),
        )

    def _plain_quote(self, text: str) -> None:
        self.pieces.append(Piece("quote", (Run(f"»{text}«"),)))

    def _item(self, block: Block, cited: Sequence[Citation]) -> None:
        numbered = block.text[:1].isdigit()
        # The line above a list carries its note; the items have one only where they stand elsewhere.
        notes = self._note(cited) if block.marker else ()
        mark = _mark(all(citation.verified for citation in cited))
        self.pieces.append(Piece("numbered" if numbered else "bullet", (Run(block.text, notes, mark),)))

    def _sentence(self, block: Block, cited: Sequence[Citation]) -> None:
        remarks = [UNVERIFIED] if block.state == "unverified" else []
        run = Run(block.text, self._note(cited), "; ".join([*remarks, *block.warnings]))
        last = self.pieces[-1] if self.pieces else None
        if last is None or last.kind != "text" or block.opens:
            self.pieces.append(Piece("text", (run,)))
        else:
            self.pieces[-1] = Piece("text", (*last.runs, run))

    def _note(self, citations: Sequence[Citation]) -> tuple[int, ...]:
        """Add one note with the places of ``citations`` and return its number; none for no citations."""
        places = dict.fromkeys(
            lasting_reference(each.passage, self.lookup, self.kept, memo_reference) for each in citations
        )
        if not places:
            return ()
        for each in citations:
            document_id = each.passage.document_id
            if document_id not in self.sources:
                self.sources[document_id] = self._source(document_id)
        self.notes.append("; ".join(places) + ".")
        return (len(self.notes),)

    def _source(self, document_id: str) -> str:
        try:
            document, gone = self.lookup(document_id), ""
        except UnknownDocument:
            known = kept_as(document_id, self.kept)
            if known is None:
                return f"»{document_id}« ({GONE}, og titlen kendes ikke)."
            document, gone = known, f" {GONE.capitalize()}."
        kind = f" ({document.kind})" if document.kind else ""
        return f"{titled(document)}{kind}.{gone}"


def danish_date(when: datetime) -> str:
    """Return "21. november 2026"."""
    return f"{when.day}. {_MONTHS[when.month - 1]} {when.year}"


def file_name(title: str, when: datetime, suffix: str) -> str:
    """Return a name that every file system takes: "Mit oplæg 2026-11-21.docx"."""
    kept = re.sub(r"[^\w ,.\-()]+", " ", title)
    short = " ".join(kept.split())[:80].strip(" .-") or "Oplæg"
    return f"{short} {when:%Y-%m-%d}.{suffix}"


_MONTHS = "januar februar marts april maj juni juli august september oktober november december".split()


def _line(text: str) -> str:
    return " ".join(text.split())


def _mark(verified: bool) -> str:
    return "" if verified else UNVERIFIED


def _cited(block: Block, count: int) -> tuple[int, ...]:
    """The indices of the citations that a block rests on, those that there are."""
    wanted = block.cites or ((block.citation,) if block.citation >= 0 else ())
    return tuple(index for index in wanted if 0 <= index < count)


def _nearest(answer: Answer, block: Block) -> list[Citation]:
    """Where an answer abstains, its quotes are no citations; they stand in the nearest passages."""
    hit = next((hit for hit in answer.hits if block.text in hit.passage.text), None)
    if hit is None:
        return []
    return [Citation(0, hit.passage, block.text, hit.passage.span, verified=True)]


def _stamp(stamp: Stamp) -> str:
    return f"Dokumentassistent {stamp.code}, indeks {stamp.index}, model {stamp.model}, indstillinger {stamp.settings}."
