"""What is kept of conversations, for whom, and what every store of them promises.

An ``owner`` is an opaque text that the web page makes from who is signed in, or from the browser where
nobody is. Every method that takes one sees and changes what is that owner's, and nothing else: another's
conversation is as unknown as one that does not exist.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from assistant.errors import StorageError
from assistant.records import Answer, Citation, Document

BasketKind = Literal["answer", "quote", "note"]
Thumb = Literal["up", "down", ""]


@dataclass(frozen=True, slots=True)
class ConversationInfo:
    """A conversation in the list of earlier ones. ``turns`` counts its answers; times are UTC."""

    id: str
    title: str
    created: datetime
    updated: datetime
    turns: int


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a user thought of one answer; ``thumb`` is empty where only a comment was left."""

    thumb: Thumb
    comment: str
    created: datetime


@dataclass(frozen=True, slots=True)
class BasketItem:
    """One thing collected for "Mit oplæg".

    ``kind`` "answer" has the whole ``answer`` as it stood, its text in ``text`` and its citations in
    ``citations``; a "quote" has its words in ``text`` and the one citation that it came from, with the
    document in ``sources`` as far as a reference needs it; a "note" is the user's own words in ``text``.
    ``heading`` is what it stands under: an answer's question, or whatever the user has put there. ``id``
    comes from ``new_id``.
    """

    id: str
    kind: BasketKind
    text: str
    created: datetime
    heading: str = ""
    citations: tuple[Citation, ...] = ()
    answer: Answer | None = None
    sources: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftQuestion:
    """A question that the evaluators may take into their set.

    ``gold`` pairs the id of a document with a verbatim snippet of it; none at all means that the right
    reaction is to abstain. ``comment`` says what was wrong with the answer.
    """

    id: str
    question: str
    kind: str
    gold: tuple[tuple[str, str], ...]
    history: tuple[str, ...]
    comment: str
    created: datetime


class UnknownConversation(StorageError):
    """The owner has no conversation of that id: it never was, was deleted, or is somebody else's."""


class TurnTaken(StorageError):
    """The conversation went on elsewhere: another answer already stands at that turn."""


class ConversationStore(Protocol):
    """Keeps conversations and what goes with them. Safe to call from many threads at once.

    When a method returns, what it was given survives the end of the process; when it raises
    ``StorageError``, nothing of it was kept. Questions, comments, drafts and notes are stored with Danish
    personal numbers, e-mail addresses and telephone numbers masked (``assistant.masking``).
    """

    def conversations(self, owner: str, search: str = "") -> tuple[ConversationInfo, ...]:
        """Return the owner's conversations, newest first.

        ``search`` keeps those in which every one of its words stands somewhere, in the title, a question
        or an answer, upper and lower case alike.
        """
        ...

    def load(self, owner: str, conversation_id: str) -> tuple[Answer, ...]:
        """Return the answers, oldest first, with their citations as they were when they were given.

        Raises:
            UnknownConversation: the owner has none of that id.
        """
        ...

    def append(self, owner: str, conversation_id: str, turn: int, answer: Answer) -> ConversationInfo:
        """Keep an answer as number ``turn`` (from 0) of a conversation.

        Turn 0 begins the conversation, whose id comes from ``new_id``, with the question as its title.
        The same answer may be kept twice, as when a first try was thought to have failed.

        Raises:
            UnknownConversation: ``turn`` is above 0 and there is no such conversation of the owner's.
            TurnTaken: another answer already stands there.
        """
        ...

    def rename(self, owner: str, conversation_id: str, title: str) -> None:
        """Give a conversation another title; raises ``UnknownConversation``."""
        ...

    def delete(self, owner: str, conversation_id: str) -> None:
        """Remove a conversation with its feedback, from the file too; nothing happens if there is none."""
        ...

    def delete_all(self, owner: str) -> None:
        """Remove everything of the owner's: conversations, feedback and basket, from the file too."""
        ...

    def feedback(self, owner: str, conversation_id: str) -> Mapping[int, Feedback]:
        """Return what the owner thought of the answers of a conversation, by turn; only what was said."""
        ...

    def set_feedback(
        self, owner: str, conversation_id: str, turn: int, thumb: Thumb, comment: str = ""
    ) -> Feedback | None:
        """Keep what the owner thinks of an answer, in place of what was there; return it as kept.

        With neither thumb nor comment it is taken back. Raises ``UnknownConversation`` where there is no
        such turn.
        """
        ...

    def basket(self, owner: str) -> tuple[BasketItem, ...]:
        """Return what the owner has collected, in the owner's order."""
        ...

    def save_basket(self, owner: str, items: Sequence[BasketItem]) -> tuple[BasketItem, ...]:
        """Keep ``items`` in this order instead of what was there, and return them as they were kept.

        A user expects the own words back unchanged, so the page shows what this returns: where a note
        held a personal number, the user sees at once that it was masked, not in next month's document.
        """
        ...

    def basket_title(self, owner: str) -> str:
        """Return what the owner calls the collection; empty where it was never called anything."""
        ...

    def set_basket_title(self, owner: str, title: str) -> str:
        """Keep ``title`` as the collection's, on one line and masked like a note; return it as kept."""
        ...

    def drafts(self) -> tuple[DraftQuestion, ...]:
        """Return all draft questions, oldest first; they belong to the evaluators, not to an owner."""
        ...

    def add_draft(
        self,
        question: str,
        kind: str,
        gold: Sequence[tuple[str, str]] = (),
        *,
        history: Sequence[str] = (),
        comment: str = "",
    ) -> DraftQuestion:
        """Add a draft question. Who proposed it is not kept, so ``delete_all`` does not reach it."""
        ...

    def delete_draft(self, draft_id: str) -> None:
        """Remove a draft question; nothing happens if there is none."""
        ...

    def purge(self, before: datetime) -> int:
        """Remove what was last touched before that time, from the file too.

        That is conversations with their feedback, baskets with their titles, and drafts. Returns how many
        conversations went.
        """
        ...

    def check(self) -> None:
        """Return if the store can be read and written; raises ``StorageError`` saying why not."""
        ...

    def close(self) -> None:
        """Close the connections; the store opens new ones if it is used again."""
        ...


def new_id() -> str:
    """Return an id that nobody can guess: 128 random bits, fit for an address."""
    return secrets.token_urlsafe(16)
