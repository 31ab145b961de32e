from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from corpus.translations import Translations
from index import store
from index.build import build_index
from index.serving import Serving
from index.store import MismatchError, MissingIndexError, open_index
from tests.conftest import ROOT, HashEncoder, make_documents

if TYPE_CHECKING:
    from pathlib import Path

    from corpus.types import Document
    from index.engine import Engines
    from index.store import OpenIndex

NONE = Translations({})


def titles(index: OpenIndex) -> list[str]:
    return [entry.title for entry in index.library.entries()]


def test_a_new_build_answers_from_the_next_question_on(tmp_path: Path, documents: list[Document]) -> None:
    build_index(documents, NONE, HashEncoder(), tmp_path)
    serving = Serving(tmp_path, lambda index: index)
    in_flight = serving.current()
    assert serving.current() is in_flight, "nothing is opened again without need"
    build_index(documents[:1], NONE, HashEncoder(), tmp_path)
    assert titles(serving.current()) == [documents[0].title]
    assert titles(in_flight) == [document.title for document in documents]


def test_a_new_build_is_opened_once_however_many_ask(tmp_path: Path, documents: list[Document]) -> None:
    build_index(documents, NONE, HashEncoder(), tmp_path)
    made: list[str] = []
    serving = Serving(tmp_path, lambda index: made.append(index.name))
    build_index(documents[:1], NONE, HashEncoder(), tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: serving.current(), range(64)))
    assert len(made) == 2


def test_without_an_index_nothing_is_served(tmp_path: Path) -> None:
    with pytest.raises(MissingIndexError, match="run: district-qa build"):
        Serving(tmp_path, lambda index: index)


def test_a_build_that_cannot_be_used_is_an_error_not_the_old_answer(tmp_path: Path, documents: list[Document]) -> None:
    build_index(documents, NONE, HashEncoder(), tmp_path)

    def make(index: OpenIndex) -> OpenIndex:
        index.manifest.require(encoder="hash")
        return index

    serving = Serving(tmp_path, make)
    other = HashEncoder()
    other.name = "other"
    build_index(documents, NONE, other, tmp_path)
    for _ in range(2):
        with pytest.raises(MismatchError, match="encoder 'other', but 'hash'"):
            serving.current()


def test_a_build_swept_while_it_is_opened_gives_way_to_the_newer(
    tmp_path: Path, documents: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(documents, NONE, HashEncoder(), tmp_path)
    real = store.open_build

    def slow(build: Path, engines: Engines) -> OpenIndex:
        monkeypatch.setattr(store, "open_build", real)
        build_index(documents[:1], NONE, HashEncoder(), tmp_path)
        return real(build, engines)

    monkeypatch.setattr(store, "open_build", slow)
    assert titles(open_index(tmp_path)) == [documents[0].title]


#: Serves in a process of its own: for every line on its input, the ids of the documents that a search finds.
SERVING = """
import sys
from pathlib import Path
from index.search import HybridSearch, Weights
from index.serving import Serving
from tests.conftest import HashEncoder

def search_over(index):
    search = HybridSearch(index, HashEncoder(), Weights(0.5, 0.5))
    return lambda query: [p.document_id for p in index.library.passages([c.row for c in search.search(query)])]

serving = Serving(Path(sys.argv[1]), search_over)
for line in sys.stdin:
    print(*sorted(set(serving.current()(line))), flush=True)
"""


def test_what_was_removed_never_answers_in_another_process_either(tmp_path: Path) -> None:
    documents = make_documents()
    article = documents[1]
    build_index(documents, NONE, HashEncoder(), tmp_path)
    command = [sys.executable, "-c", SERVING, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def ask() -> str:
            print("总部的租金补贴", file=process.stdin, flush=True)
            return process.stdout.readline()  # type: ignore[union-attr]

        assert article.id in ask()
        build_index(documents[:1], NONE, HashEncoder(), tmp_path)
        assert article.id not in ask()
        build_index(documents, NONE, HashEncoder(), tmp_path)
        assert article.id in ask()
        process.stdin.close()
        assert process.wait(timeout=30) == 0
