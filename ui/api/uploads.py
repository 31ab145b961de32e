"""Files as they come in over HTTP: safe names, kinds that are read, copied to the data folder."""

from __future__ import annotations

import re
import shutil
import unicodedata
from http import HTTPStatus
from typing import TYPE_CHECKING

from corpus.decode import SourceError
from corpus.readers.kinds import SUFFIXES, find_kind
from ui.api.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fastapi import UploadFile

_SUFFIXES = tuple(dict.fromkeys(suffix for suffixes in SUFFIXES.values() for suffix in suffixes))
#: Bytes of a file's name, below what any file system takes.
_LONGEST_NAME = 200
#: What no name may have: separators, what Windows reserves, and whatever is not shown.
_UNSAFE = re.compile(r'[\\/:*?"<>|]')


def receive_files(uploads: Sequence[UploadFile], folder: Path) -> None:
    """Copy uploaded files into a new folder, each in a numbered folder of its own; on any fault nothing is left.

    Raises:
        ProblemError: 415 where a name's ending is none that is read.
        SourceError: the content is of a kind that is not read, or not of the kind that the name says.
        OSError: the disk does not take them.
    """
    try:
        for number, upload in enumerate(uploads):
            name = safe_name(upload.filename or "")
            if not name.lower().endswith(_SUFFIXES):
                raise ProblemError(
                    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                    f"the file {name!a} is of no kind that is read; wanted a name that ends in {', '.join(_SUFFIXES)}",
                )
            path = folder / f"{number:04}" / name
            path.parent.mkdir(parents=True)
            with path.open("wb") as copy:
                shutil.copyfileobj(upload.file, copy, 1 << 20)
            _require_kind(path)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _require_kind(path: Path) -> None:
    try:
        find_kind(path.read_bytes(), path)
    except SourceError as error:  # told without our folder
        raise SourceError(path.name, error.line, error.fault) from None


def safe_name(name: str) -> str:
    """Return a file's name without folders and without what may mislead a person or a file system, never empty."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(character for character in _UNSAFE.sub("_", last) if character.isprintable())
    stem, dot, suffix = shown.lstrip().rstrip(" .").rpartition(".")
    stem, suffix = (stem, suffix[:20]) if dot else (suffix, "")
    room = _LONGEST_NAME - len(f"{dot}{suffix}".encode())
    stem = stem.encode("utf-8", "ignore")[: max(room, 1)].decode("utf-8", "ignore")
    return f"{stem or 'document'}{dot}{suffix}"
