"""The table of the log of questions, and where it stands: in a SQLite file, or in the database server that is set."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import (
    JSON,
    URL,
    Boolean,
    Column,
    DateTime,
    Float,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.schema import CreateIndex, CreateTable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Connection, Dialect, Engine

    from ui.postgres import PostgresServer


class _Storable(TypeDecorator[str]):
    """Text of askers, which may hold what no database takes: see `process_bind_param`."""

    impl, cache_ok = Text, True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return a text without half characters, and without NUL, which PostgreSQL does not take."""
        return None if value is None else value.encode("utf-8", "replace").decode().replace("\0", "")


QUESTIONS = Table(
    "question",
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("id", _Storable, nullable=False, index=True),
    Column("asked_at", DateTime, nullable=False, index=True),  # UTC
    Column("channel", _Storable, nullable=False),
    Column("asker", _Storable, nullable=False),
    Column("language", _Storable, nullable=False),
    Column("text", _Storable),
    Column("standalone", _Storable),
    Column("subject", _Storable, nullable=False),
    Column("periods", _Storable, nullable=False),  # parted by spaces
    Column("wants", _Storable, nullable=False),
    Column("kind", _Storable, nullable=False),
    Column("filtered", Boolean, nullable=False),
    Column("status", _Storable, nullable=False),
    Column("reason", _Storable),
    Column("cited", JSON, nullable=False),
    Column("passages", JSON, nullable=False),
    Column("seconds_retrieve", Float, nullable=False),
    Column("seconds_answer", Float, nullable=False),
    Column("seconds_total", Float, nullable=False),
    Column("helpful", Boolean),
    Column("why", _Storable),
    Column("comment", _Storable),
)


class LogPlace(Protocol):
    """Where the table stands."""

    @property
    def exists(self) -> bool:
        """Whether anything can be read from it yet; the first transaction makes what is not there."""
        ...

    def begin(self) -> AbstractContextManager[Connection]:
        """Begin a transaction, which is written as a whole where the block ends without an error.

        Raises:
            DBAPIError, sqlite3.Error, OSError: it cannot be used.
        """
        ...

    def close(self) -> None:
        """Close what is open; it can be used again."""
        ...


class LogFile:
    """A SQLite file, readable by its owner only."""

    def __init__(self, path: Path, patience: float) -> None:
        """Use the file at `path`; a writer waits up to `patience` seconds for another one."""
        self._path, self._engine, self._is_open = path, _engine(path, patience), False

    def __str__(self) -> str:
        return str(self._path)

    @property
    def exists(self) -> bool:
        """Whether the file is there."""
        return self._path.exists()

    def begin(self) -> AbstractContextManager[Connection]:
        """Begin a transaction; the first one makes the file and what is in it, unless another process has."""
        if not self._is_open:
            if not self._path.exists():
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.touch(mode=0o600)
            with self._engine.begin() as connection:
                _make(connection)
            self._is_open = True
        return self._engine.begin()

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()


class LogInServer:
    """A table of the database server."""

    exists = True

    def __init__(self, server: PostgresServer) -> None:
        self._server, self._is_made = server, False

    def __str__(self) -> str:
        return "in the database"

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Begin a transaction; the first one makes the table, unless another process has."""
        if not self._is_made:
            self._server.make_tables(_make)
            self._is_made = True
        with self._server.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close what is connected."""
        self._server.close()


def _make(connection: Connection) -> None:
    connection.execute(CreateTable(QUESTIONS, if_not_exists=True))
    for index in sorted(QUESTIONS.indexes, key=lambda index: str(index.name)):
        connection.execute(CreateIndex(index, if_not_exists=True))


def _engine(path: Path, patience: float) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": patience})

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: object) -> None:
        # Readers do not wait for the writer; a commit is safe from a crash of the process, the last ones not from a
        # power cut. What is purged is overwritten.
        for pragma in ("journal_mode = wal", "synchronous = normal", "secure_delete = on"):
            connection.execute(f"pragma {pragma}")

    return engine
