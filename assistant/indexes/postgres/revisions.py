"""Which revision serves, what it is made of, and whether a server has it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import Connection
from sqlalchemy.exc import ProgrammingError

from assistant.indexes.postgres.servers import Behind
from assistant.indexes.postgres.signals import FIELDS
from assistant.indexes.whitening import Whitening

if TYPE_CHECKING:
    from psycopg import Cursor

    from assistant.indexes.postgres.driver import Pipeline

EVERY_UP_TO = 5_000
"""Up to this many passages every one is a candidate: programs keep them in memory while they serve."""

FOREVER = 2**63 - 1
"""``removed`` of a row that still serves."""

_NO_TABLE = ("42P01", "3F000")


@dataclass(frozen=True, slots=True)
class Revision:
    """One build as its tables tell of it.

    ``number`` orders revisions, ``name`` tells apart those of a database and of a copy of it that went another
    way. ``documents`` are the keys of its documents in order, ``lengths`` the number of terms by field.
    """

    number: int
    name: str
    documents: tuple[str, ...]
    passages: int
    dimension: int
    lengths: tuple[float, ...]
    whitening: int
    manifest: str = ""

    @property
    def mean_lengths(self) -> Mapping[str, float]:
        """Number of terms of a passage, by field."""
        return {
            field: length / max(self.passages, 1) for field, length in zip(FIELDS, self.lengths, strict=True)
        }


def new_name(number: int) -> str:
    """Return a name for a revision that no other has, wherever it is made."""
    return f"{number}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


def serving_name(connection: Connection) -> tuple[int, str, bool] | None:
    """Return number and name of the revision that serves, and whether a replica says so; ``None`` for none."""
    try:
        row = connection.exec_driver_sql(
            "SELECT revision, r.name, pg_is_in_recovery() FROM serving s JOIN revisions r USING (revision)"
        ).one_or_none()
    except ProgrammingError as error:
        if _has_no_table(error):
            return None
        raise
    return None if row is None else (row[0], row[1], row[2])


def serving(connection: Connection) -> Revision | None:
    """Return the revision that serves, ``None`` where there is none."""
    return _read(connection, "JOIN serving s USING (revision)", {})


def is_there(connection: Connection, name: str) -> bool:
    """Return whether a revision can still be read."""
    return _read(connection, "WHERE r.name = %(name)s", {"name": name}) is not None


@contextmanager
def missing_is_behind(revision: Revision) -> Iterator[None]:
    """Raise :class:`Behind` where what is done fails because the server does not even have the tables."""
    try:
        yield
    except ProgrammingError as error:
        if not _has_no_table(error):
            raise
        raise Behind(revision.name) from error


def check_there(connection: Connection, revision: Revision) -> None:
    """Raise :class:`Behind` unless all rows of ``revision`` are on this server."""
    with missing_is_behind(revision):
        found = connection.exec_driver_sql(f"SELECT 1 {_THERE}", _names(revision)).scalar()
    if found is None:
        raise Behind(revision.name)


def send_check(pipeline: Pipeline, revision: Revision, ef_search: int) -> Cursor[Any]:
    """Ask for one row, which comes if all rows of ``revision`` are on this server.

    Until the transaction ends the graph is searched as far as ``ef_search`` says, and some hundred passages with
    their headings are looked up one by one: by its statistics the server takes them for more, and reads all.
    """
    one_by_one = ", ".join(f"set_config('enable_{way}', 'off', true)" for way in ("hashjoin", "mergejoin"))
    return pipeline.send(
        f"SELECT set_config('hnsw.ef_search', %(ef)s, true), {one_by_one} {_THERE}",
        {**_names(revision), "ef": str(ef_search)},
    )


def read_whitening(connection: Connection, revision: Revision) -> Whitening:
    """Return how the vectors of ``revision`` are whitened."""
    mean, matrix = connection.exec_driver_sql(
        "SELECT mean, matrix FROM whitenings WHERE revision = %s", (revision.whitening,)
    ).one()
    d = revision.dimension
    return Whitening(
        np.frombuffer(mean, dtype="<f4").astype(np.float32),
        np.frombuffer(matrix, dtype="<f4").astype(np.float32).reshape(d, d),
    )


_THERE = "FROM revisions, serving WHERE revisions.revision = %(number)s AND name = %(name)s AND oldest <= %(number)s"


def _names(revision: Revision) -> dict[str, Any]:
    return {"number": revision.number, "name": revision.name}


def _read(connection: Connection, where: str, values: dict[str, str]) -> Revision | None:
    try:
        row = connection.exec_driver_sql(
            "SELECT r.revision, r.name, r.documents, r.passages, r.dimension, r.lengths, r.whitening, r.manifest "  # noqa: S608
            f"FROM revisions r {where}",
            values,
        ).one_or_none()
    except ProgrammingError as error:
        if _has_no_table(error):
            return None
        raise
    if row is None:
        return None
    number, name, documents, passages, dimension, lengths, whitening, manifest = row
    return Revision(
        number, name, tuple(json.loads(documents)), passages, dimension, tuple(lengths), whitening, manifest
    )


def _has_no_table(error: ProgrammingError) -> bool:
    return getattr(error.orig, "sqlstate", None) in _NO_TABLE
