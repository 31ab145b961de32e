"""Rows of tables as readers write them (`header: value; header: value。`), read back into their cells."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: What stands between a header and its value, and between two of them: ASCII marks with a space, which running
#: Chinese text does not have.
NAMES, PARTS = ": ", "; "
_ROW = re.compile(r"[^:;。]{1,60}: [^;]+(?:; [^:;]{1,60}: [^;]+)+")


@dataclass(frozen=True, slots=True)
class RowCell:
    """One value of a row under its header; `start` and `end` are those of the value in the row."""

    header: str
    value: str
    start: int
    end: int


def row_cells(sentence: str) -> tuple[RowCell, ...]:
    """Return the cells of a row; none where the sentence is not a row of a table."""
    if not _ROW.fullmatch(sentence):
        return ()
    cells: list[RowCell] = []
    at = 0
    for part in sentence.split(PARTS):
        header, named, value = part.partition(NAMES)
        if named:
            start = at + len(header) + len(NAMES)
            cells.append(RowCell(header, value.rstrip("。"), start, start + len(value)))
        at += len(part) + len(PARTS)
    return tuple(cells)
