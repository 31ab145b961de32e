"""Web pages: the main text by trafilatura, a paragraph a line; tables with their header in every row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile
from typing import TYPE_CHECKING

from lxml import etree
from trafilatura import bare_extraction
from trafilatura.settings import use_config
from trafilatura.utils import load_html

from corpus.decode import SourceError, decode
from corpus.readers.front import Front, Line, read_day, read_front
from corpus.readers.guard import refusing_damage
from corpus.readers.rows import Cell, table_lines
from corpus.readers.types import ReadResult, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lxml.etree import _Element as Element

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
#: Encodings that a page may name besides UTF-8 and the Chinese ones, as Python calls them.
_OTHER_CHARSETS = {"big5": "big5hkscs", "big5-hkscs": "big5hkscs", "iso-8859-1": "cp1252", "windows-1252": "cp1252"}
#: What a browser writes into a page that it saves.
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+)\s*-->")
#: Names of meta fields, in lower case; the first ones are those that Chinese government sites must have.
_META_TITLE = ("articletitle", "og:title")
_META_DATE = ("pubdate", "publishdate", "article:published_time", "datepublished", "dc.date.issued")
_META_SOURCE = ("url", "og:url")

_BLOCKS = frozenset("p head item quote code row list table".split())
_INLINE = frozenset(
    "a abbr acronym b bdo big cite code del dfn em font i ins kbd label mark nobr o:p q s samp small span strike "
    "strong sub sup time tt u var".split()
)
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_UNSEEN = frozenset("script style noscript template head title".split())
#: Characters; below this trafilatura takes the whole page for the text. Its own 250 is meant for Latin script.
_LEAST_TEXT = "100"
#: A table with a longer cell (characters) only lays out the page.
_LONGEST_CELL = 500


@dataclass(frozen=True, slots=True)
class _PageLine:
    """A line that the page shows: where its source stands, and what the block it fills stands in."""

    number: int
    text: str
    tag: str
    container: Element | None


def read(data: bytes, path: Path) -> ReadResult:
    """Read the main text of a page; what stands outside it is reported as skipped.

    The posted date is one that the page names as such; a date in the running text is not taken for it.

    Raises:
        SourceError: not decodable, no page, or without main text.
    """
    page = _decode_page(data, path)
    with refusing_damage(path, "HTML page"):
        tree = load_html(page)
    if tree is None:
        raise SourceError(path, None, "no HTML page could be made out; save the page again as 'HTML only'")
    front = _read_meta(tree, page)
    _write_tables_out(tree)
    page_lines = list(_page_lines(tree))
    config = use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", _LEAST_TEXT)
    with refusing_damage(path, "HTML page"):
        # Without extensive search the date comes from fields of the page only, never from its text.
        found = bare_extraction(
            tree,
            config=config,
            include_comments=False,
            with_metadata=True,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
    lines = [] if found is None or isinstance(found, dict) else _lines(found.body)
    if not lines or found is None or isinstance(found, dict):
        raise SourceError(
            path, None, "the page has no main text (is it drawn by a script?); save its text as .txt or print it to PDF"
        )
    own = read_front(lines)
    shown = read_front([line.text for line in page_lines])
    front = front.or_else(
        Front(_page_title(found.title, page_lines), shown.posted or read_day(found.date or ""), found.url)
    ).or_else(own)
    restored, left_out = _restore(lines, page_lines)
    levels = {_squeezed(line.text): int(line.tag[1:]) for line in page_lines if line.tag in _HEADINGS}
    text = [Line(line, levels.get(_squeezed(line), 0)) for line in restored]
    skipped = (Skipped(path, line.number, line.text, "outside the main text of the page") for line in left_out)
    return ReadResult((front.post_lines(text, path),), tuple(skipped))


def _page_title(title: str | None, page_lines: list[_PageLine]) -> str | None:
    """Return a page's title without the name of its site, where the part before that stands on the page by itself."""
    if not title:
        return None
    shown = {_squeezed(line.text) for line in page_lines}
    beginnings = (title[: found.start()].strip() for found in re.finditer(r"\s*(?:--|[-_|｜—])", title))
    return next((part for part in beginnings if _squeezed(part) in shown), title)


def _decode_page(data: bytes, path: Path) -> str:
    """Decode a page: UTF-8 where it is that, else the encoding that it names, else GB18030."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        named = _CHARSET.search(data[:4096])
    codec = _OTHER_CHARSETS.get(named[1].decode().lower()) if named else None
    if codec is None:
        return decode(data, path)
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise SourceError(
            path, None, f"the page says its encoding is {codec}, but byte {error.start} is not; save it again as UTF-8"
        ) from error


def _read_meta(tree: Element, page: str) -> Front:
    """Read what the page's head says of it."""
    fields: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("name") or meta.get("property") or meta.get("itemprop") or "").lower()
        fields.setdefault(name, " ".join((meta.get("content") or "").split()))
    saved = _SAVED_FROM.search(page[:2000])
    addresses = [fields.get(name, "") for name in _META_SOURCE] + ([saved[1]] if saved else [])
    days = (read_day(fields.get(name, "")) for name in _META_DATE)
    return Front(
        next((fields[name] for name in _META_TITLE if fields.get(name)), None),
        next((day for day in days if day), None),
        next((address for address in addresses if address.startswith(("http://", "https://"))), None),
    )


def _write_tables_out(tree: Element) -> None:
    """Put paragraphs, one a row, in the place of every table that holds data."""
    for table in list(tree.iter("table")):
        parent = table.getparent()
        if parent is None or next(table.iterdescendants("table"), None) is not None:
            continue
        cells, header_rows = _cells(table)
        if not _is_data(cells):
            continue
        block = etree.Element("div")
        for line in table_lines(cells, header_rows):
            etree.SubElement(block, "p").text = line
        block.tail = table.tail
        parent.replace(table, block)


def _cells(table: Element) -> tuple[list[Cell], int | None]:
    """Return the cells at their places, and how many rows at the top are header cells throughout."""
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    header_rows = sum(1 for _ in takewhile(lambda row: row and all(cell.tag == "th" for cell in row), rows))
    # A name and its value by turns: a form.
    colon = "：" if all([c.tag for c in row] == ["th", "td"] * (len(row) // 2) for row in rows) else ""
    cells: list[Cell] = []
    taken: set[tuple[int, int]] = set()
    for i, row in enumerate(rows):
        column = 0
        for cell in row:
            while (i, column) in taken:
                column += 1
            height, width = _span(cell, "rowspan"), _span(cell, "colspan")
            taken |= {(i + down, column + across) for down in range(height) for across in range(width)}
            text = " ".join("".join(cell.itertext()).split())
            if cell.tag == "th" and colon:
                text = text.rstrip("：:") + colon
            cells.append(Cell(i, column, text, height, width))
    return cells, header_rows or None


def _span(cell: Element, name: str) -> int:
    value = cell.get(name, "1").strip()
    return min(max(int(value), 1), 100) if value.isdecimal() else 1


def _is_data(cells: list[Cell]) -> bool:
    """A table with one row or one column, or with long text in a cell, only lays out the page."""
    return (
        len({cell.row for cell in cells}) > 1
        and len({cell.column for cell in cells}) > 1
        and max(len(cell.text) for cell in cells) <= _LONGEST_CELL
    )


def _lines(body: Element) -> list[str]:
    """Return the paragraphs of what trafilatura found."""
    text = "".join(_flow(body))
    return [line for line in (" ".join(line.split(" ")).strip() for line in text.split("\n")) if line]


def _flow(element: Element) -> Iterator[str]:
    """Yield text with a line break around every block."""
    block = element.tag in _BLOCKS
    yield "\n" if block or element.tag == "lb" else ""
    yield element.text or ""
    for child in element:
        yield from _flow(child)
        yield child.tail or ""
    yield "\n" if block else " " if element.tag == "cell" else ""


def _page_lines(tree: Element) -> Iterator[_PageLine]:
    """Yield every line that the page shows."""
    texts: list[str] = []
    number, block = 1, tree
    for text, element, breaks in _strings(tree):
        if breaks and "".join(texts).strip():
            yield _PageLine(number, " ".join("".join(texts).split()), block.tag, block.getparent())
        if breaks:
            texts, number, block = [], element.sourceline or number, element
        texts.append(text)
    if "".join(texts).strip():
        yield _PageLine(number, " ".join("".join(texts).split()), block.tag, block.getparent())


def _strings(element: Element) -> Iterator[tuple[str, Element, bool]]:
    """Yield the strings below an element, the block each stands in, and whether a new line begins with it."""
    if not isinstance(element.tag, str) or element.tag in _UNSEEN:
        return
    inline = element.tag in _INLINE
    yield element.text or "", element, not inline
    for child in element:
        yield from _strings(child)
        after_block = isinstance(child.tag, str) and child.tag not in _INLINE | _UNSEEN
        yield child.tail or "", element, after_block


def _restore(lines: list[str], page_lines: list[_PageLine]) -> tuple[list[str], list[_PageLine]]:
    """Put back what stands beside the paragraphs kept, in the same block, and was left out: headings, signatures.

    Return the text's lines, and the lines of the page that are still left out.
    """
    found = _places(lines, page_lines)
    if not found:
        return lines, []
    matched = set(found.values())
    cut_otherwise = "".join(_squeezed(line) for i, line in enumerate(lines) if i not in matched)
    own = [i for i, line in enumerate(page_lines) if i in found or _squeezed(line.text) not in cut_otherwise]
    first, last = own.index(min(found)), own.index(max(found))
    blocks = {page_lines[i].container for i in found}
    before = _beside([page_lines[i] for i in own[:first][::-1]], blocks)
    after = _beside([page_lines[i] for i in own[last + 1 :]], blocks)
    restored: list[str] = []
    left_out: list[_PageLine] = []
    done = 0
    for place, i in enumerate(own):
        line = page_lines[i]
        if i in found:
            upto = len(lines) if place == last else found[i] + 1
            restored += lines[done:upto]
            done = upto
        elif first - before <= place <= last + after and (line.container in blocks or not first < place < last):
            restored.append(line.text)
        else:
            left_out.append(line)
    return restored, left_out


def _places(lines: list[str], page_lines: list[_PageLine]) -> dict[int, int]:
    """Return which line of the page is which line of the text."""
    theirs = [_squeezed(line.text) for line in page_lines]
    matcher = SequenceMatcher(None, theirs, [_squeezed(line) for line in lines], autojunk=False)
    return {block.a + i: block.b + i for block in matcher.get_matching_blocks() for i in range(block.size)}


def _beside(page_lines: list[_PageLine], blocks: set[Element | None]) -> int:
    """Count the lines, from the first on, that stand in one of the blocks; of the whole page only headings count."""

    def belongs(line: _PageLine) -> bool:
        block = line.container
        return block is not None and block in blocks and (block.tag != "body" or line.tag in _HEADINGS)

    return sum(1 for _ in takewhile(belongs, page_lines))


def _squeezed(text: str) -> str:
    return "".join(text.split())
