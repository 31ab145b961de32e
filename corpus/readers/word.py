"""Word documents (.docx): a paragraph a line with its automatic number; tables with their header in every row."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from corpus.readers.front import Front, Line, is_title, read_front
from corpus.readers.guard import refusing_damage
from corpus.readers.numbering import Numbering
from corpus.readers.package import refuse_entities
from corpus.readers.rows import Cell, table_lines
from corpus.readers.types import ReadResult, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from docx.document import Document as WordDocument
    from docx.oxml.xmlchemy import BaseOxmlElement as Element

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
#: Parts of a paragraph that hold no text of it: deleted or moved away, said again for old programs, or apart.
_NOT_TEXT = frozenset(
    {_FALLBACK, *(qn(f"w:{name}") for name in ("del", "moveFrom", "pPr", "txbxContent", "instrText", "rt"))}
)
_TABLE_OF_CONTENTS = "Table of Contents"
#: Columns; Word's own limit is 63.
_WIDEST = 63
_TITLES = ("title", "标题")
_HEADING_STYLE = re.compile(r"(?:heading|标题)\s*([1-9])")
#: Places in the outline; 9 is that of running text.
_OUTLINE = tuple("012345678")
#: Titles that programs give by themselves.
_EMPTY_TITLES = ("", "word document", "document", "文档")


def read(data: bytes, path: Path) -> ReadResult:
    """Read a Word document; tracked insertions count as text, deletions do not.

    Page headers, footnotes, hidden text and the table of contents are left out. The file's own dates are those of
    the file, not of its posting, and are not read.

    Raises:
        SourceError: damaged, with declared entities, or without text.
    """
    refuse_entities(data, path, "Word document")
    with refusing_damage(path, "Word document"):
        document = Document(io.BytesIO(data))
        walk = _Walk(document, path)
        lines = list(walk.lines(document.element.body))
        walk.skip_side_texts(document)
        own_title = _own_title(document)
    own = read_front([line.text for line in lines])
    front = Front(walk.title).or_else(own).or_else(Front(walk.heading or own_title))
    return ReadResult((front.post_lines(lines, path),), tuple(walk.skipped))


class _Walk:
    """One walk through a document's body, in its order."""

    def __init__(self, document: WordDocument, path: Path) -> None:
        self._path = path
        self._numbering = Numbering(document)
        self._style_names = {
            style.get(qn("w:styleId"), ""): _attribute(style.find(qn("w:name"))).lower()
            for style in document.styles.element.findall(qn("w:style"))
        }
        self.title: str | None = None
        self.heading: str | None = None
        self.skipped: list[Skipped] = []

    def lines(self, block: Element) -> Iterator[Line]:
        """Yield the lines of a body, a cell or a text box."""
        for element in block:
            if element.tag == qn("w:p"):
                yield from self._paragraph(element)
            elif element.tag == qn("w:tbl"):
                yield from self._table(element)
            elif element.tag == qn("w:sdt"):
                yield from self._content_control(element)
            elif element.tag not in _NOT_TEXT:
                yield from self.lines(element)

    def skip_side_texts(self, document: WordDocument) -> None:
        """Report footnotes, endnotes, page headers and footers as left out."""
        kinds = {
            RELATIONSHIP_TYPE.FOOTNOTES: "footnote",
            RELATIONSHIP_TYPE.ENDNOTES: "endnote",
            RELATIONSHIP_TYPE.HEADER: "page header",
            RELATIONSHIP_TYPE.FOOTER: "page footer",
        }
        for relation in document.part.rels.values():
            if relation.reltype in kinds and not relation.is_external:
                for paragraph in parse_xml(relation.target_part.blob).iter(qn("w:p")):
                    self._skip("".join(self._words(paragraph)), kinds[relation.reltype])

    def _paragraph(self, paragraph: Element) -> Iterator[Line]:
        text = "".join(self._words(paragraph)).strip()
        style = self._style_name(paragraph)
        if style.startswith("toc "):
            self._skip(text, "table of contents")
            return
        label = self._numbering.label(paragraph) if text else ""
        if self.title is None and style in _TITLES and is_title(text):
            self.title = " ".join(text.split())
        elif self.heading is None and _HEADING_STYLE.match(style) and is_title(text):
            self.heading = " ".join(text.split())
        if text:
            yield Line(label + text, 0 if style in _TITLES else self._level(paragraph, style))
        for box in paragraph.iter(qn("w:txbxContent")):
            if all(above.tag not in _NOT_TEXT or above is box for above in _up_to(box, paragraph)):
                yield from self.lines(box)

    def _words(self, element: Element) -> Iterator[str]:
        """Yield the text below an element, line breaks as they are."""
        for child in element:
            if child.tag in _NOT_TEXT:
                continue
            if child.tag == qn("w:r") and _is_hidden(child):
                self._skip("".join(text.text or "" for text in child.iter(qn("w:t"))), "hidden text")
            elif child.tag in (qn("w:t"), _MATH_TEXT):
                yield child.text or ""
            elif child.tag == qn("w:br"):
                yield "\n" if child.get(qn("w:type"), "textWrapping") == "textWrapping" else ""
            elif child.tag in _MARKS:
                yield _MARKS[child.tag]
            else:
                yield from self._words(child)

    def _content_control(self, control: Element) -> Iterator[Line]:
        gallery = next(control.iter(qn("w:docPartGallery")), None)
        content = control.find(qn("w:sdtContent"))
        if content is None:
            return
        if _attribute(gallery) == _TABLE_OF_CONTENTS:
            for paragraph in content.iter(qn("w:p")):
                self._skip("".join(self._words(paragraph)), "table of contents")
            return
        yield from self.lines(content)

    def _table(self, table: Element) -> Iterator[Line]:
        """Yield a table's rows; one that only frames text (one row or one column) gives its paragraphs."""
        rows = [row for row in table.iter(qn("w:tr")) if _own_table(row) is table and not _is_deleted(row)]
        grid = [list(_cells(row)) for row in rows]
        if len(rows) == 1 or all(len(cells) < 2 for cells in grid):
            for cells in grid:
                for _, cell in cells:
                    yield from self.lines(cell)
            return
        header_rows = sum(row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows)
        yield from map(Line, table_lines(self._merged(grid), min(header_rows, len(rows) - 1) or None))

    def _merged(self, grid: list[list[tuple[int, Element]]]) -> list[Cell]:
        """Return the cells at their places; a cell that goes on from the row above makes that one higher."""
        cells: list[Cell] = []
        open_at: dict[int, int] = {}
        for row, elements in enumerate(grid):
            for column, element in elements:
                properties = element.find(qn("w:tcPr"))
                merge = properties.find(qn("w:vMerge")) if properties is not None else None
                if merge is not None and merge.get(qn("w:val"), "continue") == "continue" and column in open_at:
                    i = open_at[column]
                    above = cells[i]
                    cells[i] = Cell(above.row, column, above.text, row - above.row + 1, above.columns)
                    continue
                open_at[column] = len(cells)
                cells.append(
                    Cell(row, column, " ".join(line.text for line in self.lines(element)), 1, _grid_span(element))
                )
        return cells

    def _style_name(self, paragraph: Element) -> str:
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        return self._style_names.get(_attribute(style), "")

    def _level(self, paragraph: Element, style: str) -> int:
        """Return the level of a heading, by its style or by its place in the outline; 0 for running text."""
        named = _HEADING_STYLE.match(style)
        if named:
            return int(named[1])
        outline = _attribute(paragraph.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}"))
        return int(outline) + 1 if outline in _OUTLINE else 0

    def _skip(self, text: str, reason: str) -> None:
        if text.strip():
            self.skipped.append(Skipped(self._path, 0, text.strip(), reason))


_MARKS = {qn("w:tab"): "\t", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}


def _attribute(element: Element | None) -> str:
    return "" if element is None else str(element.get(qn("w:val"), ""))


def _is_hidden(run: Element) -> bool:
    vanish = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
    return vanish is not None and vanish.get(qn("w:val"), "1") not in ("0", "false", "off")


def _is_deleted(row: Element) -> bool:
    return row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None


def _own_table(row: Element) -> Element | None:
    return next(row.iterancestors(qn("w:tbl")), None)


def _up_to(element: Element, top: Element) -> Iterator[Element]:
    """Yield an element and what is above it, below `top`."""
    at: Element | None = element
    while at is not None and at is not top:
        yield at
        at = at.getparent()


def _cells(row: Element) -> Iterator[tuple[int, Element]]:
    """Yield the cells of a row with the column of the grid in which each begins."""
    before = row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}")
    column = min(int(_attribute(before) or 0), _WIDEST)
    for cell in row.iter(qn("w:tc")):
        if next(cell.iterancestors(qn("w:tr"))) is row:
            yield column, cell
            column += _grid_span(cell)


def _grid_span(cell: Element) -> int:
    return min(int(_attribute(cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")) or 1), _WIDEST)


def _own_title(document: WordDocument) -> str | None:
    """Return the title among the file's properties, unless a program made it up."""
    title = " ".join((document.core_properties.title or "").split())
    made_up = title.lower() in _EMPTY_TITLES or title.lower().startswith("microsoft word - ")
    return None if made_up or not is_title(title) else title
