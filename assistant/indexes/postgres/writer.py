"""Being the only builder of an index in PostgreSQL, and what it writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection

from assistant.embedding.base import Vectors
from assistant.errors import IndexUnusable
from assistant.indexes.home import Change, StepCallback
from assistant.indexes.manifest import Origin
from assistant.indexes.postgres import migrating
from assistant.indexes.postgres.copying import Rows
from assistant.indexes.postgres.revising import collect, revise, sweep
from assistant.indexes.postgres.revisions import FOREVER, Revision, serving
from assistant.indexes.postgres.rows import digest, key
from assistant.indexes.postgres.servers import Servers
from assistant.indexes.store import Generation
from assistant.records import Document, Passage

_PATIENCE_SECONDS = 900.0
_POLL_SECONDS = 0.2
_LOCK = 60219807  # any number that only this program uses; the schema is the other half of the key


@contextmanager
def holding(servers: Servers, waiting: Callable[[], None] = lambda: None) -> Iterator[Connection]:
    """Be the only builder: a connection that holds the lock, over a schema that is up to date and swept.

    The lock is the connection's own. Where that breaks the lock is gone, and with it any way to go on writing.

    Raises:
        IndexUnusable: there is no connection, or another builder does not finish.
    """
    with servers.connected() as connection:
        _lock(connection, servers, waiting)
        # So the server lets go soon of what a killed builder was waiting for.
        connection.exec_driver_sql("SET client_connection_check_interval = '2s'")
        migrating.upgrade(connection, servers.schema)
        sweep(connection, serving(connection))
        yield connection


def change_passages(
    servers: Servers,
    base: Revision,
    removed: Sequence[str],
    passages: Sequence[Passage],
    vectors: Vectors,
    heading_vectors: Vectors,
) -> Revision:
    """Remove documents from an index and add passages to it, without more being told of the documents.

    Raises:
        IndexUnusable: it cannot be written, or something else serves by now.
        ValueError: the id of a passage is there already.
    """
    with holding(servers) as connection:
        found = serving(connection)
        if found is None or found.name != base.name:
            raise IndexUnusable("Indekset er ændret af en anden imens. Prøv igen.")
        keys = [key(each) for each in removed]
        new = list(dict.fromkeys(key(p.document_id) for p in passages))
        _refuse_double(connection, passages)
        order = [*(each for each in base.documents if each not in keys)]
        order += [each for each in new if each not in order]
        revision = revise(
            connection, base, removed=keys, rows=Rows(passages, vectors, heading_vectors), order=order
        )
        collect(connection)
    return revision


class PostgresWriter:
    """The right to write revisions; see :class:`assistant.indexes.home.IndexWriter`."""

    def __init__(self, connection: Connection, read: Callable[[str], Generation | None], host: str) -> None:
        """Write through ``connection``, which holds the lock; ``read`` opens what serves for a model."""
        self._connection = connection
        self._read = read
        self._host = host

    def current(self, model: str) -> Generation | None:
        """Return what serves, or ``None`` where there is nothing that fits ``model`` and can be used."""
        return self._read(model)

    def write(self, change: Change, origin: Origin, step: StepCallback = lambda _: None) -> Generation:
        """Write a new revision and make it the one that serves; see ``IndexWriter``."""
        connection = self._connection
        base = serving(connection)
        kept = {key(each) for each in change.kept}
        have = set(base.documents) if base else set()
        if missing := kept - have:
            raise ValueError(f"kept documents that are not there: {sorted(missing)[:3]}")

        def manifest(passages: int) -> str:
            return origin.manifest(change.documents, passages, files={}).to_json().decode()

        revise(
            connection,
            base,
            removed=have - kept,
            rows=Rows(change.passages, change.vectors, change.heading_vectors),
            order=[key(d.id) for d in change.documents],
            documents=_told_anew(connection, change.documents, kept),
            manifest=manifest,
            step=step,
        )
        collect(connection)
        step("collected")
        generation = self._read(origin.model)
        if generation is None:
            raise IndexUnusable(
                f"Indekset er skrevet i databasen på »{self._host}«, men kan ikke læses igen. Prøv igen."
            )
        return generation


def _lock(connection: Connection, servers: Servers, waiting: Callable[[], None]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    told = False
    while not connection.exec_driver_sql(
        "SELECT pg_try_advisory_lock(%s, hashtext(%s))", (_LOCK, servers.schema)
    ).scalar():
        if not told:
            waiting()
            told = True
        if time.monotonic() >= deadline:
            raise IndexUnusable(
                f"Indekset i databasen på »{servers.name}« bliver opdateret af en anden, som ikke er blevet "
                "færdig. Vent, og prøv igen."
            )
        time.sleep(_POLL_SECONDS)


def _told_anew(connection: Connection, documents: Sequence[Document], kept: set[str]) -> list[Document]:
    """Return the documents of which something else is told than before, all that are new among them."""
    found = connection.exec_driver_sql(
        "SELECT document_id, digest FROM documents WHERE removed = %s", (FOREVER,)
    )
    before = {row[0]: row[1] for row in found}
    return [d for d in documents if key(d.id) not in kept or before.get(key(d.id)) != digest(d)]


def _refuse_double(connection: Connection, passages: Sequence[Passage]) -> None:
    found = connection.exec_driver_sql(
        "SELECT id FROM passages WHERE removed = %s AND document_id = ANY(%s) AND id = ANY(%s) LIMIT 3",
        (FOREVER, [key(p.document_id) for p in passages], [key(p.id) for p in passages]),
    )
    double = [row[0] for row in found]
    if double:
        raise ValueError(f"passage ids must be unique; already there: {double}")
