"""Building an index: passages, their texts, vectors and terms, then the manifest, then the switch."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from filelock import FileLock, Timeout

from corpus.passages import cut_passages
from corpus.types import text_id
from index import tokenize
from index.keyword import KeywordIndex
from index.store import SCHEMA, Manifest, StoreError, current_build, read_manifest, write_library
from index.vectors import FaissIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from corpus.translations import Translations
    from corpus.types import Document, Passage
    from index.encoder import Encoder


def passage_texts(document: Document, passage: Passage, translations: Translations) -> list[str]:
    """Return the texts under which a passage is found, each with its document's title and headings before it.

    The Chinese text comes first; the English edition follows where every sentence of the passage has one.
    """
    chinese = "\n".join((document.title, *passage.headings, passage.text))
    english = [translations.lookup(passage.sentence_text(sentence)) for sentence in passage.sentences]
    if not all(english):
        return [chinese]
    above = [translations.lookup(heading) for heading in (document.title, *passage.headings)]
    return [chinese, "\n".join((*filter(None, above), " ".join(filter(None, english))))]


def corpus_hash(documents: Sequence[Document], translations: Translations) -> str:
    """Return a hash that changes whenever any passage, or a text it is found by, changes."""
    digest = hashlib.sha256()
    for document in documents:
        for passage in cut_passages(document):
            digest.update(repr(passage).encode())
            digest.update("\0".join(passage_texts(document, passage, translations)).encode())
    return digest.hexdigest()[:16]


def build_index(
    documents: Sequence[Document],
    translations: Translations,
    encoder: Encoder,
    folder: Path,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> Manifest:
    """Build an index of the documents and make it the serving one; return its manifest.

    `progress` is called with the texts encoded so far and in all.

    Raises:
        StoreError: another build is running, or there is no passage to index.
        OSError: the disk is full or cannot be written; the old index goes on serving.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / "build.lock", timeout=0):
            return _build(documents, translations, encoder, folder, progress)
    except Timeout:
        raise StoreError(f"another build is running in {folder}; wait for it to end") from None


def _build(
    documents: Sequence[Document],
    translations: Translations,
    encoder: Encoder,
    folder: Path,
    progress: Callable[[int, int], object],
) -> Manifest:
    began = time.perf_counter()
    passages = [(document, passage) for document in documents for passage in cut_passages(document)]
    if not passages:
        raise StoreError("the documents hold no passage; there is nothing to index")
    texts, owners = [], []
    for row, (document, passage) in enumerate(passages):
        for text in passage_texts(document, passage, translations):
            texts.append(text)
            owners.append(row)
    sentences = [passage.sentence_text(sentence) for _, passage in passages for sentence in passage.sentences]
    starts = np.cumsum([0, *(len(passage.sentences) for _, passage in passages)])
    keys = [text_id(text) for text in (*texts, *sentences)]
    vectors = _encode([*texts, *sentences], keys, encoder, folder, progress)
    name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    build = folder / "builds" / name
    _sweep(folder, keep=None)
    build.mkdir(parents=True)
    try:
        write_library(build / "library.db", documents, [passage for _, passage in passages])
        FaissIndex.build(vectors[: len(texts)]).save(build / "vectors.faiss")
        np.save(build / "sentences.npy", vectors[len(texts) :].astype(np.float16))
        np.save(build / "starts.npy", starts)
        np.save(build / "owners.npy", np.array(owners, np.int64))
        (build / "texts.json").write_text(json.dumps(keys))
        KeywordIndex.build([tokenize.terms(text) for text in texts]).save(build / "keywords")
        manifest = Manifest(
            schema_version=SCHEMA,
            encoder=encoder.name,
            dimension=encoder.dimension,
            tokenizer=tokenize.identity(),
            corpus=corpus_hash(documents, translations),
            documents=len(documents),
            passages=len(passages),
            vectors=len(texts),
            built_at=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=round(time.perf_counter() - began, 1),
        )
        (build / "manifest.json").write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
    except BaseException:
        shutil.rmtree(build, ignore_errors=True)
        raise
    _switch(folder, name)
    _sweep(folder, keep=name)
    return manifest


def _encode(
    texts: Sequence[str],
    keys: Sequence[str],
    encoder: Encoder,
    folder: Path,
    progress: Callable[[int, int], object],
) -> NDArray[np.float32]:
    """Return the vectors of all texts; those that the serving build already has, by their key, are taken from it."""
    known = _known_vectors(encoder, folder)
    vectors = np.empty((len(texts), encoder.dimension), np.float32)
    missing: list[int] = []
    for row, key in enumerate(keys):
        vector = known.get(key)
        if vector is None:
            missing.append(row)
        else:
            vectors[row] = vector
    done = len(texts) - len(missing)
    progress(done, len(texts))

    def report(more: int) -> None:
        nonlocal done
        done += more
        progress(done, len(texts))

    if missing:
        vectors[missing] = encoder.encode_passages([texts[row] for row in missing], report)
    return vectors


def _known_vectors(encoder: Encoder, folder: Path) -> dict[str, NDArray[np.float32]]:
    """Return the vectors of the serving build by the id of their text; none when another encoder made them."""
    try:
        if read_manifest(folder).encoder != encoder.name:
            return {}
        build = current_build(folder)
        keys = json.loads((build / "texts.json").read_text())
        whole = FaissIndex.load(build / "vectors.faiss").vectors()
        vectors = np.concatenate([whole, np.load(build / "sentences.npy").astype(np.float32)])
    except (StoreError, OSError, ValueError, RuntimeError):
        return {}  # nothing to reuse: encoding everything again is always right
    return dict(zip(keys, vectors, strict=True)) if len(keys) == len(vectors) else {}


def _switch(folder: Path, name: str) -> None:
    """Name the new build in CURRENT, atomically and durably."""
    scratch = folder / "CURRENT.new"
    with scratch.open("w", encoding="utf-8") as file:
        file.write(name)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(folder / "CURRENT")


def _sweep(folder: Path, keep: str | None) -> None:
    """Remove builds that nothing points to: leftovers of a crash, and the one just replaced.

    Readers that still have a removed build open keep its files until they close them (POSIX).
    """
    pointer = folder / "CURRENT"
    serving = keep or (pointer.read_text(encoding="utf-8").strip() if pointer.exists() else "")
    for build in (folder / "builds").glob("*"):
        if build.name != serving:
            shutil.rmtree(build, ignore_errors=True)
