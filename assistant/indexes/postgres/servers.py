"""The primary and its replicas: connections, which of them is read from, and errors in Danish.

Reading is done by handing over a piece of work, which is done as a whole on one server in one snapshot. Where
a replica is gone, slow or behind, the same work is done anew on another and last on the primary, so that an
answer never mixes what two of them know.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import NullPool

from assistant.errors import IndexUnusable, MissingExtra

T = TypeVar("T")

OLDEST_PGVECTOR = (0, 8)
"""Filtered search goes on until it has found enough since this version (``hnsw.iterative_scan``)."""

REST_SECONDS = 15.0
"""So long a replica that failed is asked last."""

_CONNECT_SECONDS = 5
_READ_MILLISECONDS = 20_000
_POOL = {"pool_size": 4, "max_overflow": 28, "pool_timeout": 10.0, "pool_recycle": 1800}
_log = logging.getLogger(__name__)


class Behind(Exception):
    """The server does not have what is asked for, or not yet; another may."""


class Servers:
    """A PostgreSQL and its read replicas. Safe for many threads."""

    def __init__(self, url: str, read_urls: Sequence[str] = (), *, schema: str = "assistant") -> None:
        """Prepare; nothing is connected yet.

        Args:
            url: the primary, ``postgresql://user:password@host/database``; any driver named is replaced.
            read_urls: replicas of it.
            schema: where the tables are.

        Raises:
            IndexUnusable: an address is none. MissingExtra: there is no driver.
        """
        self.schema = schema
        self._primary = _Server(_parsed(url, "database.url"), schema)
        self._replicas = [_Server(_parsed(each, "database.read_urls"), schema) for each in read_urls]
        self._turn = itertools.count()

    @property
    def name(self) -> str:
        """The host of the primary, for messages."""
        return self._primary.name

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """Give a connection to the primary outside any pool, each statement a transaction of its own.

        Raises:
            IndexUnusable: there is no connection, or what was done in the block failed.
        """
        with translated(self.name), self._primary.alone.connect() as connection:
            yield connection

    def read(self, work: Callable[[Connection], T]) -> T:
        """Return what ``work`` does in one snapshot of one server, a replica where one can.

        Raises:
            IndexUnusable: no server could do it. Behind: none of them has what ``work`` asks for.
        """
        return self._first_of(self._order(), work)

    def read_newest(self, work: Callable[[Connection], T]) -> T:
        """Return what ``work`` does on the primary, on a replica only where that is gone."""
        order = [self._primary, *self._order()[:-1]]
        return self._first_of(sorted(order, key=lambda server: server.rests()), work)

    def close(self) -> None:
        """Close all connections that are not in use."""
        for server in (self._primary, *self._replicas):
            server.close()

    def _order(self) -> list[_Server]:
        start = next(self._turn) % max(len(self._replicas), 1)
        turned = self._replicas[start:] + self._replicas[:start]
        return [*sorted(turned, key=lambda server: server.rests()), self._primary]

    def _first_of(self, order: Sequence[_Server], work: Callable[[Connection], T]) -> T:
        failure: Exception | None = None
        for server in order:
            try:
                done = server.read(work)
            except Behind as error:
                failure = failure or error
                if server is not self._primary:
                    server.went_wrong("er bagud med det nyeste indeks")
            except (DBAPIError, PoolTimeout, OSError) as error:
                failure = error
                if len(order) > 1:
                    server.went_wrong("svarer ikke")
            else:
                server.went_well()
                return done
        if isinstance(failure, DBAPIError | PoolTimeout | OSError):
            with translated(self.name):
                raise failure
        assert failure is not None  # noqa: S101  there is always a primary
        raise failure


class _Server:
    """One PostgreSQL, with a pool of connections that only read and a way to have one that writes."""

    def __init__(self, url: URL, schema: str) -> None:
        self.name = url.host or "serveren"
        self.alone = _engine(url, schema, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._readers = _engine(url, schema, reading=True, **_POOL)
        self._snapshots = self._readers.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._lock = threading.Lock()
        self._failed = 0.0
        self._told = False

    def read(self, work: Callable[[Connection], T]) -> T:
        try:
            return self._work(work)
        except DBAPIError as error:
            # A server that was started again has closed what was in the pool, which is empty now.
            if not error.connection_invalidated:
                raise
        return self._work(work)

    def _work(self, work: Callable[[Connection], T]) -> T:
        with self._snapshots.connect() as connection, connection.begin():
            return work(connection)

    def rests(self) -> bool:
        return bool(self._failed) and time.monotonic() - self._failed < REST_SECONDS

    def went_wrong(self, why: str) -> None:
        with self._lock:
            self._failed = time.monotonic()
            told, self._told = self._told, True
        if not told:
            _log.warning(
                "Databasen på »%s« %s. Der læses et andet sted, til den er med igen.", self.name, why
            )

    def went_well(self) -> None:
        if self._told:
            with self._lock:
                self._failed, self._told = 0.0, False
            _log.info("Databasen på »%s« er med igen.", self.name)

    def close(self) -> None:
        self._readers.dispose()
        self.alone.dispose()


def _parsed(url: str, setting: str) -> URL:
    try:
        return make_url(url).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError) as error:
        # The address is not repeated: it may hold a password.
        raise IndexUnusable(
            f"»{setting}« er ikke en adresse på en PostgreSQL. Skriv fx postgresql://bruger@server/navn."
        ) from error


def _engine(url: URL, schema: str, *, reading: bool = False, **options: Any) -> Engine:
    try:
        from assistant.indexes.postgres.driver import prepare

        engine = create_engine(url, connect_args=_arguments(), **options)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise MissingExtra(
            "»database.url« peger på PostgreSQL, men psycopg og pgvector er ikke installeret. "
            'Kør: pip install "dokumentassistent[postgres]"'
        ) from error

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        prepare(connection, schema, _READ_MILLISECONDS if reading else 0)

    return engine


def _arguments() -> dict[str, Any]:
    from assistant.indexes.postgres.driver import BinaryCursor

    return {
        "application_name": "dokumentassistent",
        "connect_timeout": _CONNECT_SECONDS,
        "tcp_user_timeout": 1000 * 2 * _CONNECT_SECONDS,
        "cursor_factory": BinaryCursor,
        # Plans are cheap beside the searches, and prepared ones are in the way of connection poolers.
        "prepare_threshold": None,
    }


# --- errors ---------------------------------------------------------------------------------------

_BY_STATE = {
    "53100": "Der er ikke plads til mere på disken hos databasen på »{}«. Skaf plads, og prøv igen.",
    "42501": "Databasen på »{}« giver ikke lov til at læse eller ændre indekset. Giv brugeren ret til dets skema.",
    "25006": "Databasen på »{}« kan kun læses. Peg »database.url« på den, der skrives i, ikke på en replika.",
    "57014": "Databasen på »{}« var for længe om at svare. Prøv igen om lidt.",
    "28P01": "Databasen på »{}« afviste brugernavn eller adgangskode. Ret »database.url«.",
    "28000": "Databasen på »{}« afviste brugernavn eller adgangskode. Ret »database.url«.",
    "3D000": "Databasen på »{}« findes ikke under det navn. Opret den, eller ret »database.url«.",
}


@contextmanager
def translated(host: str) -> Iterator[None]:
    """Raise what the driver raises as :class:`IndexUnusable`, in Danish and without the address."""
    try:
        yield
    except (DBAPIError, PoolTimeout, OSError) as error:
        original = getattr(error, "orig", None) or error
        raise IndexUnusable(_message(original, host)) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "psycopg":
            raise
        raise IndexUnusable(_message(error, host)) from error


def _message(error: BaseException, host: str) -> str:
    state = str(getattr(error, "sqlstate", None) or "")
    if not state:
        for code in ("28P01", "28000", "3D000"):
            if _SAYS[code] in str(error):
                state = code
    if state in _BY_STATE:
        return _BY_STATE[state].format(host)
    if state and not state.startswith(("08", "57")):
        return f"Databasen på »{host}« svarede med en fejl, der ikke var ventet ({state}). Se dens log."
    return f"Databasen på »{host}« svarer ikke. Se efter, om den kører, og prøv igen."


# While a connection is being made, the driver gives no code.
_SAYS = {
    "28P01": "password authentication failed",
    "28000": "no pg_hba.conf entry",
    "3D000": "does not exist",
}
