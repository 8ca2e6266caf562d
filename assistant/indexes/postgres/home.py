"""An index that lives in PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache

import numpy as np
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from assistant.durable.files import Damage
from assistant.errors import IndexDamaged, IndexMissing, IndexUnusable
from assistant.indexes.manifest import REBUILD, check_made_with, parse_manifest
from assistant.indexes.postgres import migrating
from assistant.indexes.postgres.copying import Rows
from assistant.indexes.postgres.index import PostgresIndex
from assistant.indexes.postgres.revising import revise
from assistant.indexes.postgres.revisions import Revision, is_there, serving, serving_name
from assistant.indexes.postgres.rows import document_from
from assistant.indexes.postgres.servers import OLDEST_PGVECTOR, Servers
from assistant.indexes.postgres.writer import PostgresWriter, holding
from assistant.indexes.store import Generation
from assistant.records import Document

_Place = tuple[str, int, str]
"""A document's key, the revision that it came with, and its checksum."""


@lru_cache(maxsize=8)
def postgres_home(url: str, read_urls: tuple[str, ...], schema: str) -> PostgresHome:
    """Return the home at these addresses, the same for the same ones: it keeps connections."""
    return PostgresHome(Servers(url, read_urls, schema=schema))


class PostgresHome:
    """An index in PostgreSQL; see :class:`assistant.indexes.home.IndexHome`."""

    def __init__(self, servers: Servers) -> None:
        """Live on ``servers``; nothing is connected yet."""
        self._servers = servers
        self._lock = threading.Lock()
        self._fits = False
        self._serving: tuple[int, str] | None = None
        self._opened: tuple[Revision, PostgresIndex] | None = None
        self._documents: dict[_Place, Document] = {}

    @property
    def host(self) -> str:
        """The host of the primary, for messages."""
        return self._servers.name

    def why_not(self) -> str:
        """Return why no index can live here (Danish), empty where one can.

        Raises:
            IndexUnusable: the server cannot be asked.
        """
        if self._fits:
            return ""
        # Where it is enabled already, a replica will do: questions are answered while the primary is gone.
        why_not = self._servers.read_newest(_why_not)
        if why_not:
            with self._servers.connected() as connection:
                _enable(connection)
            self._servers.close()
            why_not = self._servers.read_newest(_why_not)
        self._fits = not why_not
        return why_not

    def read(self, *, model: str) -> Generation:
        """Open what serves; see ``IndexHome``."""
        revision, documents = self._servers.read_newest(self._read)
        try:
            manifest = parse_manifest(revision.manifest.encode())
        except Damage as damage:
            raise IndexDamaged(
                f"Indekset i databasen på »{self.host}« er beskadiget ({damage}). Byg det igen med »{REBUILD}«."
            ) from damage
        check_made_with(manifest, model)
        with self._lock:
            if self._opened is None or self._opened[0].name != revision.name:
                self._opened = revision, PostgresIndex(self._servers, revision)
            index = self._opened[1]
        return Generation(revision.name, manifest, documents, index, revision.name)

    def current_name(self) -> str | None:
        """Return the name of what serves; costs one small query."""
        try:
            found = self._servers.read_newest(serving_name)
        except IndexUnusable:
            return None
        if found is None:
            return None
        number, name, from_replica = found
        with self._lock:
            # A replica may not have heard of what the primary has told already.
            if self._serving is None or not from_replica or number > self._serving[0]:
                self._serving = number, name
            return self._serving[1]

    def is_there(self, name: str) -> bool:
        """Return whether a revision can be opened."""
        try:
            return self._servers.read_newest(lambda connection: is_there(connection, name))
        except IndexUnusable:
            return False

    @contextmanager
    def writing(self, *, waiting: Callable[[], None] = lambda: None) -> Iterator[PostgresWriter]:
        """Be the only builder; see ``IndexHome``."""
        with holding(self._servers, waiting) as connection:
            yield PostgresWriter(connection, self._current, self.host)

    def start_empty(self, dimension: int) -> PostgresIndex:
        """Return an index without passages in place of what there is, to be filled by hand."""
        none = np.zeros((0, dimension), dtype=np.float32)
        with holding(self._servers) as connection:
            base = serving(connection)
            removed = base.documents if base else ()
            revision = revise(connection, base, removed=removed, rows=Rows((), none, none), order=())
        return PostgresIndex(self._servers, revision)

    def drop(self) -> None:
        """Delete the index with all of its tables."""
        with self._servers.connected() as connection:
            connection.exec_driver_sql(f'DROP SCHEMA IF EXISTS "{self._servers.schema}" CASCADE')

    def close(self) -> None:
        """Close the connections; new ones are opened if it is used again."""
        self._servers.close()

    def _current(self, model: str) -> Generation | None:
        try:
            return self.read(model=model)
        except IndexUnusable:
            return None

    def _read(self, connection: Connection) -> tuple[Revision, tuple[Document, ...]]:
        revision = None
        if migrating.check(connection, self._servers.schema):
            revision = serving(connection)
        if revision is None or not revision.manifest:
            raise IndexMissing(
                f"Der er ikke noget indeks i databasen på »{self.host}« endnu. Byg det med »{REBUILD}«."
            )
        return revision, self._read_documents(connection, revision)

    def _read_documents(self, connection: Connection, revision: Revision) -> tuple[Document, ...]:
        """Read those that are not known from the revision before."""
        found = connection.exec_driver_sql(
            "SELECT document_id, added, digest FROM documents WHERE added <= %(r)s AND removed > %(r)s",
            {"r": revision.number},
        )
        places = {row[0]: (row[0], row[1], row[2]) for row in found}
        with self._lock:
            known = dict(self._documents)
        new = [place for place in places.values() if place not in known]
        known |= _documents_at(connection, new)
        with self._lock:
            self._documents = {place: known[place] for place in places.values()}
        return tuple(known[places[each]] for each in revision.documents if each in places)


def _documents_at(connection: Connection, places: Sequence[_Place]) -> dict[_Place, Document]:
    if not places:
        return {}
    documents, added, _ = zip(*places, strict=True)
    found = connection.exec_driver_sql(
        "SELECT document_id, added, digest, content FROM documents "
        "WHERE (document_id, added) IN (SELECT * FROM unnest(%s::text[], %s::bigint[]))",
        (list(documents), list(added)),
    )
    return {(row[0], row[1], row[2]): document_from(row[3]) for row in found}


def _why_not(connection: Connection) -> str:
    have = connection.exec_driver_sql(
        "SELECT installed_version FROM pg_available_extensions WHERE name = 'vector'"
    ).one_or_none()
    if have is None:
        return "pgvector er ikke installeret på serveren"
    if have[0] is None:
        return "pgvector er ikke slået til i databasen; kør »CREATE EXTENSION vector« som dens administrator"
    if tuple(int(part) for part in str(have[0]).split(".")[:2]) < OLDEST_PGVECTOR:
        wanted = ".".join(map(str, OLDEST_PGVECTOR))
        return f"pgvector er for gammel ({have[0]}); der skal bruges mindst {wanted}"
    return ""


def _enable(connection: Connection) -> None:
    """Enable pgvector if that is allowed; that it is not is told by :func:`_why_not`."""
    with suppress(DBAPIError):
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS vector SCHEMA public")
