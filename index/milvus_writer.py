"""Writing a collection of a Milvus server."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
from pymilvus import DataType, Function, FunctionType, MilvusClient

from index.cache import StoredVectors
from index.engine import Written
from index.keyword import kept_length
from index.milvus_coding import LABEL, LABELS, SCHEMA, SCHEMA_PROPERTY, STRING, TEXTS, coded, cut, safe_label
from index.milvus_reader import SEARCH_WIDTH, Collection
from index.milvus_server import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from pymilvus import CollectionSchema
    from pymilvus.milvus_client import IndexParams

    from index.engine import IndexedText
    from index.library import LibraryReader
    from index.milvus_server import Server

#: Texts sent at a time: some 4 MB with vectors of 384 dimensions, of the 64 MB that a server takes.
_BATCH = 1000
#: Links of a vector, and vectors looked at while building.
_LINKS, _BUILD_WIDTH = 32, 360
_K1, _B = 1.2, 0.75
#: Seconds waited before a call that failed is made again while writing: a server that restarts is back by then.
_PATIENCE = (1, 2, 4, 8, 16)


def _schema(dimension: int) -> CollectionSchema:
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
    schema.add_field(
        "terms", DataType.VARCHAR, max_length=STRING, enable_analyzer=True, analyzer_params={"tokenizer": "standard"}
    )
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(
        Function(
            name="bm25", function_type=FunctionType.BM25, input_field_names=["terms"], output_field_names=["sparse"]
        )
    )
    schema.add_field("labels", DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=LABELS, max_length=LABEL)
    for name in ("language", "document", "kind", "status", "delivered"):
        schema.add_field(name, DataType.VARCHAR, max_length=LABEL)
    for name in ("period_first", "period_last"):
        schema.add_field(name, DataType.INT64)
    schema.add_field("text", DataType.VARCHAR, max_length=STRING)
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

    def __init__(self, server: Server, build: Path, dimension: int, encoded: Path) -> None:
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
                properties={SCHEMA_PROPERTY: SCHEMA},
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
        held = Collection(self._server, name).size
        if held != self._size:
            raise EngineError(
                f"the collection {name} at {self._server.place.uri} holds {held} texts, {self._size} were sent; "
                "run: district-qa build --force"
            )
        _write_frequencies(self._build / "terms.db", self._frequencies)
        return Written(self._size, f"Milvus HNSW, {_LINKS} links, {SEARCH_WIDTH} looked at", 1.0)

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
        if self._text >= TEXTS:
            raise ValueError(f"the passage in row {text.row} has more than {TEXTS} texts")
        return text.row * TEXTS + self._text

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
        "terms": coded(text.terms, 2 * kept_length(len(text.terms))),
        "labels": [safe_label(label) for label in text.labels],
        "language": text.language,
        "document": document.id,
        "kind": document.kind,
        "status": str(passage.status),
        "delivered": str(document.delivered),
        "period_first": passage.period.first if passage.period else 0,
        "period_last": passage.period.last if passage.period else 0,
        "text": cut(text.text),
    }


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
