"""Documents and passages of one build, in one SQLite file; bodies are JSON, packed by zlib."""

from __future__ import annotations

import functools
import shutil
import sqlite3
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from pydantic import TypeAdapter

from corpus.indicators import Indicator
from corpus.types import Document, Entry, Passage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

T = TypeVar("T")

#: Documents, entries and passages kept in memory once read: some 10 MB.
_DOCUMENTS_KEPT, _ENTRIES_KEPT, _PASSAGES_KEPT = 64, 4096, 2048

_DOCUMENT, _ENTRY, _PASSAGE = TypeAdapter(Document), TypeAdapter(Entry), TypeAdapter(Passage)
_INDICATOR = TypeAdapter(Indicator)

_TABLES = """
create table indicator (name text not null, document text not null, row integer not null, sentence integer not null,
                        body blob not null);
create index indicator_name on indicator (name, document);
create index indicator_document on indicator (document);
create table document (id text primary key, place integer, hash text not null, year integer, entry blob not null,
  body blob not null);
create index document_place on document (place);
create table passage (row integer primary key, document text not null, body blob not null,
                      texts blob not null, sentences blob not null);
create index passage_document on passage (document);
"""


@dataclass(frozen=True, slots=True)
class Reported:
    """A statement about an indicator, and the sentence that makes it: the `sentence`-th of the passage in `row`."""

    indicator: Indicator
    document_id: str
    row: int
    sentence: int


def _pack(kind: TypeAdapter[T], value: T) -> bytes:
    return zlib.compress(kind.dump_json(value), 1)  # level 1: a third of the time, a tenth more bytes


def _unpack(kind: TypeAdapter[T], body: bytes) -> T:
    return kind.validate_json(zlib.decompress(body))


class LibraryWriter:
    """Writes the library of a new build, from nothing or from a copy of an earlier one.

    Passages get ascending rows that are never given twice. A crash leaves a file that nothing names, so SQLite need
    not guard it.
    """

    def __init__(self, path: Path, earlier: Path | None = None) -> None:
        """Begin in a new file.

        Raises:
            OSError: it cannot be written.
        """
        if earlier is not None:
            shutil.copyfile(earlier, path)
        try:
            self._connection = sqlite3.connect(path, isolation_level=None)
            self._connection.executescript("pragma journal_mode = off; pragma synchronous = off")
            self._connection.execute("begin")
            if earlier is None:
                for statement in filter(str.strip, _TABLES.split(";")):
                    self._connection.execute(statement)
            (last,) = self._connection.execute("select max(row) from passage").fetchone()
        except sqlite3.Error as error:
            raise OSError(f"{path} cannot be written: {error}") from error
        self._path, self._next = path, 0 if last is None else last + 1

    def remove(self, ids: Iterable[str]) -> list[int]:
        """Remove documents with their passages; return the rows of those passages."""
        rows: list[int] = []
        for document_id in ids:
            found = self._connection.execute("select row from passage where document = ?", (document_id,))
            rows += [row for (row,) in found]
            self._connection.execute("delete from passage where document = ?", (document_id,))
            self._connection.execute("delete from indicator where document = ?", (document_id,))
            self._connection.execute("delete from document where id = ?", (document_id,))
        return rows

    def add_document(self, document: Document, digest: str) -> None:
        """Add a document; `digest` is what tells later whether it has changed.

        Raises:
            OSError: it cannot be written.
        """
        body, entry = _pack(_DOCUMENT, document), _pack(_ENTRY, Entry.of(document))
        year = document.delivered.date.year if document.delivered.date else None
        self._write("insert into document values (?, 0, ?, ?, ?, ?)", (document.id, digest, year, entry, body))

    def add_passage(self, passage: Passage, texts: NDArray[np.int64], sentences: NDArray[np.int64]) -> int:
        """Add a passage with the places of the vectors of its texts and sentences; return its row.

        Raises:
            OSError: it cannot be written.
        """
        row, self._next = self._next, self._next + 1
        places = texts.astype("<i8").tobytes(), sentences.astype("<i8").tobytes()
        self._write(
            "insert into passage values (?, ?, ?, ?, ?)",
            (row, passage.document_id, _pack(_PASSAGE, passage), *places),
        )
        return row

    def add_indicators(self, row: int, document_id: str, sentence: int, found: Iterable[Indicator]) -> None:
        """Add what a sentence of the passage in `row` says of indicators.

        Raises:
            OSError: it cannot be written.
        """
        for one in found:
            body = _pack(_INDICATOR, one)
            self._write("insert into indicator values (?, ?, ?, ?, ?)", (one.name, document_id, row, sentence, body))

    def finish(self, order: Sequence[str]) -> None:
        """Put the documents in the given order and write everything out.

        Raises:
            OSError: it cannot be written.
        """
        for place, document_id in enumerate(order):
            self._write("update document set place = ? where id = ?", (place, document_id))
        self._write("commit", ())
        self._connection.close()

    def _write(self, statement: str, values: Sequence[object]) -> None:
        try:
            self._connection.execute(statement, tuple(values))
        except sqlite3.OperationalError as error:
            raise OSError(f"{self._path} cannot be written: {error}") from error

    def close(self) -> None:
        """Close the file, finished or not."""
        self._connection.close()


class LibraryReader:
    """Documents and passages of one build, read on demand; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open a library for reading only.

        Raises:
            sqlite3.Error: the file is not there or not a library.
        """
        # One connection serves all threads: SQLite in serialised mode.
        self._connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        self._connection.execute("select 1 from document").fetchone()
        self.document = functools.lru_cache(_DOCUMENTS_KEPT)(self._document)
        self.entry = functools.lru_cache(_ENTRIES_KEPT)(self._entry)
        self.years = functools.cache(self._years)  # every refusal tells them
        self._passages = functools.lru_cache(_PASSAGES_KEPT)(self._passage)

    def entries(self, most: int | None = None, skip: int = 0) -> tuple[Entry, ...]:
        """Return the entries of all documents, newest delivered first; of `most` after `skip` where that is given."""
        query = "select entry from document order by place limit ? offset ?"
        found = self._connection.execute(query, (-1 if most is None else most, skip))
        return tuple(_unpack(_ENTRY, entry) for (entry,) in found)

    def document_count(self) -> int:
        """Return how many documents there are."""
        return int(self._connection.execute("select count(*) from document").fetchone()[0])

    def _years(self) -> tuple[int, int] | None:
        """Return the years in which the oldest and the newest document were delivered; None where no date is known."""
        first, last = self._connection.execute("select min(year), max(year) from document").fetchone()
        return None if first is None else (first, last)

    def _document(self, document_id: str) -> Document:
        """Return one document whole; KeyError when there is none with this id."""
        return _unpack(_DOCUMENT, self._column("body", document_id))

    def _entry(self, document_id: str) -> Entry:
        """Return the entry of one document; KeyError when there is none with this id."""
        return _unpack(_ENTRY, self._column("entry", document_id))

    def _column(self, column: str, document_id: str) -> bytes:
        found = self._connection.execute(f"select {column} from document where id = ?", (document_id,)).fetchone()
        if found is None:
            raise KeyError(document_id)
        body: bytes = found[0]
        return body

    def hashes(self) -> dict[str, str]:
        """Return what each document was when it was added, by its id."""
        return dict(self._connection.execute("select id, hash from document"))

    def count(self) -> int:
        """Return how many passages there are."""
        return int(self._connection.execute("select count(*) from passage").fetchone()[0])

    def passages(self, rows: Sequence[int]) -> list[Passage]:
        """Return the passages of the given rows, in the order asked; KeyError when there is none."""
        return [self._passages(int(row)) for row in rows]

    def _passage(self, row: int) -> Passage:
        found = self._connection.execute("select body from passage where row = ?", (row,)).fetchone()
        if found is None:
            raise KeyError(row)
        return _unpack(_PASSAGE, found[0])

    def indicator_names(self) -> dict[str, int]:
        """Return the names of all indicators that the documents report, with how often, the most frequent first."""
        query = "select name, count(*) from indicator group by name order by count(*) desc, name"
        return dict(self._connection.execute(query))

    def indicators(self, names: Sequence[str] = (), documents: Sequence[str] = ()) -> list[Reported]:
        """Return the statements about the indicators of these names, in text order.

        Where no name is given they are about all; where documents are given they are of these only.
        """
        limits = {"name": names, "document": documents}
        limited = [f"{column} in ({','.join('?' * len(any_of))})" for column, any_of in limits.items() if any_of]
        where = f" where {' and '.join(limited)}" if limited else ""
        query = f"select document, row, sentence, body from indicator{where} order by row, sentence, rowid"
        return [
            Reported(_unpack(_INDICATOR, body), document, row, sentence)
            for document, row, sentence, body in self._connection.execute(query, (*names, *documents))
        ]

    def indicators_of(self, document_id: str) -> list[Reported]:
        """Return the statements of one document about indicators, in text order."""
        query = "select row, sentence, body from indicator where document = ? order by row, sentence, rowid"
        return [
            Reported(_unpack(_INDICATOR, body), document_id, row, sentence)
            for row, sentence, body in self._connection.execute(query, (document_id,))
        ]

    def all_passages(self) -> Iterator[tuple[int, Passage]]:
        """Yield every passage with its row, in row order."""
        for row, body in self._connection.execute("select row, body from passage order by row"):
            yield row, _unpack(_PASSAGE, body)

    def passages_with_places(self) -> Iterator[tuple[int, Passage, NDArray[np.int64]]]:
        """Yield every passage with its row and the places of the vectors of its texts, in row order."""
        for row, body, texts in self._connection.execute("select row, body, texts from passage order by row"):
            yield row, _unpack(_PASSAGE, body), np.frombuffer(texts, "<i8")

    def sentence_places(self, row: int) -> NDArray[np.int64]:
        """Return where the vectors of a passage's sentences stand; KeyError when there is no such row."""
        found = self._connection.execute("select sentences from passage where row = ?", (int(row),)).fetchone()
        if found is None:
            raise KeyError(row)
        return np.frombuffer(found[0], "<i8")

    def text_places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the row and the vector's place of every text, in row order."""
        rows: list[int] = []
        places: list[NDArray[np.int64]] = []
        for row, texts in self._connection.execute("select row, texts from passage order by row"):
            places.append(np.frombuffer(texts, "<i8"))
            rows += [row] * len(places[-1])
        return np.array(rows, np.int64), np.concatenate([np.empty(0, np.int64), *places])

    def sample_rows(self, count: int) -> list[int]:
        """Return up to `count` rows, spread evenly."""
        step = max(1, self.count() // count)
        found = self._connection.execute("select row from passage where row % ? = 0 limit ?", (step, count))
        return [row for (row,) in found]

    def used_places(self) -> NDArray[np.int64]:
        """Return the places of all vectors that passages and sentences refer to."""
        found = self._connection.execute("select texts, sentences from passage")
        return np.frombuffer(b"".join(blob for pair in found for blob in pair), "<i8")

    def unmatched(self) -> tuple[list[str], list[int]]:
        """Return the ids of documents without a passage, and the rows of passages and indicators without a document."""
        empty = "select id from document where id not in (select document from passage)"
        orphans = (
            "select row from passage where document not in (select id from document) "
            "union select row from indicator where row not in (select row from passage)"
        )
        execute = self._connection.execute
        return [name for (name,) in execute(empty)], [row for (row,) in execute(orphans)]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
