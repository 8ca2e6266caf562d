"""The one store that all browser sessions share."""

from __future__ import annotations

from assistant.errors import StorageError
from assistant.storage.base import ConversationStore


def shared_store() -> ConversationStore:
    """Return the shared store, opening it first.

    Raises:
        StorageError: it cannot be opened; the next call tries again.
    """
    raise StorageError("Databasen er ikke klar endnu.")
