"""Building an index: what has changed since the serving one, the manifest, then the switch.

A new build begins as a copy of the serving one in which only changed documents are replaced. Where that one is small,
or was made by other parts, or most of it would change, the build begins from nothing; either way texts that were
encoded once are not encoded again.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from filelock import FileLock, Timeout

from corpus.durable import replace_file, settle
from corpus.glossary import Glossary
from corpus.indicators import read_indicators
from corpus.passages import cut_passages
from corpus.periods import Frame
from index import tokenize
from index.cache import VectorCache
from index.embedded import EmbeddedEngine
from index.engine import Earlier, IndexedText
from index.filter import labels
from index.keyword import discard
from index.library import LibraryReader, LibraryWriter
from index.store import SCHEMA, Manifest, StoreError, current_build, open_build, read_manifest
from index.texts import document_hash, joint_hash, making, passage_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from corpus.translations import Translations
    from corpus.types import Document, Passage
    from index.encoder import Encoder
    from index.engine import Engine, EngineWriter

#: Passages from which a build takes over the serving one and replaces what changed. Below, making all of it anew
#: takes two seconds, and word statistics are then exactly those of the documents held.
TAKE_OVER_FROM = 2000
#: Sentences read into memory at a time.
_BLOCK = 8000
#: Languages of the texts that a passage is found by, in order; see `index.texts`.
LANGUAGES = ("zh", "en")


class BuildingError(StoreError):
    """Another process builds the index at the moment."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a build is made from; `hashes` has the hash of each document by its id, in order."""

    documents: Sequence[Document]
    hashes: dict[str, str]
    translations: Translations
    encoder: Encoder
    cache: VectorCache
    progress: Callable[[int, int], object]
    glossary: Glossary
    engine: Engine


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to do: take documents out of the earlier build, if any, and add others, each with its hash."""

    earlier: Earlier | None
    gone: frozenset[str]
    new: dict[str, str]


def build_index(
    documents: Sequence[Document],
    translations: Translations,
    encoder: Encoder,
    folder: Path,
    progress: Callable[[int, int], object] = lambda done, total: None,
    *,
    glossary: Glossary | None = None,
    engine: Engine | None = None,
    anew: bool = False,
    take_over_from: int = TAKE_OVER_FROM,
) -> Manifest:
    """Build an index of the documents and make it the serving one; return its manifest.

    The `glossary` names the indicators to be read from the sentences; without one there are none. `progress` is
    called with how many sentences are done and how many there are, both of new documents only. The `engine` keeps
    vectors and terms; without one, files on this machine do. `anew` takes nothing over from the serving index but the
    vectors of unchanged texts.

    Raises:
        BuildingError: another build is running.
        StoreError: there is no passage to index, or the index cannot be written (the disk may be full). The old index
            goes on serving, and vectors made up to then are kept.
    """
    if not any(document.sentences for document in documents):
        raise StoreError("the documents hold no passage; there is nothing to index")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "build.lock", timeout=0):
            engine = engine or EmbeddedEngine()
            sweep(folder, engine)
            with closing(VectorCache(folder / "cache", encoder)) as cache:
                hashes = {document.id: document_hash(document) for document in documents}
                known = glossary or Glossary(())
                parts = _Parts(documents, hashes, translations, encoder, cache, progress, known, engine)
                manifest = _build(folder, parts, anew, take_over_from)
            sweep(folder, engine)
            return manifest
    except Timeout:
        raise BuildingError(f"another build is running in {folder}; wait for it to end") from None
    except OSError as error:
        raise StoreError(
            f"the new index cannot be written to {folder} ({error}); what served before serves on. Make room there "
            "or set another data folder, then run: district-qa build"
        ) from error


def _build(folder: Path, parts: _Parts, anew: bool, take_over_from: int) -> Manifest:
    began = time.perf_counter()
    plan = None if anew or not parts.engine.takes_over else _take_over(folder, parts, take_over_from)
    if plan is None:
        _prune(folder, parts.cache)
        plan = _Plan(None, frozenset(), parts.hashes)
    return switch_to(folder, parts.engine, lambda build: _write(build, parts, plan, began))


def switch_to(folder: Path, engine: Engine, write: Callable[[Path], Manifest]) -> Manifest:
    """Make a new build the serving one, once what `write` writes into its folder can be opened; return its manifest."""
    name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    build = folder / "builds" / name
    build.mkdir(parents=True)
    try:
        manifest = write(build)
        _settle(build)
        open_build(build, {engine.store: engine})  # a build that cannot be opened must not be named
    except BaseException:
        discard(build)
        raise
    replace_file(folder / "CURRENT", name)  # atomic and durable
    engine.serve(name)
    return manifest


def _take_over(folder: Path, parts: _Parts, take_over_from: int) -> _Plan | None:
    """Plan to begin with the serving build: where the same parts made it, it is large, and most of it stays."""
    try:
        manifest = read_manifest(folder)
        build = current_build(folder)
        with closing(open_build(build, {parts.engine.store: parts.engine}).library) as library:
            held = library.hashes()
    except (StoreError, sqlite3.Error):
        return None  # damaged, or of another engine: beginning from nothing is always right
    wanted = _made_by(parts)
    if manifest.passages < take_over_from or any(getattr(manifest, name) != wanted[name] for name in wanted):
        return None
    hashes = parts.hashes
    gone = frozenset(i for i, digest in held.items() if hashes.get(i) != digest)
    new = {i: digest for i, digest in hashes.items() if held.get(i) != digest}
    earlier = Earlier(build, manifest.recall_at_10, manifest.changes)
    return _Plan(earlier, gone, new) if 2 * len(gone | new.keys()) < len(held) else None


def _made_by(parts: _Parts) -> dict[str, int | str]:
    """Return the fields of a manifest that two builds must share for one to begin with the other."""
    return {
        "schema_version": SCHEMA,
        "encoder": parts.encoder.name,
        "dimension": parts.encoder.dimension,
        "tokenizer": tokenize.identity(),
        "making": making(),
        "translations": parts.translations.identity,
        "places": parts.cache.generation,
        "store": parts.engine.store,
    }


def _prune(folder: Path, cache: VectorCache) -> None:
    """Drop vectors that the serving build does not use, where they are many."""
    try:
        if read_manifest(folder).places != cache.generation:
            return
        with closing(LibraryReader(current_build(folder) / "library.db")) as library:
            used = library.used_places()
    except (StoreError, sqlite3.Error):
        return  # nothing tells what is used
    cache.prune(used)


def _write(build: Path, parts: _Parts, plan: _Plan, began: float) -> Manifest:
    """Write all files of a build, the manifest last."""
    earlier = plan.earlier
    with closing(LibraryWriter(build / "library.db", earlier.build / "library.db" if earlier else None)) as library:
        writer = parts.engine.begin(build, parts.encoder.dimension, parts.cache.path, earlier)
        writer.remove(library.remove(plan.gone))
        _add(parts, plan, library, writer)
        library.finish([document.id for document in parts.documents])
    link(parts.cache.path, build / "encoded.f16")
    with closing(LibraryReader(build / "library.db")) as reader:
        written = writer.finish(reader)
        passages = reader.count()
    manifest = Manifest.model_validate(
        {
            **_made_by(parts),
            "corpus": joint_hash(parts.hashes, parts.translations),
            "documents": len(parts.documents),
            "passages": passages,
            "vectors": written.size,
            "search": written.search,
            "recall_at_10": written.recall_at_10,
            "changes": plan.earlier.changes + 1 if plan.earlier else 0,
            "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - began, 1),
        }
    )
    write_manifest(build, manifest)
    return manifest


def write_manifest(build: Path, manifest: Manifest) -> None:
    """Write the manifest of a build, when all else of it is written."""
    (build / "manifest.json").write_text(manifest.model_dump_json(indent=1), encoding="utf-8")


def _add(parts: _Parts, plan: _Plan, library: LibraryWriter, writer: EngineWriter) -> None:
    """Add the new documents to library and engine."""
    documents = [document for document in parts.documents if document.id in plan.new]
    done, total = 0, sum(len(document.sentences) for document in documents)
    for document in documents:
        library.add_document(document, plan.new[document.id])
    for block in _blocks(documents):
        made = [(p, passage_texts(d, p, parts.translations), p.sentence_texts()) for d, p in block]
        sentences = sum(len(own) for _, _, own in made)
        report = _reporter(parts.progress, done, sentences, sum(len(t) + len(s) for _, t, s in made), total)
        found = iter(parts.cache.place([text for _, texts, own in made for text in (*texts, *own)], report))
        for (document, _), (passage, texts, own) in zip(block, made, strict=True):
            places = np.fromiter(found, np.int64, len(texts))
            row = library.add_passage(passage, places, np.fromiter(found, np.int64, len(own)))
            writer.add(indexed_texts(row, places, texts, document, passage))
            _add_indicators(parts.glossary, library, row, document, passage)
        done += sentences
    parts.progress(total, total)


def indexed_texts(
    row: int, places: NDArray[np.int64], texts: Sequence[str], document: Document, passage: Passage
) -> list[IndexedText]:
    """Return the texts of a passage as an engine takes them, each with its terms."""
    carried = labels(passage, document.kind)
    return [
        IndexedText(row, int(place), text, language, tokenize.terms(text), carried, passage, document)
        for place, text, language in zip(places, texts, LANGUAGES, strict=False)
    ]


def _add_indicators(glossary: Glossary, library: LibraryWriter, row: int, document: Document, passage: Passage) -> None:
    for number, sentence in enumerate(passage.sentences):
        frame = Frame(sentence.period, sentence.status)
        found = read_indicators(passage.sentence_text(sentence), frame, document.delivered.date, glossary)
        library.add_indicators(row, document.id, number, found)


def _blocks(documents: Sequence[Document]) -> Iterator[list[tuple[Document, Passage]]]:
    """Yield the passages of all documents, some thousand sentences at a time."""
    block: list[tuple[Document, Passage]] = []
    waiting = 0
    for document in documents:
        block += [(document, passage) for passage in cut_passages(document)]
        waiting += len(document.sentences)
        if waiting >= _BLOCK:
            yield block
            block, waiting = [], 0
    if block:
        yield block


def _reporter(
    progress: Callable[[int, int], object], before: int, sentences: int, texts: int, total: int
) -> Callable[[int], None]:
    """Turn "so many more texts are encoded" of one block into "so many sentences of all are done"."""
    encoded = 0

    def report(more: int) -> None:
        nonlocal encoded
        encoded += more
        progress(before + sentences * min(encoded, texts) // texts, total)

    return report


def link(source: Path, target: Path) -> None:
    """Give a file that is only appended to a second name, or copy it where the disk has no such names."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _settle(build: Path) -> None:
    """Wait until all of a build is on the disk, so that a power cut after the switch finds it whole."""
    for path in build.rglob("*"):
        settle(path)


def sweep(folder: Path, engine: Engine) -> None:
    """Remove builds that nothing points to: leftovers of a crash, and the one just replaced.

    Readers that still have a removed build open keep its files until they close them (POSIX).
    """
    pointer = folder / "CURRENT"
    serving = pointer.read_text(encoding="utf-8").strip() if pointer.exists() else ""
    for build in (folder / "builds").glob("*"):
        if build.name != serving:
            discard(build)
    engine.sweep(serving)
