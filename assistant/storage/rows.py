"""What the statements of the store share: whose a conversation is, its row, and text as it is searched."""

from __future__ import annotations

import textwrap
import unicodedata

from sqlalchemy import ColumnElement, Connection, and_, insert, select
from sqlalchemy.exc import IntegrityError

from assistant.storage.base import ConversationInfo, UnknownConversation
from assistant.storage.masked import holdable
from assistant.storage.schema import conversations

TITLE_CHARACTERS = 80
"""The longest title of a conversation; a longer question is cut."""

UNKNOWN = "Samtalen findes ikke længere. Den er slettet, eller den hører til en anden."


def own(owner: str, conversation_id: str) -> ColumnElement[bool]:
    """Return what holds of the row of that conversation, if it is the owner's."""
    return and_(conversations.c.id == conversation_id, conversations.c.owner == owner)


def info_of(
    connection: Connection, owner: str, conversation_id: str, *, lock: bool = False
) -> ConversationInfo | None:
    """Return the owner's conversation, if there is one; ``lock`` keeps other writers of its row waiting."""
    c = conversations.c
    wanted = select(c.id, c.title, c.created, c.updated, c.turns).where(own(owner, conversation_id))
    row = connection.execute(wanted.with_for_update() if lock else wanted).one_or_none()
    return None if row is None else ConversationInfo(*row)


def begin(connection: Connection, owner: str, info: ConversationInfo) -> None:
    """Make the row of a conversation; raises ``UnknownConversation`` where the id is another owner's."""
    try:
        connection.execute(
            insert(conversations).values(
                id=info.id,
                owner=owner,
                title=info.title,
                folded=folded(info.title),
                created=info.created,
                updated=info.updated,
                turns=info.turns,
            )
        )
    except IntegrityError as error:
        # The id is another owner's. Whoever gets here has made it up, and learns nothing.
        raise UnknownConversation(UNKNOWN) from error


def title_of(question: str) -> str:
    """Return the question on one line, cut between words where it is long."""
    return textwrap.shorten(question, TITLE_CHARACTERS, placeholder=" …") or "Uden titel"


def folded(text: str) -> str:
    """Return text as it is searched: letters composed, no upper case, white space folded."""
    return " ".join(unicodedata.normalize("NFC", holdable(text)).casefold().split())
