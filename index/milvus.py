"""The engine for more than one machine: a Milvus server keeps vectors, terms and labels. Home of pymilvus.

Every build is a collection of its own, named after its folder, that is never changed once it serves; an alias of the
common name follows the serving one, for other programs. What it holds of a text:

    id                       row of the passage and number of the text in it, see `_TEXTS`
    vector                   of the text; HNSW, inner product
    terms, sparse            search terms in code, and what the server's BM25 function makes of them
    labels                   what a filter asks for, see `index.filter`
    language, document, kind, period_first, period_last, status, delivered, text     for other programs

The terms are ours, not the server's: a passage and a question must be cut alike, names and pairs of characters
included, and both engines must rank alike. Each term is sent as one word of letters and digits, which every analyzer
leaves whole; a text is filled up to twice the length that tantivy keeps of it, see `_bm25`. How many texts hold a term
stands in `terms.db` in the build's folder: the server does not tell.
"""

from __future__ import annotations

import hashlib
import logging
import re
import sqlite3
import time
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from pymilvus import DataType, Function, FunctionType, MilvusClient
from pymilvus.exceptions import MilvusException

from index.cache import StoredVectors
from index.engine import Store, Written
from index.keyword import kept_length, rarest
from index.store import MismatchError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from pymilvus import CollectionSchema
    from pymilvus.milvus_client import IndexParams

    from index.engine import DenseIndex, Earlier, Groups, IndexedText, KeywordIndex
    from index.library import LibraryReader

#: Raise it when the fields of a collection or what stands in them change; kept in the collection's properties.
SCHEMA = "2"
_SCHEMA_PROPERTY = "district_qa.schema"
#: Texts that one passage can have; its row times this and the number of the text are the id.
_TEXTS = 8
#: Texts sent at a time: some 4 MB with vectors of 384 dimensions, of the 64 MB that a server takes.
_BATCH = 1000
#: Links of a vector, and vectors looked at while building and while searching.
_LINKS, _BUILD_WIDTH, _SEARCH_WIDTH = 32, 360, 400
_K1, _B = 1.2, 0.75
#: Fills texts up, and is never looked for.
_FILLER = "z"
#: Bytes of one string field, labels of one text, and bytes of a label.
_STRING, _LABELS, _LABEL = 65_535, 4096, 512
#: Labels that need no code; one in code has no colon, as every plain one has.
_PLAIN = re.compile(r"[a-z]+:[A-Za-z0-9_.:*-]{1,200}", re.ASCII)
#: Seconds waited before a call that failed is made again while writing: a server that restarts is back by then.
_PATIENCE = (1, 2, 4, 8, 16)
_TERMS_KEPT = 100_000
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


class _NotLoadedError(EngineError):
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


class MilvusEngine:
    """Keeps each build in a collection; connects at the first use."""

    store, takes_over = Store.MILVUS, False

    def __init__(self, place: Place) -> None:
        self._server = _Server(place)

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
        held = _Collection(self._server, collection)
        held.load()
        return MilvusVectors(held), MilvusKeywords(held, build / "terms.db")

    def _require(self, collection: str, build: str) -> None:
        if collection not in self._server.collections():
            raise MismatchError(
                f"{self._server.place} has no collection {collection} for the build {build}; run: district-qa build "
                "--force, or set the database and name that it was built in"
            )
        described = self._server.ask("look at", lambda c, **limits: c.describe_collection(collection, **limits))
        version = described.get("properties", {}).get(_SCHEMA_PROPERTY)
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


class _Server:
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
        fault = _NotLoadedError if error.code == _NOT_LOADED else EngineError
        raise fault(
            f"cannot {what} Milvus at {place.uri}, database {place.database!r} ({said}); see that it runs there, and "
            "that milvus_uri, milvus_token and milvus_database are right. What is built stays, and answers go on once "
            "it is back"
        ) from error


# --- writing -------------------------------------------------------------------------------------------------------


def _schema(dimension: int) -> CollectionSchema:
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
    schema.add_field(
        "terms", DataType.VARCHAR, max_length=_STRING, enable_analyzer=True, analyzer_params={"tokenizer": "standard"}
    )
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(
        Function(
            name="bm25", function_type=FunctionType.BM25, input_field_names=["terms"], output_field_names=["sparse"]
        )
    )
    schema.add_field("labels", DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=_LABELS, max_length=_LABEL)
    for name in ("language", "document", "kind", "status", "delivered"):
        schema.add_field(name, DataType.VARCHAR, max_length=_LABEL)
    for name in ("period_first", "period_last"):
        schema.add_field(name, DataType.INT64)
    schema.add_field("text", DataType.VARCHAR, max_length=_STRING)
    return schema


def _indexes(bm25: dict[str, float]) -> IndexParams:
    """Return both indexes; their parameters go as one map, which servers of all versions read."""
    hnsw = {"M": _LINKS, "efConstruction": _BUILD_WIDTH}
    indexes = MilvusClient.prepare_index_params()
    indexes.add_index("vector", index_type="HNSW", metric_type="IP", params={"params": hnsw})
    indexes.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params={"params": bm25})
    return indexes


def _bm25(rounding: float) -> dict[str, float]:
    """Return the parameters with which a server scores as tantivy does, up to a factor.

    tantivy divides a rounded length l by the mean of the true ones, m; the server divides 2 l by its own mean, 2 r m,
    where `rounding` is r. With k (1 - b) = K (1 - B) and k b = K B r both have the same denominators.
    """
    fixed, by_length = _K1 * (1 - _B), _K1 * _B * rounding
    return {"bm25_k1": fixed + by_length, "bm25_b": by_length / (fixed + by_length)}


class MilvusWriter:
    """Writes a collection in batches. A batch that fails is sent again for half a minute, under the same ids."""

    def __init__(self, server: _Server, build: Path, dimension: int, encoded: Path) -> None:
        """Make the collection.

        Raises:
            EngineError: the server does not make it.
        """
        self._server, self._build, self._dimension, self._encoded = server, build, dimension, encoded
        self._collection = server.collection(build.name)
        self._waiting: list[IndexedText] = []
        self._frequencies: Counter[str] = Counter()
        self._last_row, self._text, self._size = -1, 0, 0
        self._terms, self._kept_terms = 0, 0
        server.ask(
            "make a collection in",
            lambda client, **limits: client.create_collection(
                self._collection,
                schema=_schema(dimension),
                properties={_SCHEMA_PROPERTY: SCHEMA},
                consistency_level="Strong",
                **limits,
            ),
        )

    def remove(self, rows: Sequence[int]) -> None:
        """Nothing is there yet to be taken out."""

    def add(self, texts: Iterable[IndexedText]) -> None:
        """Add texts; some wait until a batch is full.

        Raises:
            EngineError: the server does not take them.
        """
        for text in texts:
            self._waiting.append(text)
            self._frequencies.update(set(text.terms))
            self._terms += len(text.terms)
            self._kept_terms += kept_length(len(text.terms))
        if len(self._waiting) >= _BATCH:
            self._send()

    def finish(self, library: LibraryReader) -> Written:
        """Send what waits, have it written out and counted, and write the frequencies of terms.

        Raises:
            EngineError: the server does not take it, or does not hold all in the end.
            OSError: the frequencies cannot be written.
            ValueError: no text has any term.
        """
        if not self._frequencies:
            raise ValueError("none of the texts has a search term; nothing could ever be found")
        self._send()
        name = self._collection
        self._patiently(lambda client, **limits: client.flush(name, **limits))
        indexes = _indexes(_bm25(self._kept_terms / self._terms))
        self._patiently(lambda client, **limits: client.create_index(name, indexes, **limits))
        self._patiently(lambda client, **limits: client.load_collection(name, **limits))
        held = _Collection(self._server, name).size
        if held != self._size:
            raise EngineError(
                f"the collection {name} at {self._server.place.uri} holds {held} texts, {self._size} were sent; "
                "run: district-qa build --force"
            )
        _write_frequencies(self._build / "terms.db", self._frequencies)
        return Written(self._size, f"Milvus HNSW, {_LINKS} links, {_SEARCH_WIDTH} looked at", 1.0)

    def _send(self) -> None:
        if not self._waiting:
            return
        texts, self._waiting = self._waiting, []
        places = np.array([text.place for text in texts], np.int64)
        vectors = StoredVectors(self._encoded, self._dimension)[places]
        entities = [_entity(self._id(text), text, vector) for text, vector in zip(texts, vectors, strict=True)]
        # Sent again under the same ids: a batch that did arrive before the connection broke is not held twice.
        self._patiently(lambda client, **limits: client.upsert(self._collection, entities, **limits))
        self._size += len(entities)

    def _id(self, text: IndexedText) -> int:
        self._text = self._text + 1 if text.row == self._last_row else 0
        self._last_row = text.row
        if self._text >= _TEXTS:
            raise ValueError(f"the passage in row {text.row} has more than {_TEXTS} texts")
        return text.row * _TEXTS + self._text

    def _patiently(self, call: Callable[..., Any]) -> Any:
        for seconds in _PATIENCE:
            try:
                return self._server.ask("write to", call)
            except EngineError:
                time.sleep(seconds)
        return self._server.ask("write to", call)


def _entity(number: int, text: IndexedText, vector: NDArray[np.float32]) -> dict[str, Any]:
    passage, document = text.passage, text.document
    return {
        "id": number,
        "vector": vector,
        "terms": _coded(text.terms, 2 * kept_length(len(text.terms))),
        "labels": [safe_label(label) for label in text.labels],
        "language": text.language,
        "document": document.id,
        "kind": document.kind,
        "status": str(passage.status),
        "delivered": str(document.delivered),
        "period_first": passage.period.first if passage.period else 0,
        "period_last": passage.period.last if passage.period else 0,
        "text": _cut(text.text),
    }


@lru_cache(_TERMS_KEPT)
def _code(term: str) -> str:
    """Return a term as a word that begins with a letter and holds only letters and digits."""
    return "t" + hashlib.blake2b(term.encode(), digest_size=8).hexdigest()


def _coded(terms: Sequence[str], length: int = 0) -> str:
    """Return terms as one string, filled up to a length; what one field cannot hold of a very long text is left out."""
    taken = terms[: _STRING // (len(_code("")) + len(_FILLER) + 2)]
    return " ".join([*map(_code, taken), *[_FILLER] * (min(length, 2 * len(taken)) - len(taken))])


def _cut(text: str) -> str:
    return text.encode()[:_STRING].decode(errors="ignore")


def _write_frequencies(path: Path, frequencies: Counter[str]) -> None:
    """Write in how many texts each term occurs.

    Raises:
        OSError: it cannot be written.
    """
    try:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("create table term (term text primary key, frequency integer not null) without rowid")
            connection.executemany("insert into term values (?, ?)", sorted(frequencies.items()))
    except sqlite3.OperationalError as error:
        raise OSError(f"{path} cannot be written: {error}") from error


# --- reading -------------------------------------------------------------------------------------------------------


class _Collection:
    """One collection as it is searched."""

    def __init__(self, server: _Server, name: str) -> None:
        self._server, self._name = server, name

    def load(self) -> None:
        """Have the server hold it in memory."""
        self._server.ask("load a collection of", lambda client, **limits: client.load_collection(self._name, **limits))

    def _ask(self, what: str, call: Callable[..., Any]) -> Any:
        try:
            return self._server.ask(what, call)
        except _NotLoadedError:
            self.load()
            return self._server.ask(what, call)

    @property
    def size(self) -> int:
        """How many texts it holds."""
        counted = self._ask(
            "count the texts in",
            lambda client, **limits: client.query(self._name, filter="", output_fields=["count(*)"], **limits),
        )
        return int(counted[0]["count(*)"])

    def search(
        self, field: str, wanted: object, k: int, within: Groups, params: Mapping[str, object]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return rows and scores of the best `k` texts, best first; equal scores go by row.

        Raises:
            EngineError: the server does not answer.
        """

        def search(client: MilvusClient, **limits: Any) -> Any:
            return client.search(
                self._name,
                data=[wanted],
                anns_field=field,
                limit=k,
                filter=expression(within),
                output_fields=["id"],
                search_params=params,
                **limits,
            )

        found = self._ask("search", search)[0]
        rows = np.array([hit["id"] // _TEXTS for hit in found], np.int64)
        scores = np.array([hit["distance"] for hit in found], np.float32)
        if params["metric_type"] == "BM25":
            scores = np.abs(scores)  # always above 0; a server may tell it as a distance, below
        order = np.lexsort((rows, -scores))
        return rows[order], scores[order]


def expression(within: Groups) -> str:
    """Return a filter as Milvus reads it; whatever a label holds, none can end its quotes."""
    return " and ".join(
        "array_contains_any(labels, [" + ", ".join(f'"{safe_label(label)}"' for label in group) + "])"
        for group in within
    )


def safe_label(label: str) -> str:
    """Return a label as it is kept: itself where it is plain, else in code.

    Servers differ in the escapes that they read in a string, so none is written.
    """
    return label if _PLAIN.fullmatch(label) else _code(label)


class MilvusVectors:
    """The dense side of a collection; its size is asked for anew each time, see `OpenIndex.check`."""

    def __init__(self, collection: _Collection) -> None:
        self._collection = collection

    @property
    def size(self) -> int:
        """How many texts are held."""
        return self._collection.size

    def search(
        self, vector: NDArray[np.float32], k: int, within: Groups = ()
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return rows and inner products of the nearest `k` texts that fit, best first."""
        params = {"metric_type": "IP", "params": {"ef": max(_SEARCH_WIDTH, k)}}
        return self._collection.search("vector", vector.astype(np.float32).tolist(), k, within, params)


class MilvusKeywords:
    """The keyword side of a collection."""

    def __init__(self, collection: _Collection, frequencies: Path) -> None:
        """Open with the file of frequencies.

        Raises:
            sqlite3.Error: it cannot be read.
        """
        self._collection = collection
        self.size = collection.size  # asked for with every word of a question, and never changed
        self._frequencies = sqlite3.connect(
            f"file:{frequencies}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        self.frequency = lru_cache(_TERMS_KEPT)(self._frequency)
        self.frequency("")  # shows a fault now

    def _frequency(self, term: str) -> int:
        """Return in how many texts a term occurs."""
        found = self._frequencies.execute("select frequency from term where term = ?", (term,)).fetchone()
        return int(found[0]) if found else 0

    def search(
        self, query: Sequence[str], k: int, within: Groups = ()
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return rows and scores of the best `k` texts that fit, best first; a term given twice counts twice."""
        wanted = rarest(Counter(query), self.frequency)
        if not wanted or k < 1:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        terms = [term for term, times in wanted for _ in range(times)]
        return self._collection.search("sparse", _coded(terms), k, within, {"metric_type": "BM25"})
