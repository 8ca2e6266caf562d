"""Bringing the index's schema forward to what this release knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from assistant.errors import IndexMismatch
from assistant.indexes.manifest import REBUILD

VERSIONS: Final = ("0001", "0002")
"""Every released version of the schema, oldest first; the last is the one that the code expects."""

_FOLDER = Path(__file__).with_name("migrations")


def version(connection: Connection, schema: str) -> str | None:
    """Return the version of the schema, ``None`` where it has none yet."""
    known = connection.exec_driver_sql(
        "SELECT to_regclass(format('%%I.alembic_version', %s::text)) IS NOT NULL", (schema,)
    ).scalar()
    if not known:
        return None
    found: str | None = connection.exec_driver_sql(
        f'SELECT version_num FROM "{schema}".alembic_version'  # noqa: S608  an identifier, see usable_schema
    ).scalar()
    return found


def check(connection: Connection, schema: str) -> bool:
    """Return whether there are tables of this release's schema, ``False`` where there are none.

    Raises:
        IndexMismatch: they were made by another release.
    """
    found = _known_version(connection, schema)
    if found is not None and found != VERSIONS[-1]:
        raise IndexMismatch(
            f"Indekset i databasen er lavet af en ældre udgave af Dokumentassistenten (skema {found}; denne udgave "
            f"bruger {VERSIONS[-1]}). Byg det igen med »{REBUILD}«."
        )
    return found is not None


def _known_version(connection: Connection, schema: str) -> str | None:
    found = version(connection, schema)
    if found is not None and found not in VERSIONS:
        raise IndexMismatch(
            f"Indekset i databasen er lavet af en nyere udgave af Dokumentassistenten (skema {found}; denne udgave "
            f"kender til og med {VERSIONS[-1]}). Opdatér programmet, eller sæt »database.schema« til et andet navn."
        )
    return found


def upgrade(connection: Connection, schema: str, to: str = VERSIONS[-1]) -> None:
    """Bring the schema forward, all the way or not at all; makes it where it is missing.

    ``connection`` is that of the only builder, and in no transaction; ``to`` is a version that is older for tests.

    Raises:
        IndexMismatch: it was made by a newer release.
    """
    if _known_version(connection, schema) == to:
        return
    # Only here: it takes longer to import than everything else that opens an index.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["schema"] = schema
    raw: Any = connection.connection.driver_connection
    with raw.transaction():
        connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        command.upgrade(config, to)
