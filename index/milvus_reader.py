"""Searching a collection of a Milvus server."""

from __future__ import annotations

import sqlite3
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from index.keyword import rarest
from index.milvus_coding import TEXTS, coded, expression
from index.milvus_server import NotLoadedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from pymilvus import MilvusClient

    from index.engine import Groups
    from index.milvus_server import Server

#: Vectors looked at while searching.
SEARCH_WIDTH = 400
_TERMS_KEPT = 100_000


class Collection:
    """One collection as it is searched."""

    def __init__(self, server: Server, name: str) -> None:
        self._server, self._name = server, name

    def load(self) -> None:
        """Have the server hold it in memory."""
        self._server.ask("load a collection of", lambda client, **limits: client.load_collection(self._name, **limits))

    def _ask(self, what: str, call: Callable[..., Any]) -> Any:
        try:
            return self._server.ask(what, call)
        except NotLoadedError:
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
                # A collection is never changed once it serves: there is nothing to wait for. A server asked for the
                # latest state waits for its next tick, some 200 ms (measured: Milvus 2.3.5, standalone).
                consistency_level="Eventually",
                **limits,
            )

        found = self._ask("search", search)[0]
        rows = np.array([hit["id"] // TEXTS for hit in found], np.int64)
        scores = np.array([hit["distance"] for hit in found], np.float32)
        if params["metric_type"] == "BM25":
            scores = np.abs(scores)  # always above 0; a server may tell it as a distance, below
        order = np.lexsort((rows, -scores))
        return rows[order], scores[order]


class MilvusVectors:
    """The dense side of a collection; its size is asked for anew each time, see `OpenIndex.check`."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    @property
    def size(self) -> int:
        """How many texts are held."""
        return self._collection.size

    def search(
        self, vector: NDArray[np.float32], k: int, within: Groups = ()
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return rows and inner products of the nearest `k` texts that fit, best first."""
        params = {"metric_type": "IP", "params": {"ef": max(SEARCH_WIDTH, k)}}
        return self._collection.search("vector", vector.astype(np.float32).tolist(), k, within, params)


class MilvusKeywords:
    """The keyword side of a collection."""

    def __init__(self, collection: Collection, frequencies: Path) -> None:
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
        return self._collection.search("sparse", coded(terms), k, within, {"metric_type": "BM25"})
