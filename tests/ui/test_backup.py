from __future__ import annotations

import io
import json
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from corpus.holdings import Holdings
from corpus.types import Posting, RawText
from index.store import open_index
from tests.rag.conftest import make_pipeline
from ui import cli
from ui.backup import BackupError, _serving_files, back_up, restore
from ui.question_log import QuestionLog

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.types import Trace


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Trace]:
    """A data folder with an index, documents, a log, and what need not be kept."""
    folder = tmp_path_factory.mktemp("shipped") / "data"
    trace = make_pipeline(folder / "index").trace("公共充电桩新增多少?")
    note = folder.parent / "note.md"
    note.write_text("# 青山湾\n\n青山湾建成。\n", encoding="utf-8")
    Holdings(folder / "library").add(note, [RawText(Posting("青山湾", None, "note.md"), "青山湾建成。")], "li")
    for name in ("models/a/model.onnx", "eval/runs/a.json", "library/library.json", "library/.adding-x/original"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("made again", encoding="utf-8")
    return folder, trace


@pytest.fixture
def data(tmp_path: Path, shipped: tuple[Path, Trace]) -> Path:
    """A copy of it, with one question logged."""
    folder = tmp_path / "data"
    shutil.copytree(shipped[0], folder)
    log = QuestionLog(folder / "questions.db")
    log.record(shipped[1], channel="api", address="::1")
    log.close()
    return folder


def holdings(data: Path) -> Holdings:
    return Holdings(data / "library")


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_backup_holds_all_that_is_not_made_again(data: Path, tmp_path: Path) -> None:
    contents = back_up(data, holdings(data), tmp_path / "b.tar.gz")
    parts = {name.split("/")[0] for name in contents.files}
    assert parts == {"index", "library", "questions.db", "secret"}
    assert not any("made again" in value.decode(errors="replace") for value in _read(tmp_path / "b.tar.gz").values())
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_what_is_put_back_serves_as_before(data: Path, tmp_path: Path) -> None:
    back_up(data, holdings(data), tmp_path / "b.tar.gz")
    before = files(data)
    contents, former = restore(tmp_path / "b.tar.gz", tmp_path / "new" / "data")
    assert former is None
    after = files(tmp_path / "new" / "data")
    assert after.keys() == contents.files.keys()
    assert all(after[name] == before[name] for name in after if not name.endswith(".db"))
    assert (tmp_path / "new" / "data" / "secret").stat().st_mode & 0o077 == 0
    assert open_index(tmp_path / "new" / "data" / "index").library.count() > 0
    assert len(QuestionLog(tmp_path / "new" / "data" / "questions.db").questions()) == 1
    assert [record.file_name for record in holdings(tmp_path / "new" / "data").records()] == ["note.md"]


def test_a_database_that_is_being_written_is_copied_as_of_one_moment(
    data: Path, tmp_path: Path, shipped: tuple[Path, Trace]
) -> None:
    log = QuestionLog(data / "questions.db")
    log.record(shipped[1], channel="api")
    assert (data / "questions.db-wal").stat().st_size > 0, "it is in the write-ahead log only"
    with closing(sqlite3.connect(data / "questions.db")) as other:
        other.execute("begin immediate")
        other.execute("delete from question")
        back_up(data, holdings(data), tmp_path / "b.tar.gz")
        other.rollback()
    restore(tmp_path / "b.tar.gz", tmp_path / "new")
    assert len(QuestionLog(tmp_path / "new" / "questions.db").questions()) == 2


def test_a_build_that_is_replaced_while_it_is_copied_is_copied_whole(data: Path) -> None:
    with _serving_files(data / "index") as (build, opened):
        before = {path: path.read_bytes() for path, _ in opened}
        shutil.rmtree(build)
        assert {path: file.read() for path, file in opened} == before
    assert build / "manifest.json" in before


def test_a_backup_overwrites_nothing(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "b.tar.gz"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(BackupError, match="is there already; name another file"):
        back_up(data, holdings(data), target)
    assert target.read_text(encoding="utf-8") == "mine"
    with pytest.raises(BackupError, match="in the data folder itself"):
        back_up(data, holdings(data), data / "b.tar.gz")


def test_a_backup_that_fails_leaves_nothing_behind(data: Path, tmp_path: Path) -> None:
    (data / "questions.db").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with pytest.raises(BackupError, match=r"questions\.db"):
        back_up(data, holdings(data), tmp_path / "b.tar.gz")
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


def test_a_link_is_told_instead_of_being_lost(data: Path, tmp_path: Path) -> None:
    (data / "library" / "elsewhere").symlink_to(tmp_path)
    with pytest.raises(BackupError, match="elsewhere is a link"):
        back_up(data, holdings(data), tmp_path / "b.tar.gz")


def test_a_folder_that_holds_something_is_replaced_only_by_force_and_kept(data: Path, tmp_path: Path) -> None:
    back_up(data, holdings(data), tmp_path / "b.tar.gz")
    (data / "later").write_text("later", encoding="utf-8")
    before = files(data)
    with pytest.raises(
        BackupError, match="holds eval, index, later, library, models; stop the service and give --force"
    ):
        restore(tmp_path / "b.tar.gz", data)
    assert files(data) == before
    _, former = restore(tmp_path / "b.tar.gz", data, force=True)
    assert former is not None
    assert (former / "later").read_text(encoding="utf-8") == "later"
    assert not (data / "later").exists()
    assert (data / "models/a/model.onnx").exists(), "the unpacked model stays"
    assert {path.name for path in tmp_path.iterdir()} == {"data", "b.tar.gz", former.name}


def test_a_folder_with_only_the_model_needs_no_force(data: Path, tmp_path: Path) -> None:
    back_up(data, holdings(data), tmp_path / "b.tar.gz")
    new = tmp_path / "new"
    (new / "models").mkdir(parents=True)
    assert restore(tmp_path / "b.tar.gz", new)[1] is None
    assert (new / "models").is_dir()
    assert {path.name for path in tmp_path.iterdir()} == {"data", "b.tar.gz", "new"}


def _read(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as tar:
        found = {}
        for member in tar:
            content = tar.extractfile(member)
            assert content is not None
            found[member.name] = content.read()
        return found


def _rewritten(archive: Path, change: Callable[[tarfile.TarFile], None], *, skip: str = "") -> Path:
    """Return a copy of an archive to which `change` adds something."""
    copy = archive.with_name("changed.tar.gz")
    with tarfile.open(copy, "w:gz") as tar:
        for name, content in _read(archive).items():
            if name != skip:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
        change(tar)
    return copy


def _file(name: str) -> Callable[[tarfile.TarFile], None]:
    return lambda tar: tar.addfile(tarfile.TarInfo(name), io.BytesIO())


def _special(kind: bytes, target: str) -> Callable[[tarfile.TarFile], None]:
    def add(tar: tarfile.TarFile) -> None:
        info = tarfile.TarInfo("library/x")
        info.type, info.linkname = kind, target
        tar.addfile(info)

    return add


@pytest.mark.parametrize(
    "change",
    [
        *map(_file, ("../evil", "/evil", "library/../../evil", "a//b", "..", "a\\..\\b", "./../evil")),
        _special(tarfile.SYMTYPE, "/etc/passwd"),
        _special(tarfile.LNKTYPE, "secret"),
        _special(tarfile.CHRTYPE, ""),
        _special(tarfile.FIFOTYPE, ""),
        _special(tarfile.DIRTYPE, ""),
    ],
)
def test_what_would_come_to_stand_elsewhere_is_refused(
    data: Path, tmp_path: Path, change: Callable[[tarfile.TarFile], None]
) -> None:
    back_up(data, holdings(data), tmp_path / "b.tar.gz")
    changed = _rewritten(tmp_path / "b.tar.gz", change)
    names = {path.name for path in tmp_path.rglob("*")}
    with pytest.raises(BackupError, match="is no file of a data folder; nothing is restored"):
        restore(changed, tmp_path / "new")
    assert {path.name for path in tmp_path.rglob("*")} == names


@pytest.mark.parametrize(
    ("change", "skip", "fault"),
    [
        (_file("index/more"), "", "index/more not as its list says"),
        (_file("secret"), "secret", "secret not as its list says"),
        (_file("library/more"), "backup.json", "is cut short, or no backup of this program"),
        (_file("secret"), "", "secret stands twice"),
    ],
)
def test_a_backup_that_was_changed_is_refused(
    data: Path, tmp_path: Path, change: Callable[[tarfile.TarFile], None], skip: str, fault: str
) -> None:
    back_up(data, holdings(data), tmp_path / "b.tar.gz")
    with pytest.raises(BackupError, match=fault):
        restore(_rewritten(tmp_path / "b.tar.gz", change, skip=skip), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_backup_of_another_format_is_refused(data: Path, tmp_path: Path) -> None:
    back_up(data, holdings(data), tmp_path / "b.tar.gz")
    contents = json.loads(_read(tmp_path / "b.tar.gz")["backup.json"]) | {"format": 99}

    def add(tar: tarfile.TarFile) -> None:
        content = json.dumps(contents).encode()
        info = tarfile.TarInfo("backup.json")
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))

    with pytest.raises(BackupError, match="has the format 99, this program reads 1"):
        restore(_rewritten(tmp_path / "b.tar.gz", add, skip="backup.json"), tmp_path / "new")


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.98])
def test_a_backup_cut_short_is_refused_and_leaves_all_as_it_was(data: Path, tmp_path: Path, share: float) -> None:
    whole = tmp_path / "b.tar.gz"
    back_up(data, holdings(data), whole)
    content = whole.read_bytes()
    whole.write_bytes(content[: int(len(content) * share)])
    before = files(data)
    with pytest.raises(BackupError, match="use another one"):
        restore(whole, data, force=True)
    assert files(data) == before
    assert {path.name for path in tmp_path.iterdir()} == {"data", "b.tar.gz"}


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_a_backup_with_a_wrong_byte_is_refused(data: Path, tmp_path: Path, share: float) -> None:
    whole = tmp_path / "b.tar.gz"
    back_up(data, holdings(data), whole)
    content = bytearray(whole.read_bytes())
    content[int(len(content) * share)] ^= 0xFF
    whole.write_bytes(content)
    with pytest.raises(BackupError, match=r"use another one|nothing is restored"):
        restore(whole, tmp_path / "new")
    assert {path.name for path in tmp_path.iterdir()} == {"data", "b.tar.gz"}


def test_the_command_line_backs_up_and_restores(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTRICT_QA_DATA_DIR", str(data))
    run, archive = CliRunner(), str(tmp_path / "b.tar.gz")
    assert "files, " in run.invoke(cli.app, ["backup", archive], catch_exceptions=False).stderr
    said = run.invoke(cli.app, ["restore", archive, "--force"], catch_exceptions=False).stderr
    assert "delete that when all is well" in said
