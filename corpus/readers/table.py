"""Tables in CSV: one document a row where a column holds full texts, else one document of all rows."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.decode import SourceError, decode
from corpus.readers.front import Front, read_day_field, read_front
from corpus.readers.rows import Cell, table_lines
from corpus.readers.types import ReadResult, Skipped

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from corpus.types import RawText

TEXT, TITLE, DATE, SOURCE = "full_text", "title", "publish_date", "source_url"
_DELIMITERS = ",\t;"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; `line` is where it begins, counted from 1."""

    line: int
    values: tuple[str, ...]


def read(data: bytes, path: Path) -> ReadResult:
    """Read a CSV file, separated by commas, tabs or semicolons, with its header in the first row.

    Raises:
        SourceError: quoting that does not close, rows of different lengths, no second column, or see `read_articles`.
    """
    rows = _parse(decode(data, path), path)
    if len(rows) < 2 or len(rows[0].values) < 2:
        raise SourceError(
            path,
            None,
            f"{len(rows)} rows of {len(rows[0].values)} columns; a table needs a header, a row below it and two "
            "columns; save plain text as .txt",
        )
    if TEXT in _names(rows[0]):
        return read_articles(rows, path)
    cells = (Cell(i, j, value) for i, row in enumerate(rows) for j, value in enumerate(row.values))
    return ReadResult((Front(path.stem).post("\n".join(table_lines(cells)), path),))


def read_articles(rows: Sequence[Row], path: Path) -> ReadResult:
    """Read one document a row: `full_text`, with `title`, `publish_date` and `source_url` where there are such columns.

    Other columns are not part of the text and are left out.

    Raises:
        SourceError: a column stands twice, a date is none, or no row has a text.
    """
    names = _names(rows[0])
    for name in (TEXT, TITLE, DATE, SOURCE):
        if names.count(name) > 1:
            raise SourceError(path, rows[0].line, f"the header has {name!r} {names.count(name)} times; once is wanted")
    texts: list[RawText] = []
    skipped: list[Skipped] = []
    for row in rows[1:]:
        fields = dict(zip(names, row.values, strict=True))
        text = fields[TEXT].replace("\r\n", "\n").replace("\r", "\n")
        title = " ".join(fields.get(TITLE, "").split())
        if not text.strip():
            skipped.append(Skipped(path, row.line, title, f"no text in column {TEXT}"))
            continue
        day = read_day_field(fields.get(DATE, ""), path, row.line)
        front = Front(title or None, day, fields.get(SOURCE, "").strip() or f"{path.name}, line {row.line}")
        texts.append(front.or_else(Front(read_front(text.split("\n")).title)).post(text, path))
    if not texts:
        raise SourceError(path, None, f"no row has a text in column {TEXT}; fill it in at least one row")
    return ReadResult(tuple(texts), tuple(skipped))


def _names(header: Row) -> list[str]:
    return [name.strip().lower() for name in header.values]


def _parse(text: str, path: Path) -> list[Row]:
    """Split a CSV text into rows of equal length; blank lines do not count.

    The csv module holds one field limit (131,072 characters) for the whole process. It is raised to what this text
    can need and never lowered, so that two threads cannot take it from each other.
    """
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    first = text.lstrip("\n").partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=first.count), strict=True)
    rows: list[Row] = []
    before = 0
    try:
        for values in reader:
            if any(value.strip() for value in values):
                rows.append(Row(before + 1, tuple(values)))
            before = reader.line_num
    except csv.Error as error:
        raise SourceError(
            path,
            before + 1,
            f"the row that begins here is no CSV ({error}); a field with a quotation mark or line break needs "
            "quotation marks around it, and marks inside doubled; save it again from the spreadsheet as CSV UTF-8",
        ) from error
    for row in rows[1:]:
        if len(row.values) != len(rows[0].values):
            raise SourceError(
                path,
                row.line,
                f"the row has {len(row.values)} fields, the header {len(rows[0].values)}; "
                "a field with a comma or line break needs quotation marks around it",
            )
    return rows
