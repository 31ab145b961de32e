"""Moving what serves from one engine to another: passages and vectors as they are, nothing encoded again."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from index import tokenize
from index.build import indexed_texts, link, sweep, switch_to, write_manifest
from index.library import LibraryReader
from index.store import MismatchError, StoreError, current_build, read_manifest
from index.texts import making, passage_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from corpus.translations import Translations
    from index.engine import Engine, IndexedText
    from index.store import Manifest

#: Passages given to the engine at a time.
_BLOCK = 1000


def migrate(
    folder: Path,
    engine: Engine,
    translations: Translations,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> Manifest:
    """Write the serving build anew with another engine and let that serve; return its manifest.

    The engine that kept it before is not asked: vectors and passages stand in the build's folder. `progress` is called
    with how many passages are done and how many there are.

    Raises:
        StoreError: there is no index, it was made by other parts, a build is running, or the engine cannot be written.
    """
    try:
        with FileLock(folder / "build.lock", timeout=0):
            manifest, build = read_manifest(folder), current_build(folder)
            manifest.require(tokenizer=tokenize.identity())
            if manifest.making != making() or manifest.translations != translations.identity:
                raise MismatchError("the index was built by other parts or translations; run: district-qa build")
            if manifest.store is engine.store:
                return manifest
            sweep(folder, engine)
            moved = switch_to(folder, engine, partial(_write, build, manifest, engine, translations, progress))
            sweep(folder, engine)
            return moved
    except Timeout:
        raise StoreError(f"a build is running in {folder}; wait for it to end") from None
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"{folder} cannot be moved to {engine.store} ({error}); what served before serves on"
        ) from error


def _write(
    source: Path,
    manifest: Manifest,
    engine: Engine,
    translations: Translations,
    progress: Callable[[int, int], object],
    build: Path,
) -> Manifest:
    began = time.perf_counter()
    for name in ("library.db", "encoded.f16"):
        link(source / name, build / name)  # neither is changed once it is written
    with closing(LibraryReader(build / "library.db")) as library:
        writer = engine.begin(build, manifest.dimension, build / "encoded.f16", None)
        texts, done = _texts(library, translations), 0
        while block := list(islice(texts, _BLOCK)):
            for one in block:
                writer.add(one)
            done += len(block)
            progress(done, manifest.passages)
        written = writer.finish(library)
    moved = manifest.model_copy(
        update={
            "store": engine.store,
            "vectors": written.size,
            "search": written.search,
            "recall_at_10": written.recall_at_10,
            "changes": 0,
            "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - began, 1),
        }
    )
    write_manifest(build, moved)
    return moved


def _texts(library: LibraryReader, translations: Translations) -> Iterator[list[IndexedText]]:
    """Yield the texts of each passage, as they were when it was built."""
    for row, passage, places in library.passages_with_places():
        document = library.document(passage.document_id)
        texts = passage_texts(document, passage, translations)
        if len(texts) != len(places):
            raise MismatchError(
                f"the passage in row {row} has other texts than when it was built; run: district-qa build"
            )
        yield indexed_texts(row, places, texts, document, passage)
