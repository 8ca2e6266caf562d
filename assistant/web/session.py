"""What one browser session remembers: its conversation and the source that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import streamlit as st

from assistant.records import Answer, Citation, Span
from assistant.storage.base import new_id
from assistant.web.making import Making, Work

STOPPED = "Du stoppede svaret, før det var færdigt. Ret spørgsmålet, eller send det igen."


@dataclass(frozen=True, slots=True)
class OpenSource:
    """The page in the source pane, and what is marked on the page that it was opened for.

    ``turn`` counts answers from 0 and ``citation`` the citations of that answer; both are -1 for a
    page opened in another way. ``opened`` differs for each opening, so that the page scrolls to the
    quote each time.
    """

    document_id: str
    page: int
    opened: int
    marked_page: int
    marked: tuple[Span, ...] = ()
    verified: bool = True
    turn: int = -1
    citation: int = -1
    marker: int = 0
    whole: bool = False

    def is_citation(self, turn: int, citation: int, *, whole: bool) -> bool:
        """Whether this was opened by that citation, or by the number of the list that it begins."""
        return (self.turn, self.citation, self.whole) == (turn, citation, whole)


@dataclass(slots=True)
class Kept:
    """How much of a conversation is in the database: its first ``turns`` answers, under ``id``.

    ``trouble`` says why the rest is not, and ``gone`` whether that is because it was deleted elsewhere.
    """

    id: str = field(default_factory=new_id)
    turns: int = 0
    trouble: str | None = None
    gone: bool = False


@dataclass(slots=True)
class Conversation:
    """The answers so far, the question being answered and the source being read."""

    answers: list[Answer] = field(default_factory=list)
    pending: str | None = None
    making: Making | None = None
    error: str | None = None
    note: str | None = None
    draft: str | None = None
    source: OpenSource | None = None
    as_text: bool = False
    documents: tuple[str, ...] = ()
    kept: Kept = field(default_factory=Kept)
    _opened: int = 0

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions asked before, oldest first."""
        return tuple(answer.question for answer in self.answers)

    def ask(self, question: str) -> None:
        """Take a question up; the page answers it in its next run."""
        self._give_up()
        self.pending, self.error, self.note, self.source = question, None, None, None

    def begin(self, work: Work) -> Making:
        """Return the making of the pending answer, begun with ``work`` unless it is under way."""
        if self.making is None:
            self.making = Making(work)
        return self.making

    def answered(self, answer: Answer) -> None:
        """Keep the answer to the pending question."""
        self.answers.append(answer)
        self.pending = self.making = None

    def refused(self, message: str) -> None:
        """Give the pending question back with a message; what was answered before stays."""
        self.draft, self.pending, self.making, self.error = self.pending, None, None, message

    def stop(self) -> None:
        """Give the pending question back. What was made of its answer is dropped: it has no sources yet."""
        if self.pending is not None:
            self._give_up()
            self.draft, self.pending, self.note = self.pending, None, STOPPED

    def restart(self) -> None:
        """Forget everything but the filter."""
        self._give_up()
        self.answers, self.pending, self.error, self.note, self.source = [], None, None, None, None
        self.kept = Kept()

    def reopen(self, conversation_id: str, answers: Sequence[Answer]) -> None:
        """Go on with a conversation that was kept."""
        self.restart()
        self.answers, self.kept = list(answers), Kept(conversation_id, len(answers))

    def open_citation(self, turn: int, citation: int, *, whole: bool = False) -> None:
        """Open the page that a citation of answer ``turn`` quotes, with the quote marked.

        ``whole`` marks everything on that page that has the same marker: all points of a list.
        """
        self._opened += 1
        citations = self.answers[turn].citations
        chosen = citations[citation]
        together = [each for each in citations if whole and _place(each) == _place(chosen)] or [chosen]
        self.source = OpenSource(
            chosen.passage.document_id,
            chosen.passage.page,
            self._opened,
            chosen.passage.page,
            tuple(each.span for each in together),
            all(each.verified for each in together),
            turn,
            citation,
            chosen.marker,
            whole,
        )

    def open_page(self, document_id: str, page: int, *spans: Span | None) -> None:
        """Open a page, with what ``spans`` cover marked."""
        self._opened += 1
        marked = tuple(span for span in spans if span is not None)
        self.source = OpenSource(document_id, page, self._opened, page, marked)

    def turn_page(self, page: int) -> None:
        """Show another page of the open document; the quote keeps its page."""
        if self.source is not None:
            self.source = replace(self.source, page=page)

    def read_as_text(self, as_text: bool) -> None:
        """Show pages as text from now on, or as pictures where there are any."""
        self.as_text = as_text

    def close_source(self) -> None:
        """Close the source pane."""
        self.source = None

    def restrict(self, documents: Sequence[str]) -> None:
        """Search only ``documents`` from now on; none means all of them."""
        self.documents = tuple(documents)

    def _give_up(self) -> None:
        if self.making is not None:
            self.making.stop()
        self.making = None


def conversation() -> Conversation:
    """Return the conversation of this browser session."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Conversation()
    found: Conversation = st.session_state[_KEY]
    return found


_KEY = "conversation"


def _place(citation: Citation) -> tuple[int, str, int]:
    return citation.marker, citation.passage.document_id, citation.passage.page
