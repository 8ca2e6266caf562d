"""What is set on each connection: binary results, the types of pgvector, and how far a search goes."""

from __future__ import annotations

from typing import Any

import psycopg
from pgvector.psycopg import register_vector
from psycopg.pq import Format

EF_SEARCH = 200
"""``hnsw.ef_search``: with 32 links a node, the recall@10 that tests/postgres measures."""

MOST_SCANNED = 40_000
"""``hnsw.max_scan_tuples``: so far a search goes on that is narrowed to some documents."""


class BinaryCursor(psycopg.Cursor[Any]):
    """A cursor whose results come in binary form: no vector is written out in digits."""

    def __init__(self, connection: psycopg.Connection[Any], *arguments: Any, **options: Any) -> None:
        """See :class:`psycopg.Cursor`."""
        super().__init__(connection, *arguments, **options)
        self.format = Format.BINARY


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
            "hnsw.ef_search": str(EF_SEARCH),
            "hnsw.max_scan_tuples": str(MOST_SCANNED),
        }
    each = ", ".join(["set_config(%s, %s, false)"] * len(settings))
    connection.execute(f"SELECT {each}", [part for pair in settings.items() for part in pair])
    if found:
        register_vector(connection)
    connection.autocommit = before
