from __future__ import annotations

import hashlib
import multiprocessing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from corpus import originals as originals_module
from corpus.corrections import Correction
from corpus.holdings import Holdings, HoldingsError, OriginalsError
from corpus.originals import ObjectStore
from corpus.types import Posting, RawText, text_id
from tests.corpus.s3_server import BUCKET, S3Server

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = "青山区发布办法,最高给予200万元。"
HASH = hashlib.sha256(TEXT.encode()).hexdigest()[:16]
URL = f"s3://{BUCKET}/held"


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "district")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "geheim")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        server = S3Server()
        environment.setenv("AWS_ENDPOINT_URL_S3", server.url)
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def store(server: S3Server) -> Iterator[ObjectStore]:
    yield ObjectStore(URL)
    for name in server.names():
        server.client().delete_object(Bucket=BUCKET, Key=name)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    once = originals_module.Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1})
    monkeypatch.setattr(originals_module, "_CONFIG", once)


def add(holdings: Holdings, folder: Path, text: str = TEXT) -> None:
    path = folder / "policy.txt"
    path.write_text(text, encoding="utf-8")
    holdings.add(path, [RawText(Posting("青山区办法", date(2032, 3, 1), "file"), text)], "li")


def test_a_file_is_kept_in_the_storage_read_from_it_and_gone_with_its_document(
    tmp_path: Path, server: S3Server, store: ObjectStore
) -> None:
    holdings = Holdings(tmp_path / "held", store)
    add(holdings, tmp_path)
    assert server.names() == [f"held/{HASH}"]
    assert not list(tmp_path.glob("held/files/*/original*"))
    (record,) = holdings.records()
    with holdings.open_original(record) as file:
        assert file.read().decode() == TEXT
    holdings.remove([text_id(TEXT)])
    assert server.names() == []


def test_a_changed_file_takes_the_place_of_the_earlier_one(
    tmp_path: Path, server: S3Server, store: ObjectStore
) -> None:
    holdings = Holdings(tmp_path / "held", store)
    add(holdings, tmp_path)
    add(holdings, tmp_path, TEXT.replace("200", "300"))
    (record,) = holdings.records()
    assert server.names() == [f"held/{record.file_hash}"]


def test_files_added_before_the_storage_was_set_are_found_where_they_are(tmp_path: Path, store: ObjectStore) -> None:
    add(Holdings(tmp_path / "held"), tmp_path)
    holdings = Holdings(tmp_path / "held", store)
    with holdings.open_original(holdings.records()[0]) as file:
        assert file.read().decode() == TEXT


def test_a_file_lost_from_the_storage_is_told_as_missing(tmp_path: Path, server: S3Server, store: ObjectStore) -> None:
    holdings = Holdings(tmp_path / "held", store)
    add(holdings, tmp_path)
    server.client().delete_object(Bucket=BUCKET, Key=f"held/{HASH}")
    with pytest.raises(FileNotFoundError, match="restore it"):
        holdings.open_original(holdings.records()[0])


@pytest.mark.usefixtures("impatient")
def test_while_the_storage_is_away_nothing_is_half_added_and_afterwards_it_is(tmp_path: Path, server: S3Server) -> None:
    holdings = Holdings(tmp_path / "held", ObjectStore(URL))
    server.stop()
    try:
        with pytest.raises(OriginalsError, match="did not keep an original file") as told:
            add(holdings, tmp_path)
        assert "geheim" not in str(told.value)
        assert holdings.records() == []
        holdings.correct("d", Correction(kind="report"))  # what needs no storage goes on
    finally:
        server.start()
    add(holdings, tmp_path)
    assert (len(holdings.records()), server.names()) == (1, [f"held/{HASH}"])
    holdings.remove([text_id(TEXT)])


class CutShort:
    """A storage during whose call, before or after it is done, the process ends."""

    def __init__(self, store: ObjectStore, name: str, *, is_done: bool) -> None:
        self._store, self._name, self._is_done = store, name, is_done

    def keep(self, file_hash: str, content: bytes) -> None:
        self._cut("keep", lambda: self._store.keep(file_hash, content))

    def remove(self, file_hash: str) -> None:
        self._cut("remove", lambda: self._store.remove(file_hash))

    def _cut(self, name: str, call) -> None:  # type: ignore[no-untyped-def]
        if name != self._name:
            call()
            return
        if self._is_done:
            call()
        raise OriginalsError("cut short")  # which leaves everything as it is, like the end of the process

    open = ObjectStore.open


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("name", ["keep", "remove"])
def test_what_a_crash_leaves_in_the_storage_goes_with_the_next_change(
    tmp_path: Path, server: S3Server, store: ObjectStore, name: str, is_done: bool
) -> None:
    sound, cut = Holdings(tmp_path / "held", store), Holdings(tmp_path / "held", CutShort(store, name, is_done=is_done))
    if name == "keep":
        with pytest.raises(HoldingsError, match="cut short"):
            add(cut, tmp_path)
    else:
        add(sound, tmp_path)
        with pytest.raises(HoldingsError, match="cut short"):
            cut.remove([text_id(TEXT)])
    assert sound.records() == []
    sound.sweep()
    assert server.names() == []
    assert not list((tmp_path / "held").glob(".*ing-*"))


def _add_many(folder: Path, number: int) -> None:
    holdings = Holdings(folder / "held", ObjectStore(URL))
    own = folder / str(number)
    own.mkdir()
    for text in ("甲区。", "乙区。", f"{number}区。"):
        add(holdings, own, text * 9)


def test_processes_that_add_together_lose_nothing_and_hold_nothing_twice(
    tmp_path: Path, server: S3Server, store: ObjectStore
) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_add_many, args=(tmp_path, number)) for number in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    records = Holdings(tmp_path / "held", store).records()
    assert {held.text[:2] for record in records for held in record.texts} == {"甲区", "乙区", "0区", "1区", "2区"}
    assert server.names() == sorted(f"held/{record.file_hash}" for record in records)


@pytest.mark.parametrize("url", ["district", "s3://", "s3://A B", "https://host/bucket", "s3://ok-bucket/x?y"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(OriginalsError, match="wanted s3://BUCKET/PREFIX"):
        ObjectStore(url)
