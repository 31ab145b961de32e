"""What staff have added, corrected and withdrawn: kept in the data folder, safe at any moment of a crash.

Layout of the holdings folder:

    files/<content hash>/original<suffix>   the file as it came, unless `Originals` keep it
    files/<content hash>/record.json        what it is, who added it and when, and the texts read from it
    corrections.json                        corrections by document id, and the texts withdrawn

A file's folder appears and goes whole (written beside, then renamed; renamed away, then deleted), and the corrections
file is replaced atomically; what a crash leaves beside them is swept at the next change. Original files kept elsewhere
are there before their record is, and go after it; one that a crash leaves is named by what is swept, and goes with it.

Several machines can share the folder where its file system has locks (`flock`) and renames atomically, such as NFS from
version 4 and CephFS.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol, TypeVar

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from corpus.corrections import Correction
from corpus.duplicates import containment, shingles
from corpus.durable import replace_file, settle, write_file
from corpus.types import Heading, text_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from corpus.readers import Skipped
    from corpus.types import RawText


T = TypeVar("T", bound=BaseModel)

#: Beginnings of the names of folders that are being written or deleted, and of a library being kept.
_ADDING, _REMOVING, KEEPING = ".adding-", ".removing-", ".keeping-"
#: Share of the shorter text's 5-grams from which on two files of one name are versions of one; reports of different
#: years share at most 0.2.
_SAME_FILE = 0.4


class HoldingsError(ValueError):
    """Something asked of the holdings that cannot be done: what came, what was wanted."""


class OriginalsError(HoldingsError):
    """The storage of original files does not do what is asked; the message says why."""


class Originals(Protocol):
    """Keeps original files by the hash of their content; each method raises `OriginalsError` where it cannot."""

    def keep(self, file_hash: str, content: bytes) -> None:
        """Keep a file; the same one again changes nothing."""
        ...

    def open(self, file_hash: str) -> IO[bytes]:
        """Open a file for reading.

        Raises:
            FileNotFoundError: it is not there.
        """
        ...

    def remove(self, file_hash: str) -> None:
        """Remove a file; where it is gone already, that is well."""
        ...


class HeldText(BaseModel):
    """One text read from a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    posted: date | None
    source: str
    text: str
    headings: tuple[Heading, ...] = ()


class HeldRest(BaseModel):
    """Something of a file that its reader left out: where it stood, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: int
    text: str
    reason: str


class Record(BaseModel):
    """One file that was added."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_hash: str
    file_name: str
    source_url: str | None
    added_at: datetime
    added_by: str
    texts: tuple[HeldText, ...]
    left_out: tuple[HeldRest, ...] = ()

    @property
    def text_ids(self) -> frozenset[str]:
        """The ids of its texts."""
        return frozenset(text_id(held.text) for held in self.texts)


class _Corrections(BaseModel):
    model_config = ConfigDict(extra="forbid")

    documents: dict[str, Correction] = {}
    withdrawn: list[str] = []


class Holdings:
    """The files added and the corrections made; every change is one atomic step under a lock."""

    def __init__(self, folder: Path, originals: Originals | None = None) -> None:
        """Keep all in `folder`, but the original files in `originals` where these are given.

        Files that were added before stay where they are and are found there.
        """
        self._folder, self._originals = folder, originals

    def records(self) -> list[Record]:
        """Return all files that were added, the earliest first.

        Raises:
            HoldingsError: a record cannot be read; the message names its file.
        """
        found = [_load(path, Record) for path in self._folder.glob("files/*/record.json")]
        return sorted(found, key=lambda record: (record.added_at, record.file_hash))

    def open_original(self, record: Record) -> IO[bytes]:
        """Open a file as it came.

        Raises:
            FileNotFoundError: it is not there.
            OriginalsError: where it is kept cannot be reached.
        """
        folder = self._folder / "files" / record.file_hash
        for path in folder.glob("original*"):
            return path.open("rb")
        if self._originals is None:
            raise FileNotFoundError(
                f"there is no original file in {folder}; restore it, or see the setting originals_url"
            )
        return self._originals.open(record.file_hash)

    def fingerprint(self) -> str:
        """Return a hash that changes with everything that is held, corrected or withdrawn."""
        digest = hashlib.sha256()
        paths = [*sorted(self._folder.glob("files/*/record.json")), self._folder / "corrections.json"]
        for path in paths:
            if path.exists():
                digest.update(f"{path.parent.name}/{path.name}\0".encode())
                digest.update(path.read_bytes())
        return digest.hexdigest()

    @property
    def kept_library(self) -> Path:
        """The file in which the library is kept as it was last read; it goes with the next change."""
        return self._folder / "library.json"

    def corrections(self) -> dict[str, Correction]:
        """Return all corrections by document id."""
        return self._corrections().documents

    def withdrawn(self) -> frozenset[str]:
        """Return the ids of the texts that were withdrawn."""
        return frozenset(self._corrections().withdrawn)

    def add(
        self,
        path: Path,
        texts: Sequence[RawText],
        added_by: str,
        source_url: str | None = None,
        left_out: Sequence[Skipped] = (),
    ) -> tuple[Record, bool]:
        """Keep a file and the texts read from it; return its record and whether it is new.

        The same content again changes nothing. A file of the same name as an earlier one, from the same source and
        with largely the same text, replaces it and takes over its corrections; a file that has only the name in
        common (报告.docx of another year) is held beside it.
        """
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:16]
        with self._lock():
            known = {record.file_hash: record for record in self.records()}
            self._restore({text_id(text.text) for text in texts})
            if digest in known:
                self._replace_earlier(known[digest], known.values())
                return known[digest], False
            record = Record(
                file_hash=digest,
                file_name=path.name,
                source_url=source_url,
                added_at=datetime.now(UTC),
                added_by=added_by,
                texts=tuple(
                    HeldText(
                        title=t.posting.title,
                        posted=t.posting.date,
                        source=t.posting.source,
                        text=t.text,
                        headings=t.headings,
                    )
                    for t in texts
                ),
                left_out=tuple(HeldRest(line=one.line, text=one.text, reason=one.reason) for one in left_out),
            )
            self._keep(record, content, path.suffix)
            self._replace_earlier(record, known.values())
        return record, True

    def _replace_earlier(self, record: Record, known: Iterable[Record]) -> None:
        """Delete what `record` replaces, its corrections taken over first; also where a crash came between."""
        for earlier in known:
            if earlier.added_at < record.added_at and _is_replaced(earlier, record):
                self._take_over(earlier, record)
                self._delete(earlier)

    def _take_over(self, earlier: Record, record: Record) -> None:
        """Let the corrections of a file's texts hold for the texts of the file that replaces it, in their order."""
        state = self._corrections()
        for before, after in zip(earlier.texts, record.texts, strict=False):
            old, new = text_id(before.text), text_id(after.text)
            if old in state.documents and new not in state.documents:
                state.documents[new] = state.documents[old]
        self._save(state)

    def correct(self, document_id: str, correction: Correction) -> None:
        """Remember a correction of a document; fields left out keep what was said before."""
        with self._lock():
            state = self._corrections()
            before = state.documents.get(document_id, Correction())
            changes = correction.model_dump(exclude_unset=True, exclude={"sections"})
            sections = before.sections | correction.sections
            state.documents[document_id] = before.model_copy(update={**changes, "sections": sections})
            self._save(state)

    def remove(self, text_ids: Collection[str]) -> None:
        """Take texts out, by the ids of `corpus.types.text_id`: those added are deleted, those shipped withdrawn.

        A file of which no text is left is deleted with them.
        """
        with self._lock():
            state = self._corrections()
            state.withdrawn = sorted({*state.withdrawn, *text_ids})
            self._save(state)  # first, so that nothing answers from them even if we are stopped here
            for record in self.records():
                left = tuple(held for held in record.texts if text_id(held.text) not in text_ids)
                if not left:
                    self._delete(record)
                elif left != record.texts:
                    path = self._folder / "files" / record.file_hash / "record.json"
                    replace_file(path, record.model_copy(update={"texts": left}).model_dump_json(indent=1))

    def _restore(self, texts: Collection[str]) -> None:
        """What is added again is no longer withdrawn."""
        state = self._corrections()
        if not set(state.withdrawn).isdisjoint(texts):
            state.withdrawn = [one for one in state.withdrawn if one not in texts]
            self._save(state)

    def _keep(self, record: Record, content: bytes, suffix: str) -> None:
        files = self._folder / "files"
        files.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=_ADDING, dir=self._folder))
        try:
            # First, so that what is swept after a crash names the file that is to go from elsewhere.
            write_file(scratch / "record.json", record.model_dump_json(indent=1).encode())
            if self._originals is None:
                safe = suffix if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", suffix) else ""
                write_file(scratch / f"original{safe}", content)
            else:
                settle(scratch)
                self._originals.keep(record.file_hash, content)
            scratch.rename(files / record.file_hash)
            settle(files)
        except OriginalsError:
            raise  # whether the file got there is not known, so what names it is left to be swept
        except BaseException:
            shutil.rmtree(scratch, ignore_errors=True)
            raise

    def _delete(self, record: Record) -> None:
        """Delete a file and its record; it is gone at once, however long the deleting takes."""
        away = Path(tempfile.mkdtemp(prefix=_REMOVING, dir=self._folder))
        (self._folder / "files" / record.file_hash).rename(away / record.file_hash)
        self._clear(away)

    def _clear(self, left: Path) -> None:
        """Delete a folder that is half written or half deleted, its original file elsewhere first."""
        if self._originals:
            for file_hash in filter(None, map(_hash_in, left.rglob("record.json"))):
                if not (self._folder / "files" / file_hash / "record.json").exists():
                    self._originals.remove(file_hash)
        shutil.rmtree(left)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Let one process at a time make changes, and sweep what a crash has left."""
        with self.unchanging():
            for folder in self._left():
                with suppress(OriginalsError):  # it waits for a change at which the storage is there
                    self._clear(folder)
            for copy in (self.kept_library, *self._folder.glob(f"{KEEPING}*")):
                copy.unlink(missing_ok=True)
            yield

    @contextmanager
    def unchanging(self) -> Iterator[None]:
        """Let no process change anything meanwhile; reading goes on.

        Raises:
            HoldingsError: another process has been changing them for a minute.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._folder / "holdings.lock", timeout=60):
                yield
        except Timeout:
            raise HoldingsError(
                f"another process has been changing {self._folder} for a minute; wait for it to end and try again"
            ) from None

    def sweep(self) -> None:
        """Delete what a change that was stopped has left; every change does so first."""
        if self._left():
            with self._lock():
                pass

    def _left(self) -> list[Path]:
        """Return the folders that are half written or half deleted, while no change is going on."""
        left = [*self._folder.glob(f"{_ADDING}*"), *self._folder.glob(f"{_REMOVING}*")]
        return left + [folder for folder in self._folder.glob("files/*") if not (folder / "record.json").exists()]

    def _corrections(self) -> _Corrections:
        path = self._folder / "corrections.json"
        return _load(path, _Corrections) if path.exists() else _Corrections()

    def _save(self, state: _Corrections) -> None:
        replace_file(self._folder / "corrections.json", state.model_dump_json(indent=1))


def _is_replaced(earlier: Record, record: Record) -> bool:
    """Return whether a file is a changed version of an earlier one."""
    if (earlier.file_name, earlier.source_url) != (record.file_name, record.source_url):
        return False
    before, after = (shingles("".join(held.text for held in one.texts)) for one in (earlier, record))
    return containment(before, after) >= _SAME_FILE


def _hash_in(path: Path) -> str | None:
    """Return the hash that a record names, None where the record was cut short: its file was not kept yet."""
    try:
        return Record.model_validate_json(path.read_bytes()).file_hash
    except ValidationError:
        return None


def _load(path: Path, kind: type[T]) -> T:
    try:
        return kind.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, OSError) as error:
        raise HoldingsError(
            f"{path} cannot be read ({error}); restore it from a backup or remove its folder"
        ) from error
