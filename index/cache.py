"""Vectors that were once made, kept by the text they are of, so that no text is encoded twice.

    <folder>/<encoder>/keys.db          SQLite: hash of the text -> place of its vector
    <folder>/<encoder>/<generation>.f16 the vectors one after another, float16; only ever appended to

Builds link the file of vectors into their own folder and keep places in it: what is appended later does not touch
them. A vector counts once its key is committed; whatever stands behind the last one was cut off by a crash and is
cut away at the next opening. Only one process writes at a time (the build lock).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpus.types import text_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from index.encoder import Encoder

#: Texts encoded between two commits: what a crash can cost.
_COMMIT = 1024
#: Vectors that no document needs any more are kept up to this many, or as many as are needed, whichever is more.
SPARE = 100_000
#: Encoders whose vectors are kept: the present one and those used last.
_ENCODERS = 3


class StoredVectors:
    """A file of float16 vectors, mapped; what is read from it is float32."""

    def __init__(self, path: Path, dimension: int, places: NDArray[np.int64] | None = None) -> None:
        """Map the file as it is now; `places` narrows and orders what positions mean."""
        self._vectors = np.memmap(path, np.float16, mode="r").reshape(-1, dimension)
        self._places = places

    def __len__(self) -> int:
        """How many vectors there are."""
        return len(self._vectors if self._places is None else self._places)

    def __getitem__(self, positions: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors at some positions, of shape (len(positions), dimension)."""
        places = positions if self._places is None else self._places[positions]
        return self._vectors[places].astype(np.float32)


class VectorCache:
    """Vectors by encoder and text; `place` encodes what is not there yet."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        """Open the cache of an encoder for writing; a damaged one is begun anew.

        Raises:
            OSError: it cannot be written.
        """
        self._encoder = encoder
        self._width = 2 * encoder.dimension
        self._folder = folder / f"{text_id(encoder.name)}-{encoder.dimension}"
        try:
            self._keys = self._open()
        except sqlite3.DatabaseError:
            # It can be made again from the texts, so nothing is lost but time.
            shutil.rmtree(self._folder)
            self._keys = self._open()
        _forget(folder, self._folder)

    def _open(self) -> sqlite3.Connection:
        self._folder.mkdir(parents=True, exist_ok=True)
        keys = sqlite3.connect(self._folder / "keys.db")
        try:
            # Keys are scattered over the file: without this log each commit writes and waits for a thousand pages.
            # A power cut may lose the last commits, never order: their vectors are then cut away.
            keys.executescript("pragma journal_mode = wal; pragma synchronous = normal")
            keys.execute("create table if not exists vector (key blob primary key, place integer) without rowid")
            keys.execute("create table if not exists file (generation integer)")
            held, first = keys.execute("select count(*), (select max(generation) from file) from vector").fetchone()
            if first is None:
                with keys:
                    keys.execute("insert into file values (1)")
            self._generation = int(first or 1)
            for leftover in self._folder.glob("*.f16"):
                if leftover != self.path:
                    leftover.unlink()
            self.path.touch()
            if self.path.stat().st_size < held * self._width:
                raise sqlite3.DatabaseError("the file of vectors is shorter than its keys say")
            os.truncate(self.path, held * self._width)
        except sqlite3.DatabaseError:
            keys.close()
            raise
        self._held = int(held)
        os.utime(self._folder)
        return keys

    def close(self) -> None:
        """Close the files."""
        self._keys.close()

    @property
    def path(self) -> Path:
        """The file of vectors, for builds to link."""
        return self._folder / f"{self._generation}.f16"

    @property
    def generation(self) -> str:
        """What places refer to; places of another generation mean nothing here."""
        return f"{self._folder.name}/{self._generation}"

    def place(self, texts: Sequence[str], report: Callable[[int], object] = lambda more: None) -> NDArray[np.int64]:
        """Return where the vector of each text stands, encoding those that are not held yet.

        `report` is told how many more texts have their vector.

        Raises:
            OSError: the disk is full or cannot be written; what was encoded before is kept.
        """
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16] for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if self._place(key) is None}
        report(len(texts) - len(missing))
        # Longest first, as encoders like their batches even.
        order = sorted(missing, key=lambda key: -len(missing[key]))
        for start in range(0, len(order), _COMMIT):
            chosen = order[start : start + _COMMIT]
            self._append(chosen, self._encoder.encode_passages([missing[key] for key in chosen], report))
        return np.array([self._place(key) for key in keys], np.int64)

    def _place(self, key: bytes) -> int | None:
        row = self._keys.execute("select place from vector where key = ?", (key,)).fetchone()
        return None if row is None else int(row[0])

    def _append(self, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Write vectors, and only when they are on the disk their keys."""
        with self.path.open("ab") as file:
            file.write(vectors.astype(np.float16).tobytes())
            file.flush()
            os.fsync(file.fileno())
        try:
            with self._keys:
                places = range(self._held, self._held + len(keys))
                self._keys.executemany("insert into vector values (?, ?)", zip(keys, places, strict=True))
        except sqlite3.OperationalError as error:
            raise OSError(f"{self._folder} cannot be written: {error}") from error
        self._held += len(keys)

    def prune(self, used: NDArray[np.int64], spare: int = SPARE) -> None:
        """Drop vectors whose places are not in `used`, where they are many; then places mean something else.

        The new file stands beside the old one until its keys are committed, and builds that link the old one keep it.
        """
        used = np.unique(used)
        if self._held - len(used) <= max(spare, len(used)):
            return
        old, self._generation = self.path, self._generation + 1
        stored = StoredVectors(old, self._encoder.dimension)
        with self.path.open("wb") as file:
            for block in np.array_split(used, max(1, len(used) // 50_000)):
                file.write(stored[block].astype(np.float16).tobytes())
            file.flush()
            os.fsync(file.fileno())
        new_places = {int(place): new for new, place in enumerate(used)}
        kept = [
            (key, new_places[place])
            for key, place in self._keys.execute("select key, place from vector")
            if place in new_places
        ]
        with self._keys:
            self._keys.execute("delete from vector")
            self._keys.executemany("insert into vector values (?, ?)", kept)
            self._keys.execute("update file set generation = ?", (self._generation,))
        with closing(sqlite3.connect(self._folder / "keys.db")) as keys:
            keys.execute("vacuum")
        self._held = len(kept)
        old.unlink()


def _forget(folder: Path, present: Path) -> None:
    """Remove the vectors of encoders that were used longest ago."""
    others = sorted((path for path in folder.iterdir() if path != present), key=lambda path: -path.stat().st_mtime)
    for path in others[_ENCODERS - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
