"""The engine that needs no server: FAISS for vectors and tantivy for terms, in files beside the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.cache import StoredVectors
from index.engine import Store, Written
from index.keyword import TantivyIndex, TantivyWriter
from index.vectors import FaissIndex, FilteredVectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from index.engine import DenseIndex, Earlier, IndexedText, KeywordIndex
    from index.library import LibraryReader

_VECTORS, _KEYWORDS = "vectors.faiss", "keywords"
#: Passages whose sentences are used as queries to measure recall.
_RECALL_SAMPLE = 200


class EmbeddedEngine:
    """Keeps `vectors.faiss` and `keywords/` in the folder of each build, which goes with the folder."""

    store, takes_over = Store.FAISS, True

    def begin(self, build: Path, dimension: int, encoded: Path, earlier: Earlier | None) -> EmbeddedWriter:
        """Begin to write into the folder of a build."""
        return EmbeddedWriter(build, dimension, encoded, earlier)

    def open(self, build: Path, recall_at_10: float) -> tuple[DenseIndex, KeywordIndex]:
        """Open the files of a build, memory-mapped."""
        vectors = FaissIndex.load(build / _VECTORS, recall=recall_at_10)
        keywords = TantivyIndex(build / _KEYWORDS)
        return FilteredVectors(vectors, keywords.numbers), keywords

    def serve(self, build: str) -> None:
        """Nothing is to be told: the folder names it."""

    def sweep(self, serving: str) -> None:
        """Nothing is to be removed: it went with the folders."""


class EmbeddedWriter:
    """Writes both files, from nothing or from those of an earlier build, which stay as they are."""

    def __init__(self, build: Path, dimension: int, encoded: Path, earlier: Earlier | None) -> None:
        self._build, self._dimension, self._encoded, self._earlier = build, dimension, encoded, earlier
        self._keywords = TantivyWriter(build / _KEYWORDS, earlier.build / _KEYWORDS if earlier else None)
        self._removed: Sequence[int] = ()
        self._rows: list[int] = []
        self._places: list[int] = []

    def remove(self, rows: Sequence[int]) -> None:
        """Take out the texts of passages that the earlier build had."""
        self._removed = rows
        self._keywords.remove(rows)

    def add(self, texts: Iterable[IndexedText]) -> None:
        """Add the terms of texts, and remember where their vectors stand."""
        for text in texts:
            self._keywords.add(text.row, text.terms, text.labels)
            self._rows.append(text.row)
            self._places.append(text.place)

    def finish(self, library: LibraryReader) -> Written:
        """Write both files."""
        self._keywords.finish()
        vectors = self._changed() or self._anew(library)
        vectors.save(self._build / _VECTORS)
        return Written(vectors.size, vectors.kind, vectors.recall)

    def _changed(self) -> FaissIndex | None:
        """Return the earlier vectors with what has changed; None where all are better written anew."""
        if self._earlier is None:
            return None
        path, recall = self._earlier.build / _VECTORS, self._earlier.recall_at_10
        index = FaissIndex.load(path, for_change=True, recall=recall)
        index.change(
            np.array(self._removed, np.int64), np.array(self._rows, np.int64), self._vectors(np.array(self._places))
        )
        return index if index.suits(index.size) else None

    def _anew(self, library: LibraryReader) -> FaissIndex:
        rows, places = library.text_places()
        asked = [library.sentence_places(row)[0] for row in library.sample_rows(_RECALL_SAMPLE)]
        queries = StoredVectors(self._encoded, self._dimension)[np.array(asked, np.int64)]
        return FaissIndex.build(rows, self._vectors(places), queries)

    def _vectors(self, places: NDArray[np.int64]) -> StoredVectors:
        return StoredVectors(self._encoded, self._dimension, places.astype(np.int64))


#: The engines of a machine that has no other set up.
EMBEDDED = {Store.FAISS: EmbeddedEngine()}
