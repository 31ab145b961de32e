"""Every format is read with its title, date and line breaks; every refusal names the file and the way out."""

from __future__ import annotations

import base64
import csv
import datetime as dt
import io
import subprocess
import sys
import zipfile
import zlib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given
from hypothesis import strategies as st

from corpus.decode import SourceError
from corpus.library import SEED
from corpus.readers import ReadResult, Skipped, archive, pdf, read_file
from corpus.readers.front import is_title, read_day
from corpus.readers.glyphs import as_characters
from corpus.readers.numbering import written
from corpus.readers.paragraphs import Line, join_lines, running_lines
from corpus.readers.rows import Cell, table_lines
from corpus.readers.workbook import shown
from tests.corpus import files

if TYPE_CHECKING:
    from collections.abc import Callable

    from docx.document import Document as WordDocument
    from openpyxl import Workbook
    from reportlab.pdfgen.canvas import Canvas

    Reads = Callable[[str, bytes], ReadResult]

#: In GB18030 these words are not UTF-8, so the two can be told apart whatever follows.
OPENING = "青山区政府工作报告\n"
PARAGRAPH = "青山区全年实现地区生产总值六百二十亿元，同比增长百分之五点一，区级财政收入八十八点八亿元，新引进企业九家。"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@pytest.fixture(scope="session")
def reads(tmp_path_factory: pytest.TempPathFactory) -> Reads:
    """Write bytes to a file of that name and read it."""
    folder = tmp_path_factory.mktemp("files")

    def read(name: str, data: bytes) -> ReadResult:
        path = folder / name
        path.write_bytes(data)
        return read_file(path)

    return read


def only(result: ReadResult) -> tuple[str, date | None, str, list[str]]:
    """Return title, date, source and lines of the one text."""
    (raw,) = result.texts
    return raw.posting.title, raw.posting.date, raw.posting.source, raw.text.split("\n")


def left_out(result: ReadResult) -> list[tuple[int, str, str]]:
    return [(skipped.line, skipped.text, skipped.reason) for skipped in result.skipped]


def refused(reads: Reads, name: str, data: bytes) -> str:
    with pytest.raises(SourceError) as caught:
        reads(name, data)
    assert caught.value.path.name == name
    assert f"{name}" in str(caught.value)
    return caught.value.fault


# What is refused


@pytest.mark.parametrize("data", [b"", b" \n\r\n\t "])
@pytest.mark.parametrize("name", ["空.txt", "空.pdf", "空.docx", "空.csv"])
def test_an_empty_file_is_refused(reads: Reads, name: str, data: bytes) -> None:
    assert "the file is empty" in refused(reads, name, data)


def test_a_file_over_the_limit_is_refused_with_both_numbers(tmp_path: Path) -> None:
    path = tmp_path / "大.txt"
    path.write_bytes(b"a" * 1001)
    assert len(read_file(path, limit_bytes=1001).texts[0].text) == 1001
    with pytest.raises(SourceError, match=r"大\.txt: the file has 1,001 bytes; at most 1,000 are read"):
        read_file(path, limit_bytes=1000)


WORD = files.word(lambda document: document.add_paragraph(PARAGRAPH))
BOOK = files.workbook(lambda book: book.active.append(["指标", "数值"]) or book.active.append(["产值", 6]))  # type: ignore[union-attr]
PDF = files.pdf([files.page(files.wrapped(PARAGRAPH))])


@pytest.mark.parametrize(
    ("name", "data", "ending", "kind"),
    [
        ("报告.docx", PDF, ".docx", "a PDF"),
        ("报告.pdf", WORD, ".pdf", "a Word document"),
        ("报告.docx", BOOK, ".docx", "an Excel workbook"),
        ("报告.xlsx", "指标,数值\n".encode(), ".xlsx", "plain text"),
        ("报告.txt", b"<!DOCTYPE html><html><body><p>a</p></body></html>", ".txt", "an HTML page"),
        ("报告.md", b"\xef\xbb\xbf<!-- a --><html><body></body></html>", ".md", "an HTML page"),
        ("报告.html", PARAGRAPH.encode(), ".html", "plain text"),
        ("报告.txt", "title,full_text\n甲,乙\n".encode(), ".txt", "a CSV table"),
        ("报告.json", b'{"a": 1}', ".json", "plain text"),
        ("报告.pdf", "• 【青山区招商】标题\n正文\n2032-01-01\n".encode(), ".pdf", "a saved listing of the portal"),
    ],
)
def test_a_wrong_ending_is_refused_with_both_named(
    reads: Reads, name: str, data: bytes, ending: str, kind: str
) -> None:
    fault = refused(reads, name, data)
    assert f"the name ends in {ending}, but the content is {kind}" in fault
    assert "save it again" in fault


def test_a_name_without_ending_is_refused(reads: Reads) -> None:
    assert "the name has no ending, but the content is a PDF, whose name ends in .pdf" in refused(reads, "报告", PDF)


@pytest.mark.parametrize(
    ("name", "data", "what", "way_out"),
    [
        ("旧.doc", OLE + "WordDocument".encode("utf-16-le"), "an old Word file (.doc)", "save it as .docx"),
        ("旧.xls", OLE + "Workbook".encode("utf-16-le"), "an old Excel file (.xls)", "save it as .xlsx"),
        ("旧.ppt", OLE + "PowerPoint Document".encode("utf-16-le"), "an old PowerPoint file", "save it as PDF"),
        ("旧.wps", OLE, "an old Office or WPS file", "save it as .docx"),
        ("锁.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "protected by a password", "remove the password"),
        ("a.rtf", b"{\\rtf1 a}", "a rich text file", "save it as .docx"),
        ("a.mhtml", b"From: <Saved by Blink>\n", "a web archive", "HTML only"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "a picture (PNG)", "run OCR first"),
        ("a.tif", b"II*\0\x08", "a picture (TIFF)", "run OCR first"),
        ("a.gz", b"\x1f\x8b\x08", "an archive (gzip)", "unpack it"),
        ("a.zip", files.zipped({"报告.txt": b"a"}), "an archive (zip)", "unpack it"),
        ("a.zip", files.zipped({}), "an empty archive", "add the documents"),
        ("a.pptx", files.zipped({"ppt/presentation.xml": b"<a/>"}), "a PowerPoint file", "save it as PDF"),
        ("a.ofd", files.zipped({"OFD.xml": b"<a/>"}), "an OFD file", "save it as PDF"),
        ("a.odt", files.zipped({"content.xml": b"<a/>"}), "an OpenDocument file", "save it as .docx"),
        ("a.bin", b"\x7fELF\0\0\1", "of no kind that is known here (it begins 7f 45 4c 46", "save it as one of these"),
    ],
)
def test_what_is_known_and_not_read_is_refused_by_name(
    reads: Reads, name: str, data: bytes, what: str, way_out: str
) -> None:
    fault = refused(reads, name, data)
    assert what in fault
    assert way_out in fault
    assert ".docx, .xlsx" in fault


@pytest.mark.parametrize(("name", "whole"), [("a.docx", WORD), ("a.xlsx", BOOK), ("a.pdf", PDF)])
def test_a_file_cut_short_is_refused(reads: Reads, name: str, whole: bytes) -> None:
    fault = refused(reads, name, whole[: len(whole) * 2 // 3])
    assert "cut short" in fault
    assert "again" in fault


@pytest.mark.parametrize(
    ("name", "package", "part"), [("a.docx", WORD, "word/document.xml"), ("a.xlsx", BOOK, "xl/workbook.xml")]
)
def test_damaged_office_parts_are_refused(reads: Reads, name: str, package: bytes, part: str) -> None:
    assert "the file is damaged" in refused(reads, name, files.with_part(package, part, lambda old: b"no xml"))
    assert "the file is damaged" in refused(reads, name, files.with_part(package, part, lambda old: old[:-40]))


def test_a_damaged_pdf_is_refused(reads: Reads) -> None:
    assert "the file is damaged" in refused(reads, "a.pdf", b"%PDF-1.4\nnothing of a PDF\n%%EOF")
    part = b"9 0 obj\n<</Filter/FlateDecode>>\nstream\n%b\nendstream\nendobj\n%%%%EOF"
    stream = zlib.compress(PARAGRAPH.encode())
    assert reads("a.pdf", PDF.replace(b"%%EOF", part % stream)).texts
    broken = stream[:20] + b"\0" + stream[21:]
    assert "the file is damaged (its part at byte" in refused(reads, "a.pdf", PDF.replace(b"%%EOF", part % broken))


def test_a_zip_bomb_is_refused_before_anything_is_unpacked(reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = files.with_part(WORD, "word/media/a.xml", lambda old: bytes(2_000_000))

    def never(*arguments: object) -> None:
        raise AssertionError("unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "open", never)
    fault = refused(reads, "a.docx", bomb)
    assert "word/media/a.xml would unpack from" in fault
    assert "to 2,000,000 bytes, more than 100 times" in fault


def test_a_document_that_unpacks_to_too_much_is_refused(reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "UNPACKED_LIMIT", 20_000)
    assert "at most 20,000 are read" in refused(reads, "a.docx", WORD)


def test_a_zip_with_a_password_is_refused(reads: Reads) -> None:
    data = bytearray(files.zipped({"word/document.xml": b"<a/>"}))
    data[data.index(b"PK\1\2") + 8] |= 1  # the flag in the directory
    assert "protected by a password" in refused(reads, "a.docx", bytes(data))


@pytest.mark.parametrize(
    ("name", "package", "part"), [("a.docx", WORD, "word/document.xml"), ("a.xlsx", BOOK, "xl/sharedStrings.xml")]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_declared_entities_are_refused(reads: Reads, name: str, package: bytes, part: str, encoding: str) -> None:
    def declare(old: bytes) -> bytes:
        text = old.decode().partition("?>")[2]
        return f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>{text}'.encode(encoding)

    fault = refused(reads, name, files.with_part(package, part, declare))
    assert f"its part {part} declares a document type or entities" in fault


def test_an_encrypted_pdf_is_refused(reads: Reads) -> None:
    data = files.pdf([files.page([PARAGRAPH])], encrypt="geheim")
    assert "encrypted or protected; an open PDF is needed; print it to a new PDF" in refused(reads, "a.pdf", data)


def test_a_scanned_pdf_is_refused(reads: Reads) -> None:
    fault = refused(reads, "a.pdf", files.pdf([files.scan, files.scan]))
    assert "2 of 2 pages are pictures and the PDF has 0 characters of text" in fault
    assert "run OCR first" in fault


@pytest.mark.parametrize("as_text", [False, True])
def test_a_pdf_bomb_is_refused(reads: Reads, monkeypatch: pytest.MonkeyPatch, as_text: bool) -> None:
    packed = zlib.compress(bytes(300_000))
    stream, filters = (base64.a85encode(packed) + b"~>", b"/ASCII85Decode ") if as_text else (packed, b"")
    part = b"9 0 obj\n<</Filter[%b/FlateDecode]>>\nstream\n%b\nendstream\nendobj\n" % (filters, stream)
    data = PDF.replace(b"%%EOF", part + b"%%EOF")
    assert reads("a.pdf", data).texts
    monkeypatch.setattr(pdf, "UNPACKED_LIMIT", 200_000)
    assert "its parts unpack to over 200,000 bytes" in refused(reads, "a.pdf", data)


# Text


@given(rest=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=80))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_comes_back_as_it_was_written(reads: Reads, encoding: str, rest: str) -> None:
    text = OPENING + rest
    (raw,) = reads("文.txt", text.encode(encoding)).texts
    assert raw.text == text
    assert raw.posting.title == OPENING.strip()


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("关于支持总部的意见\n正文。", "关于支持总部的意见"),
        ("# 关于支持总部的意见 #\n正文。", "关于支持总部的意见"),
        ("青府规〔2031〕5号\n\n关于支持总部的意见\n正文。", "关于支持总部的意见"),
        ("下载\n打印\n关于支持总部的意见\n正文。", "关于支持总部的意见"),
        ("本区去年引进企业九家。\n关于支持总部的意见\n", "文件名"),
        ("长" * 60 + "\n关于支持总部的意见", "文件名"),
        (
            "青山区人民政府文件\n青府规〔2031〕5号\n青山区人民政府\n关于支持总部的意见\n正文。",
            "青山区人民政府关于支持总部的意见",
        ),
        ("当前位置：\n首页\n政务信息\n青山要闻\n关于支持总部的意见\n正文。", "关于支持总部的意见"),
        ("附件1\n关于支持总部的意见\n正文。", "关于支持总部的意见"),
        (
            "2031年青山区政府工作报告——2031年1月9日在青山区第三届人民代表大会上 各位代表：" + "长" * 60,
            "2031年青山区政府工作报告",
        ),
        ("青山区政府工作报告 各位代表：现在作报告。" + "长" * 60, "青山区政府工作报告"),
        ("12345\n---\n", "文件名"),
    ],
)
def test_the_title_of_a_text(reads: Reads, text: str, title: str) -> None:
    result = reads("文件名.txt", text.encode())
    assert result.texts[0].posting.title == title
    assert result.texts[0].text == text


def test_a_text_says_when_and_where_it_was_posted(reads: Reads) -> None:
    text = (
        "关于支持总部的意见\n发布日期：2031年5月1日\n成文日期：2031年4月1日\n来源：https://example.org/a.html\n正文。"
    )
    assert only(reads("a.txt", text.encode()))[:3] == (
        "关于支持总部的意见",
        date(2031, 5, 1),
        "https://example.org/a.html",
    )


def test_dates_that_are_not_of_the_posting_are_not_taken_for_it(reads: Reads) -> None:
    text = "关于支持总部的意见\n成文日期：2031-04-01\n时间：2031-06-01 地点：青山湾\n自2031年7月1日起施行。"
    assert only(reads("a.txt", text.encode()))[1] is None


def test_front_matter_is_read_and_taken_off(reads: Reads) -> None:
    text = "---\ntitle: '标题: 一'\ndate: 2031-05-01\nurl: https://example.org/a\ntags: [甲, 乙]\n---\n正文第一段。\n"
    for name in ("a.txt", "a.md"):
        result = reads(name, text.encode())
        assert only(result)[:3] == ("标题: 一", date(2031, 5, 1), "https://example.org/a")
        assert result.texts[0].text.strip() == "正文第一段。"
        assert left_out(result) == [(1, "tags: (several values)", "front matter that is not used")]


def test_dashes_that_open_a_text_are_no_front_matter(reads: Reads) -> None:
    text = "---\n青山区通知\n---\n正文。\n"
    assert reads("a.txt", text.encode()).texts[0].text == text


@pytest.mark.parametrize(
    ("matter", "fault"),
    [
        ("title: 甲\ndate: 明天", "'明天' is not a date; write it as YYYY-MM-DD"),
        ("title: [甲", "is not YAML; write 'name: value' lines"),
        ("title: 甲\ndate: 2031-02-30", "not"),
    ],
)
def test_front_matter_that_cannot_be_read_is_refused(reads: Reads, matter: str, fault: str) -> None:
    assert fault in refused(reads, "a.md", f"---\n{matter}\n---\n正文。\n".encode())


def test_markdown_loses_its_marks_and_keeps_its_lines(reads: Reads) -> None:
    text = (
        "# 关于**支持**总部的意见\n\n第一行\n第二行，见[办法](http://example.org)。\n\n## 一、对象\n\n"
        "1. 总部\n2. 研发中心\n\n- 其他\n\n| 类别 | 金额 |\n|---|---|\n| 总部 | 500万元 |\n| 研发 | |\n\n"
        "<div>附注</div>\n"
    )
    assert only(reads("a.md", text.encode("gb18030"))) == (
        "关于支持总部的意见",
        None,
        "a.md",
        [
            *("关于支持总部的意见", "第一行", "第二行，见办法。", "一、对象", "1. 总部", "2. 研发中心", "其他"),
            *("类别: 总部; 金额: 500万元。", "研发", "附注"),
        ],
    )


def test_a_text_that_shows_nothing_is_refused(reads: Reads) -> None:
    assert "holds no text" in refused(reads, "a.txt", "　\n　".encode())
    assert "holds no text" in refused(reads, "a.md", b"---\ntitle: a\n---\n")


# Listing


def test_the_listing_gives_an_article_a_text_and_reports_the_rest(reads: Reads) -> None:
    text = (
        "首页\n• 【青山区招商】标题一\n\n正文一第一段\n正文一第二段\n2032-03-01\n"
        "· 【青山区招商】标题二\n正文二\n2032-02-01\n热线\n"
    )
    result = reads("页.txt", text.encode())
    assert [(raw.posting.title, raw.posting.date, raw.posting.source, raw.text) for raw in result.texts] == [
        ("标题一", date(2032, 3, 1), "页.txt【青山区招商】", "正文一第一段\n正文一第二段"),
        ("标题二", date(2032, 2, 1), "页.txt【青山区招商】", "正文二"),
    ]
    assert left_out(result) == [(1, "首页", "site furniture"), (10, "热线", "site furniture")]


def test_a_broken_listing_is_refused_and_a_bulleted_text_is_none(reads: Reads) -> None:
    assert "has no posted date" in refused(reads, "页.txt", "• 【青山区招商】标题一\n正文一\n".encode())
    text = "工作安排要点\n- 【一季度】开工\n- 【二季度】竣工\n"
    assert reads("页.txt", text.encode()).texts[0].text == text


def test_the_seed_listing_loads_no_heavy_library() -> None:
    script = (
        "import sys; from pathlib import Path; from corpus.readers import read_file;"
        f"assert len(read_file(Path({str(SEED / 'district-news.txt')!r})).texts) == 8; print(*sys.modules)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=root)
    heavy = {"docx", "openpyxl", "lxml", "trafilatura", "pdfplumber", "pdfminer", "markdown_it", "yaml", "defusedxml"}
    assert not heavy & set(done.stdout.split())


# Tables


def table(rows: list[list[str]], delimiter: str = ",") -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue()


def test_a_csv_with_full_texts_is_a_document_a_row(reads: Reads) -> None:
    long = "青山区工作报告\r\n第一段。\n" + "长" * 200_000
    rows = [
        ["province", "title", "source_url", "publish_date", "full_text"],
        ["青山", "一月报告", "https://example.org/1", "2031-01-09", long],
        ["青山", "空报告", "https://example.org/2", "2031-02-09", " "],
        ["青山", "", "", "", "二月工作报告\n第二段。"],
    ]
    result = reads("表.csv", table(rows).encode("utf-8-sig"))
    assert [(raw.posting.title, raw.posting.date, raw.posting.source) for raw in result.texts] == [
        ("一月报告", date(2031, 1, 9), "https://example.org/1"),
        ("二月工作报告", None, "表.csv, line 6"),
    ]
    assert result.texts[0].text == long.replace("\r\n", "\n")
    assert left_out(result) == [(5, "空报告", "no text in column full_text")]


@pytest.mark.parametrize(("name", "delimiter"), [("表.csv", ","), ("表.csv", ";"), ("表.tsv", "\t")])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_another_csv_keeps_its_header_with_every_row(reads: Reads, name: str, delimiter: str, encoding: str) -> None:
    rows = [
        ["指标", "2030年", "2031年"],
        ["地区生产总值", "620亿元", "650亿元"],
        ["人口", "", "30万人"],
        ["注：预计数", "", ""],
    ]
    assert only(reads(name, table(rows, delimiter).encode(encoding))) == (
        "表",
        None,
        name,
        ["指标: 地区生产总值; 2030年: 620亿元; 2031年: 650亿元。", "指标: 人口; 2031年: 30万人。", "注：预计数"],
    )


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ('甲,乙\n1,"2\n3,4\n', 2, "the row that begins here is no CSV"),
        ("甲,乙\n\n1,2\n1,2,3\n", 4, "the row has 3 fields, the header 2"),
        ("甲,乙\n", None, "1 rows of 2 columns; a table needs a header"),
        ("一段话。\n又一段。\n", None, "save plain text as .txt"),
        ("title,full_text\n甲, \n", None, "no row has a text in column full_text"),
        ("title,full_text,full_text\n甲,乙,丙\n", 1, "the header has 'full_text' 2 times"),
        ("title,publish_date,full_text\n甲,近日,乙\n", 2, "'近日' is not a date"),
    ],
)
def test_a_broken_csv_is_refused_with_its_line(reads: Reads, text: str, line: int | None, fault: str) -> None:
    with pytest.raises(SourceError, match=fault) as caught:
        reads("表.csv", text.encode())
    assert caught.value.line == line


def test_merged_cells_captions_and_grouped_headers() -> None:
    cells = [
        Cell(0, 0, "主要指标", columns=3),
        *(Cell(1, 0, "指标", rows=2), Cell(1, 1, "增速", columns=2)),
        *(Cell(2, 1, "2030年"), Cell(2, 2, "2031年")),
        *(Cell(3, 0, "工业", rows=2), Cell(3, 1, "5%；"), Cell(3, 2, "6%")),
        *(Cell(4, 1, "7%"), Cell(4, 2, "")),
        Cell(6, 0, "注：\n预计数", columns=3),
    ]
    assert table_lines(cells) == [
        "主要指标",
        "指标: 工业; 增速 2030年: 5%; 增速 2031年: 6%。",
        "指标: 工业; 增速 2030年: 7%。",
        "注： 预计数",
    ]


def test_a_form_and_a_single_row_have_no_header() -> None:
    form = [Cell(0, 0, "单位："), Cell(0, 1, "区商务委"), Cell(1, 0, "电话："), Cell(1, 1, "12345")]
    assert table_lines(form) == ["单位： 区商务委。", "电话： 12345。"]
    assert table_lines([Cell(0, 0, "甲"), Cell(0, 1, "乙")]) == ["甲; 乙。"]
    assert table_lines([]) == []


def test_a_header_of_markdown_may_have_empty_cells() -> None:
    cells = [
        Cell(0, 0, ""),
        Cell(0, 1, "金额"),
        Cell(1, 0, "总部"),
        Cell(1, 1, "5"),
        Cell(2, 0, "研发"),
        Cell(2, 1, "3"),
    ]
    assert table_lines(cells, header_rows=1) == ["总部; 金额: 5。", "研发; 金额: 3。"]


@given(
    st.integers(2, 5).flatmap(
        lambda width: st.lists(
            st.lists(st.text("甲乙丙12", min_size=1, max_size=4), min_size=width, max_size=width),
            min_size=2,
            max_size=6,
        )
    )
)
def test_every_value_of_a_table_stands_behind_its_header(rows: list[list[str]]) -> None:
    lines = table_lines(Cell(i, j, text) for i, row in enumerate(rows) for j, text in enumerate(row))
    assert lines == ["; ".join(f"{h}: {v}" for h, v in zip(rows[0], row, strict=True)) + "。" for row in rows[1:]]


# Excel


def fill_book(book: Workbook) -> None:
    sheet = book.active
    assert sheet is not None
    sheet.title = "指标"
    sheet.append(["青山区主要指标"])
    sheet.append(["指标", "2030年", None, "2031年"])
    sheet.append([None, "数值", "增速", "数值"])
    sheet.append(["地区生产总值", 620.5, 0.0625, "=B4*2"])
    sheet.append(["机密", 1, 2, 3])
    for area in ("A1:D1", "A2:A3", "B2:C2"):
        sheet.merge_cells(area)
    sheet["B4"].number_format = '0.0"亿元"'
    sheet["C4"].number_format = "0.0%"
    sheet.row_dimensions[5].hidden = True
    dates = book.create_sheet("工期")
    dates.append(["工程", "竣工"])
    dates.append(["码头", dt.date(2031, 5, 1)])
    book.create_sheet("空")
    hidden = book.create_sheet("草稿")
    hidden.append(["甲", "乙"])
    hidden.sheet_state = "hidden"


def test_a_workbook_gives_a_text_a_sheet(reads: Reads) -> None:
    result = reads("年报.xlsx", files.workbook(fill_book))
    assert [(raw.posting.title, raw.posting.source, raw.text.split("\n")) for raw in result.texts] == [
        (
            "青山区主要指标",
            "年报.xlsx, 指标",
            ["青山区主要指标", "指标: 地区生产总值; 2030年 数值: 620.5亿元; 2030年 增速: 6.25%。"],
        ),
        ("年报 工期", "年报.xlsx, 工期", ["工程: 码头; 竣工: 2031-05-01。"]),
    ]
    assert left_out(result) == [
        (5, "指标!A5: 机密", "hidden row or column"),
        *((5, f"指标!{column}5: {i}", "hidden row or column") for i, column in enumerate("BCD", 1)),
        (4, "指标!D4", "a formula without its result; open the workbook in Excel, save it and add it again"),
        (1, "空", "empty sheet"),
        (1, "草稿", "hidden sheet"),
    ]


def test_a_workbook_with_full_texts_is_a_document_a_row(reads: Reads) -> None:
    def fill(book: Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        sheet.append(["title", "publish_date", "source_url", "full_text"])
        sheet.append(["一月报告", dt.datetime(2031, 1, 9), None, "第一段。\n第二段。"])

    assert only(reads("表.xlsx", files.workbook(fill))) == (
        "一月报告",
        date(2031, 1, 9),
        "表.xlsx, line 2",
        ["第一段。", "第二段。"],
    )


def test_a_workbook_without_text_or_with_a_far_cell_is_refused(reads: Reads) -> None:
    assert "no visible sheet" in refused(reads, "a.xlsx", files.workbook(lambda book: None))

    def far(book: Workbook) -> None:
        assert book.active is not None
        book.active["XFD1048576"] = "远"

    assert "reaches to row 1,048,576 and column 16,384" in refused(reads, "a.xlsx", files.workbook(far))


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.063, "0%", "6.3%"),
        (0.1 + 0.2, "General", "0.3"),
        (1234567, "#,##0", "1234567"),
        (300, '0"万元"', "300万元"),
        (300, '"约"0.0', "约300"),
        (3_000_000, '0.0,,"百万元"', "3000000"),
        (5, '"第"0"期";"负"0', "第5期"),
        (True, "General", "TRUE"),
        (dt.datetime(2031, 5, 1), 'yyyy"年"m"月"', "2031年5月"),
        (dt.date(2031, 5, 1), "yyyy", "2031年"),
        (dt.datetime(2031, 5, 1, 9, 30), "General", "2031-05-01 09:30"),
        (" 甲 ", "General", "甲"),
    ],
)
def test_a_cell_is_written_as_its_format_shows_it(value: object, number_format: str, text: str) -> None:
    assert shown(value, number_format) == text


# Word


def fill_word(document: WordDocument) -> None:
    document.sections[0].header.paragraphs[0].text = "内部资料"
    document.add_paragraph("青府规〔2031〕5号")
    document.add_heading("关于支持总部的意见", 0)
    document.add_paragraph("发布日期：2031年5月1日")
    outline = files.number(document, [("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3.")])
    for level, text in [(0, "对象"), (1, "总部"), (1, "研发中心"), (2, "条件"), (0, "标准"), (1, "资助")]:
        files.numbered(document.add_paragraph(text), outline, level)
    changed = document.add_paragraph("最高资助")
    for tag, inner, text in (("w:del", "w:delText", "一百"), ("w:ins", "w:t", "二百")):
        changed._p.append(parse_xml(f"<{tag} {nsdecls('w')}><w:r><{inner}>{text}</{inner}></w:r></{tag}>"))
    changed.add_run("万元。")
    changed.add_run("待定").font.hidden = True
    grid = document.add_table(3, 3)
    for i, row in enumerate([["类别", "第一年", "第二年"], ["总部", "200万元", "100万元"], ["", "150万元", "80万元"]]):
        for j, text in enumerate(row):
            grid.cell(i, j).text = text
    grid.cell(1, 0).merge(grid.cell(2, 0))
    frame = document.add_table(1, 1)
    frame.cell(0, 0).text = "联系人：李明"
    document.add_paragraph("第一行").add_run().add_break()
    document.paragraphs[-1].add_run("第二行")


def test_a_word_document_keeps_paragraphs_numbers_and_tables(reads: Reads) -> None:
    result = reads("意见.docx", files.word(fill_word))
    assert only(result) == (
        "关于支持总部的意见",
        date(2031, 5, 1),
        "意见.docx",
        [
            *("青府规〔2031〕5号", "关于支持总部的意见", "发布日期：2031年5月1日"),
            *("一、对象", "（一）总部", "（二）研发中心", "1. 条件", "二、标准", "（一）资助", "最高资助二百万元。"),
            *("类别: 总部; 第一年: 200万元; 第二年: 100万元。", "类别: 总部; 第一年: 150万元; 第二年: 80万元。"),
            *("联系人：李明", "第一行", "第二行"),
        ],
    )
    assert left_out(result) == [(0, "待定", "hidden text"), (0, "内部资料", "page header")]


def test_the_headings_of_word_markdown_and_pages_are_marked(reads: Reads) -> None:
    def fill(document: WordDocument) -> None:
        document.add_heading("关于支持总部的意见", 0)
        document.add_heading("对象", 1)
        document.add_paragraph(PARAGRAPH)
        outlined = document.add_paragraph("条件")
        outlined._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="1"/>'))
        document.add_paragraph(PARAGRAPH)

    markdown = f"# 关于支持总部的意见\n\n## 对象\n\n{PARAGRAPH}\n\n### 条件\n\n{PARAGRAPH}\n"
    page = (
        f"<html><body><div><h1>关于支持总部的意见</h1><h2>对象</h2><p>{PARAGRAPH * 3}</p><h3>条件</h3>{PARAGRAPH}</div>"
    )
    for name, data, levels in [
        ("a.docx", files.word(fill), [("对象", 1), ("条件", 2)]),
        ("a.md", markdown.encode(), [("关于支持总部的意见", 1), ("对象", 2), ("条件", 3)]),
        ("a.html", page.encode(), [("关于支持总部的意见", 1), ("对象", 2), ("条件", 3)]),
    ]:
        (text,) = reads(name, data).texts
        assert [(text.text[h.start : h.end], h.level) for h in text.headings] == levels


def test_text_boxes_and_content_controls_are_read_and_a_table_of_contents_is_not(reads: Reads) -> None:
    space = nsdecls("w")

    def control(gallery: str, text: str) -> str:
        properties = f'<w:sdtPr><w:docPartObj><w:docPartGallery w:val="{gallery}"/></w:docPartObj></w:sdtPr>'
        inner = f"<w:sdtContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:sdtContent>"
        return f"<w:sdt {space}>{properties}{inner}</w:sdt>"

    def fill(document: WordDocument) -> None:
        paragraph = document.add_paragraph("关于支持总部的意见")
        box = OxmlElement("w:pict")
        box.append(parse_xml(f"<w:txbxContent {space}><w:p><w:r><w:t>框内文字</w:t></w:r></w:p></w:txbxContent>"))
        paragraph.add_run()._r.append(box)
        paragraph._p.addnext(parse_xml(control("Table of Contents", "一、对象 1")))
        paragraph._p.addnext(parse_xml(control("Cover Pages", "封面文字")))

    result = reads("a.docx", files.word(fill))
    assert only(result)[3] == ["关于支持总部的意见", "框内文字", "封面文字"]
    assert left_out(result) == [(0, "一、对象 1", "table of contents")]


def test_the_title_of_a_word_document_without_one(reads: Reads) -> None:
    def fill(document: WordDocument) -> None:
        document.core_properties.title = "总部政策汇编"
        document.add_paragraph(PARAGRAPH)

    assert only(reads("文件名.docx", files.word(fill)))[0] == "总部政策汇编"
    assert only(reads("文件名.docx", WORD))[0] == "文件名"


@pytest.mark.parametrize(
    ("number", "style", "text"),
    [
        *((n, "chineseCounting", t) for n, t in [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (105, "一百零五")]),
        *((n, "chineseCountingThousand", t) for n, t in [(110, "一百一十"), (1005, "一千零五"), (2030, "二千零三十")]),
        *[(14, "upperRoman", "XIV"), (4, "lowerRoman", "iv"), (27, "lowerLetter", "aa"), (2, "upperLetter", "B")],
        *[(3, "decimalEnclosedCircle", "③"), (3, "decimal", "3"), (3, "unheardOf", "3"), (3, "decimalZero", "03")],
    ],
)
def test_automatic_numbers(number: int, style: str, text: str) -> None:
    assert written(number, style) == text


# HTML

HTML = f"""<!DOCTYPE html>
<!-- saved from url=(0030)https://example.org/2031/zc.html -->
<html><head><meta charset="CHARSET"><title>关于支持总部的意见_青山区人民政府</title>
<meta name="ArticleTitle" content="关于支持总部的意见"><meta name="PubDate" content="2031-05-11 10:00"></head><body>
<div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/zwgk">政务公开</a></li></ul></div>
<div class="content"><h1>关于支持总部的意见</h1>
<div id="TRS"><h2>一、总则</h2><p>　　{PARAGRAPH}</p><p>　　2019年1月1日起的旧办法同时废止。{PARAGRAPH}</p>
<h2>二、标准</h2>
<table><tr><td rowspan=2>类别</td><td colspan=2>资助（万元）</td></tr><tr><td>第一年</td><td>第二年</td></tr>
<tr><td rowspan=2>总部</td><td>200</td><td>100</td></tr><tr><td>150</td><td>80</td></tr></table>
<p>青山区人民政府</p></div></div>
<div class="foot">主办单位：青山区人民政府办公室 <a href="/">网站地图</a></div></body></html>"""


@pytest.mark.parametrize(
    ("named", "encoding"), [("utf-8", "utf-8"), ("gb2312", "gb18030"), ("gb2312", "utf-8"), ("utf-8", "utf-16")]
)
def test_a_page_gives_its_main_text_in_paragraphs(reads: Reads, named: str, encoding: str) -> None:
    result = reads("页.html", HTML.replace("CHARSET", named).encode(encoding))
    title, posted, source, lines = only(result)
    assert (title, posted, source) == ("关于支持总部的意见", date(2031, 5, 11), "https://example.org/2031/zc.html")
    assert lines[-7:] == [
        "一、总则",
        PARAGRAPH,
        f"2019年1月1日起的旧办法同时废止。{PARAGRAPH}",
        "二、标准",
        "类别: 总部; 资助（万元） 第一年: 200; 资助（万元） 第二年: 100。",
        "类别: 总部; 资助（万元） 第一年: 150; 资助（万元） 第二年: 80。",
        "青山区人民政府",
    ]
    assert {text for _, text, _ in left_out(result)} == {"首页", "政务公开", "主办单位：青山区人民政府办公室 网站地图"}


def test_headings_that_stand_outside_any_block_are_kept(reads: Reads) -> None:
    text = f"<p>{PARAGRAPH * 3}</p>"
    page = f"<html><body><h1>关于支持总部的意见</h1>{text}<h2>一、对象</h2>{text}</body></html>"
    assert only(reads("a.htm", page.encode()))[3] == [
        "关于支持总部的意见",
        PARAGRAPH * 3,
        "一、对象",
        PARAGRAPH * 3,
    ]


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        ("<tr><th>类别<th>金额<tr><td>总部<td>200万元", ["类别: 总部; 金额: 200万元。"]),
        (
            "<tr><th colspan=2>资助标准<tr><th>类别<th>金额<tr><td>总部<td>200万元",
            ["资助标准", "类别: 总部; 金额: 200万元。"],
        ),
        ("<tr><th>单位<td>区商务委<tr><th>电话<td>12345", ["单位： 区商务委。", "电话： 12345。"]),
        ("<tr><th>类别<th>金额<tr><th>总部<th>200万元", ["类别: 总部; 金额: 200万元。"]),
        (f"<tr><td>左栏<td>{PARAGRAPH * 10}<tr><td>左<td>右", [f"左栏 {PARAGRAPH * 10}", "左 右"]),
    ],
    ids=["header", "caption", "form", "all header cells", "layout"],
)
def test_tables_of_a_page(reads: Reads, table: str, lines: list[str]) -> None:
    before, after = f"前{PARAGRAPH * 3}", f"后{PARAGRAPH * 3}"
    page = f"<html><body><div><p>{before}</p><table>{table}</table><p>{after}</p></div></body></html>"
    assert only(reads("a.html", page.encode()))[3] == [before, *lines, after]


def test_what_a_page_says_twice_is_kept_twice(reads: Reads) -> None:
    chapter = f"<h3>（一）总体情况</h3><p>{PARAGRAPH * 3}</p><p>无。</p>"
    page = f"<html><body><div><h2>一、甲</h2>{chapter}<h2>二、乙</h2>{chapter}</div></body></html>"
    lines = ["（一）总体情况", PARAGRAPH * 3, "无。"]
    assert only(reads("a.html", page.encode()))[3] == ["一、甲", *lines, "二、乙", *lines]


def test_a_date_in_the_text_of_a_page_is_not_its_posting(reads: Reads) -> None:
    text = f"<p>自2031年1月1日起施行。{PARAGRAPH * 3}</p>"
    page = f"<html><head><title>关于支持总部的意见</title></head><body>{text}</body></html>"
    assert only(reads("a.html", page.encode()))[:3] == ("关于支持总部的意见", None, "a.html")
    labelled = page.replace("<body>", "<body><div>发布时间：2031-06-02</div>")
    assert only(reads("a.html", labelled.encode()))[1] == date(2031, 6, 2)


def test_the_name_of_the_site_is_no_part_of_a_pages_title(reads: Reads) -> None:
    page = (
        "<html><head><title>关于支持总部的意见--青山区政府网</title></head><body><div>{}<p>{}</p></div></body></html>"
    )
    shown = page.format("<b>关于支持总部的意见</b>", PARAGRAPH * 3)
    assert only(reads("a.html", shown.encode()))[0] == "关于支持总部的意见"
    assert only(reads("a.html", page.format("", PARAGRAPH * 3).encode()))[0] == "关于支持总部的意见--青山区政府网"


def test_a_page_in_another_encoding_is_read_as_it_names(reads: Reads) -> None:
    text = f"<h1>臺北市報告</h1><p>{'經濟發展情況良好，' * 30}</p>"
    page = f"<html><head><meta charset=big5></head><body>{text}</body></html>"
    assert only(reads("a.html", page.encode("big5")))[3][-1].startswith("經濟發展情況良好")
    assert "byte" in refused(reads, "a.html", page.encode("big5") + b"\xff")


@pytest.mark.parametrize("body", ["", "<script>document.write('a')</script>", "<div></div>"])
def test_a_page_without_text_is_refused(reads: Reads, body: str) -> None:
    assert "no main text" in refused(reads, "a.html", f"<html><body>{body}</body></html>".encode())


# PDF


def test_a_pdf_joins_wrapped_lines_and_drops_what_runs_along(reads: Reads) -> None:
    first, second, third = (f"{mark}{PARAGRAPH * times}" for mark, times in [("甲", 3), ("乙", 4), ("丙", 2)])
    lines = [*files.wrapped(first), "一、对象", *files.wrapped(second), *files.wrapped(third)]
    cut = len(files.wrapped(first)) + 4  # the second paragraph goes on over the page break
    pages = [["关于支持总部的意见", *lines[:cut]], lines[cut:], [*files.wrapped(third)]]
    draw = [files.page(own, "青山区政策汇编", f"— {i} —") for i, own in enumerate(pages, 1)]
    result = reads("意见.pdf", files.pdf(draw))
    assert only(result) == (
        "关于支持总部的意见",
        None,
        "意见.pdf",
        ["关于支持总部的意见", first, "一、对象", second, third, third],
    )
    assert left_out(result) == [
        (1, "青山区政策汇编", "the same at the edge of 3 of 3 pages"),
        (1, "— 1 —", "the same at the edge of 3 of 3 pages"),
    ]


def test_a_ruled_table_of_a_pdf_goes_on_over_a_page_with_its_header(reads: Reads) -> None:
    header = ["类别", "第一年", "第二年"]
    pages = [
        files.ruled([header, ["总部", "200万元", "100万元"]], before="资助标准如下表"),
        files.ruled([header, ["研发中心", "150万元", "80万元"]]),
    ]
    assert only(reads("a.pdf", files.pdf(pages)))[3] == [
        "资助标准如下表",
        "类别: 总部; 第一年: 200万元; 第二年: 100万元。",
        "类别: 研发中心; 第一年: 150万元; 第二年: 80万元。",
    ]


def test_a_scanned_page_and_a_table_of_contents_are_reported(reads: Reads) -> None:
    contents = files.page(["一、对象..................1", *files.wrapped(PARAGRAPH)])
    result = reads("a.pdf", files.pdf([contents, files.scan, files.page(files.wrapped(PARAGRAPH))]))
    assert only(result)[3] == [PARAGRAPH, PARAGRAPH]
    assert left_out(result) == [
        (1, "一、对象..................1", "table of contents"),
        (2, "", "a scanned page; run OCR to have its text"),
    ]


def test_the_title_of_a_pdf(reads: Reads) -> None:
    body = files.page(files.wrapped(PARAGRAPH))
    assert only(reads("名.pdf", files.pdf([body], title="总部政策汇编")))[0] == "总部政策汇编"
    assert only(reads("名.pdf", files.pdf([body], title="Microsoft Word - 1.doc")))[0] == "名"


def test_a_title_over_two_lines_of_a_pdf_is_one(reads: Reads) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont(files.FONT, 18)
        canvas.drawCentredString(288, 760, "青山区人民政府关于印发青山区")
        canvas.drawCentredString(288, 732, "总部经济发展办法的通知")
        canvas.setFont(files.FONT, files.SIZE)
        files.page(files.wrapped(PARAGRAPH * 4))(canvas)

    title, _, _, lines = only(reads("a.pdf", files.pdf([draw])))
    assert title == "青山区人民政府关于印发青山区总部经济发展办法的通知"
    assert lines == [title, PARAGRAPH * 4]


def test_radicals_and_ligatures_become_characters() -> None:
    assert as_characters("⸺⽀持⻓⼾⻅⺠ ﬁle，２０３１年①㎡") == "——支持长户见民 file，２０３１年①㎡"


def printed(*texts: tuple[float, float, str], page: int = 0, top: float = 200) -> list[Line]:
    """Return lines of 10 points at (left, right, text), 16 points apart."""
    return [Line(page, text, left, right, top + 16 * i, 10) for i, (left, right, text) in enumerate(texts)]


def test_latin_lines_join_with_a_space_and_blocks_part_at_a_gap() -> None:
    lines = printed((50, 300, "The district grew by"), (50, 298, "6.3% in the year, an"), (50, 120, "estimate."))
    apart = [Line(0, "Next block.", 50, 300, 280, 10)]
    assert join_lines(lines + apart, lines + apart) == [
        "The district grew by 6.3% in the year, an estimate.",
        "Next block.",
    ]


def test_a_line_that_was_ended_early_is_not_joined() -> None:
    lines = printed((70, 300, "甲行写满了"), (50, 200, "乙行没有写满"), (70, 300, "丙行写满了"), (50, 300, "丁行"))
    assert join_lines(lines, lines) == ["甲行写满了乙行没有写满", "丙行写满了丁行"]


def test_a_numbered_line_after_a_full_sentence_begins_a_paragraph() -> None:
    lines = printed((50, 300, "第一段写满了。"), (50, 300, "（一）第二段也写满"), (50, 100, "了。"))
    assert join_lines(lines, lines) == ["第一段写满了。", "（一）第二段也写满了。"]


def test_a_line_repeated_in_the_text_is_not_running() -> None:
    pages = [printed((50, 300, "申请单位"), page=i, top=300) for i in range(4)]
    assert running_lines([line for page in pages for line in page], [800] * 4) == []


def test_left_and_right_pages_may_have_their_own_header() -> None:
    lines = [Line(i, "左页眉" if i % 2 else "右页眉", 50, 100, 30, 10) for i in range(6)]
    assert [(running.lines[0].text, len(running.lines)) for running in running_lines(lines, [800] * 6)] == [
        ("右页眉", 3),
        ("左页眉", 3),
    ]


# Words about a document


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2031-05-01T10:00:00+08:00", date(2031, 5, 1)),
        ("2031年5月1日", date(2031, 5, 1)),
        ("2031/5/1", date(2031, 5, 1)),
        ("20310501", date(2031, 5, 1)),
        ("2031-02-30", None),
        ("第2031号", None),
    ],
)
def test_days_are_read_in_the_ways_they_are_written(value: str, day: date | None) -> None:
    assert read_day(value) == day


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2031年青山区政府工作报告", True),
        ("What subsidies apply?", True),
        ("各位代表：", False),
        ("正文。", False),
        ("青府规〔2031〕5号", False),
        ("发布日期：2031-05-01", False),
        ("2031-05-01", False),
        ("https://example.org", False),
    ],
)
def test_what_may_be_a_title(line: str, expected: bool) -> None:
    assert is_title(line) is expected


def test_results_are_frozen_and_compare_by_value(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("甲乙丙丁\n", encoding="utf-8")
    assert read_file(path) == read_file(path)
    assert Skipped(path, 1, "a", "b") == Skipped(path, 1, "a", "b")
