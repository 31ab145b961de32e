"""What every reader returns: texts with their postings, and what of the file was left out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.types import RawText


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something of a source that was left out, and why.

    `line` counts from 1: lines of a text or of a page's source, pages of a PDF, rows of a workbook's sheet; it is 0
    where the format has no such count (Word).
    """

    path: Path
    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadResult:
    """All that one file held: at least one text, and what was left out."""

    texts: tuple[RawText, ...]
    skipped: tuple[Skipped, ...] = ()
