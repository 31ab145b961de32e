"""The index on disk: documents and passages in SQLite, vectors, keyword index, and a manifest written last.

Layout of the index folder:

    CURRENT              name of the build that serves, replaced atomically
    builds/<name>/       manifest.json, library.db, vectors.faiss, owners.npy, keywords/,
                         sentences.npy, starts.npy, texts.json

A build is written beside the serving one and only then named in CURRENT, so a crash leaves the old one serving.
Opening never writes.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from corpus.types import Document, Passage
from index.keyword import KeywordIndex
from index.vectors import FaissIndex, VectorIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

#: Raise it when the layout of a build changes.
SCHEMA = 3
_BUILD_COMMAND = "run: district-qa build"

_DOCUMENT = TypeAdapter(Document)
_PASSAGE = TypeAdapter(Passage)


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
    corpus: str  # hash of all passages and their texts to encode
    documents: int
    passages: int
    vectors: int
    built_at: str
    seconds: float

    def require(self, *, encoder: str | None = None, corpus: str | None = None, tokenizer: str | None = None) -> None:
        """Refuse when the index was built by something else than what is given.

        Raises:
            MismatchError: says what the index has, what was wanted, and the command to run.
        """
        wanted = {"schema_version": SCHEMA, "encoder": encoder, "corpus": corpus, "tokenizer": tokenizer}
        for name, value in wanted.items():
            if value is not None and getattr(self, name) != value:
                raise MismatchError(
                    f"the index was built with {name} {getattr(self, name)!r}, but {value!r} is in use; "
                    f"{_BUILD_COMMAND}"
                )


@dataclass(frozen=True, slots=True)
class OpenIndex:
    """An index opened for reading.

    `owners[i]` is the row of the passage that text `i` of the vector and keyword index belongs to: a passage may
    be found through several texts (its own, its translation). `sentences` holds one vector a sentence, float16, and
    those of the passage in row `r` are `sentences[starts[r]:starts[r + 1]]`.
    """

    name: str
    manifest: Manifest
    library: LibraryReader
    vectors: VectorIndex
    keywords: KeywordIndex
    owners: NDArray[np.int64]
    sentences: NDArray[np.float16]
    starts: NDArray[np.int64]

    def sentence_vectors(self, row: int) -> NDArray[np.float32]:
        """Return the vectors of a passage's sentences, of shape (sentences, dimension)."""
        return self.sentences[self.starts[row] : self.starts[row + 1]].astype(np.float32)


def write_library(path: Path, documents: Iterable[Document], passages: Iterable[Passage]) -> None:
    """Write documents and passages into a new SQLite file; passages get their position as row."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("create table document (id text primary key, place integer, body blob not null)")
        connection.execute(
            "create table passage (row integer primary key, id text unique, document text, body blob not null)"
        )
        connection.executemany(
            "insert into document values (?, ?, ?)",
            ((d.id, place, _DOCUMENT.dump_json(d)) for place, d in enumerate(documents)),
        )
        connection.executemany(
            "insert into passage values (?, ?, ?, ?)",
            ((row, p.id, p.document_id, _PASSAGE.dump_json(p)) for row, p in enumerate(passages)),
        )
    connection.close()


class LibraryReader:
    """Documents and passages of one build, read on demand."""

    def __init__(self, path: Path) -> None:
        # One connection serves all threads: SQLite in serialised mode, opened for reading only.
        self._connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        self._documents: dict[str, Document] = {
            document.id: document
            for (body,) in self._connection.execute("select body from document order by place")
            for document in (_DOCUMENT.validate_json(body),)
        }

    def documents(self) -> tuple[Document, ...]:
        """Return all documents, newest delivered first."""
        return tuple(self._documents.values())

    def document(self, document_id: str) -> Document:
        """Return one document; KeyError when there is none with this id."""
        return self._documents[document_id]

    def passages(self, rows: Sequence[int]) -> list[Passage]:
        """Return the passages of the given rows, in the order asked."""
        marks = ",".join("?" * len(rows))
        found = dict(
            self._connection.execute(f"select row, body from passage where row in ({marks})", [int(r) for r in rows])
        )
        return [_PASSAGE.validate_json(found[int(row)]) for row in rows]

    def all_passages(self) -> list[Passage]:
        """Return every passage in row order."""
        return [
            _PASSAGE.validate_json(body)
            for (body,) in self._connection.execute("select body from passage order by row")
        ]


def current_build(folder: Path) -> Path:
    """Return the folder of the build that serves.

    Raises:
        MissingIndexError: nothing has been built yet.
    """
    pointer = folder / "CURRENT"
    try:
        build = folder / "builds" / pointer.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise MissingIndexError(f"there is no index in {folder}; {_BUILD_COMMAND}") from None
    if not (build / "manifest.json").exists():
        raise MissingIndexError(f"{pointer} names the build {build.name}, which is not there; {_BUILD_COMMAND}")
    return build


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the serving build.

    Raises:
        MissingIndexError: nothing has been built yet.
        MismatchError: the build was written in another layout.
    """
    path = current_build(folder) / "manifest.json"
    try:
        return Manifest.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        raise MismatchError(
            f"{path} is not a manifest of this version ({error.error_count()} faults); {_BUILD_COMMAND}"
        ) from error


def open_index(folder: Path) -> OpenIndex:
    """Open the serving build for reading; vectors and keywords are memory-mapped.

    Raises:
        MissingIndexError, MismatchError: see `read_manifest`; also when a file of the build is damaged.
    """
    manifest = read_manifest(folder)
    manifest.require()
    build = current_build(folder)
    try:
        vectors = FaissIndex.load(build / "vectors.faiss")
        keywords = KeywordIndex.load(build / "keywords")
        owners = np.load(build / "owners.npy")
        sentences = np.load(build / "sentences.npy", mmap_mode="r")
        starts = np.load(build / "starts.npy")
        library = LibraryReader(build / "library.db")
    except (OSError, RuntimeError, sqlite3.Error, ValueError, ValidationError) as error:
        raise MismatchError(f"the build {build.name} is damaged ({error}); {_BUILD_COMMAND}") from error
    if not vectors.size == keywords.size == len(owners) == manifest.vectors:
        raise MismatchError(
            f"the build {build.name} holds {vectors.size} vectors and {keywords.size} keyword texts, its manifest "
            f"says {manifest.vectors}; {_BUILD_COMMAND}"
        )
    return OpenIndex(build.name, manifest, library, vectors, keywords, owners, sentences, starts)
