"""Small SQLite files of the data folder: readable by their owner only, safe for several processes."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def transaction(path: Path, tables: str, wait: float = 5.0) -> Iterator[sqlite3.Connection]:
    """Open a database for one transaction, which is written as a whole where the block ends without an error.

    `tables` are the statements that make what is not there yet. Readers and one writer do not wait for each other
    (write-ahead log); a second writer waits up to `wait` seconds.

    Raises:
        sqlite3.Error: it cannot be opened or written, or another writer took longer.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    with closing(sqlite3.connect(path, timeout=wait)) as connection:
        connection.row_factory = sqlite3.Row
        if connection.execute("pragma user_version").fetchone()[0] == 0:
            connection.executescript(f"pragma journal_mode = wal; {tables}; pragma user_version = 1")
        with connection:
            yield connection
