"""The index on disk: its layout, its manifest, and opening it.

Layout of the index folder:

    CURRENT              name of the build that serves, replaced atomically
    builds/<name>/       manifest.json, library.db, encoded.f16, and what the engine keeps there, see index/engine.py
    cache/               vectors by text, see index/cache.py
    build.lock           held by the one process that builds

A build is written beside the serving one, opened once to see that it is whole, and only then named in CURRENT; so a
crash at any moment leaves the old one serving, and the next build sweeps up. A build never changes once it is named:
processes that have it open keep it to their end, even when its files are removed. Opening never writes.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from index.cache import StoredVectors
from index.embedded import EMBEDDED
from index.engine import Store
from index.library import LibraryReader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.engine import DenseIndex, Engines, KeywordIndex

#: Raise it when the layout of a build changes.
SCHEMA = 7
_BUILD_COMMAND = "run: district-qa build"


class StoreError(RuntimeError):
    """The index cannot be used as it is; the message names the command that mends it."""


class MissingIndexError(StoreError):
    """There is no index yet."""


class MismatchError(StoreError):
    """The index was built by other parts than those that want to use it."""


class Manifest(BaseModel):
    """What built an index, and what it holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int
    encoder: str
    dimension: int
    tokenizer: str
    making: str  # hash of the code that makes texts out of documents, see index/texts.py
    translations: str  # hash of the translations
    corpus: str  # hash of all documents with the three above
    places: str  # which file of the vector cache places refer to
    documents: int
    passages: int
    vectors: int  # texts that passages are found by, each with a vector and terms
    search: str  # how vectors are searched
    recall_at_10: float  # against exact search, measured when the vector index was last made anew
    changes: int  # builds since all was made anew, each changing what the one before held
    built_at: str
    seconds: float
    store: Store = Store.FAISS  # the engine that keeps vectors and terms

    def require(
        self,
        *,
        encoder: str | None = None,
        corpus: str | None = None,
        tokenizer: str | None = None,
        store: Store | None = None,
    ) -> None:
        """Refuse when the index was built by something else than what is given.

        Raises:
            MismatchError: says what the index has, what was wanted, and the command to run.
        """
        wanted = {
            "schema_version": SCHEMA,
            "encoder": encoder,
            "corpus": corpus,
            "tokenizer": tokenizer,
            "store": store,
        }
        for name, value in wanted.items():
            if value is not None and getattr(self, name) != value:
                raise MismatchError(
                    f"the index was built with {name} {getattr(self, name)!r}, but {value!r} is in use; "
                    f"{_BUILD_COMMAND}"
                )


@dataclass(frozen=True, slots=True)
class OpenIndex:
    """An index opened for reading; safe to use from several threads.

    `vectors` and `keywords` number each text by the row of its passage. A passage may be found through several
    texts (its own, its translation), so a row may come back more than once.
    """

    name: str
    manifest: Manifest
    library: LibraryReader
    vectors: DenseIndex
    keywords: KeywordIndex
    encoded: StoredVectors

    def check(self) -> None:
        """Ask the engine whether it still answers and holds what it did.

        Raises:
            StoreError: it does not.
        """
        if self.vectors.size != self.manifest.vectors:
            raise MismatchError(
                f"{self.manifest.store} no longer holds the build {self.name} whole; {_BUILD_COMMAND} --force"
            )

    def sentence_vectors(self, row: int) -> NDArray[np.float32]:
        """Return the vectors of a passage's sentences, of shape (sentences, dimension)."""
        return self.encoded[self.library.sentence_places(row)]


def current_name(folder: Path) -> str:
    """Return the name of the build that serves; cheap enough to ask before every question.

    Raises:
        MissingIndexError: nothing has been built yet.
    """
    try:
        return (folder / "CURRENT").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise MissingIndexError(f"there is no index in {folder}; {_BUILD_COMMAND}") from None


def current_build(folder: Path) -> Path:
    """Return the folder of the build that serves.

    Raises:
        MissingIndexError: nothing has been built yet.
    """
    build = folder / "builds" / current_name(folder)
    if not (build / "manifest.json").exists():
        raise MissingIndexError(
            f"{folder / 'CURRENT'} names the build {build.name}, which is not there; {_BUILD_COMMAND}"
        )
    return build


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the serving build.

    Raises:
        MissingIndexError: nothing has been built yet.
        MismatchError: the build was written in another layout.
    """
    return _read_manifest(current_build(folder))


def _read_manifest(build: Path) -> Manifest:
    path = build / "manifest.json"
    try:
        return Manifest.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        raise MismatchError(
            f"{path} is not a manifest of this version ({error.error_count()} faults); {_BUILD_COMMAND}"
        ) from error


def open_index(folder: Path, engines: Engines = EMBEDDED) -> OpenIndex:
    """Open the serving build for reading, with the engine that it was written by.

    Raises:
        MissingIndexError, MismatchError: see `read_manifest`; also when a file of the build is damaged.
        StoreError: the engine is not set up or cannot be reached.
    """
    while True:
        name = current_name(folder)
        try:
            return open_build(current_build(folder), engines)
        except (StoreError, FileNotFoundError):
            # Another process may have put a newer build in place and swept this one while we were opening it.
            if current_name(folder) == name:
                raise


def open_build(build: Path, engines: Engines = EMBEDDED) -> OpenIndex:
    """Open one build, named or not yet.

    Raises:
        MismatchError: it was written in another layout, by an engine that is not set up, or a file of it is damaged.
        StoreError: the engine cannot be reached.
    """
    manifest = _read_manifest(build)
    manifest.require()
    if manifest.store not in engines:
        raise MismatchError(
            f"the build {build.name} keeps its vectors in {manifest.store}, which is not set up here; set "
            f"{manifest.store}_uri, or {_BUILD_COMMAND}"
        )
    try:
        vectors, keywords = engines[manifest.store].open(build, manifest.recall_at_10)
        encoded = StoredVectors(build / "encoded.f16", manifest.dimension)
        library = LibraryReader(build / "library.db")
    except StoreError:
        raise
    except (OSError, RuntimeError, sqlite3.Error, ValueError) as error:
        raise MismatchError(f"the build {build.name} is damaged ({error}); {_BUILD_COMMAND}") from error
    if not vectors.size == keywords.size == manifest.vectors:
        raise MismatchError(
            f"the build {build.name} holds {vectors.size} vectors and {keywords.size} keyword texts, its manifest "
            f"says {manifest.vectors}; {_BUILD_COMMAND}"
        )
    return OpenIndex(build.name, manifest, library, vectors, keywords, encoded)
