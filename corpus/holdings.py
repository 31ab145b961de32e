"""What staff have added, corrected and withdrawn: kept in the data folder, safe at any moment of a crash.

Layout of the holdings folder:

    files/<content hash>/original<suffix>   the file as it came
    files/<content hash>/record.json        what it is, who added it and when, and the texts read from it
    corrections.json                        corrections by document id, and the texts withdrawn

A file's folder appears whole (written beside, then renamed), and the corrections file is replaced atomically.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, ValidationError

from corpus.corrections import Correction
from corpus.types import text_id

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from corpus.types import RawText


T = TypeVar("T", bound=BaseModel)


class HoldingsError(ValueError):
    """Something asked of the holdings that cannot be done: what came, what was wanted."""


class HeldText(BaseModel):
    """One text read from a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    posted: date | None
    source: str
    text: str


class Record(BaseModel):
    """One file that was added."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_hash: str
    file_name: str
    source_url: str | None
    added_at: datetime
    added_by: str
    texts: tuple[HeldText, ...]


class _Corrections(BaseModel):
    model_config = ConfigDict(extra="forbid")

    documents: dict[str, Correction] = {}
    withdrawn: list[str] = []


class Holdings:
    """The files added and the corrections made; every change is one atomic step under a lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def records(self) -> list[Record]:
        """Return all files that were added, the earliest first.

        Raises:
            HoldingsError: a record cannot be read; the message names its file.
        """
        found = [_load(path, Record) for path in self._folder.glob("files/*/record.json")]
        return sorted(found, key=lambda record: (record.added_at, record.file_hash))

    def original(self, record: Record) -> Path:
        """Return the path of a file as it came."""
        return next((self._folder / "files" / record.file_hash).glob("original*"))

    def corrections(self) -> dict[str, Correction]:
        """Return all corrections by document id."""
        return self._corrections().documents

    def withdrawn(self) -> frozenset[str]:
        """Return the ids of the texts that were withdrawn."""
        return frozenset(self._corrections().withdrawn)

    def add(
        self, path: Path, texts: Sequence[RawText], added_by: str, source_url: str | None = None
    ) -> tuple[Record, bool]:
        """Keep a file and the texts read from it; return its record and whether it is new.

        The same content again changes nothing. A file that has the name and source of an earlier one replaces it.
        """
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:16]
        with self._lock():
            known = {record.file_hash: record for record in self.records()}
            self._restore({text_id(text.text) for text in texts})
            if digest in known:
                return known[digest], False
            record = Record(
                file_hash=digest,
                file_name=path.name,
                source_url=source_url,
                added_at=datetime.now(UTC),
                added_by=added_by,
                texts=tuple(
                    HeldText(title=t.posting.title, posted=t.posting.date, source=t.posting.source, text=t.text)
                    for t in texts
                ),
            )
            self._keep(record, content, path.suffix)
            for earlier in known.values():
                if (earlier.file_name, earlier.source_url) == (record.file_name, record.source_url):
                    shutil.rmtree(self._folder / "files" / earlier.file_hash)
        return record, True

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
                    shutil.rmtree(self._folder / "files" / record.file_hash)
                elif left != record.texts:
                    path = self._folder / "files" / record.file_hash / "record.json"
                    _replace(path, record.model_copy(update={"texts": left}))

    def _restore(self, texts: Collection[str]) -> None:
        """What is added again is no longer withdrawn."""
        state = self._corrections()
        if not set(state.withdrawn).isdisjoint(texts):
            state.withdrawn = [one for one in state.withdrawn if one not in texts]
            self._save(state)

    def _keep(self, record: Record, content: bytes, suffix: str) -> None:
        files = self._folder / "files"
        files.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".adding-", dir=self._folder))
        try:
            safe = suffix if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", suffix) else ""
            (scratch / f"original{safe}").write_bytes(content)
            (scratch / "record.json").write_text(record.model_dump_json(indent=1), encoding="utf-8")
            scratch.rename(files / record.file_hash)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _lock(self) -> FileLock:
        self._folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self._folder / "holdings.lock", timeout=60)

    def _corrections(self) -> _Corrections:
        path = self._folder / "corrections.json"
        return _load(path, _Corrections) if path.exists() else _Corrections()

    def _save(self, state: _Corrections) -> None:
        _replace(self._folder / "corrections.json", state)


def _replace(path: Path, content: BaseModel) -> None:
    """Write a file anew, atomically and durably."""
    scratch = path.with_suffix(".new")
    with scratch.open("w", encoding="utf-8") as file:
        file.write(content.model_dump_json(indent=1))
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def _load(path: Path, kind: type[T]) -> T:
    try:
        return kind.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, OSError) as error:
        raise HoldingsError(
            f"{path} cannot be read ({error}); restore it from a backup or remove its folder"
        ) from error
