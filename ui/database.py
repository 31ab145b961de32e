"""Where the service keeps its own records: a SQLite file of the data folder each, or tables of one PostgreSQL database.

`ui.keys` and `ui.jobs` write plain SQL that both read; the log of questions, which asks more of a database, has its
statements made by SQLAlchemy. The server is in `ui.postgres`; `ui.records` chooses.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

#: Seconds that a writer waits for another one.
WAIT = 5.0


class RecordsError(OSError):
    """The service's own records cannot be read or written at the moment; the message says why."""


class DuplicateError(RecordsError):
    """What was to be written is there already."""


class Row(Protocol):
    """A row of a result."""

    def __getitem__(self, column: str, /) -> Any:
        """Return what stands in a column."""
        ...


class Rows(Protocol):
    """What a statement found."""

    def fetchone(self) -> Row | None:
        """Return the next row, None after the last."""
        ...

    def __iter__(self) -> Iterator[Row]:
        """Return all rows that are left."""
        ...


class Transaction(Protocol):
    """Statements that hold together or not at all."""

    def execute(self, statement: str, values: Mapping[str, object] = ..., /) -> Rows:
        """Execute a statement; `:name` in it stands for a value."""
        ...


class Database(Protocol):
    """A few tables of records, safe for several threads and processes."""

    @property
    def exists(self) -> bool:
        """Whether it can hold anything yet; what does not exist is made by the first transaction."""
        ...

    def transaction(self, wait: float = WAIT) -> AbstractContextManager[Transaction]:
        """Begin a transaction, which is written as a whole where the block ends without an error.

        It waits up to `wait` seconds for another writer.

        Raises:
            DuplicateError: what is to be written is there already.
            RecordsError: the records cannot be read or written.
        """
        ...


class SqliteFile:
    """A database in one file, readable by its owner only. Readers do not wait for a writer (write-ahead log)."""

    #: How a column that counts rows is declared.
    COUNTER = "integer primary key"

    def __init__(self, path: Path, tables: str) -> None:
        """Use the file at `path`; `tables` are the statements that make what is not there yet."""
        self._path, self._tables = path, tables

    @property
    def exists(self) -> bool:
        """Whether the file is there."""
        return self._path.exists()

    @contextmanager
    def transaction(self, wait: float = WAIT) -> Iterator[sqlite3.Connection]:
        """Begin a transaction; see `Database.transaction`."""
        try:
            if not self._path.exists():
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.touch(mode=0o600)
            with closing(sqlite3.connect(self._path, timeout=wait)) as connection:
                connection.row_factory = sqlite3.Row
                if connection.execute("pragma user_version").fetchone()[0] == 0:
                    connection.executescript(f"pragma journal_mode = wal; {self._tables}; pragma user_version = 1")
                with connection:
                    yield connection
        except sqlite3.IntegrityError as error:
            raise DuplicateError(f"{self._path.name}: {error}") from error
        except sqlite3.Error as error:
            raise RecordsError(
                f"the records in {self._path} cannot be used ({error}); district-qa doctor says what to do"
            ) from error
