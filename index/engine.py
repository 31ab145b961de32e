"""What the index asks of an engine: the place where the vectors and terms of a build are kept and searched.

Documents, passages and the vectors of sentences stand in the build's own folder with either engine, see `index.store`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from corpus.types import Document, Passage
    from index.library import LibraryReader

    #: A text fits where it carries one label of every group; see `index.filter`.
    Groups = Sequence[Sequence[str]]


class Store(StrEnum):
    """Which engine keeps the vectors and terms."""

    FAISS = "faiss"  #: files on this machine: FAISS and tantivy
    MILVUS = "milvus"  #: a Milvus server


class DenseIndex(Protocol):
    """The vectors of all texts. Every text carries the row of its passage; several may carry the same."""

    @property
    def size(self) -> int:
        """How many texts are held."""
        ...

    def search(
        self, vector: NDArray[np.float32], k: int, within: Groups = ()
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return rows and inner products of the `k` texts nearest to a unit vector of shape (dimension,), best first.

        Only texts that carry one label of every group of `within` are looked at.
        """
        ...


class KeywordIndex(Protocol):
    """The terms of all texts. Every text carries the row of its passage; several may carry the same."""

    @property
    def size(self) -> int:
        """How many texts are held."""
        ...

    def search(
        self, query: Sequence[str], k: int, within: Groups = ()
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return rows and BM25 scores (k1 1.2, b 0.75) of the best `k` texts that hold any of the terms, best first.

        A term given twice counts twice. Scores are above 0. Only texts that carry one label of every group of `within`
        are looked at; scores are as without.
        """
        ...

    def frequency(self, term: str) -> int:
        """Return in how many texts a term occurs."""
        ...


@dataclass(frozen=True, slots=True)
class IndexedText:
    """A text by which a passage is found: `row` is the passage's, `place` that of its vector among those encoded."""

    row: int
    place: int
    text: str
    language: str
    terms: Sequence[str]
    labels: Sequence[str]
    passage: Passage
    document: Document


@dataclass(frozen=True, slots=True)
class Written:
    """What a writer has written: how many texts, how their vectors are searched, recall@10 against exact search."""

    size: int
    search: str
    recall_at_10: float


class EngineWriter(Protocol):
    """Writes the vectors and terms of one build."""

    def remove(self, rows: Sequence[int]) -> None:
        """Take out the texts of passages that an earlier build had; before any text is added."""
        ...

    def add(self, texts: Iterable[IndexedText]) -> None:
        """Add texts.

        Raises:
            OSError, StoreError: they cannot be written.
        """
        ...

    def finish(self, library: LibraryReader) -> Written:
        """Write everything out, so that it can be opened.

        Raises:
            OSError, StoreError: it cannot be written.
            ValueError: no text has any term, which would make every search silently empty.
        """
        ...


@dataclass(frozen=True, slots=True)
class Earlier:
    """The build that a new one begins with: its folder, its recall@10, and how many builds before it began so."""

    build: Path
    recall_at_10: float
    changes: int


class Engine(Protocol):
    """Keeps vectors and terms of builds, each under the name of its folder."""

    @property
    def store(self) -> Store:
        """Which engine it is."""
        ...

    @property
    def takes_over(self) -> bool:
        """Whether a build can begin with an earlier one, or must be written whole."""
        ...

    def begin(self, build: Path, dimension: int, encoded: Path, earlier: Earlier | None) -> EngineWriter:
        """Begin to write a build; `encoded` is the file of all vectors, which may still grow.

        Raises:
            OSError, StoreError: it cannot be written.
        """
        ...

    def open(self, build: Path, recall_at_10: float) -> tuple[DenseIndex, KeywordIndex]:
        """Open what was written for a build.

        Raises:
            OSError, RuntimeError, ValueError: it is damaged or not there.
            StoreError: the engine cannot be reached, or holds it in another form.
        """
        ...

    def serve(self, build: str) -> None:
        """Tell that a build serves from now on, by its name; `sweep` and readers go by what the folder names."""
        ...

    def sweep(self, serving: str) -> None:
        """Remove what was written for builds that serve no more; one that readers may still be using can stay."""
        ...


if TYPE_CHECKING:
    #: The engines that are set up, by what the manifest of a build says of it.
    Engines = Mapping[Store, Engine]
