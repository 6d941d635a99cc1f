"""One SQLAlchemy database for every store, cart and conversation, SQLite unless told otherwise."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from assistant.catalog.migrations import bring_up_to_date
from assistant.errors import ConfigurationError, DatabaseBusy

BUSY_SECONDS = 5

metadata = MetaData()

_BUSY = "is in use by another process; wait for it to end, then try again"
_LOCK_NOT_AVAILABLE = "55P03"
_EXCLUDE = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")

_SQLITE_REMEDIES = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_FULL: "has no room left on its disk; free some space, then try again",
    sqlite3.SQLITE_IOERR: "cannot be written; check that its disk works and has room",
    sqlite3.SQLITE_READONLY: "may not be written; give yourself write permission on its folder",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check that its folder exists and may be written",
    sqlite3.SQLITE_NOTADB: "is not a database; move the file away and prepare the store again",
    sqlite3.SQLITE_CORRUPT: "is damaged; move the file away and prepare the store again",
}


class Database:
    """A database by its SQLAlchemy URL; connections are made when first asked for.

    Raises ConfigurationError, with a remedy, for a URL or a database that cannot be used.
    """

    def __init__(self, url: str) -> None:
        self._url = _parsed(url)
        self._engine = _engine(self._url)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a connection that only reads; what it changes is rolled back."""
        with self._explained(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self, exclusive: str | None = None) -> Iterator[Connection]:
        """Open one write transaction: committed on success, rolled back on any error.

        SQLite has one writer at a time. On PostgreSQL those that name the same `exclusive` wait
        for each other. Raises DatabaseBusy where the wait is longer than BUSY_SECONDS.
        """
        with self._explained(), self._engine.connect() as connection:
            writing = connection.execution_options(immediate=True)
            with writing.begin():
                if exclusive is not None and self._engine.dialect.name == "postgresql":
                    writing.execute(text(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'"))
                    writing.execute(_EXCLUDE, {"name": exclusive})
                yield writing

    def create_all(self) -> None:
        """Create the tables of `metadata` that are missing and upgrade those of earlier releases.

        One process does so at a time; the others wait.
        """
        if self._url.get_backend_name() == "sqlite" and self._url.database:
            _make_folder(Path(self._url.database).parent)
        with self.write(exclusive="tables") as connection:
            bring_up_to_date(connection, metadata)

    def dispose(self) -> None:
        """Close the pooled connections."""
        self._engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            remedy = _remedy(error)
            if remedy is None:
                raise
            shown = self._url.render_as_string(hide_password=True)
            kind = DatabaseBusy if remedy == _BUSY else ConfigurationError
            raise kind(f"The database {shown} {remedy}.") from error


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        raise ConfigurationError(
            "ASSISTANT_DATABASE_URL is no database URL; write it like"
            " sqlite:////data/shop.db or postgresql+psycopg://user:password@host/shop."
        ) from error


def _engine(url: URL) -> Engine:
    try:
        engine = create_engine(url, pool_pre_ping=url.get_backend_name() != "sqlite")
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise ConfigurationError(
            f"No driver for {url.drivername} is installed; install it or use another database."
        ) from error
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN comes too late (at the first INSERT) and is never IMMEDIATE.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The data home {folder} cannot be made ({error.strerror}); set ASSISTANT_HOME to a"
            " folder that you may write."
        ) from error


def _remedy(error: DatabaseError) -> str | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE_REMEDIES.get(code & 0xFF)
    if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
        return _BUSY
    if isinstance(error, OperationalError) and not isinstance(error.orig, sqlite3.Error):
        return "cannot be reached or has stopped; check its address and that it runs"
    return None
