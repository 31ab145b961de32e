"""Makes the files that the reader tests read: each format by a library that writes it, damage by hand."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl import Workbook
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from docx.document import Document as WordDocument
    from docx.text.paragraph import Paragraph

#: A4 in points; text begins at LEFT and is WIDTH characters of SIZE wide.
HEIGHT, LEFT, SIZE, PITCH, WIDTH = 842, 72, 12, 20, 36
#: A font that every PDF program has for Chinese, so that none must be embedded.
FONT = "STSong-Light"


def wrapped(paragraph: str) -> list[str]:
    """Wrap a paragraph as a printer does: two characters of indent, then full lines of WIDTH characters."""
    first, rest = paragraph[: WIDTH - 2], paragraph[WIDTH - 2 :]
    return ["　　" + first, *(rest[i : i + WIDTH] for i in range(0, len(rest), WIDTH))]


def pdf(pages: Sequence[Callable[[Canvas], None]], encrypt: str | None = None, title: str | None = None) -> bytes:
    """Make a PDF of pages, each drawn by a function."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(595, HEIGHT), encrypt=encrypt, invariant=True)
    if title:
        canvas.setTitle(title)
    for draw in pages:
        canvas.setFont(FONT, SIZE)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def page(lines: Iterable[str], header: str = "", footer: str = "", top: int = HEIGHT - 140) -> Callable[[Canvas], None]:
    """Return what draws a page of lines from `top` downwards, with a header and a footer."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(LEFT, HEIGHT - 50, header)
        canvas.drawCentredString(297, 50, footer)
        for i, line in enumerate(lines):
            canvas.drawString(LEFT, top - i * PITCH, line)

    return draw


def ruled(rows: Sequence[Sequence[str]], top: int = HEIGHT - 140, before: str = "") -> Callable[[Canvas], None]:
    """Return what draws a table with rules, below a line of text."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(LEFT, top + PITCH, before)
        columns = [LEFT + 140 * i for i in range(len(rows[0]) + 1)]
        canvas.grid(columns, [top - 24 * i for i in range(len(rows) + 1)])
        for i, row in enumerate(rows):
            for x, text in zip(columns, row, strict=False):
                canvas.drawString(x + 6, top - 24 * i - 16, text)

    return draw


def scan(canvas: Canvas) -> None:
    """Draw a page that is a picture."""
    canvas.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, 595, HEIGHT)


def word(fill: Callable[[WordDocument], object]) -> bytes:
    """Make a Word document that `fill` has filled."""
    document = Document()
    document.core_properties.title = ""
    fill(document)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def number(document: WordDocument, levels: Sequence[tuple[str, str]]) -> str:
    """Add a list with automatic numbers, a level each for (format, text); return its id."""
    numbering = document.part.numbering_part.element
    inner = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{style}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for i, (style, text) in enumerate(levels)
    )
    space = nsdecls("w")
    numbering.insert(0, parse_xml(f'<w:abstractNum {space} w:abstractNumId="90">{inner}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {space} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    return "90"


def numbered(paragraph: Paragraph, list_id: str, level: int = 0) -> None:
    """Put a paragraph into a list."""
    properties = paragraph._p.get_or_add_pPr()
    properties.append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>')
    )


def workbook(fill: Callable[[Workbook], object]) -> bytes:
    """Make an Excel workbook that `fill` has filled."""
    book = Workbook()
    fill(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    """Make a zip file of parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return file.getvalue()


def with_part(package: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a zip file with one part changed, or added."""
    with zipfile.ZipFile(io.BytesIO(package)) as old:
        parts = {info.filename: old.read(info) for info in old.infolist()}
    return zipped({**parts, name: change(parts.get(name, b""))})
