"""Readers: a file in whatever format it comes, to texts with title, posted date and source, line breaks kept.

Each format has a module of its own, loaded when a file of that format is read; so reading the portal's listing
loads no library for PDF, Office or HTML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.decode import SourceError
from corpus.readers.kinds import Kind, find_kind
from corpus.readers.types import ReadResult, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["ReadResult", "Skipped", "read_file"]

#: Bytes; the largest report at hand has 0.1 MB, a PDF with photographs some 20 MB.
LIMIT = 50_000_000


def read_file(path: Path, *, limit_bytes: int = LIMIT) -> ReadResult:
    """Read one file; its kind is told by its content and must fit its name.

    Raises:
        SourceError: the file is empty, too large, damaged, protected, of no known kind, of another kind than its
            name says, or holds no text; nothing of it is returned then.
        OSError: the file cannot be opened.
    """
    with path.open("rb") as file:
        data = file.read(limit_bytes + 1)
        size = file.seek(0, 2)
    if size > limit_bytes:
        raise SourceError(
            path,
            None,
            f"the file has {size:,} bytes; at most {limit_bytes:,} are read; split it or leave out its pictures",
        )
    return _reader(find_kind(data, path))(data, path)


def _reader(kind: Kind) -> Callable[[bytes, Path], ReadResult]:
    """Load the module of a kind and return its `read`."""
    match kind:
        case Kind.LISTING:
            from corpus.readers.listing import read
        case Kind.TEXT:
            from corpus.readers.text import read
        case Kind.MARKDOWN:
            from corpus.readers.markdown import read
        case Kind.HTML:
            from corpus.readers.html import read
        case Kind.PDF:
            from corpus.readers.pdf import read
        case Kind.WORD:
            from corpus.readers.word import read
        case Kind.WORKBOOK:
            from corpus.readers.workbook import read
        case Kind.TABLE:
            from corpus.readers.table import read
    return read
