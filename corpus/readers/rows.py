"""Tables as sentences: every row is written with the header of each value, so that it can be cited alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from corpus.tables import NAMES, PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: A header of more rows than this is not a header.
_HEADER_ROWS = 3
#: Marks at the end of a cell that the marks of the sentence stand for.
_STOPS = "。；; "
_COLONS = "：: "


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell at its upper left place, counted from 0, and how many rows and columns it covers."""

    row: int
    column: int
    text: str
    rows: int = 1
    columns: int = 1


def table_lines(cells: Iterable[Cell], header_rows: int | None = None) -> list[str]:
    """Write a table as lines: captions as they are, each row as `header: value; header: value。`.

    A cell over several rows counts for each of them, one over several columns for each column of the header only.
    `header_rows` is given where the format says it; else the first full row is the header, with the rows below it
    that one of its cells groups. A first column of names with colons (`电话：`) is a form: each row is for itself.
    """
    rows = _rows(cells)
    if not rows:
        return []
    width = max(cell.column + cell.columns for row in rows for cell in row)
    captions = _captions(rows, header_rows is not None)
    body = rows[captions:]
    if width == 1 or len(body) == 1 or _is_form(body):
        return [_stopped(_joined(row, " " if row[0].text.endswith((":", "：")) else PARTS)) for row in rows]
    depth = _header_depth(body) if header_rows is None else min(max(header_rows - captions, 1), len(body) - 1)
    header = _header(body[:depth], width)
    return [_joined(row, PARTS) for row in rows[:captions]] + [_sentence(header, row) for row in body[depth:]]


def _rows(cells: Iterable[Cell]) -> list[list[Cell]]:
    """Return what each row shows, from the left: cells that begin in it, and cells that reach it from above.

    Empty cells are left out, and so are rows in which no cell begins and columns that no cell touches.
    """
    shown = sorted(
        (replace(cell, text=" ".join(cell.text.split())) for cell in cells if cell.text.strip()),
        key=lambda cell: (cell.row, cell.column),
    )
    places = {row: i for i, row in enumerate(sorted({cell.row for cell in shown}))}
    touched = sorted({column for cell in shown for column in range(cell.column, cell.column + cell.columns)})
    columns = {column: i for i, column in enumerate(touched)}
    rows: list[list[Cell]] = [[] for _ in places]
    for cell in shown:
        covered = [places[row] for row in range(cell.row, cell.row + cell.rows) if row in places]
        moved = replace(cell, row=covered[0], column=columns[cell.column], rows=len(covered))
        for row in covered:
            rows[row].append(moved)
    return [sorted(row, key=lambda cell: cell.column) for row in rows]


def _captions(rows: Sequence[Sequence[Cell]], header_known: bool) -> int:
    """Count the rows at the top that hold one cell only, a title or a unit; in a known header it must be a wide one."""
    full = (i for i, row in enumerate(rows) if len(row) > 1 or (header_known and row[0].columns == 1))
    return next(full, 0)


def _is_form(rows: Sequence[Sequence[Cell]]) -> bool:
    return all(row[0].text.endswith((":", "：")) for row in rows)


def _header_depth(body: Sequence[Sequence[Cell]]) -> int:
    """Return 1, or more where a cell of the first row groups the columns below it."""
    if all(cell.columns == 1 for cell in body[0]):
        return 1
    return min(max(2, *(cell.rows for cell in body[0])), _HEADER_ROWS, len(body) - 1)


def _header(rows: Sequence[Sequence[Cell]], width: int) -> list[str]:
    """Join what stands above each column, from the top, without repetition."""
    parts: list[dict[str, None]] = [{} for _ in range(width)]
    for row in rows:
        for cell in row:
            for column in range(cell.column, cell.column + cell.columns):
                parts[column][cell.text.rstrip(_COLONS)] = None
    return [" ".join(part) for part in parts]


def _sentence(header: Sequence[str], row: Sequence[Cell]) -> str:
    """Write one row; a row with nothing but its first cell is a remark or a heading within the table."""
    if len(row) == 1 and row[0].column == 0:
        return row[0].text
    named = (f"{header[cell.column]}{NAMES}" if header[cell.column] else "" for cell in row)
    values = (cell.text.rstrip(_STOPS) or cell.text for cell in row)
    return _stopped(PARTS.join(name + value for name, value in zip(named, values, strict=True)))


def _joined(row: Sequence[Cell], mark: str) -> str:
    return mark.join(cell.text for cell in row)


def _stopped(line: str) -> str:
    return f"{line.rstrip(_STOPS)}。"
