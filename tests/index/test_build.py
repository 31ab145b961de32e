"""The life of an index: what changes, what is kept, and what happens when it is cut short."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from filelock import FileLock

from corpus.documents import make_document
from corpus.passages import cut_passages
from corpus.translations import Translations
from corpus.types import Posting, RawText
from index import build as building
from index.build import build_index
from index.keyword import TantivyWriter
from index.library import LibraryWriter
from index.search import HybridSearch, Weights
from index.store import StoreError, open_index, read_manifest
from index.vectors import FaissIndex
from tests.conftest import ARTICLE, ROOT, HashEncoder, make_documents
from tests.index.test_cache import CountingEncoder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.types import Document

NONE = Translations({})


def article(number: int, title: str = "政策") -> Document:
    text = ARTICLE.replace("青山区", f"青山区第{number}街道").replace("200 万元", f"{number} 万元")
    return make_document([RawText(Posting(f"{title}{number}", None, "listing"), text)])


@pytest.fixture(scope="module")
def many() -> list[Document]:
    return [article(number) for number in range(100, 112)]


def found(folder: Path, query: str) -> list[str]:
    """Return the passage ids that both sides find, by id: rows differ with an index's history."""
    index = open_index(folder)
    candidates = HybridSearch(index, HashEncoder(), Weights(0.5, 0.5)).search(query)
    return sorted(passage.id for passage in index.library.passages([candidate.row for candidate in candidates]))


def held(folder: Path) -> set[str]:
    return {entry.id for entry in open_index(folder).library.entries()}


def test_adding_a_document_encodes_its_texts_only(tmp_path: Path, documents: list[Document]) -> None:
    report, article = documents
    build_index([report], NONE, HashEncoder(), tmp_path)
    counting = CountingEncoder()
    build_index([report, article], NONE, counting, tmp_path)
    whole = [text for text in counting.encoded if "\n" in text]
    assert [text.splitlines()[0] for text in whole] == [article.title]
    assert {*counting.encoded} - {*whole} == {article.text[s.start : s.end] for s in article.sentences}


def test_what_was_removed_and_comes_back_is_not_encoded_again(tmp_path: Path, documents: list[Document]) -> None:
    build_index(documents, NONE, HashEncoder(), tmp_path)
    build_index(documents[:1], NONE, HashEncoder(), tmp_path)
    counting = CountingEncoder()
    build_index(documents, NONE, counting, tmp_path, anew=True)
    assert counting.encoded == []


def test_vectors_of_another_encoder_are_not_reused(tmp_path: Path, documents: list[Document]) -> None:
    build_index(documents, NONE, HashEncoder(), tmp_path)
    other = CountingEncoder("other")
    manifest = build_index(documents, NONE, other, tmp_path)
    sentences = {document.text[s.start : s.end] for document in documents for s in document.sentences}
    assert len(other.encoded) == manifest.vectors + len(sentences)


def test_a_large_index_is_changed_and_then_as_one_built_anew(tmp_path: Path, many: list[Document]) -> None:
    build_index(many[:10], NONE, HashEncoder(), tmp_path / "changed", take_over_from=0)
    corrected = replace(many[3], title="另一个标题")
    wanted = [many[11], *many[:3], corrected, *many[4:9]]
    manifest = build_index(wanted, NONE, HashEncoder(), tmp_path / "changed", take_over_from=0)
    fresh = build_index(wanted, NONE, HashEncoder(), tmp_path / "fresh")
    same = ("corpus", "documents", "passages", "vectors", "search")
    assert [getattr(manifest, name) for name in same] == [getattr(fresh, name) for name in same]
    assert (manifest.changes, fresh.changes) == (1, 0)
    library = open_index(tmp_path / "changed").library
    assert [entry.id for entry in library.entries()] == [document.id for document in wanted]
    assert library.document(corrected.id) == corrected
    assert sorted(p.id for _, p in library.all_passages()) == sorted(p.id for d in wanted for p in cut_passages(d))
    for query in ("租金补贴", "第103街道", "第109街道", "另一个标题"):
        assert found(tmp_path / "changed", query) == found(tmp_path / "fresh", query)
    index = open_index(tmp_path / "changed")
    for row, passage in index.library.all_passages():
        expected = HashEncoder().encode_passages(passage.sentence_texts())
        assert np.allclose(index.sentence_vectors(row), expected, atol=1e-3)


@pytest.mark.parametrize("reason", ["small", "mostly new", "asked for", "other translations", "other tokenizer"])
def test_an_index_is_made_anew_where_that_is_better(
    tmp_path: Path, many: list[Document], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(many[:6], NONE, HashEncoder(), tmp_path)
    if reason == "other tokenizer":
        monkeypatch.setattr(building.tokenize, "identity", lambda: "other")
    manifest = build_index(
        many if reason == "mostly new" else many[:7],
        Translations({"key": "text"}) if reason == "other translations" else NONE,
        HashEncoder(),
        tmp_path,
        anew=reason == "asked for",
        take_over_from=1000 if reason == "small" else 0,
    )
    assert manifest.changes == 0


def test_progress_ends_at_its_total(tmp_path: Path, documents: list[Document]) -> None:
    seen: list[tuple[int, int]] = []
    build_index(documents, NONE, HashEncoder(), tmp_path, lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert seen[-1] == (sum(len(document.sentences) for document in documents),) * 2


def test_two_builders_at_once_are_refused(tmp_path: Path, documents: list[Document]) -> None:
    with FileLock(tmp_path / "build.lock"), pytest.raises(StoreError, match="another build is running"):
        build_index(documents, NONE, HashEncoder(), tmp_path)


def test_nothing_to_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no passage"):
        build_index([], NONE, HashEncoder(), tmp_path)


def test_a_reader_keeps_its_index_while_a_new_one_takes_over(tmp_path: Path, documents: list[Document]) -> None:
    build_index(documents, NONE, HashEncoder(), tmp_path)
    old = open_index(tmp_path)
    build_index(documents[1:], NONE, HashEncoder(), tmp_path)
    build_index(documents[1:], NONE, HashEncoder(), tmp_path, anew=True)
    assert not (tmp_path / "builds" / old.name).exists()
    row, passage = next(pair for pair in old.library.all_passages() if "充电桩" in pair[1].text)
    assert old.library.document(passage.document_id) == documents[0]
    assert row in old.vectors.search(old.sentence_vectors(row)[0], 9)[0]
    assert row in old.keywords.search(["充电桩"], 9)[0]


@pytest.mark.parametrize(
    ("part", "method"), [(LibraryWriter, "finish"), (TantivyWriter, "finish"), (FaissIndex, "save")]
)
def test_a_full_disk_is_told_and_the_old_index_serves_on(
    tmp_path: Path, documents: list[Document], monkeypatch: pytest.MonkeyPatch, part: type, method: str
) -> None:
    build_index(documents[:1], NONE, HashEncoder(), tmp_path)

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(part, method, full_disk)
    with pytest.raises(StoreError, match=r"cannot be written .*No space left.* serves on. Make room"):
        build_index(documents, NONE, HashEncoder(), tmp_path)
    assert held(tmp_path) == {documents[0].id}
    assert len(list((tmp_path / "builds").iterdir())) == 1, "the failed build is swept away"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 1 MB, where this machine lets us have one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if mount is None or os.geteuid() != 0 or subprocess.run([mount, *options], capture_output=True).returncode:
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_disk_that_is_really_full_is_told_too(small_disk: Path, many: list[Document]) -> None:
    build_index(many[:1], NONE, HashEncoder(), small_disk)
    room = shutil.disk_usage(small_disk).free - 40_000
    (small_disk / "filler").write_bytes(b"x" * room)
    with pytest.raises(StoreError, match="Make room"):
        build_index(many, NONE, HashEncoder(), small_disk)
    assert held(small_disk) == {many[0].id}
    (small_disk / "filler").unlink()
    build_index(many, NONE, HashEncoder(), small_disk)
    assert len(held(small_disk)) == len(many)


#: Builds in a process of its own that kills itself when it first comes to a function, before or after doing it.
KILLED = """
import os, signal, sys
from pathlib import Path
from corpus.translations import Translations
from index import build, cache, keyword, library, vectors
from tests.conftest import HashEncoder, make_documents

folder, where, when = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
owner, name = {
    "encoding": (cache.VectorCache, "_append"),
    "library": (library.LibraryWriter, "finish"),
    "keywords": (keyword.TantivyWriter, "finish"),
    "vectors": (vectors.FaissIndex, "save"),
    "settling": (build, "_settle"),
    "switch": (build, "replace_file"),
}[where]
real = getattr(owner, name)

def deadly(*arguments):
    if when == "after":
        real(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(owner, name, deadly)
build.build_index(make_documents(), Translations({}), HashEncoder(), folder)
"""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("where", ["encoding", "library", "keywords", "vectors", "settling", "switch"])
def test_a_build_killed_at_any_moment_loses_nothing_and_the_next_heals(tmp_path: Path, where: str, when: str) -> None:
    documents = make_documents()
    build_index(documents[:1], NONE, HashEncoder(), tmp_path)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), where, when], cwd=ROOT, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    switched = (where, when) == ("switch", "after")
    assert held(tmp_path) == {document.id for document in (documents if switched else documents[:1])}
    counting = CountingEncoder()
    manifest = build_index(documents, NONE, counting, tmp_path)
    assert bool(counting.encoded) == ((where, when) == ("encoding", "before")), "vectors made are never made again"
    assert held(tmp_path) == {document.id for document in documents}
    assert [path.name for path in (tmp_path / "builds").iterdir()] == [open_index(tmp_path).name]
    assert read_manifest(tmp_path) == manifest
