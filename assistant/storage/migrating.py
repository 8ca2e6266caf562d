"""Bringing a database forward to the schema that this release knows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from assistant.errors import StorageError

REVISIONS: Final = ("0001", "0002", "0003")
"""Every released version of the schema, oldest first; the last is the one that the code expects."""

_FOLDER = Path(__file__).with_name("migrations")


def upgrade(connection: Connection) -> None:
    """Bring the database forward, all the way or not at all; ``connection`` is in a writing transaction.

    Raises:
        StorageError: it was made by a newer release, or by another program.
    """
    found = version(connection)
    if found == REVISIONS[-1]:
        return
    if found is not None and found not in REVISIONS:
        raise StorageError(
            f"Databasen er lavet af en nyere udgave af Dokumentassistenten (skema {found}; denne udgave kender "
            f"til og med {REVISIONS[-1]}). Opdatér programmet, eller peg »database.url« på en anden database."
        )
    if found is None and "conversations" in inspect(connection).get_table_names():
        raise StorageError(
            "Databasen hører til et andet program: den har tabeller, men ingen version. "
            "Peg »database.url« på en anden database."
        )
    # Only here: it takes longer to import than everything else that opens a database.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def version(connection: Connection) -> str | None:
    """Return the version of the schema, ``None`` for a database that has none yet."""
    if "alembic_version" not in inspect(connection).get_table_names():
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found
