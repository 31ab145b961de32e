"""Which database the service's own records are in: what is set decides; a server's code is loaded only where one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.database import SqliteFile

if TYPE_CHECKING:
    from pathlib import Path

    from rag.settings import Settings
    from ui.database import Database
    from ui.postgres import PostgresServer


def make_database(path: Path, tables: str, server: PostgresServer | None) -> Database:
    """Return the database of some records: the file at `path`, or tables of `server` where one is set.

    `tables` are the statements that make what is not there yet; `{counter}` declares a column that counts rows.
    """
    if server is None:
        return SqliteFile(path, tables.format(counter=SqliteFile.COUNTER))
    from ui.postgres import PostgresTables

    return PostgresTables(server, tables.format(counter=server.COUNTER))


def open_server(settings: Settings, *, keeps_connections: bool = True) -> PostgresServer | None:
    """Return the database server that is set, None where records are kept in files; it connects when it is needed.

    Without `keeps_connections` it need not be closed.

    Raises:
        RecordsError: its address is none, or what speaks to it is not installed.
    """
    if not settings.database_url.get_secret_value():
        return None
    from ui.postgres import PostgresServer

    return PostgresServer(settings.database_url.get_secret_value(), keeps_connections=keeps_connections)
