"""Excel workbooks (.xlsx): each visible sheet as a table with its header in every row."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from openpyxl import load_workbook

from corpus.decode import SourceError
from corpus.readers.front import Front, is_title
from corpus.readers.guard import refusing_damage
from corpus.readers.package import refuse_entities
from corpus.readers.rows import Cell, table_lines
from corpus.readers.table import TEXT, Row, read_articles
from corpus.readers.types import ReadResult, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from openpyxl.cell.cell import Cell as SheetCell
    from openpyxl.cell.cell import MergedCell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

#: Bytes of the sheets' XML; openpyxl needs some 20 times as much memory.
_SHEETS_LIMIT = 40_000_000
#: Cells between a sheet's first and last one, empty ones too.
_AREA_LIMIT = 1_000_000
_QUOTED = re.compile(r'"([^"]*)"')
_FORMAT_NOISE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')


def read(data: bytes, path: Path) -> ReadResult:
    """Read a workbook: one text a sheet, or one a row where a sheet has a column `full_text` (see `table`).

    Hidden sheets, rows and columns are left out, and so are formulas whose result the file does not hold.

    Raises:
        SourceError: damaged, with declared entities, too large, or without text.
    """
    refuse_entities(data, path, "Excel workbook")
    _refuse_large(data, path)
    with refusing_damage(path, "Excel workbook"):
        book = load_workbook(io.BytesIO(data), data_only=True)
        formulas = load_workbook(io.BytesIO(data), data_only=False)
    results = [_read_sheet(book, formulas, sheet, path) for sheet in book.worksheets]
    texts = tuple(text for result in results for text in result.texts)
    if not texts:
        raise SourceError(path, None, "no visible sheet of the workbook holds text; fill or unhide one")
    return ReadResult(texts, tuple(skipped for result in results for skipped in result.skipped))


def _refuse_large(data: bytes, path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        size = sum(part.file_size for part in package.infolist() if part.filename.startswith("xl/worksheets/"))
    if size > _SHEETS_LIMIT:
        raise SourceError(
            path, None, f"its sheets have {size:,} bytes; at most {_SHEETS_LIMIT:,} are read; save the sheet as CSV"
        )


def _read_sheet(book: Workbook, formulas: Workbook, sheet: Worksheet, path: Path) -> ReadResult:
    if sheet.sheet_state != "visible":
        return ReadResult((), (Skipped(path, 1, sheet.title, "hidden sheet"),))
    area = sheet.max_row * sheet.max_column
    if area > _AREA_LIMIT:
        raise SourceError(
            path,
            None,
            f"sheet {sheet.title!r} reaches to row {sheet.max_row:,} and column {sheet.max_column:,}; at most "
            f"{_AREA_LIMIT:,} cells are read; delete the empty rows and columns beyond the table, or save it as CSV",
        )
    with refusing_damage(path, "Excel workbook"):
        skipped = [*_hidden(sheet, path), *_without_result(sheet, formulas[sheet.title], path)]
        cells = list(_cells(sheet))
    articles = _articles(cells)
    if articles:
        result = read_articles(articles, path)
        return ReadResult(result.texts, (*skipped, *result.skipped))
    lines = table_lines(cells)
    if not lines:
        return ReadResult((), (*skipped, Skipped(path, 1, sheet.title, "empty sheet")))
    alone = sum(other.sheet_state == "visible" for other in book.worksheets) == 1
    title = lines[0] if is_title(lines[0]) else path.stem if alone else f"{path.stem} {sheet.title}"
    source = path.name if alone else f"{path.name}, {sheet.title}"
    return ReadResult((Front(title, None, source).post("\n".join(lines), path),), tuple(skipped))


def _cells(sheet: Worksheet) -> Iterator[Cell]:
    """Yield the visible cells that hold something, merged ones with their size."""
    spans = {(area.min_row, area.min_col): area for area in sheet.merged_cells.ranges}
    for row, column, cell in _filled(sheet):
        text = shown(cell.value, cell.number_format)
        if text and not _is_hidden(sheet, row, column):
            area = spans.get((row, column))
            rows, columns = (area.size["rows"], area.size["columns"]) if area else (1, 1)
            yield Cell(row - 1, column - 1, text, rows, columns)


def _filled(sheet: Worksheet) -> Iterator[tuple[int, int, SheetCell | MergedCell]]:
    """Yield the cells that hold something, with row and column counted from 1."""
    for row, cells in enumerate(sheet.iter_rows(), 1):
        for column, cell in enumerate(cells, 1):
            if cell.value is not None:
                yield row, column, cell


def _articles(cells: list[Cell]) -> list[Row]:
    """Return the rows of a sheet that holds one document a row, else nothing."""
    header = {cell.column: cell.text for cell in cells if cell.row == 0}
    if TEXT not in (name.strip().lower() for name in header.values()):
        return []
    rows: dict[int, dict[int, str]] = {}
    for cell in cells:
        rows.setdefault(cell.row, {})[cell.column] = cell.text
    return [Row(row + 1, tuple(rows[row].get(column, "") for column in header)) for row in sorted(rows)]


def _is_hidden(sheet: Worksheet, row: int, column: int) -> bool:
    return sheet.row_dimensions[row].hidden or any(
        dimension.hidden and (dimension.min or 0) <= column <= (dimension.max or 0)
        for dimension in sheet.column_dimensions.values()
    )


def _hidden(sheet: Worksheet, path: Path) -> Iterator[Skipped]:
    for row, column, cell in _filled(sheet):
        if _is_hidden(sheet, row, column):
            yield Skipped(path, row, f"{sheet.title}!{cell.coordinate}: {cell.value}", "hidden row or column")


def _without_result(sheet: Worksheet, formulas: Worksheet, path: Path) -> Iterator[Skipped]:
    reason = "a formula without its result; open the workbook in Excel, save it and add it again"
    for row, column, cell in _filled(formulas):
        if cell.data_type == "f" and sheet.cell(row, column).value is None:
            yield Skipped(path, row, f"{sheet.title}!{cell.coordinate}", reason)


def shown(value: object, number_format: str) -> str:
    """Return a cell's value as a reader sees it, with percent sign and unit of its format, but never rounded."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number(value, number_format)
    if isinstance(value, datetime):
        return _day(value.date(), number_format) if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return _day(value, number_format)
    if isinstance(value, time | timedelta):
        return str(value)
    return str(value).strip()


def _number(value: float, number_format: str) -> str:
    """Write a number; Excel holds 6.3% as 0.063 and may keep a unit in the format (`0.0"亿元"`)."""
    form = number_format.partition(";")[0]
    bare = _FORMAT_NOISE.sub("", form)
    if "%" in bare:
        return f"{value * 100:.12g}%"
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    digits = re.search(r"[0#?](?:.*[0#?])?", _QUOTED.sub(lambda found: "x" * len(found[0]), form))
    if digits is None or bare.rstrip().endswith(","):
        # No digits: the format General. A comma at the end: shown divided by a thousand, so its unit does not fit.
        return text
    before, after = form[: digits.start()], form[digits.end() :]
    return "".join(_QUOTED.findall(before)) + text + "".join(_QUOTED.findall(after))


def _day(value: date, number_format: str) -> str:
    """Write a date as far as its format shows it."""
    letters = _FORMAT_NOISE.sub("", number_format).lower()
    if "y" in letters and "d" not in letters:
        return f"{value.year}年{value.month}月" if "m" in letters else f"{value.year}年"
    return value.isoformat()
