"""The one store that all browser sessions share, and what is past retention removed from it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from assistant.errors import AssistantError, StorageError
from assistant.settings import load_settings
from assistant.storage.base import ConversationStore
from assistant.web import metrics

_log = logging.getLogger(__name__)

_DAY_SECONDS = 24 * 60 * 60
_HOUR_SECONDS = 60 * 60
_AGAIN_SECONDS = 5.0
"""After a failure the same answer is given for so long, not to try at every view of the page."""


class Shared:
    """Opens a store once, when it is first asked for."""

    def __init__(self, open_store: Callable[[], ConversationStore]) -> None:
        """Prepare; nothing is opened yet."""
        self._open = open_store
        self._lock = threading.Lock()
        self._store: ConversationStore | None = None
        self._failure: StorageError | None = None
        self._failed_at = 0.0

    def get(self) -> ConversationStore:
        """Return the store; raises ``StorageError`` where it cannot be opened, and tries again later."""
        with self._lock:
            if self._store is None:
                if self._failure is not None and time.monotonic() - self._failed_at < _AGAIN_SECONDS:
                    raise self._failure
                try:
                    self._store, self._failure = self._open(), None
                except AssistantError as error:
                    # A driver that is missing is no other news to the user than a server that is down.
                    failure = error if isinstance(error, StorageError) else StorageError(str(error))
                    self._failure, self._failed_at = failure, time.monotonic()
                    raise failure from error
            return self._store

    def close(self) -> None:
        """Close the store if it is open; it opens its connections again if it is used all the same."""
        with self._lock:
            if self._store is not None:
                self._store.close()


def shared_store() -> ConversationStore:
    """Return the shared store, opening it first.

    Raises:
        StorageError: it cannot be opened; a later call tries again.
    """
    return _shared.get()


def close() -> None:
    """Close the shared store, if it was opened."""
    _shared.close()


def retention_days() -> int:
    """Return how many days a conversation is kept after its last question."""
    return load_settings().database.retention_days


def _open_store() -> ConversationStore:
    # Loads SQLAlchemy, which the start of the server need not wait for.
    from assistant.factory import open_store

    settings = load_settings()
    store = open_store(settings, metrics.shared.database_fault)
    days = settings.database.retention_days
    # Before anybody sees what is in it.
    purged = _purge(store, days)
    threading.Thread(target=_keep_purging, args=(store, days, purged), name="retention", daemon=True).start()
    return store


def _keep_purging(store: ConversationStore, days: int, purged: bool) -> None:
    """Remove what is past retention every day; where that failed, try again in an hour."""
    while True:
        time.sleep(_DAY_SECONDS if purged else _HOUR_SECONDS)
        purged = _purge(store, days)


def _purge(store: ConversationStore, days: int) -> bool:
    """Remove what is past retention; return whether that went well."""
    try:
        gone = store.purge(datetime.now(UTC) - timedelta(days=days))
        _log.info("Slettet efter %d dage: %d samtaler", days, gone)
    except StorageError as error:
        _log.warning("Gamle samtaler kunne ikke slettes: %s", error)
    except Exception:
        _log.exception("Uventet fejl under sletning af gamle samtaler")
    else:
        return True
    return False


_shared = Shared(_open_store)
