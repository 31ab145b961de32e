"""All documents that are held: read from source files, copies merged, in a stable order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.decode import decode
from corpus.documents import RawText, make_document
from corpus.duplicates import group_copies
from corpus.listing import read_listing
from corpus.types import Posting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from corpus.types import Document

_UNDATED = date.min
SEED = Path(__file__).with_name("sources")


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something of a source that was left out, and why."""

    path: Path
    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Library:
    """The documents held, and what of their sources was left out."""

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...]


def read_library(paths: Iterable[Path], word_score: Callable[[str], float] | None = None) -> Library:
    """Read listings into documents, newest delivered first, undated last.

    `word_score` lets lost characters be guessed where no copy and no reviewed list has them.

    Raises:
        SourceError: a file cannot be read as a listing; nothing is returned then.
    """
    raw: list[RawText] = []
    skipped: list[Skipped] = []
    for path in paths:
        listing = read_listing(decode(path.read_bytes(), path), path)
        for article in listing.articles:
            posting = Posting(article.title, article.posted, f"{path.name}{article.tag}")
            raw.append(RawText(posting, article.body))
        skipped += [Skipped(path, line, text, "site furniture") for line, text in listing.furniture]
    groups = group_copies(raw, lambda item: item.text)
    documents = [
        make_document(group, [other[0].text for other in groups if other is not group], word_score) for group in groups
    ]
    documents.sort(key=lambda d: (-(d.delivered.date or _UNDATED).toordinal(), d.title))
    return Library(tuple(documents), tuple(skipped))


def seed_paths(folder: Path = SEED) -> list[Path]:
    """Return the source files that ship with the project, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix == ".txt")
