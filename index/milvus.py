"""The engine for more than one machine: a Milvus server keeps vectors, terms and labels.

Every build is a collection of its own, named after its folder, that is never changed once it serves; an alias of the
common name follows the serving one, for other programs. What it holds of a text:

    id                       row of the passage and number of the text in it, see `index.milvus_coding`
    vector                   of the text; HNSW, inner product
    terms, sparse            search terms in code, and what the server's BM25 function makes of them
    labels                   what a filter asks for, see `index.filter`
    language, document, kind, period_first, period_last, status, delivered, text     for other programs

The terms are ours, not the server's: a passage and a question must be cut alike, names and pairs of characters
included, and both engines must rank alike. Each term is sent as one word of letters and digits, which every analyzer
leaves whole; a text is filled up to twice the length that tantivy keeps of it, see `index.milvus_writer`. How many
texts hold a term stands in `terms.db` in the build's folder: the server does not tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.engine import Store
from index.milvus_coding import SCHEMA, SCHEMA_PROPERTY
from index.milvus_reader import Collection, MilvusKeywords, MilvusVectors
from index.milvus_server import Place, Server
from index.milvus_writer import MilvusWriter
from index.store import MismatchError

if TYPE_CHECKING:
    from pathlib import Path

    from index.engine import DenseIndex, Earlier, KeywordIndex


class MilvusEngine:
    """Keeps each build in a collection; connects at the first use."""

    store, takes_over = Store.MILVUS, False

    def __init__(self, place: Place) -> None:
        self._server = Server(place)

    def begin(self, build: Path, dimension: int, encoded: Path, earlier: Earlier | None) -> MilvusWriter:
        """Begin a new collection; the `earlier` build is not taken over.

        Raises:
            EngineError: the server does not make it.
        """
        return MilvusWriter(self._server, build, dimension, encoded)

    def open(self, build: Path, recall_at_10: float) -> tuple[DenseIndex, KeywordIndex]:
        """Open the collection of a build.

        Raises:
            EngineError: the server cannot be reached.
            MismatchError: the collection is not there, or of another version.
            sqlite3.Error: the frequencies of terms cannot be read.
        """
        collection = self._server.collection(build.name)
        self._require(collection, build.name)
        held = Collection(self._server, collection)
        held.load()
        return MilvusVectors(held), MilvusKeywords(held, build / "terms.db")

    def _require(self, collection: str, build: str) -> None:
        if collection not in self._server.collections():
            raise MismatchError(
                f"{self._server.place} has no collection {collection} for the build {build}; run: district-qa build "
                "--force, or set the database and name that it was built in"
            )
        described = self._server.ask("look at", lambda c, **limits: c.describe_collection(collection, **limits))
        version = described.get("properties", {}).get(SCHEMA_PROPERTY)
        if version != SCHEMA:
            raise MismatchError(
                f"the collection {collection} has the schema {version!r}, {SCHEMA!r} is in use; run: district-qa build "
                "--force"
            )

    def serve(self, build: str) -> None:
        """Let the alias name the collection of a build.

        Raises:
            EngineError: the server does not do it; readers go by the folder and are not harmed.
        """
        names = {"collection_name": self._server.collection(build), "alias": self._server.place.name}
        has_alias = any(self._server.aliases(collection) for collection in self._server.collections())
        self._server.ask(
            "move the alias of",
            lambda c, **limits: (c.alter_alias if has_alias else c.create_alias)(**names, **limits),
        )

    def sweep(self, serving: str) -> None:
        """Drop all collections of ours but the serving one and the one before it, which questions may be using.

        Raises:
            EngineError: the server does not do it.
        """
        if not serving:
            return
        current = self._server.collection(serving)
        earlier = sorted(name for name in self._server.collections() if name < current)
        for name in set(self._server.collections()) - {current, *earlier[-1:]}:
            self._server.ask("drop a collection of", lambda c, name=name, **limits: c.drop_collection(name, **limits))
