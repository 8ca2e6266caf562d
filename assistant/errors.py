"""Everything that can go wrong and that a user can do something about.

::

    AssistantError
    ├── SettingsError        a setting is unknown or its value cannot be used
    ├── QuestionError        the question cannot be searched (empty, too long)
    ├── DocumentError        one document cannot be read; the others still are
    │   ├── DocumentUnfinished  reading it was given up, and may succeed another time
    │   └── UnknownDocument  a document id that the index does not have
    ├── CorpusError          the corpus as a whole cannot be used (missing, nothing readable)
    ├── IndexUnusable        the index is missing, damaged or made by something else
    │   ├── IndexMissing
    │   ├── IndexDamaged
    │   └── IndexMismatch
    ├── ModelError           the language model gave no answer that can be used
    ├── ClusterError         a Dask cluster cannot be used, or was lost
    ├── StorageError         conversations, feedback or notes cannot be read or kept
    ├── LimitReached         more was asked for than is allowed; the message names the limit
    ├── AccessDenied         the user may not do this
    └── MissingExtra         a configured part needs a package that is not installed

Messages are Danish: they are shown to the user as they stand. Each says what happened, to which
file or setting, and what to do. Errors of other libraries are translated where they are caught,
with the cause kept.
"""

from __future__ import annotations


class AssistantError(Exception):
    """Base of all errors whose message may be shown to a user."""


class SettingsError(AssistantError):
    """A setting is unknown, or its value cannot be used."""


class QuestionError(AssistantError):
    """The question cannot be searched."""


class DocumentError(AssistantError):
    """One document cannot be read."""


class DocumentUnfinished(DocumentError):
    """Reading one document took more than it may, or broke off; another time it may succeed."""


class UnknownDocument(DocumentError):
    """A document id that the index does not have."""


class CorpusError(AssistantError):
    """The corpus as a whole cannot be used."""


class IndexUnusable(AssistantError):
    """The index cannot answer questions as it stands."""


class IndexMissing(IndexUnusable):
    """There is no index yet."""


class IndexDamaged(IndexUnusable):
    """A file of the index is missing or does not have its checksum."""


class IndexMismatch(IndexUnusable):
    """The index was made with another model, schema or way of cutting passages."""


class MissingExtra(AssistantError):
    """A configured part needs a package that is not installed."""


class ModelError(AssistantError):
    """The language model gave no answer that can be used."""


class ClusterError(AssistantError):
    """A Dask cluster cannot be used, or was lost."""


class StorageError(AssistantError):
    """Conversations, feedback or notes cannot be read or kept."""


class LimitReached(AssistantError):
    """More was asked for than is allowed. ``limit`` is the key of the limit in ``[limits]``."""

    def __init__(self, message: str, limit: str = "") -> None:
        """Say which limit in ``message``."""
        super().__init__(message)
        self.limit = limit


class AccessDenied(AssistantError):
    """The user may not do this."""
