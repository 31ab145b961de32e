"""API keys: who may use the service and for what, kept hashed among the service's records, see `ui.database`.

A key is a random text of 256 bits, shown once when it is made. It cannot be guessed however fast a hash is computed, so
one SHA-256 guards it as well as a slow password hash would, and costs microseconds at every request.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from ui.database import DuplicateError, RecordsError
from ui.records import make_database, open_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rag.settings import Settings
    from ui.database import Row
    from ui.postgres import PostgresServer

_PREFIX = "dqa"
_TABLES = """
create table if not exists key (id text primary key, name text not null unique, role text not null,
    hash text not null, made text not null, expires text, last_used text, revoked text)
"""
_LONGEST_NAME = 80
#: The last use of a key is written at most this often: a write for every request would only wear the disk.
_USE_KEPT = timedelta(minutes=1)


class ApiKeyError(ValueError):
    """A key that cannot be made or revoked: what came, what was wanted."""


class Role(StrEnum):
    """What a key is for; each role includes those before it."""

    ASK = "ask"  #: ask, search, read documents and indicators, give feedback
    EDIT = "edit"  #: also add, correct and remove documents, and read what was asked
    ADMIN = "admin"  #: also read the service's figures

    def includes(self, other: Role) -> bool:
        """Return whether this role may do what `other` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key; the key itself is not. `expires` is the last day on which it can be used (UTC)."""

    id: str
    name: str
    role: Role
    made: datetime
    expires: date | None
    last_used: datetime | None
    revoked: datetime | None

    def is_usable(self, today: date) -> bool:
        """Return whether it opens anything on a day."""
        return self.revoked is None and (self.expires is None or today <= self.expires)


class Keys:
    """All keys that were ever made; a change holds for every process from the next request on.

    Every method raises `RecordsError` where they cannot be read or written.
    """

    def __init__(
        self,
        path: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        server: PostgresServer | None = None,
    ) -> None:
        """Keep them in the file at `path`, or in `server` where one is given."""
        self._database, self._now = make_database(path, _TABLES, server), now

    def add(self, name: str, role: Role, expires: date | None = None) -> str:
        """Make a key and return it; it cannot be shown again.

        Raises:
            ApiKeyError: the name is empty, too long or taken, or the day has passed.
            RecordsError: it cannot be kept.
        """
        name = name.strip()
        if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
            raise ApiKeyError(
                f"the name {name[:20]!a} has {len(name)} characters; wanted 1 to {_LONGEST_NAME} printable"
            )
        now = self._now()
        if expires is not None and expires < now.date():
            raise ApiKeyError(f"the key would expire on {expires}, which has passed; give a day from {now.date()} on")
        identity, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        token = f"{_PREFIX}_{identity}_{secret}"
        values = {
            "id": identity,
            "name": name,
            "role": role.value,
            "hash": _hash(token),
            "made": now.isoformat(),
            "expires": expires and expires.isoformat(),
        }
        try:
            with self._database.transaction() as database:
                database.execute(
                    "insert into key (id, name, role, hash, made, expires) "
                    "values (:id, :name, :role, :hash, :made, :expires)",
                    values,
                )
        except DuplicateError:
            raise ApiKeyError(f"there is a key named {name!r} already; revoked ones keep their names too") from None
        return token

    def all(self) -> list[Key]:
        """Return all keys, the oldest first."""
        if not self._database.exists:
            return []
        with self._database.transaction() as database:
            return [_key(row) for row in database.execute("select * from key order by made, id")]

    def are_configured(self) -> bool:
        """Return whether a key was ever made; from then on every request needs one, also when all are revoked."""
        if not self._database.exists:
            return False
        with self._database.transaction() as database:
            return database.execute("select 1 from key limit 1").fetchone() is not None

    def revoke(self, name: str) -> Key:
        """Take a key, by its name or id, out of use for good.

        Raises:
            ApiKeyError: there is none, or it is revoked already.
        """
        with self._database.transaction() as database:
            row = database.execute("select * from key where name = :name or id = :name", {"name": name}).fetchone()
            if row is None:
                known = ", ".join(one["name"] for one in database.execute("select name from key order by made"))
                raise ApiKeyError(f"there is no key {name!r}; known are {known or 'none'}")
            if row["revoked"]:
                raise ApiKeyError(f"the key {name!r} was revoked on {row['revoked'][:10]} already")
            revoked = {"revoked": self._now().isoformat(), "id": row["id"]}
            database.execute("update key set revoked = :revoked where id = :id", revoked)
        return _key(row)

    def find(self, token: str) -> Key | None:
        """Return the usable key that a text is, and remember that it was used; None where it is none.

        How long this takes tells nothing about how near a guess was: an id that is not there costs a comparison too.
        """
        _, _, rest = token.partition("_")
        identity = rest.partition("_")[0]
        row = None
        if self._database.exists:
            with self._database.transaction() as database:
                row = database.execute("select * from key where id = :id", {"id": identity}).fetchone()
        is_right = hmac.compare_digest(_hash(token), row["hash"] if row else _NOBODY)
        key = _key(row) if row and is_right else None
        if key is None or not key.is_usable(self._now().date()):
            return None
        self._remember_use(key)
        return key

    def _remember_use(self, key: Key) -> None:
        now = self._now()
        if key.last_used is not None and now - key.last_used < _USE_KEPT:
            return
        try:
            with self._database.transaction(wait=0) as database:
                used = {"used": now.isoformat(), "id": key.id}
                database.execute("update key set last_used = :used where id = :id", used)
        except RecordsError:
            pass  # another process is writing, or the disk is full: the next use will be remembered


def keys_of(settings: Settings, server: PostgresServer | None = None) -> Keys:
    """Return the keys of an installation; `server` is the one that is set, where it is open already."""
    server = server or open_server(settings, keeps_connections=False)
    return Keys(settings.data_dir / "keys.db", server=server)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


_NOBODY = _hash("")


def _key(row: Row) -> Key:
    made, expires, used, revoked = (row[name] for name in ("made", "expires", "last_used", "revoked"))
    return Key(
        id=row["id"],
        name=row["name"],
        role=Role(row["role"]),
        made=datetime.fromisoformat(made),
        expires=date.fromisoformat(expires) if expires else None,
        last_used=datetime.fromisoformat(used) if used else None,
        revoked=datetime.fromisoformat(revoked) if revoked else None,
    )
