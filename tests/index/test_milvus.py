"""What can go wrong with a server, and moving to it and back."""

from __future__ import annotations

import socket
import sys
import threading
import time
from itertools import count
from typing import TYPE_CHECKING

import pytest

from corpus.translations import Translations
from index import milvus, milvus_writer
from index.build import build_index
from index.embedded import EMBEDDED, EmbeddedEngine
from index.engine import Store
from index.migrate import migrate
from index.milvus import MilvusEngine
from index.milvus_server import EngineError, Place, Server
from index.milvus_writer import MilvusWriter
from index.serving import Serving
from index.store import MismatchError, StoreError, current_name, open_index, read_manifest
from rag.engines import make_engines
from rag.settings import Settings
from tests.conftest import HashEncoder, make_documents
from tests.index.milvus_server import LiteServer
from tests.index.test_build import article
from tests.index.test_cache import CountingEncoder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from index.engine import IndexedText

NONE = Translations({})
QUERY = HashEncoder().encode_query("青山区新增公共充电桩")
_names = count()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[LiteServer]:
    """A server that a test may stop."""
    server = LiteServer(tmp_path / "server")
    yield server
    server.stop()


@pytest.fixture
def place(lite: LiteServer) -> Place:
    return lite.place(f"milvus{next(_names)}")


def test_moving_there_and_back_encodes_nothing_and_finds_the_same(place: Place, tmp_path: Path) -> None:
    build_index(make_documents(), NONE, HashEncoder(), tmp_path)
    engines = {**EMBEDDED, Store.MILVUS: MilvusEngine(place)}
    serving = Serving(tmp_path, lambda index: index, engines)
    seen: list[tuple[int, int]] = []
    answers = []
    for store in (Store.FAISS, Store.MILVUS, Store.FAISS):
        manifest = migrate(tmp_path, engines[store], NONE, lambda done, total: seen.append((done, total)))
        index = serving.current()
        assert index.manifest == manifest
        assert manifest.store is store
        rows, scores = index.vectors.search(QUERY, 9)
        answers.append((dict(zip(rows, scores.round(2), strict=True)), index.keywords.frequency("充电")))
        index.check()
    assert answers[0] == answers[1] == answers[2]
    assert seen[-1][0] == seen[-1][1] == manifest.passages
    counting = CountingEncoder()
    build_index([*make_documents(), article(1)], NONE, counting, tmp_path)
    assert not any("充电桩" in text for text in counting.encoded), "what was encoded before was moved with the rest"


def test_what_was_built_by_other_parts_is_not_moved(place: Place, tmp_path: Path) -> None:
    build_index(make_documents(), NONE, HashEncoder(), tmp_path)
    with pytest.raises(MismatchError, match="other parts or translations; run: district-qa build"):
        migrate(tmp_path, MilvusEngine(place), Translations({"a": "b"}))
    assert read_manifest(tmp_path).store is Store.FAISS


def test_only_the_serving_collection_and_the_one_before_it_stay(place: Place, tmp_path: Path) -> None:
    engine = MilvusEngine(place)
    names = []
    for i in range(3):
        build_index([article(i)], NONE, HashEncoder(), tmp_path, engine=engine)
        names.append(f"{place.name}_{current_name(tmp_path)}")
    server = Server(place)
    assert sorted(server.collections()) == names[1:]
    assert [server.aliases(name) for name in names[1:]] == [[], [place.name]]


def test_collections_of_another_name_are_let_be(lite: LiteServer, tmp_path: Path) -> None:
    """A name may begin with another: what is dropped goes by the whole of it."""
    name = f"milvus{next(_names)}"
    longer, shorter = MilvusEngine(lite.place(f"{name}_b")), MilvusEngine(lite.place(name))
    build_index([article(0)], NONE, HashEncoder(), tmp_path / "longer", engine=longer)
    for i in range(3):
        build_index([article(i)], NONE, HashEncoder(), tmp_path / "shorter", engine=shorter)
    assert open_index(tmp_path / "longer", {Store.MILVUS: longer}).vectors.size == 1


def test_a_store_that_is_not_set_up_is_named_with_the_setting(place: Place, tmp_path: Path) -> None:
    build_index(make_documents(), NONE, HashEncoder(), tmp_path, engine=MilvusEngine(place))
    with pytest.raises(MismatchError, match="in milvus, which is not set up here; set milvus_uri, or run"):
        open_index(tmp_path)
    with pytest.raises(StoreError, match="no server is set; set milvus_uri"):
        make_engines(Settings(store=Store.MILVUS))
    engines = make_engines(Settings(store=Store.MILVUS, milvus_uri=place.uri, milvus_token="root:secret"))
    assert engines.keys() == {Store.FAISS, Store.MILVUS}


def test_without_its_client_the_way_to_install_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("milvus", "milvus_server", "milvus_writer", "milvus_reader"):
        monkeypatch.delitem(sys.modules, f"index.{name}")
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(StoreError, match=r"pymilvus is not installed; run: pip install 'district-qa\[milvus\]'"):
        make_engines(Settings(milvus_uri="http://127.0.0.1:1"))


def test_the_token_is_told_nowhere(place: Place) -> None:
    settings = Settings(milvus_uri=place.uri, milvus_token="root:secret")
    assert "secret" not in repr(settings) + settings.model_dump_json() + repr(place) + str(settings.answering())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"uri": "http://127.0.0.1:1"}, "cannot list the collections of Milvus at http://127.0.0.1:1"),
        ({"database": "nowhere"}, "database 'nowhere'"),
    ],
)
def test_a_server_that_is_not_there_is_named_and_the_old_index_serves_on(
    place: Place, tmp_path: Path, change: dict[str, str], fault: str
) -> None:
    build_index(make_documents(), NONE, HashEncoder(), tmp_path)
    wrong = Place(**{"uri": place.uri, "token": "", "database": "default", "name": place.name, "seconds": 2} | change)
    with pytest.raises(EngineError, match=fault):
        build_index(make_documents(), NONE, HashEncoder(), tmp_path, engine=MilvusEngine(wrong))
    assert open_index(tmp_path).manifest.store is Store.FAISS
    assert len(list((tmp_path / "builds").iterdir())) == 1


def test_a_collection_of_another_version_names_the_command(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = MilvusEngine(place)
    build_index(make_documents(), NONE, HashEncoder(), tmp_path, engine=engine)
    monkeypatch.setattr(milvus, "SCHEMA", "9")
    with pytest.raises(MismatchError, match="has the schema '2', '9' is in use; run: district-qa build --force"):
        open_index(tmp_path, {Store.MILVUS: engine})


def test_a_collection_that_was_dropped_names_the_command(place: Place, tmp_path: Path) -> None:
    engine = MilvusEngine(place)
    build_index(make_documents(), NONE, HashEncoder(), tmp_path, engine=engine)
    name = f"{place.name}_{current_name(tmp_path)}"
    Server(place).ask("drop", lambda client, **limits: client.drop_alias(place.name, **limits))
    Server(place).ask("drop", lambda client, **limits: client.drop_collection(name, **limits))
    with pytest.raises(MismatchError, match=r"has no collection .* run: district-qa build --force"):
        open_index(tmp_path, {Store.MILVUS: engine})


def test_while_the_server_is_down_it_is_told_and_once_it_is_back_it_answers(own: LiteServer, tmp_path: Path) -> None:
    engines = {Store.MILVUS: MilvusEngine(own.place(seconds=3))}
    build_index(make_documents(), NONE, HashEncoder(), tmp_path, engine=engines[Store.MILVUS])
    serving = Serving(tmp_path, lambda index: index, engines)
    before = serving.current().vectors.search(QUERY, 9)
    own.stop()
    for ask in (
        serving.current().check,
        lambda: serving.current().vectors.search(QUERY, 9),
        lambda: serving.current().keywords.search(["充电"], 9),
    ):
        with pytest.raises(EngineError, match="see that it runs there"):
            ask()
    own.start()
    serving.current().check()
    after = serving.current().vectors.search(QUERY, 9)
    assert after[0].tolist() == before[0].tolist()
    assert len(serving.current().keywords.search(["充电"], 9)[0])


def test_a_server_restarted_in_the_middle_of_a_build_loses_nothing(
    own: LiteServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus_writer, "_BATCH", 2)
    monkeypatch.setattr(milvus_writer, "_PATIENCE", (0.2,) * 50)
    send, sent = MilvusWriter._send, count()

    def send_and_restart(writer: MilvusWriter) -> None:
        send(writer)
        if next(sent) == 1:
            own.stop()
            back = threading.Timer(0.5, own.start)
            back.start()

    monkeypatch.setattr(MilvusWriter, "_send", send_and_restart)
    engine = MilvusEngine(own.place(seconds=5))
    manifest = build_index([article(i) for i in range(8)], NONE, HashEncoder(), tmp_path, engine=engine)
    index = open_index(tmp_path, {Store.MILVUS: engine})
    assert next(sent) > 4
    assert index.vectors.size == manifest.vectors == 8
    index.check()


def test_a_server_that_stays_away_ends_the_build_and_the_next_one_heals(
    own: LiteServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus_writer, "_PATIENCE", (0.1,))
    engine = MilvusEngine(own.place(seconds=2))
    build_index([article(1)], NONE, HashEncoder(), tmp_path, engine=engine)
    add = MilvusWriter.add

    def stop_and_add(writer: MilvusWriter, texts: list[IndexedText]) -> None:
        own.stop()
        monkeypatch.setattr(MilvusWriter, "add", add)
        add(writer, texts)

    monkeypatch.setattr(MilvusWriter, "add", stop_and_add)
    with pytest.raises(EngineError, match="cannot write to Milvus"):
        build_index([article(1), article(2)], NONE, HashEncoder(), tmp_path, engine=engine)
    own.start()
    assert open_index(tmp_path, {Store.MILVUS: engine}).vectors.size == 1, "the old one serves on"
    build_index([article(1), article(2)], NONE, HashEncoder(), tmp_path, engine=engine)
    assert open_index(tmp_path, {Store.MILVUS: engine}).vectors.size == 2


def test_a_slow_server_is_told_after_the_time_that_is_set(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        engine = MilvusEngine(Place(f"http://127.0.0.1:{silent.getsockname()[1]}", "", "default", "slow", 0.3))
        began = time.monotonic()
        with pytest.raises(EngineError, match="cannot make a collection in Milvus"):
            build_index(make_documents(), NONE, HashEncoder(), tmp_path, engine=engine)
        assert time.monotonic() - began < 60, "it is not waited for without end"


def test_the_engine_in_files_is_the_default(tmp_path: Path) -> None:
    assert build_index(make_documents(), NONE, HashEncoder(), tmp_path).store is EmbeddedEngine().store
