"""PDFs with a text layer: wrapped lines joined, running headers and page numbers out, ruled tables with their header.

Pages are read as one column; text set in two columns comes out line by line across both.
"""

from __future__ import annotations

import base64
import io
import re
import statistics
import unicodedata
import zlib
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pdfplumber
from pdfminer.cmapdb import CMapDB
from pdfminer.pdftypes import PDFStream, dict_value, resolve1
from pdfminer.psparser import literal_name

from corpus.decode import SourceError
from corpus.readers.archive import UNPACKED_LIMIT
from corpus.readers.front import Front, is_title, read_front
from corpus.readers.glyphs import NAMELESS, as_characters
from corpus.readers.guard import refusing_damage
from corpus.readers.paragraphs import Line, is_contents, join_lines, running_lines
from corpus.readers.rows import Cell, table_lines
from corpus.readers.types import ReadResult, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from pdfplumber.page import Page
    from pdfplumber.table import Table

#: What pdfplumber says of one character: text, x0, x1, top, bottom, size, upright.
Char = dict[str, Any]

_ENCRYPTED = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_DEFLATED = re.compile(rb"/Filter\s*\[?\s*(/ASCII85Decode\s*)?/FlateDecode")
#: Bytes before a stream in which its dictionary begins.
_DICTIONARY = 4_000
_CHUNK = 1_000_000
#: Characters; a page with fewer, and with a picture, is a scan.
_BARE_PAGE = 10
#: Of all characters; fonts of a whole text without a table of characters cannot be read.
_NAMELESS_SHARE = 0.05
#: More lines than this on one page are a drawing, in which to look for tables takes minutes.
_MOST_RULES = 2_000
#: Gaps in parts of the character size: a space in Latin, a space in Chinese, the space between columns.
_LATIN_GAP, _WIDE_GAP, _COLUMN_GAP = 0.2, 0.8, 1.8


@dataclass(frozen=True, slots=True)
class _Ruled:
    """A ruled table on one page."""

    page: int
    top: float
    cells: tuple[Cell, ...]
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class _PageText:
    """What one page holds, from the top; `scanned` when it is a picture with next to no text."""

    number: int
    height: float
    lines: tuple[Line, ...]
    tables: tuple[_Ruled, ...]
    scanned: bool
    turned: str
    unreadable_font: str | None
    nameless: int
    characters: int


def read(data: bytes, path: Path) -> ReadResult:
    """Read a PDF. The dates it carries are those of the file, not of its posting, and are not read.

    Raises:
        SourceError: damaged, encrypted, scanned, with fonts that name no characters, or without text.
    """
    _refuse_at_sight(data, path)
    with refusing_damage(path, "PDF"), pdfplumber.open(io.BytesIO(data)) as document:
        pages = []
        for page in document.pages:
            pages.append(_read_page(page))
            page.close()
        own_title = document.metadata.get("Title")
    _refuse_unreadable(pages, path)
    lines = [line for page in pages for line in page.lines]
    running = running_lines(lines, [page.height for page in pages])
    out = {line for found in running for line in found.lines}
    contents = [line for line in lines if line not in out and is_contents(line)]
    paragraphs = _paragraphs(pages, out | set(contents))
    front = read_front(paragraphs)
    if isinstance(own_title, str) and is_title(own_title.strip()) and "microsoft word" not in own_title.lower():
        front = front.or_else(Front(as_characters(own_title.strip())))
    skipped = [
        *(Skipped(path, found.lines[0].page + 1, found.lines[0].text, found.reason) for found in running),
        *(Skipped(path, line.page + 1, line.text, "table of contents") for line in contents),
        *(
            Skipped(path, page.number + 1, "", "a scanned page; run OCR to have its text")
            for page in pages
            if page.scanned
        ),
        *(Skipped(path, page.number + 1, page.turned, "text that stands askew") for page in pages if page.turned),
        *(
            Skipped(path, page.number + 1, "", f"{page.nameless} characters that their font does not name")
            for page in pages
            if page.nameless
        ),
    ]
    return ReadResult((front.post("\n".join(paragraphs), path),), tuple(skipped))


def _refuse_at_sight(data: bytes, path: Path) -> None:
    """Refuse what can be told without parsing: cut short, encrypted, or a stream that unpacks without measure."""
    if b"%%EOF" not in data[-4096:]:
        raise SourceError(
            path, None, "the PDF is cut short (its end mark %%EOF is missing); a whole PDF is needed; fetch it again"
        )
    if _ENCRYPTED.search(data):
        raise SourceError(
            path, None, "the PDF is encrypted or protected; an open PDF is needed; print it to a new PDF and add that"
        )
    _refuse_bad_streams(data, path)


def _refuse_bad_streams(data: bytes, path: Path) -> None:
    """Unpack every stream but pictures without keeping it: pdfminer has no limit, and reads a damaged one in part."""
    left = UNPACKED_LIMIT
    for found in _STREAM.finditer(data):
        begin = max(data.rfind(b"obj", max(0, found.start() - _DICTIONARY), found.start()), 0)
        dictionary = data[begin : found.start()]
        deflated = _DEFLATED.search(dictionary)
        if deflated is None or b"/Image" in dictionary:
            continue
        try:
            left -= _unpacked(_stream(data, found.end(), bool(deflated[1])), left)
        except (zlib.error, ValueError) as error:
            raise SourceError(
                path,
                None,
                f"the file is damaged (its part at byte {found.end():,}: {error}); "
                "a whole PDF is needed; fetch it again",
            ) from error
        if left <= 0:
            raise SourceError(
                path, None, f"its parts unpack to over {UNPACKED_LIMIT:,} bytes; print it to a new PDF or split it"
            )


def _stream(data: bytes, start: int, as_text: bool) -> Iterator[bytes]:
    """Yield the bytes from `start` on, a chunk at a time; what is written as text (ASCII85) is put back first."""
    if as_text:
        yield base64.a85decode(data[start : data.index(b"~>", start)])
        return
    for at in range(start, len(data), _CHUNK):
        yield data[at : at + _CHUNK]


def _unpacked(chunks: Iterator[bytes], limit: int) -> int:
    """Return how many bytes a deflated stream unpacks to, counted up to somewhat over `limit`.

    Raises:
        zlib.error: the stream is damaged.
    """
    decoder, total = zlib.decompressobj(), 0
    for chunk in chunks:
        rest = chunk
        while rest and total <= limit and not decoder.eof:
            total += len(decoder.decompress(rest, _CHUNK))
            rest = decoder.unconsumed_tail
        if decoder.eof or total > limit:
            return total
    raise zlib.error("the data ends too early")


def _refuse_unreadable(pages: Sequence[_PageText], path: Path) -> None:
    font = next((page.unreadable_font for page in pages if page.unreadable_font), None)
    if font:
        raise SourceError(
            path,
            None,
            f"its font {font} has an encoding of its own, and its characters would be missing; "
            "print it to a new PDF, or run OCR first",
        )
    if not pages:
        raise SourceError(
            path, None, "the file is damaged (no page can be found); a whole PDF is needed; fetch it again"
        )
    characters = sum(page.characters for page in pages)
    if not characters or 2 * sum(page.scanned for page in pages) > len(pages):
        scanned = sum(page.scanned for page in pages)
        raise SourceError(
            path,
            None,
            f"{scanned} of {len(pages)} pages are pictures and the PDF has {characters} characters of text; "
            "a PDF with a text layer is needed; run OCR first",
        )
    nameless = sum(page.nameless for page in pages)
    if nameless > _NAMELESS_SHARE * characters:
        raise SourceError(
            path,
            None,
            f"its fonts do not name {nameless} of {characters} characters; a PDF whose text can be copied is needed; "
            "print it again from its source, or run OCR first",
        )


def _read_page(page: Page) -> _PageText:
    number = page.page_number - 1
    chars = [{**char, "text": as_characters(char["text"])} for char in _distinct(page.chars)]
    nameless = [char for char in chars if NAMELESS.fullmatch(char["text"])]
    upright = [char for char in chars if char["upright"] and not NAMELESS.fullmatch(char["text"])]
    shown = sum(not char["text"].isspace() for char in chars)
    tables: list[_Ruled] = []
    if len(page.edges) <= _MOST_RULES:
        for table in page.find_tables():
            ruled, rest = _read_table(table, upright, number)
            if ruled is not None:
                tables.append(ruled)
                upright = rest
    return _PageText(
        number=number,
        height=float(page.height),
        lines=tuple(_lines(upright, number)),
        tables=tuple(tables),
        scanned=shown < _BARE_PAGE and bool(page.images),
        turned="".join(char["text"] for char in chars if not char["upright"]).strip(),
        unreadable_font=_unreadable_font(page),
        nameless=len(nameless),
        characters=shown,
    )


def _unreadable_font(page: Page) -> str | None:
    """Return the name of a font of the page whose encoding pdfminer does not know and passes over in silence."""
    fonts = resolve1(dict_value(page.page_obj.resources).get("Font"))
    for reference in fonts.values() if isinstance(fonts, dict) else ():
        font = dict_value(reference)
        encoding = resolve1(font.get("Encoding"))
        if literal_name(font.get("Subtype")) == "Type0" and isinstance(encoding, PDFStream):
            try:
                CMapDB.get_cmap(literal_name(resolve1(encoding.get("CMapName"))))
            except CMapDB.CMapNotFound:
                return literal_name(resolve1(font.get("BaseFont")))
    return None


def _distinct(chars: Iterable[Char]) -> Iterator[Char]:
    """Leave out characters printed twice in one place, which is how some programs make them bold."""
    seen: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for char in chars:
        places = seen[char["text"]]
        near = (abs(char["x0"] - x) < 0.1 * char["size"] and abs(char["top"] - y) < 1 for x, y in places[-20:])
        if char["text"].isspace() or not any(near):
            places.append((char["x0"], char["top"]))
            yield char


def _read_table(table: Table, chars: list[Char], page: int) -> tuple[_Ruled | None, list[Char]]:
    """Return the table and the characters outside it; None where the rules frame no table."""
    tops = sorted({round(cell[1]) for cell in table.cells})
    lefts = sorted({round(cell[0]) for cell in table.cells})
    if len(tops) < 2 or len(lefts) < 2:
        return None, chars
    inside: dict[tuple[float, float, float, float], list[Char]] = {cell: [] for cell in table.cells}
    rest: list[Char] = []
    for char in chars:
        x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
        cell = next((c for c in table.cells if c[0] <= x <= c[2] and c[1] <= y <= c[3]), None)
        (rest if cell is None else inside[cell]).append(char)
    cells = tuple(
        Cell(
            row=tops.index(round(box[1])),
            column=lefts.index(round(box[0])),
            text=_cell_text(own, page),
            rows=sum(round(box[1]) <= top < round(box[3]) - 1 for top in tops),
            columns=sum(round(box[0]) <= left < round(box[2]) - 1 for left in lefts),
        )
        for box, own in inside.items()
    )
    if len({cell.column for cell in cells if cell.text}) < 2:
        return None, chars
    return _Ruled(page, table.bbox[1], cells, len(tops), len(lefts)), rest


def _cell_text(chars: list[Char], page: int) -> str:
    lines = [line.text for line in _lines(chars, page)]
    text = ""
    for line in lines:
        latin = text[-1:].isascii() and text[-1:].isalnum() and line[:1].isascii() and line[:1].isalnum()
        text += (" " if latin else "") + line
    return text


def _lines(chars: Iterable[Char], page: int) -> Iterator[Line]:
    """Put characters that stand at one height into a line, and yield the lines from the top."""
    row: list[Char] = []
    for char in sorted(chars, key=_middle):
        if row and _middle(char) - _middle(row[0]) > 0.5 * max(row[0]["size"], char["size"]):
            yield from _line(row, page)
            row = []
        row.append(char)
    yield from _line(row, page)


def _middle(char: Char) -> float:
    return float(char["top"] + char["bottom"]) / 2


def _line(row: list[Char], page: int) -> Iterator[Line]:
    """Yield the line that the characters of one height make, unless it is blank."""
    chars = sorted(row, key=lambda char: (char["x0"], char["x1"]))
    shown = [char for char in chars if not char["text"].isspace()]
    if not shown:
        return
    text, parted, spaced = shown[0]["text"], False, False
    size = statistics.median_low([float(char["size"]) for char in shown])
    before = shown[0]
    for char in chars[chars.index(shown[0]) + 1 :]:
        if char["text"].isspace():
            spaced = True
            continue
        gap = (char["x0"] - before["x1"]) / size
        text += (" " if _is_space(before["text"], char["text"], gap, spaced) else "") + char["text"]
        parted = parted or gap > _COLUMN_GAP
        before, spaced = char, False
    yield Line(page, text, shown[0]["x0"], before["x1"], min(char["top"] for char in shown), size, parted)


def _is_space(before: str, after: str, gap: float, spaced: bool) -> bool:
    """Between Chinese characters only a wide gap is a space; beside Latin script a space counts as written."""
    if _is_wide(before) and _is_wide(after):
        return gap > _WIDE_GAP
    if _is_wide(before) or _is_wide(after):
        return gap > _WIDE_GAP or (spaced and gap > _LATIN_GAP)
    return spaced or gap > _LATIN_GAP


def _is_wide(text: str) -> bool:
    return unicodedata.east_asian_width(text[0]) in "WF"


def _paragraphs(pages: Sequence[_PageText], out: set[Line]) -> list[str]:
    """Join lines over page breaks, with each table in its place and going on over a page break."""
    around = [line for page in pages for line in page.lines if line not in out]
    paragraphs: list[str] = []
    pending: list[Line] = []
    table: _Ruled | None = None
    for page in pages:
        lines = (line for line in page.lines if line not in out)
        items: list[Line | _Ruled] = sorted([*lines, *page.tables], key=lambda item: item.top)
        for item in items:
            if isinstance(item, Line):
                if table is not None:
                    paragraphs += table_lines(table.cells)
                    table = None
                pending.append(item)
                continue
            paragraphs += join_lines(pending, around)
            pending = []
            if table is not None and item.page != table.page and item.columns == table.columns:
                table = _continued(table, item)
            else:
                paragraphs += table_lines(table.cells) if table else []
                table = item
    if table is not None:
        paragraphs += table_lines(table.cells)
    return paragraphs + join_lines(pending, around)


def _continued(table: _Ruled, more: _Ruled) -> _Ruled:
    """Add the rows of the next page, without a header that is printed again."""
    first = {cell.column: cell.text for cell in table.cells if cell.row == 0}
    again = {cell.column: cell.text for cell in more.cells if cell.row == 0} == first
    added = (replace(cell, row=cell.row + table.rows) for cell in more.cells if not (again and cell.row == 0))
    return _Ruled(more.page, table.top, (*table.cells, *added), table.rows + more.rows, table.columns)
