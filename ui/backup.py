"""The data folder in one file, made while the service runs, and put back whole or not at all.

A backup is a compressed tar file. Its last member, `backup.json`, names every other with its size and SHA-256, so that
a file cut short is noticed. In it are the serving build of the index, what staff have added, corrected and withdrawn,
added translations, waiting jobs, keys (their hashes) and the log of questions with its secret. Not in it are what is
made again by itself (the unpacked model, the cache of vectors, the library as read) and the benchmark's folder.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from corpus.durable import settle
from index.store import current_build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.holdings import Holdings

_FORMAT = 1
_CONTENTS = "backup.json"
#: Folders of the data folder that are made again by themselves; the index is treated by itself.
_MODELS = "models"
_MADE_AGAIN = frozenset((_MODELS, "eval", "index"))
#: Endings of files that mean something to running processes only.
_PASSING = (".lock", "-wal", "-shm", "-journal")
_SQLITE = b"SQLite format 3\0"
_BLOCK = 1 << 20
#: What a file that is no backup, or is cut short, makes the readers of its format say.
_DAMAGED = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValidationError)


class BackupError(ValueError):
    """A backup that cannot be made or put back: what came, what was wanted, what to do."""


class BackedFile(BaseModel):
    """One file of a backup."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int
    sha256: str


class Contents(BaseModel):
    """What a backup holds: its files by their path in the data folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    made_at: datetime
    program: str
    files: dict[str, BackedFile]


def back_up(data_dir: Path, holdings: Holdings, target: Path) -> Contents:
    """Write a backup of a data folder to a file, which appears whole or not at all.

    Searching, answering and building go on; adding and removing documents waits while these are copied.

    Raises:
        BackupError: the file is there already or lies in the data folder, or something cannot be copied as it is.
        HoldingsError: documents have been changing for a minute.
        MissingIndexError: there is no index yet.
        OSError: a file cannot be read or written.
    """
    if target.exists():
        raise BackupError(f"{target} is there already; name another file, or move that one away")
    if target.resolve().is_relative_to(data_dir.resolve()):
        raise BackupError(f"{target} lies in the data folder itself; write it to another place, best to another disk")
    scratch = target.with_name(f".{target.name}.part")
    try:
        # Only its owner may read it: it holds questions and a secret.
        with (
            os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
            tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as tar,
        ):
            contents = _write(tar, data_dir, holdings, target.parent)
        settle(scratch)
        scratch.replace(target)
        settle(target.parent)
    except FileExistsError:
        raise BackupError(f"{scratch} is there: a backup is being written, or was cut short; then delete it") from None
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    return contents


def restore(source: Path, data_dir: Path, *, force: bool = False) -> tuple[Contents, Path | None]:
    """Put a backup in the place of a data folder; return what it held, and where the former folder now is, if any.

    Everything is unpacked beside and compared with the contents list first; then folders change names. With `force` a
    folder that holds anything is replaced, and kept under another name. The unpacked model stays.

    Raises:
        BackupError: it is no backup, is damaged, or names files outside the folder; or the data folder holds something
            and `force` was not given. Nothing has changed then.
        OSError: something cannot be read or written; the message tells what.
    """
    data_dir = data_dir.resolve()
    held = sorted(path.name for path in data_dir.iterdir()) if data_dir.exists() else []
    if not force and held not in ([], [_MODELS]):
        raise BackupError(f"{data_dir} holds {', '.join(held[:5])}; stop the service and give --force to replace it")
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".restoring-", dir=data_dir.parent))
    try:
        contents = _unpack(source, scratch)
        replaced = _swap(scratch, data_dir)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return contents, replaced


def _write(tar: tarfile.TarFile, data_dir: Path, holdings: Holdings, room: Path) -> Contents:
    files: dict[str, BackedFile] = {}
    # The index first: one that holds more than the library is never served, one that holds less is built anew.
    folder = data_dir / "index"
    with _serving_files(folder) as (build, opened):
        for path, file in opened:
            _add(tar, path.relative_to(data_dir).as_posix(), file, files)
        _add_text(tar, "index/CURRENT", build.name, files)
    with holdings.unchanging(), tempfile.TemporaryDirectory(dir=room, prefix=".backup-") as scratch:
        for path in _kept_files(data_dir):
            with _opened(path, Path(scratch)) as now:
                if now is not None:
                    _add(tar, path.relative_to(data_dir).as_posix(), now, files)
    contents = Contents(format=_FORMAT, made_at=datetime.now(UTC), program=version("district-qa"), files=files)
    _add_text(tar, _CONTENTS, contents.model_dump_json(indent=1), {})
    return contents


@contextmanager
def _serving_files(folder: Path) -> Iterator[tuple[Path, list[tuple[Path, IO[bytes]]]]]:
    """Give the serving build and its files, all opened before one is read: so they outlive a build that replaces it."""
    while True:
        build = current_build(folder)
        with ExitStack() as stack:
            try:
                paths = sorted(path for path in build.rglob("*") if path.is_file())
                opened: list[tuple[Path, IO[bytes]]] = [(path, stack.enter_context(path.open("rb"))) for path in paths]
            except FileNotFoundError:
                continue  # a new build serves, and this one is being swept
            if current_build(folder) == build:
                yield build, opened
                return


def _kept_files(data_dir: Path) -> Iterator[Path]:
    """Yield the files to be copied, in a stable order.

    Raises:
        BackupError: there is a link below the first level, which a backup could not hold.
    """
    for top in sorted(path for path in data_dir.iterdir() if path.name not in _MADE_AGAIN):
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            name = path.relative_to(data_dir)
            is_passing = path.name.endswith(_PASSING) or any(part.startswith(".") for part in name.parts)
            if is_passing or name.as_posix() == "library/library.json":
                continue
            if path.is_symlink() and path != top:
                raise BackupError(f"{path} is a link; put what it points to in its place")
            if path.is_file():
                yield path


@contextmanager
def _opened(path: Path, scratch: Path) -> Iterator[IO[bytes] | None]:
    """Open a file to be copied, a database as a copy of one moment; None where it has gone meanwhile."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        yield None
        return
    with file:
        if file.read(len(_SQLITE)) == _SQLITE:
            copy = scratch / "copy.db"
            copy.unlink(missing_ok=True)
            _copy_database(path, copy)
            with copy.open("rb") as copied:
                yield copied
        else:
            file.seek(0)
            yield file


def _copy_database(path: Path, copy: Path) -> None:
    try:
        with closing(sqlite3.connect(path, timeout=10)) as source, closing(sqlite3.connect(copy)) as target:
            copy.chmod(0o600)
            source.backup(target)
            (state,) = target.execute("pragma quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise BackupError(f"{path} cannot be copied ({error}); see district-qa doctor") from error
    if state != "ok":
        raise BackupError(f"{path} is damaged ({state}); restore it from an earlier backup, or move it away")


class _Hashing:
    """A file that remembers the hash of what was read from it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.digest.update(block)
        return block


def _add(tar: tarfile.TarFile, name: str, file: IO[bytes], files: dict[str, BackedFile]) -> None:
    """Add a file as long as it is at this moment, and take it down in `files`."""
    state = os.fstat(file.fileno())
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = state.st_size, int(state.st_mtime), state.st_mode & 0o666
    hashing = _Hashing(file)
    tar.addfile(info, hashing)
    files[name] = BackedFile(size=info.size, sha256=hashing.digest.hexdigest())


def _add_text(tar: tarfile.TarFile, name: str, text: str, files: dict[str, BackedFile]) -> None:
    content = text.encode()
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = len(content), int(datetime.now(UTC).timestamp()), 0o644
    tar.addfile(info, io.BytesIO(content))
    files[name] = BackedFile(size=len(content), sha256=hashlib.sha256(content).hexdigest())


def _unpack(source: Path, folder: Path) -> Contents:
    """Unpack a backup and compare it with its list of contents, which is then taken away."""
    found: dict[str, BackedFile] = {}
    try:
        with tarfile.open(source, "r:gz") as tar:
            for member in tar:
                found[member.name] = _extract(tar, member, folder)
        if _CONTENTS not in found:
            raise BackupError(f"{source} is cut short, or no backup of this program; use another one")
        contents = Contents.model_validate_json((folder / _CONTENTS).read_bytes())
    except _DAMAGED as error:
        raise BackupError(f"{source} is damaged, or no backup of this program ({error}); use another one") from error
    if contents.format != _FORMAT:
        raise BackupError(f"{source} has the format {contents.format}, this program reads {_FORMAT}; update it")
    del found[_CONTENTS]
    if found != contents.files:
        wrong = sorted(name for name in found.keys() | contents.files if found.get(name) != contents.files.get(name))
        raise BackupError(f"{source} is damaged: {', '.join(wrong[:3])} not as its list says; use another one")
    (folder / _CONTENTS).unlink()
    return contents


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> BackedFile:
    """Write one file below a folder.

    Raises:
        BackupError: it is no plain file, would come to stand elsewhere or twice, or there is no room for it.
    """
    name = PurePosixPath(member.name)
    is_below = not name.is_absolute() and name.parts and not {"..", ""} & set(member.name.split("/"))
    content = tar.extractfile(member) if member.isreg() and is_below and "\\" not in member.name else None
    if content is None:
        raise BackupError(f"{member.name[:100]!a} in the backup is no file of a data folder; nothing is restored")
    if member.size > shutil.disk_usage(folder).free:
        raise BackupError(f"{member.name} in the backup has {member.size:,} bytes, more than {folder.parent} has free")
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    hashing = _Hashing(content)
    try:
        with path.open("xb") as file:
            shutil.copyfileobj(hashing, file, _BLOCK)
            os.fsync(file.fileno())
    except FileExistsError:
        raise BackupError(f"{member.name} stands twice in the backup; nothing is restored") from None
    path.chmod(member.mode & 0o666 | 0o600)
    return BackedFile(size=member.size, sha256=hashing.digest.hexdigest())


def _swap(scratch: Path, data_dir: Path) -> Path | None:
    """Put a folder in the place of the data folder; return where that is now, None where nothing of it is left."""
    if not data_dir.exists():
        scratch.chmod(0o755)
        scratch.rename(data_dir)
        settle(data_dir.parent)
        return None
    shutil.copymode(data_dir, scratch)
    former = data_dir.with_name(f"{data_dir.name}-before-restore-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    data_dir.rename(former)
    try:
        scratch.rename(data_dir)
    except OSError:
        former.rename(data_dir)
        raise
    if (former / _MODELS).exists():
        (former / _MODELS).rename(data_dir / _MODELS)
    settle(data_dir.parent)
    if any(former.iterdir()):
        return former
    former.rmdir()
    return None
