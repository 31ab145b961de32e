from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from corpus.passages import cut_passages
from corpus.translations import Translations, sentence_key
from corpus.types import Entry
from index.build import build_index
from index.store import MismatchError, MissingIndexError, StoreError, open_index, read_manifest
from index.texts import passage_texts
from tests.conftest import HashEncoder, make_documents

if TYPE_CHECKING:
    from corpus.types import Document

NONE = Translations({})


def test_a_passage_is_found_by_its_translation_once_every_sentence_has_one(documents: list[Document]) -> None:
    article = next(document for document in documents if document.kind == "article")
    (passage,) = cut_passages(article)
    english = {sentence_key(passage.sentence_text(s)): f"Sentence {i}." for i, s in enumerate(passage.sentences)}
    chinese, translated = passage_texts(article, passage, Translations(english))
    assert chinese.endswith(passage.text)
    assert translated == " ".join(english.values())
    english.popitem()
    assert passage_texts(article, passage, Translations(english)) == [chinese]


def test_what_was_built_is_read_back(tmp_path: Path, documents: list[Document]) -> None:
    seen: list[tuple[int, int]] = []
    manifest = build_index(documents, NONE, HashEncoder(), tmp_path, lambda done, total: seen.append((done, total)))
    index = open_index(tmp_path)
    passages = [passage for document in documents for passage in cut_passages(document)]
    assert index.manifest == manifest
    assert index.library.entries() == tuple(map(Entry.of, documents))
    assert index.library.entries(1) == (Entry.of(documents[0]),)
    assert index.library.entries(1, 1) == (Entry.of(documents[1]),)
    assert index.library.entries(5, len(documents)) == ()
    dated = [document.delivered.date.year for document in documents if document.delivered.date]
    assert index.library.years() == ((min(dated), max(dated)) if dated else None)
    assert index.library.document_count() == len(documents)
    assert [index.library.document(document.id) for document in documents] == documents
    assert list(index.library.all_passages()) == list(enumerate(passages))
    assert index.library.passages([1, 0]) == [passages[1], passages[0]]
    assert seen[-1][0] == seen[-1][1]
    vectors = index.sentence_vectors(1)
    assert len(vectors) == len(passages[1].sentences)
    expected = HashEncoder().encode_query(passages[1].sentence_text(passages[1].sentences[0]))
    assert np.allclose(vectors[0], expected, atol=1e-3)


def test_no_index_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(MissingIndexError, match="run: district-qa build"):
        open_index(tmp_path)


def test_another_encoder_is_a_mismatch_that_names_the_command(tmp_path: Path, documents: list[Document]) -> None:
    manifest = build_index(documents, NONE, HashEncoder(), tmp_path)
    with pytest.raises(MismatchError, match="encoder 'hash', but 'other' is in use; run: district-qa build"):
        manifest.require(encoder="other")
    with pytest.raises(MismatchError, match="tokenizer"):
        manifest.require(tokenizer="2-otherwords")


@pytest.mark.parametrize("name", ["vectors.faiss", "library.db", "encoded.f16", "keywords/meta.json"])
def test_a_damaged_build_is_named(tmp_path: Path, documents: list[Document], name: str) -> None:
    build_index(documents, NONE, HashEncoder(), tmp_path)
    path = next(tmp_path.glob(f"builds/*/{name}"))
    path.write_bytes(b"" if name == "encoded.f16" else b"not what it was")
    with pytest.raises(MismatchError, match=r"damaged .*run: district-qa build"):
        open_index(tmp_path)


def test_a_pointer_to_nothing_is_named(tmp_path: Path) -> None:
    (tmp_path / "CURRENT").write_text("gone")
    with pytest.raises(MissingIndexError, match="gone"):
        read_manifest(tmp_path)


def test_opening_writes_nothing(tmp_path: Path) -> None:
    """Nor does it make and remove anything: a folder's time would tell."""
    build_index(make_documents(), NONE, HashEncoder(), tmp_path)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path, *tmp_path.rglob("*"))}
    index = open_index(tmp_path)
    index.library.passages([0])
    index.keywords.search(["充电桩"], 3)
    index.vectors.search(index.sentence_vectors(0)[0], 3)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path, *tmp_path.rglob("*"))} == before


def test_what_is_not_held_is_a_key_error(tmp_path: Path) -> None:
    build_index(make_documents(), NONE, HashEncoder(), tmp_path)
    library = open_index(tmp_path).library
    for look_up in (library.document, library.entry, library.sentence_places, lambda key: library.passages([key])):
        with pytest.raises(KeyError):
            look_up(987654321)


def test_nothing_to_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no passage"):
        build_index([], NONE, HashEncoder(), tmp_path)
