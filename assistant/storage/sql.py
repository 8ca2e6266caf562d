"""The store on SQLAlchemy: SQLite unless the settings name a PostgreSQL."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import and_, delete, exists, insert, or_, select, update

from assistant.errors import StorageError
from assistant.records import Answer
from assistant.storage import migrating
from assistant.storage.base import (
    BasketItem,
    ConversationInfo,
    DraftQuestion,
    Feedback,
    Thumb,
    TurnTaken,
    UnknownConversation,
    new_id,
)
from assistant.storage.codec import from_json, to_json
from assistant.storage.engine import Database
from assistant.storage.masked import masked_answer, masked_item, storable
from assistant.storage.rows import UNKNOWN, begin, folded, info_of, own, title_of
from assistant.storage.schema import basket_items, basket_titles, conversations, drafts, feedback, turns

_log = logging.getLogger(__name__)


def open_store(url: str, folder: Path, fault: Callable[[], None] | None = None) -> SqlStore:
    """Open the database at ``url``, a file of SQLite or a server, and bring its schema up to date.

    A file that is missing is made; a relative one stands in ``folder``. ``fault`` is told whenever the
    database fails.

    Raises:
        StorageError: it cannot be opened, is damaged, or was made by a newer release.
        MissingExtra: the driver of the server is not installed.
    """
    database = Database(url, folder, fault or (lambda: None))
    with database.reading() as connection:
        current = migrating.version(connection) == migrating.REVISIONS[-1]
    if not current:
        with database.migrating() as connection:
            migrating.upgrade(connection)
    return SqlStore(database)


class SqlStore:
    """A ``ConversationStore`` in a database."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Take a database whose schema is up to date; ``now`` is the clock."""
        self._database = database
        self._now = now

    def conversations(self, owner: str, search: str = "") -> tuple[ConversationInfo, ...]:
        """See ``ConversationStore``."""
        c = conversations.c
        wanted = select(c.id, c.title, c.created, c.updated, c.turns).where(c.owner == owner)
        for word in folded(search).split():
            said = and_(turns.c.conversation_id == c.id, turns.c.folded.contains(word, autoescape=True))
            wanted = wanted.where(or_(c.folded.contains(word, autoescape=True), exists().where(said)))
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(c.updated.desc(), c.created.desc(), c.id)).all()
        return tuple(ConversationInfo(*row) for row in rows)

    def load(self, owner: str, conversation_id: str) -> tuple[Answer, ...]:
        """See ``ConversationStore``."""
        wanted = select(turns.c.answer).where(turns.c.conversation_id == conversation_id)
        with self._database.reading() as connection:
            if info_of(connection, owner, conversation_id) is None:
                raise UnknownConversation(UNKNOWN)
            rows = connection.execute(wanted.order_by(turns.c.turn)).scalars().all()
        return tuple(from_json(Answer, row) for row in rows)

    def append(self, owner: str, conversation_id: str, turn: int, answer: Answer) -> ConversationInfo:
        """See ``ConversationStore``."""
        kept = masked_answer(answer)
        written = to_json(kept)
        now = self._now()
        with self._database.writing() as connection:
            found = info_of(connection, owner, conversation_id, lock=True)
            if found is None:
                if turn != 0:
                    raise UnknownConversation(UNKNOWN)
                found = ConversationInfo(conversation_id, title_of(kept.question), now, now, 0)
                begin(connection, owner, found)
            place = and_(turns.c.conversation_id == conversation_id, turns.c.turn == turn)
            there = connection.execute(select(turns.c.answer).where(place)).scalar()
            if there == written:
                return found
            if turn != found.turns:
                raise TurnTaken("Samtalen er fortsat et andet sted, så dette svar kan ikke stå i den.")
            connection.execute(
                insert(turns).values(
                    conversation_id=conversation_id,
                    turn=turn,
                    answer=written,
                    folded=folded(f"{kept.question}\n{kept.text}"),
                    created=now,
                )
            )
            connection.execute(
                update(conversations)
                .where(conversations.c.id == conversation_id)
                .values(updated=now, turns=turn + 1)
            )
        return replace(found, updated=now, turns=turn + 1)

    def rename(self, owner: str, conversation_id: str, title: str) -> None:
        """See ``ConversationStore``."""
        title = title_of(storable(title))
        with self._database.writing() as connection:
            changed = connection.execute(
                update(conversations)
                .where(own(owner, conversation_id))
                .values(title=title, folded=folded(title))
            )
            if changed.rowcount == 0:
                raise UnknownConversation(UNKNOWN)

    def delete(self, owner: str, conversation_id: str) -> None:
        """See ``ConversationStore``."""
        with self._database.writing() as connection:
            connection.execute(delete(conversations).where(own(owner, conversation_id)))
        self._erase(thoroughly=True)

    def delete_all(self, owner: str) -> None:
        """See ``ConversationStore``."""
        with self._database.writing() as connection:
            connection.execute(delete(conversations).where(conversations.c.owner == owner))
            connection.execute(delete(basket_items).where(basket_items.c.owner == owner))
            connection.execute(delete(basket_titles).where(basket_titles.c.owner == owner))
        self._erase(thoroughly=True)

    def feedback(self, owner: str, conversation_id: str) -> Mapping[int, Feedback]:
        """See ``ConversationStore``."""
        f = feedback.c
        wanted = (
            select(f.turn, f.thumb, f.comment, f.created)
            .join(conversations, conversations.c.id == f.conversation_id)
            .where(own(owner, conversation_id))
        )
        with self._database.reading() as connection:
            rows = connection.execute(wanted).all()
        return {turn: Feedback(*given) for turn, *given in rows}

    def set_feedback(
        self, owner: str, conversation_id: str, turn: int, thumb: Thumb, comment: str = ""
    ) -> Feedback | None:
        """See ``ConversationStore``."""
        given = Feedback(thumb, storable(comment).strip(), self._now())
        place = and_(feedback.c.conversation_id == conversation_id, feedback.c.turn == turn)
        with self._database.writing() as connection:
            info = info_of(connection, owner, conversation_id, lock=True)
            if info is None or not 0 <= turn < info.turns:
                raise UnknownConversation(UNKNOWN)
            connection.execute(delete(feedback).where(place))
            if not given.thumb and not given.comment:
                return None
            connection.execute(
                insert(feedback).values(
                    conversation_id=conversation_id,
                    turn=turn,
                    thumb=given.thumb,
                    comment=given.comment,
                    created=given.created,
                )
            )
        return given

    def basket(self, owner: str) -> tuple[BasketItem, ...]:
        """See ``ConversationStore``."""
        wanted = select(basket_items.c.content).where(basket_items.c.owner == owner)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(basket_items.c.position)).scalars().all()
        return tuple(from_json(BasketItem, row) for row in rows)

    def save_basket(self, owner: str, items: Sequence[BasketItem]) -> tuple[BasketItem, ...]:
        """See ``ConversationStore``."""
        kept = tuple(masked_item(item) for item in items)
        now = self._now()
        rows = [
            {"owner": owner, "position": position, "content": to_json(item), "saved": now}
            for position, item in enumerate(kept)
        ]
        with self._database.writing() as connection:
            gone = connection.execute(delete(basket_items).where(basket_items.c.owner == owner)).rowcount
            if rows:
                connection.execute(insert(basket_items), rows)
        if gone:
            self._erase()
        return kept

    def basket_title(self, owner: str) -> str:
        """See ``ConversationStore``."""
        wanted = select(basket_titles.c.title).where(basket_titles.c.owner == owner)
        with self._database.reading() as connection:
            return connection.execute(wanted).scalar() or ""

    def set_basket_title(self, owner: str, title: str) -> str:
        """See ``ConversationStore``."""
        kept = " ".join(storable(title).split())
        with self._database.writing() as connection:
            gone = connection.execute(delete(basket_titles).where(basket_titles.c.owner == owner)).rowcount
            if kept:
                connection.execute(insert(basket_titles).values(owner=owner, title=kept, saved=self._now()))
        if gone:
            self._erase()
        return kept

    def drafts(self) -> tuple[DraftQuestion, ...]:
        """See ``ConversationStore``."""
        wanted = select(drafts.c.content).order_by(drafts.c.created, drafts.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(wanted).scalars().all()
        return tuple(from_json(DraftQuestion, row) for row in rows)

    def add_draft(
        self,
        question: str,
        kind: str,
        gold: Sequence[tuple[str, str]] = (),
        *,
        history: Sequence[str] = (),
        comment: str = "",
    ) -> DraftQuestion:
        """See ``ConversationStore``."""
        draft = DraftQuestion(
            new_id(),
            storable(question).strip(),
            kind,
            tuple((document, snippet) for document, snippet in gold),
            tuple(storable(each) for each in history),
            storable(comment).strip(),
            self._now(),
        )
        with self._database.writing() as connection:
            connection.execute(
                insert(drafts).values(id=draft.id, content=to_json(draft), created=draft.created)
            )
        return draft

    def delete_draft(self, draft_id: str) -> None:
        """See ``ConversationStore``."""
        with self._database.writing() as connection:
            connection.execute(delete(drafts).where(drafts.c.id == draft_id))
        self._erase()

    def purge(self, before: datetime) -> int:
        """See ``ConversationStore``."""
        with self._database.writing() as connection:
            gone = connection.execute(delete(conversations).where(conversations.c.updated < before)).rowcount
            connection.execute(delete(basket_items).where(basket_items.c.saved < before))
            # A title is as old as what it stands over.
            bare = basket_titles.c.owner.not_in(select(basket_items.c.owner))
            connection.execute(delete(basket_titles).where(basket_titles.c.saved < before, bare))
            connection.execute(delete(drafts).where(drafts.c.created < before))
        # Also where nothing went: what was written over since the last time is cleared away with it.
        self._erase(thoroughly=True)
        return gone

    def check(self) -> None:
        """See ``ConversationStore``."""
        self._database.verify()

    def close(self) -> None:
        """Close the connections; the store opens new ones if it is used again."""
        self._database.close()

    def _erase(self, *, thoroughly: bool = False) -> None:
        try:
            self._database.erase(thoroughly=thoroughly)
        except StorageError as error:
            # The rows are gone and stay gone; what is left of them in the file goes with the next deletion.
            _log.warning("Slettet, men ikke fjernet fra filen endnu: %s", error)
