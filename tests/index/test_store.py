from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from filelock import FileLock

from corpus.passages import cut_passages
from corpus.translations import Translations, sentence_key
from index import build as building
from index.build import build_index, passage_texts
from index.store import MismatchError, MissingIndexError, StoreError, open_index, read_manifest
from tests.conftest import HashEncoder, make_documents

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

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
    assert index.library.documents() == tuple(documents)
    assert index.library.all_passages() == passages
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


def test_a_failed_build_leaves_the_old_index_serving(
    tmp_path: Path, documents: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(documents[:1], NONE, HashEncoder(), tmp_path)

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(building, "write_library", full_disk)
    with pytest.raises(OSError, match="No space left"):
        build_index(documents, NONE, HashEncoder(), tmp_path)
    index = open_index(tmp_path)
    assert index.library.documents() == (documents[0],)
    assert len(list((tmp_path / "builds").iterdir())) == 1, "the failed build is swept away"


def test_a_reader_keeps_its_index_while_a_new_one_takes_over(tmp_path: Path, documents: list[Document]) -> None:
    build_index(documents[:1], NONE, HashEncoder(), tmp_path)
    old = open_index(tmp_path)
    build_index(documents, NONE, HashEncoder(), tmp_path)
    assert len(old.library.passages([0])) == 1
    assert len(open_index(tmp_path).library.documents()) == 2


def test_two_builders_at_once_are_refused(tmp_path: Path, documents: list[Document]) -> None:
    with FileLock(tmp_path / "build.lock"), pytest.raises(StoreError, match="another build is running"):
        build_index(documents, NONE, HashEncoder(), tmp_path)


def test_a_damaged_build_is_named(tmp_path: Path, documents: list[Document]) -> None:
    build_index(documents, NONE, HashEncoder(), tmp_path)
    next(tmp_path.glob("builds/*/vectors.faiss")).write_bytes(b"not an index")
    with pytest.raises(MismatchError, match="damaged"):
        open_index(tmp_path)


def test_a_pointer_to_nothing_is_named(tmp_path: Path) -> None:
    (tmp_path / "CURRENT").write_text("gone")
    with pytest.raises(MissingIndexError, match="gone"):
        read_manifest(tmp_path)


def test_opening_writes_nothing(tmp_path: Path) -> None:
    build_index(make_documents(), NONE, HashEncoder(), tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    index = open_index(tmp_path)
    index.library.passages([0])
    index.keywords.search(["充电桩"], 3)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_nothing_to_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no passage"):
        build_index([], NONE, HashEncoder(), tmp_path)


class CountingEncoder(HashEncoder):
    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> NDArray[np.float32]:
        self.encoded += texts
        return super().encode_passages(texts, progress)


def test_unchanged_passages_are_never_encoded_again(tmp_path: Path, documents: list[Document]) -> None:
    report, article = documents
    build_index([report], NONE, CountingEncoder(), tmp_path)
    counting = CountingEncoder()
    build_index([report, article], NONE, counting, tmp_path)
    whole, *sentences = counting.encoded
    assert whole.splitlines()[0] == article.title
    assert sentences == [article.text[s.start : s.end] for s in article.sentences]
    fresh = build_index([report, article], NONE, HashEncoder(), tmp_path / "fresh")
    assert fresh.corpus == read_manifest(tmp_path).corpus
    for text in ("公共充电桩", "租金补贴"):
        vector = HashEncoder().encode_query(text)
        mixed, whole = (open_index(folder).vectors.search(vector, 9) for folder in (tmp_path, tmp_path / "fresh"))
        assert mixed[0].tolist() == whole[0].tolist()


def test_vectors_of_another_encoder_are_not_reused(tmp_path: Path, documents: list[Document]) -> None:
    build_index(documents, NONE, HashEncoder(), tmp_path)
    other = CountingEncoder()
    other.name = "other"
    manifest = build_index(documents, NONE, other, tmp_path)
    sentences = sum(len(document.sentences) for document in documents)
    assert len(other.encoded) == manifest.vectors + sentences
