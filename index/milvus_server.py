"""A Milvus server as it is spoken to: where it is, one connection, and its errors as ours."""

from __future__ import annotations

import logging
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymilvus import MilvusClient
from pymilvus.exceptions import MilvusException

from index.store import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Names of builds, by which collections are known as ours; see `index.build`.
_BUILD = r"\d{8}T\d{12}"
#: The server's code for a collection that is not in its memory.
_NOT_LOADED = 101
#: Else gRPC shares connections, and waits for seconds before it tries one that has failed; and servers that have not
#: heard of pymilvus's pings every ten seconds close the connection.
_OWN_CONNECTION = {"grpc.use_local_subchannel_pool": 1, "grpc.keepalive_time_ms": 300_000}

# It logs every failed call with its traceback; here each becomes an error that is told.
logging.getLogger("pymilvus").setLevel(logging.CRITICAL)


class EngineError(StoreError):
    """Milvus did not do what was asked: it is down, slow, refuses us, or holds something else."""


class NotLoadedError(EngineError):
    """A collection is there and not in the server's memory, as after a restart of some servers."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a Milvus server is, and what is ours in it; `seconds` is how long a call may take.

    `name` begins the name of every collection and is the alias of the serving one: one for each data folder.
    """

    uri: str
    token: str
    database: str
    name: str
    seconds: float

    def __repr__(self) -> str:
        """Everything but the token."""
        return f"Place({self.uri!r}, database={self.database!r}, name={self.name!r})"


class Server:
    """A connection that is made when it is needed, and anew when a call has failed."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._client: MilvusClient | None = None

    def ask(self, what: str, call: Callable[..., Any]) -> Any:
        """Call the server with a client and a time limit; once more over a new connection where the first has broken.

        Raises:
            EngineError: says what failed, where, and what to do.
        """
        try:
            with _told(what, self.place):
                return call(self._connected(), timeout=self.place.seconds)
        except EngineError:
            broken, self._client = self._client, None
            if broken is None:
                raise
            broken.close()
        with _told(what, self.place):
            return call(self._connected(), timeout=self.place.seconds)

    def _connected(self) -> MilvusClient:
        if self._client is None:
            place = self.place
            self._client = MilvusClient(
                uri=place.uri,
                token=place.token,
                db_name=place.database,
                timeout=place.seconds,
                dedicated=True,
                grpc_options=_OWN_CONNECTION,
            )
        return self._client

    def collection(self, build: str) -> str:
        """Return the name of the collection of a build."""
        return f"{self.place.name}_{build}"

    def collections(self) -> list[str]:
        """Return the names of all collections of ours, and of no other name that begins alike."""
        found = self.ask("list the collections of", lambda client, **limits: client.list_collections(**limits))
        ours = re.compile(self.collection(_BUILD))
        return [name for name in found if ours.fullmatch(name)]

    def aliases(self, collection: str) -> list[str]:
        """Return whether our alias is that of a collection, as a list of it."""
        found = self.ask(
            "list the aliases of", lambda client, **limits: client.list_aliases(collection_name=collection, **limits)
        )
        return [alias for alias in found["aliases"] if alias == self.place.name]


@contextmanager
def _told(what: str, place: Place) -> Iterator[None]:
    """Turn pymilvus's errors into ours."""
    try:
        yield
    except MilvusException as error:
        said = error.message or repr(error)
        fault = NotLoadedError if error.code == _NOT_LOADED else EngineError
        raise fault(
            f"cannot {what} Milvus at {place.uri}, database {place.database!r} ({said}); see that it runs there, and "
            "that milvus_uri, milvus_token and milvus_database are right. What is built stays, and answers go on once "
            "it is back"
        ) from error
