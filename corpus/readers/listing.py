"""The portal's saved listing: one text an article; the site's own lines are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.decode import decode
from corpus.listing import read_listing
from corpus.readers.types import ReadResult, Skipped
from corpus.types import Posting, RawText

if TYPE_CHECKING:
    from pathlib import Path


def read(data: bytes, path: Path) -> ReadResult:
    """Read a saved listing.

    Raises:
        SourceError: see `corpus.listing.read_listing`.
    """
    listing = read_listing(decode(data, path), path)
    texts = (
        RawText(Posting(article.title, article.posted, f"{path.name}{article.tag}"), article.body)
        for article in listing.articles
    )
    skipped = (Skipped(path, line, text, "site furniture") for line, text in listing.furniture)
    return ReadResult(tuple(texts), tuple(skipped))
