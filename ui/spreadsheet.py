"""Tables as CSV that a spreadsheet opens as they are."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: What a spreadsheet takes for the beginning of a formula, in both widths (OWASP, "CSV Injection").
_FORMULA = tuple("=+-@＝＋－＠\t\r\n")


def table_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV with a header; no cell can be taken for a formula by a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: str) -> str:
    """Return a cell; one that a spreadsheet would run gets an apostrophe, numbers may begin with a minus."""
    plain_number = value.removeprefix("-").replace(".", "", 1).isdecimal()
    return (
        f"'{value}"
        if (value.startswith(_FORMULA) or value.lstrip().startswith(_FORMULA)) and not plain_number
        else value
    )
