"""Connections that keep what they acknowledge, one writer at a time, and errors in Danish.

SQLite runs in WAL mode with every commit flushed (``synchronous=FULL``), so that readers never wait for a
writer and an acknowledged write survives the loss of power. Writers take the lock when they begin, not
halfway, and those of one process queue up before they ask for it: nobody is told "database is locked".
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from assistant.errors import MissingExtra, StorageError
from assistant.storage.schema import metadata

BUSY_SECONDS = 5.0
"""How long a writer waits for one of another process."""

_QUEUE_SECONDS = 30.0
_POOL = {"pool_size": 5, "max_overflow": 60, "pool_timeout": 30.0}
_LOCK = "SELECT pg_advisory_xact_lock(60219806)"  # any number that only this program uses


class Database:
    """One database: reading and writing transactions, and the removal of what was deleted."""

    def __init__(self, url: str, folder: Path, fault: Callable[[], None] = lambda: None) -> None:
        """Prepare the database at ``url``; a relative file stands in ``folder``. Makes a missing file.

        ``fault`` is told whenever the database fails, from the thread that met with it.

        Raises:
            StorageError: the URL is none, or the file cannot be made. MissingExtra: there is no driver.
        """
        self._fault = fault
        parsed = _parsed(url)
        self._file = _file(parsed, folder) if parsed.get_backend_name() == "sqlite" else None
        self._name = self._file.name if self._file else parsed.host or "serveren"
        self._writers = threading.Lock()
        self._left_over = False
        with self._errors():
            self._engine = _sqlite(self._file) if self._file else _server(parsed)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one moment of the database."""
        with self._errors(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the one writing connection; what it wrote is flushed when the block ends without error."""
        writer = self._engine.execution_options(writing=True)
        with self._queue(), self._errors():
            with writer.connect() as connection, connection.begin():
                yield connection
            if self._left_over:
                self._truncate()

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Give a writing connection that keeps migrations of other processes waiting."""
        with self.writing() as connection:
            if self._file is None:
                connection.exec_driver_sql(_LOCK)
            yield connection

    def erase(self, *, thoroughly: bool = False) -> None:
        """Remove from the files what was deleted from the tables.

        SQLite overwrites deleted rows where they stood (``secure_delete``); this empties the write-ahead
        log, which still has them. A row that was moved as its page filled up can have left a copy behind
        (seen in 1 of 20 tries), so ``thoroughly`` rewrites the whole file as well. Where a reader holds on
        to the log, the next write tries again. In PostgreSQL the rewriting is all that is done, and its own
        logs and backups keep what they have.
        """
        with self._queue(), self._errors():
            if self._file:
                if thoroughly:
                    self._directly("VACUUM")
                self._truncate()
            elif thoroughly:
                autocommit = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                with autocommit as connection:
                    for table in metadata.sorted_tables:
                        # Not the whole database: the index of the documents may live in it too.
                        connection.exec_driver_sql(f"VACUUM FULL {table.name}")

    def verify(self) -> None:
        """Return if the file is whole and can be written; raises ``StorageError`` otherwise."""
        if self._file:
            with self.reading() as connection:
                found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if found != "ok":
                raise StorageError(_DAMAGED.format(self._name))
        writer = self._engine.execution_options(writing=True)
        with self._queue(), self._errors(), writer.connect() as connection:
            transaction = connection.begin()
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = version_num")
            transaction.rollback()

    def close(self) -> None:
        """Close all connections that are not in use."""
        self._engine.dispose()

    def _truncate(self) -> None:
        busy, *_ = self._directly("PRAGMA wal_checkpoint(TRUNCATE)")
        self._left_over = bool(busy)

    def _directly(self, statement: str) -> tuple[Any, ...]:
        """Run what SQLite allows in no transaction; return its first row."""
        with self._engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            return tuple(raw.execute(statement).fetchone() or ())

    @contextmanager
    def _queue(self) -> Iterator[None]:
        if not self._writers.acquire(timeout=_QUEUE_SECONDS):
            raise self._failed(_BUSY)
        try:
            yield
        finally:
            self._writers.release()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._failed(_message(error.orig, self._name)) from error
        except (sqlite3.Error, PoolTimeout, DisconnectionError, UnicodeError) as error:
            raise self._failed(_message(error, self._name)) from error
        except OSError as error:
            raise self._failed(
                f"Databasen »{self._name}« kan ikke åbnes. Se efter, at mappen findes, og at programmet må "
                "skrive i den."
            ) from error

    def _failed(self, message: str) -> StorageError:
        self._fault()
        return StorageError(message)


# --- making an engine -----------------------------------------------------------------------------


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgres", "postgresql"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        # The address is not repeated: it may hold a password.
        raise StorageError(
            "»database.url« er ikke en adresse på en database. Skriv fx sqlite:///data/assistant.sqlite3 "
            "eller postgresql://bruger@server/navn."
        ) from error
    return parsed


def _file(url: URL, folder: Path) -> Path:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise StorageError("»database.url« skal pege på en fil, når databasen er SQLite.")
    return folder / url.database


def _sqlite(file: Path) -> Engine:
    file.parent.mkdir(parents=True, exist_ok=True)
    # Made here and never by a connection: a file that disappears later is missed, not silently replaced.
    # Only the user that runs the program may read it.
    os.close(os.open(file, os.O_CREAT | os.O_RDONLY, 0o600))
    address = f"file:{quote(str(file.resolve()))}?mode=rw"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        for pragma in ("foreign_keys=ON", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=_pool_class(), **_POOL)
    _begin_at_once(engine)
    _miss_the_file(engine, file)
    _log_ahead(connect)
    return engine


def _pool_class() -> type:
    from sqlalchemy.pool import QueuePool

    return QueuePool


def _begin_at_once(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _miss_the_file(engine: Engine, file: Path) -> None:
    """Give up connections to a file that was removed or replaced: what they write is lost."""

    @event.listens_for(engine, "connect")
    def connect(_connection: object, record: object) -> None:
        record.info["file"] = _identity(file)  # type: ignore[attr-defined]

    @event.listens_for(engine, "checkout")
    def checkout(_connection: object, record: object, _proxy: object) -> None:
        if record.info["file"] != _identity(file):  # type: ignore[attr-defined]
            raise DisconnectionError("the file was removed or replaced")


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _log_ahead(connect: object) -> None:
    """Switch to WAL mode, which the file remembers; the switch itself does not wait for others."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        connection = connect()  # type: ignore[operator]
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_READONLY:
                return
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()


def _server(url: URL) -> Engine:
    try:
        # Five seconds: a page waits for it.
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 5}, **_POOL)
    except ModuleNotFoundError as error:
        raise MissingExtra(
            f"»database.url« peger på {url.get_backend_name()}, men {error.name} er ikke installeret. "
            'Kør: pip install "dokumentassistent[postgres]"'
        ) from error


# --- errors ---------------------------------------------------------------------------------------

_BUSY = "Databasen er optaget af noget andet. Prøv igen om lidt."
_DAMAGED = (
    "Databasen »{}« er beskadiget. Gendan den fra en sikkerhedskopi, eller flyt filen væk, så begynder en ny, "
    "næste gang programmet starter."
)
_BY_CODE = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_FULL: "Der er ikke plads til mere på disken med databasen »{}«. Skaf plads, og prøv igen.",
    sqlite3.SQLITE_READONLY: (
        "Databasen »{}« kan kun læses. Giv programmet lov til at skrive i filen og dens mappe."
    ),
    sqlite3.SQLITE_CANTOPEN: "Databasen »{}« findes ikke længere eller kan ikke åbnes. Start programmet igen.",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_IOERR: "Disken med databasen »{}« svarer med en fejl. Se efter, om den er i orden.",
}


def _message(error: BaseException | None, name: str) -> str:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return _BY_CODE.get(code, "Databasen »{}« svarede med en fejl, der ikke var ventet.").format(name)
    if isinstance(error, PoolTimeout):
        return _BUSY
    if isinstance(error, DisconnectionError):
        return _BY_CODE[sqlite3.SQLITE_CANTOPEN].format(name)
    return f"Databasen »{name}« svarer ikke, eller den afviste det, den fik. Se efter, om den kører."
