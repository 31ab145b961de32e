"""Which kind of document a file is: told by its content, and checked against its name."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn

from corpus.decode import SourceError, decode
from corpus.listing import DATE, TITLE
from corpus.readers.archive import check_archive

if TYPE_CHECKING:
    from pathlib import Path


class Kind(StrEnum):
    """A format that is read, by the name a person would give it."""

    LISTING = "a saved listing of the portal"
    TEXT = "plain text"
    MARKDOWN = "Markdown text"
    HTML = "an HTML page"
    PDF = "a PDF"
    WORD = "a Word document"
    WORKBOOK = "an Excel workbook"
    TABLE = "a CSV table"


SUFFIXES = {
    Kind.LISTING: (".txt",),
    Kind.TEXT: (".txt",),
    Kind.MARKDOWN: (".md", ".markdown"),
    Kind.HTML: (".html", ".htm", ".xhtml"),
    Kind.PDF: (".pdf",),
    Kind.WORD: (".docx",),
    Kind.WORKBOOK: (".xlsx", ".xlsm"),
    Kind.TABLE: (".csv", ".tsv"),
}

#: First bytes of what is known and not read: (bytes, what it is, what to do).
_REFUSED = (
    (b"{\\rtf", "a rich text file (RTF)", "save it as .docx"),
    (b"From: <Saved by", "a web archive (MHTML)", "save the page again as 'HTML only'"),
    (b"MIME-Version:", "a web archive (MHTML)", "save the page again as 'HTML only'"),
    (b"\x89PNG", "a picture (PNG)", "run OCR first and add the text or PDF that it gives"),
    (b"\xff\xd8\xff", "a picture (JPEG)", "run OCR first and add the text or PDF that it gives"),
    (b"GIF8", "a picture (GIF)", "run OCR first and add the text or PDF that it gives"),
    (b"II*\0", "a picture (TIFF)", "run OCR first and add the text or PDF that it gives"),
    (b"MM\0*", "a picture (TIFF)", "run OCR first and add the text or PDF that it gives"),
    (b"Rar!", "an archive (RAR)", "unpack it and add the documents inside"),
    (b"7z\xbc\xaf", "an archive (7z)", "unpack it and add the documents inside"),
    (b"\x1f\x8b", "an archive (gzip)", "unpack it and add the documents inside"),
    (b"%!PS", "a PostScript file", "save it as PDF"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Names of streams inside an old Office file, which holds them as UTF-16: (name, what it is, what to do).
_OLE_STREAMS = (
    ("EncryptedPackage", "an Office file protected by a password", "open it, remove the password and save it again"),
    ("WordDocument", "an old Word file (.doc)", "open it and save it as .docx"),
    ("Workbook", "an old Excel file (.xls)", "open it and save it as .xlsx"),
    ("Book", "an old Excel file (.xls)", "open it and save it as .xlsx"),
    ("PowerPoint Document", "an old PowerPoint file (.ppt)", "open it and save it as PDF"),
)
#: Names inside a zip file: (beginning of a name, what it is, what to do).
_ZIPPED = (
    ("ppt/", "a PowerPoint file", "save it as PDF"),
    ("OFD.xml", "an OFD file", "save it as PDF"),
    ("content.xml", "an OpenDocument file", "save it as .docx or .xlsx"),
    ("META-INF/container.xml", "an e-book (EPUB)", "save it as PDF"),
    ("", "an archive (zip)", "unpack it and add the documents inside"),
)
_PDF = re.compile(rb"(?:\xef\xbb\xbf)?\s*%PDF-")
_BEFORE_TAGS = r"\ufeff?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
_PAGE = re.compile(rf"{_BEFORE_TAGS}<(?:!doctype\s+html|html|head)\b", re.IGNORECASE | re.DOTALL)
#: A part of a page; Markdown may begin like that too.
_PAGE_PART = re.compile(
    rf"{_BEFORE_TAGS}<(?:body|title|meta|div|article|section|main|h1|p|table)\b", re.IGNORECASE | re.DOTALL
)
#: A page's first tag stands within this many bytes, comments included.
_HEAD = 20_000


def find_kind(data: bytes, path: Path) -> Kind:
    """Return the kind of a file's bytes.

    Raises:
        SourceError: empty, of no kind that is read, or not of the kind that the name's ending says.
    """
    if not data.strip():
        raise SourceError(path, None, "the file is empty; a document with text is needed")
    kind = _binary_kind(data, path) or _text_kind(data, path)
    if path.suffix.lower() not in SUFFIXES[kind]:
        wanted = " or ".join(SUFFIXES[kind])
        named = f"the name ends in {path.suffix}" if path.suffix else "the name has no ending"
        raise SourceError(
            path,
            None,
            f"{named}, but the content is {kind}, whose name ends in {wanted}; "
            "give it that ending if the content is what you meant, else save it again in the format wanted",
        )
    return kind


def _binary_kind(data: bytes, path: Path) -> Kind | None:
    """Tell a kind by its first bytes; None for text."""
    if _PDF.match(data[:1024]):
        return Kind.PDF
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped_kind(data, path)
    if data.startswith(_OLE):
        for name, what, way_out in _OLE_STREAMS:
            if name.encode("utf-16-le") in data:
                _refuse(path, what, way_out)
        _refuse(path, "an old Office or WPS file", "open it and save it as .docx, .xlsx or PDF")
    for start, what, way_out in _REFUSED:
        if data.startswith(start):
            _refuse(path, what, way_out)
    return None


def _zipped_kind(data: bytes, path: Path) -> Kind:
    names = check_archive(data, path)
    if "word/document.xml" in names:
        return Kind.WORD
    if "xl/workbook.xml" in names:
        return Kind.WORKBOOK
    for start, what, way_out in _ZIPPED:
        if any(name.startswith(start) for name in names):
            _refuse(path, what, way_out)
    return _refuse(path, "an empty archive (zip)", "add the documents themselves")


def _text_kind(data: bytes, path: Path) -> Kind:
    """Tell the kind of a text; where several fit, the name's ending says which is meant."""
    suffix = path.suffix.lower()
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")) and suffix not in _TEXT_SUFFIXES:
        _refuse(path, f"of no kind that is known here (it begins {data[:8].hex(' ')})", "save it as one of these")
    head = _head(data)
    if _PAGE.match(head):
        return Kind.HTML
    if suffix in SUFFIXES[Kind.MARKDOWN]:
        return Kind.MARKDOWN
    if _PAGE_PART.match(head):
        return Kind.HTML
    text = decode(data, path)
    if is_listing(text) and suffix not in SUFFIXES[Kind.TABLE]:
        return Kind.LISTING
    if suffix in SUFFIXES[Kind.TABLE] or _has_articles(text):
        return Kind.TABLE
    return Kind.TEXT


_TEXT_SUFFIXES = tuple(
    suffix for kind in (Kind.TEXT, Kind.MARKDOWN, Kind.HTML, Kind.TABLE) for suffix in SUFFIXES[kind]
)


def is_listing(text: str) -> bool:
    """Return whether a text is a listing: a title line comes first, or title lines and lone dates are among it."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if lines and TITLE.match(lines[0]):
        return True
    return any(TITLE.match(line) for line in lines) and any(DATE.match(line) for line in lines)


def _has_articles(text: str) -> bool:
    """Return whether the first line is the header of a table of articles."""
    header = re.split(r"[,;\t]", text.partition("\n")[0].strip())
    return len(header) > 1 and "full_text" in (name.strip(' "') for name in header)


def _head(data: bytes) -> str:
    """Return the beginning of a page, good enough to see its tags."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
    head = data[:_HEAD].decode(encoding, errors="replace")
    return head.removeprefix("\xef\xbb\xbf")


def _refuse(path: Path, what: str, way_out: str) -> NoReturn:
    wanted = ", ".join(suffix for suffixes in dict.fromkeys(SUFFIXES.values()) for suffix in suffixes)
    raise SourceError(path, None, f"this is {what}; read are {wanted}; {way_out}")
