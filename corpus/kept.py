"""The library as it was last read, kept so that not every start reads and repairs all documents again.

What is kept counts only while nothing that it was made from has changed: the shipped sources, the holdings, the word
model, and the code and rules of this room. It is a copy and can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from corpus.holdings import KEEPING
from corpus.library import Library, read_library

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from corpus.holdings import Holdings

_ROOM = Path(__file__).parent


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid")

    made_from: str
    library: Library


def read_kept_library(
    paths: Sequence[Path], holdings: Holdings, word_score: Callable[[str], float], word_model: str
) -> Library:
    """Return what `read_library` returns for the same arguments; `word_model` names what `word_score` goes by.

    Raises:
        SourceError, HoldingsError: see `read_library`.
    """
    made_from = _made_from(paths, holdings, word_model)
    kept = _load(holdings.kept_library)
    if kept is not None and kept.made_from == made_from:
        return kept.library
    holdings.sweep()
    library = read_library(paths, holdings, word_score)
    _save(holdings.kept_library, _Kept(made_from=made_from, library=library))
    return library


def _made_from(paths: Sequence[Path], holdings: Holdings, word_model: str) -> str:
    digest = hashlib.sha256(f"{holdings.fingerprint()}\0{word_model}\0".encode())
    rules = [path for suffix in ("py", "txt") for path in sorted(_ROOM.rglob(f"*.{suffix}"))]
    for path in (*rules, *paths):
        digest.update(f"{path.name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _load(path: Path) -> _Kept | None:
    try:
        return _Kept.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None  # not there, of another version, or damaged: reading everything again is always right


def _save(path: Path, kept: _Kept) -> None:
    """Write the copy, whole or not at all; where the folder cannot be written or is swept there is none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=KEEPING, dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(kept.model_dump_json())
        Path(name).replace(path)
    except OSError:
        return
