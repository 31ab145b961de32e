from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from corpus.corrections import Correction
from corpus.holdings import Holdings
from corpus.types import Posting, RawText, text_id
from index.store import current_build
from rag import assemble
from rag.language_model import LanguageModelError
from rag.settings import Settings
from tests.conftest import HashEncoder
from ui import cli, doctor
from ui.doctor import Finding, Level, examine
from ui.keys import Role, keys_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from tests.ui.postgres_server import Postgres

TEXT = "青山区发布办法，最高给予200万元。"


@pytest.fixture(autouse=True)
def _fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assemble, "make_encoder", lambda settings: HashEncoder())
    monkeypatch.setattr(assemble, "encoder_name", lambda settings: HashEncoder.name)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one document added by staff, and its index."""
    folder = tmp_path_factory.mktemp("built") / "data"
    note = folder.parent / "note.md"
    note.write_text(TEXT, encoding="utf-8")
    Holdings(folder / "library").add(note, [RawText(Posting("青山区办法", None, "note.md"), TEXT)], "li")
    settings = Settings(data_dir=folder)
    assemble.make_index(settings, assemble.make_library(settings), HashEncoder(), lambda done, total: None)
    return folder


@pytest.fixture
def settings(tmp_path: Path, built: Path) -> Settings:
    shutil.copytree(built, tmp_path / "data")
    return Settings(data_dir=tmp_path / "data")


def bad(settings: Settings, now: datetime | None = None) -> list[Finding]:
    findings = list(examine(settings, lambda: now) if now else examine(settings))
    return [finding for finding in findings if finding.level is not Level.OK]


def test_a_sound_installation_has_nothing_to_mend(settings: Settings) -> None:
    findings = list(examine(settings))
    assert [finding for finding in findings if finding.level is Level.ERROR] == []
    assert {finding.check for finding in findings} >= {
        "folder",
        "documents",
        "index",
        "model",
        "vectors",
        "keys",
        "clock",
    }
    assert not any(finding.todo for finding in findings if finding.level is Level.OK)


def _damage(settings: Settings) -> None:
    path = current_build(settings.index_dir) / "vectors.faiss"
    path.write_bytes(path.read_bytes()[:1000])


def _no_vectors(settings: Settings) -> None:
    path = current_build(settings.index_dir) / "encoded.f16"
    content = path.read_bytes()
    path.write_bytes(np.zeros(len(content) // 2, np.float16).tobytes())


def _add(settings: Settings) -> None:
    note = settings.data_dir / "new.md"
    note.write_text(TEXT * 2, encoding="utf-8")
    assemble.make_holdings(settings).add(note, [RawText(Posting("新办法", None, "new.md"), TEXT * 2)], "li")


def _lose_file(settings: Settings) -> None:
    (path,) = settings.data_dir.glob("library/files/*/original*")
    path.unlink()


def _change_file(settings: Settings) -> None:
    (path,) = settings.data_dir.glob("library/files/*/original*")
    path.write_text("其他", encoding="utf-8")


def _break_record(settings: Settings) -> None:
    (path,) = settings.data_dir.glob("library/files/*/record.json")
    path.write_text("{", encoding="utf-8")


def _no_index(settings: Settings) -> None:
    shutil.rmtree(settings.index_dir)


def _no_folder(settings: Settings) -> None:
    shutil.rmtree(settings.data_dir)


def _remove(settings: Settings) -> None:
    assemble.make_holdings(settings).remove([text_id(TEXT)])


def _no_database(settings: Settings) -> None:
    (settings.data_dir / "questions.db").write_bytes(b"SQLite format 3\0" + b"x" * 5000)


@pytest.mark.parametrize(
    ("harm", "check", "message", "todo"),
    [
        (_damage, "index", "is damaged", "run: district-qa build"),
        (_no_vectors, "vectors", "vectors are zero or not of length 1", "build --force"),
        (_add, "index", "documents not in the index", "run: district-qa build"),
        (_remove, "index", "removed since", "run: district-qa build"),
        (_lose_file, "documents", "note.md", "restore a backup"),
        (_change_file, "documents", "was changed", "restore a backup"),
        (_break_record, "documents", "record.json cannot be read", "restore it from a backup"),
        (_no_index, "index", "there is no index", "run: district-qa build"),
        (_no_folder, "folder", "there is no data folder", "run: district-qa build"),
        (_no_database, "databases", "questions.db", "move it away"),
    ],
)
def test_each_harm_is_told_with_the_way_out(
    settings: Settings, harm: Callable[[Settings], None], check: str, message: str, todo: str
) -> None:
    harm(settings)
    told = [finding for finding in bad(settings) if finding.check == check and finding.level is Level.ERROR]
    assert any(message in one.message and todo in one.message + one.todo for one in told), told


def test_a_damaged_index_is_not_current_so_that_a_build_mends_it(settings: Settings) -> None:
    library = assemble.make_library(settings)
    assert assemble.is_current(settings, library)
    _damage(settings)
    assert not assemble.is_current(settings, library)
    assemble.make_index(settings, library, HashEncoder(), lambda done, total: None)
    assert bad(settings) == []


def test_a_correction_of_nothing_is_told(settings: Settings) -> None:
    assemble.make_holdings(settings).correct("no-such-document", Correction(title="x"))
    told = [finding.message for finding in bad(settings) if finding.check == "documents"]
    assert told == ["corrections of documents that are not held: no-such-document"]


def test_a_clock_that_was_set_back_is_told(settings: Settings) -> None:
    (told,) = [one for one in bad(settings, datetime.now(UTC) - timedelta(days=365)) if one.check == "clock"]
    assert "was recorded before" in told.message
    assert "NTP" in told.todo


def test_a_locked_database_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_PATIENCE", 0.01)
    with closing(sqlite3.connect(settings.data_dir / "questions.db")) as other:
        other.execute("create table question (id)")
        other.execute("begin exclusive")
        (told,) = [one for one in bad(settings) if "database is locked" in one.message]
    assert "another program holds it" in told.todo


def test_files_that_others_can_read_are_told(settings: Settings) -> None:
    (settings.data_dir / "secret").touch(mode=0o644)
    assert [one.todo for one in bad(settings) if one.check == "databases"] == [
        f"chmod 600 {settings.data_dir / 'secret'}"
    ]


def test_keys_that_expire_soon_are_told(settings: Settings) -> None:
    keys_of(settings).add("staff", Role.ASK, date(2100, 1, 10))
    told = [one.message for one in bad(settings, datetime(2100, 1, 1, tzinfo=UTC)) if one.check == "keys"]
    assert told == ["these keys expire soon: staff"]
    assert [one for one in bad(settings, datetime(2099, 1, 1, tzinfo=UTC)) if one.check == "keys"] == []


class _Model:
    """A language model that answers, or fails with a reason."""

    def __init__(self, fault: str = "") -> None:
        self._fault = fault

    def stream(self, instructions: str, request: str, most: int) -> Generator[str, None, None]:
        if self._fault:
            raise LanguageModelError(self._fault)
        yield "yes"


def test_a_language_model_is_asked_whether_it_is_there(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(model: _Model | None) -> list[Finding]:
        monkeypatch.setattr(assemble, "make_language_model", lambda *given: model)
        return [finding for finding in examine(settings) if finding.check == "language"]

    assert [one.level for one in told(None) + told(_Model())] == [Level.OK, Level.OK]
    (failed,) = told(_Model("the service answered 401"))
    assert (failed.level, failed.message) == (Level.ERROR, "the service answered 401")
    assert "model_key" in failed.todo


def test_too_little_room_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_LITTLE_ROOM", 10**18)
    assert [one.level for one in bad(settings) if one.check == "folder"] == [Level.WARNING]
    monkeypatch.setattr(doctor, "_NO_ROOM", 10**18)
    assert [one.level for one in bad(settings) if one.check == "folder"] == [Level.ERROR]


def test_the_command_line_tells_programs_by_its_exit_status(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTRICT_QA_DATA_DIR", str(settings.data_dir))
    run = CliRunner()
    assert run.invoke(cli.app, ["doctor"], catch_exceptions=False).exit_code == 0
    _damage(settings)
    done = run.invoke(cli.app, ["doctor", "--json"], catch_exceptions=False)
    assert done.exit_code == 1
    assert {"check", "level", "message", "todo"} == set(json.loads(done.stdout)[0])
    said = run.invoke(cli.app, ["doctor"], catch_exceptions=False).stdout
    assert "error    index" in said


def test_a_database_server_is_asked_whether_it_answers(settings: Settings, postgres: Postgres) -> None:
    served = settings.model_copy(update={"database_url": SecretStr(postgres.new_database())})
    found = [finding for finding in examine(served) if finding.check in ("databases", "keys")]
    assert ([finding.level for finding in found], "***" in found[1].message) == ([Level.OK, Level.OK], True)
    postgres.stop()
    try:
        away = bad(served)
    finally:
        postgres.start()
    assert {(finding.check, "refused" in finding.message) for finding in away} == {("keys", True), ("databases", True)}
