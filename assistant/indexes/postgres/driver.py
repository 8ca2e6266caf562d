"""What is set on each connection: binary results, the types of pgvector, how far a search goes; and pipelines."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from pgvector.psycopg import register_vector
from psycopg.pq import Format
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

MOST_SCANNED = 40_000
"""``hnsw.max_scan_tuples``: so far a search goes on that is narrowed to some documents."""

# It tells of every connection that broke in a pipeline, and where to; servers.py tells it once and in Danish.
logging.getLogger("psycopg").setLevel(logging.ERROR)


class BinaryCursor(psycopg.Cursor[Any]):
    """A cursor whose results come in binary form: no vector is written out in digits."""

    def __init__(self, connection: psycopg.Connection[Any], *arguments: Any, **options: Any) -> None:
        """See :class:`psycopg.Cursor`."""
        super().__init__(connection, *arguments, **options)
        self.format = Format.BINARY


class Pipeline:
    """Sends statements to a server one after the other; what they give is waited for together."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """Send them over ``connection``."""
        self._connection = connection

    def send(self, statement: str, values: Mapping[str, Any] | None = None) -> psycopg.Cursor[Any]:
        """Send a statement; the first fetch from its cursor waits for all that were sent until then."""
        return self._connection.cursor().execute(statement, values)

    def send_end(self) -> None:
        """Send the end of the transaction, so that nobody waits for it alone."""
        self.send("COMMIT")


@contextmanager
def pipelined(connection: Connection) -> Iterator[Pipeline]:
    """Give a pipeline; leaving the block waits for what was sent and not yet fetched.

    Raises:
        DBAPIError: as ``connection`` itself would.
    """
    raw: Any = connection.connection.driver_connection
    try:
        with raw.pipeline():
            yield Pipeline(raw)
    except psycopg.Error as error:
        if raw.broken:
            # What else is in the pool is as old as this one.
            connection.invalidate(error)
            connection.engine.dispose()
        raise DBAPIError.instance(
            None, None, error, psycopg.Error, connection_invalidated=raw.broken, dialect=connection.dialect
        ) from error


def prepare(connection: psycopg.Connection[Any], schema: str, milliseconds: int) -> None:
    """Make a new connection ready; ``milliseconds`` is the longest that a statement may take, 0 for any."""
    try:
        _prepare(connection, schema, milliseconds)
    except BaseException:
        connection.close()  # nobody else knows of it yet
        raise


def _prepare(connection: psycopg.Connection[Any], schema: str, milliseconds: int) -> None:
    before, connection.autocommit = connection.autocommit, True
    found = connection.execute(
        "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
        "WHERE e.extname = 'vector'"
    ).fetchone()
    places = dict.fromkeys([schema, *([found[0]] if found else []), "public"])
    path = ", ".join('"' + place.replace('"', '""') + '"' for place in places)
    settings = {"search_path": path, "statement_timeout": str(milliseconds), "jit": "off"}
    if found:
        settings |= {
            "hnsw.iterative_scan": "relaxed_order",
            "hnsw.max_scan_tuples": str(MOST_SCANNED),
        }
    each = ", ".join(["set_config(%s, %s, false)"] * len(settings))
    connection.execute(f"SELECT {each}", [part for pair in settings.items() for part in pair])
    if found:
        register_vector(connection)
    connection.autocommit = before
