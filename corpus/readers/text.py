"""Plain text: kept character for character; title, date and source from front matter or its own lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus.decode import decode
from corpus.readers.front import Front, read_front
from corpus.readers.matter import split_matter
from corpus.readers.types import ReadResult

if TYPE_CHECKING:
    from pathlib import Path

_HEADING = re.compile(r"#{1,6}\s+(?P<title>\S.*?)\s*#*")


def read(data: bytes, path: Path) -> ReadResult:
    """Read a text file; its title is in front matter, a heading, or a short first line, else the file's name.

    Raises:
        SourceError: not decodable, without text, or with front matter that cannot be read.
    """
    matter = split_matter(decode(data, path), path)
    lines = matter.text.split("\n")
    front = matter.front.or_else(_heading(lines)).or_else(read_front(lines))
    return ReadResult((front.post(matter.text, path),), matter.skipped)


def _heading(lines: list[str]) -> Front:
    """Return the title that the first line that shows gives as a heading."""
    first = next((line.strip() for line in lines if line.strip()), "")
    found = _HEADING.fullmatch(first)
    return Front(found["title"]) if found else Front()
