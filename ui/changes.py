"""Changes of what is held: the same steps for the command line and for the service.

Each can be made again after a crash: what was done of it is found done. The index is brought up to date afterwards.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from corpus.corrections import Correction
from corpus.holdings import HoldingsError
from corpus.readers import read_file
from corpus.sections import last_of, section_paths
from corpus.types import text_id
from ui.show import skipped_entries, with_posting

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from corpus.holdings import Holdings
    from corpus.readers import Skipped
    from corpus.types import Document


class Said(BaseModel):
    """What a person says of files that they add, where these are wrong or silent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    correction: Correction = Correction()
    posted: dt.date | None = None
    source_url: str | None = None


@dataclass(frozen=True, slots=True)
class AddedFile:
    """What became of one file that was added; `texts` are the ids of the texts read from it."""

    file: str
    hash: str
    is_new: bool
    texts: tuple[str, ...]
    skipped: tuple[Skipped, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as programs read it."""
        left_out = skipped_entries(self.skipped)
        return {
            "file": self.file,
            "hash": self.hash,
            "new": self.is_new,
            "texts": len(self.texts),
            "left_out": left_out,
        }


def add_files(holdings: Holdings, paths: Sequence[Path], said: Said, added_by: str) -> list[AddedFile]:
    """Read files and keep them; either all are added or none.

    Raises:
        SourceError: one of them cannot be read.
        HoldingsError, OSError: they cannot be kept.
    """
    results = [(path, read_file(path)) for path in paths]
    added = []
    for path, result in results:
        texts = [with_posting(text, said.posted, said.source_url) for text in result.texts]
        record, is_new = holdings.add(path, texts, added_by, said.source_url, result.skipped)
        ids = tuple(text_id(text.text) for text in texts)
        if said.correction != Correction():
            for one in ids:
                holdings.correct(one, said.correction)
        added.append(AddedFile(path.name, record.file_hash, is_new, ids, tuple(result.skipped)))
    return added


def require_sections(document: Document, titles: Iterable[str]) -> None:
    """Refuse a correction of sections that a document does not have, or has twice.

    Raises:
        HoldingsError: names the title, what was found, and what to give instead.
    """
    paths = section_paths(document.sections)
    for title in titles:
        fitting = [path for path in paths if title == path] or [path for path in paths if last_of(path) == title]
        if len(fitting) != 1:
            found = "; ".join(fitting) or "none"
            raise HoldingsError(
                f"wanted one section of {document.id} named {title!r}, found {found}; district-qa show lists them; "
                "where a title stands twice, give its path: 'title > title'"
            )
