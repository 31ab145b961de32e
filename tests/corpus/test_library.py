from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from corpus.decode import SourceError
from corpus.library import Library, read_library, seed_paths
from corpus.passages import cut_passages

if TYPE_CHECKING:
    from pathlib import Path

REPORT = "2031年1月9日在青山区第三届人民代表大会第二次会议上 各位代表:过去一年,新增公共充电桩210个、公共泊位900个。"
LISTING = f"""\
首页
• 【青山区招商】青山湾简介
青山湾位于湾区南侧,共有码头十二座,渡轮航线往返两岸,沿线建有公园与图书馆。
2032-01-01
• 【青山区招商】2031年青山区政府工作报告
{REPORT.replace("区", "")}
2032-02-02
• 【青山区招商】南湖市青山区人民政府工作报告
{REPORT}
2032-03-03
• 【青山区招商】青山湾论坛举办
2031年12月,青山湾论坛举办,9家企业签约落户,涉及生物医药、航运物流和文化旅游。
2032-04-04
联系我们
"""


def _write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_documents_come_newest_first_undated_last_and_copies_are_one(tmp_path: Path) -> None:
    path = _write(tmp_path, "青山.txt", LISTING)
    library = read_library([path])
    assert [(d.title, str(d.delivered)) for d in library.documents] == [
        ("青山湾论坛举办", "2031-12"),
        ("2031年南湖市青山区人民政府工作报告", "2031-01-09"),
        ("青山湾简介", "unknown"),
    ]
    report = library.documents[1]
    assert report.text == REPORT, "the undamaged copy gives the text"
    assert [(p.title, p.date) for p in report.postings] == [
        ("南湖市青山区人民政府工作报告", date(2032, 3, 3)),
        ("2031年青山区政府工作报告", date(2032, 2, 2)),
    ]
    assert {posting.source for posting in report.postings} == {"青山.txt【青山区招商】"}
    assert [(skipped.path, skipped.line, skipped.text) for skipped in library.skipped] == [
        (path, 1, "首页"),
        (path, 14, "联系我们"),
    ]


def test_a_copy_in_another_file_and_encoding_is_the_same_document(tmp_path: Path) -> None:
    first = _write(tmp_path, "a.txt", LISTING)
    second = tmp_path / "b.txt"
    second.write_bytes(LISTING.replace("\n", "\r\n").encode("gb18030"))
    library = read_library([first, second])
    assert library.documents[0].id == read_library([second]).documents[0].id
    assert [len(d.postings) for d in library.documents] == [2, 4, 2]


def test_of_two_copies_the_one_with_marked_headings_gives_the_text(tmp_path: Path) -> None:
    body = "新设立的企业总部，最高给予200万元的开办资助，按季度发放。"
    marked = _write(tmp_path, "a.md", f"# 青山区办法\n\n## 对象\n\n{body}\n\n## 标准\n\n{body}\n")
    plain = _write(tmp_path, "b.txt", f"下载\n青山区办法\n青山区办法\n对象\n{body}\n标准\n{body}\n")
    (document,) = read_library([plain, marked]).documents
    assert [section.title for section in document.sections] == ["对象", "标准"]
    assert [posting.source for posting in document.postings] == ["a.md", "b.txt"]


def test_one_broken_file_stops_the_reading(tmp_path: Path) -> None:
    good = _write(tmp_path, "a.txt", LISTING)
    broken = _write(tmp_path, "b.txt", "• 【红河区】红河新区开园\n正文。\n")
    with pytest.raises(SourceError, match=r"b\.txt, line 1: .* has no posted date"):
        read_library([good, broken])


def test_no_files_are_an_empty_library() -> None:
    assert read_library([]) == Library(())


def test_the_seed_is_every_text_file_of_its_folder_by_name(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "notes.md"):
        _write(tmp_path, name, LISTING)
    assert seed_paths(tmp_path) == [tmp_path / "a.txt", tmp_path / "b.txt"]


def test_the_eight_shipped_articles_are_seven_documents(shipped: Library) -> None:
    assert [(d.kind, str(d.delivered), len(d.postings)) for d in shipped.documents] == [
        ("article", "2023-12", 1),
        ("article", "2022", 1),
        ("article", "2022", 1),
        ("report", "2021-01-13", 1),
        ("report", "2020-01-07", 2),
        ("report", "2019-01-16", 1),
        ("article", "unknown", 1),
    ]
    twice = shipped.documents[4]
    assert {posting.title for posting in twice.postings} == {
        "2020年徐汇区政府工作报告",
        "2020年上海市徐汇区人民政府工作报告",
    }
    assert [str(posting.date) for posting in twice.postings] == ["2025-07-09", "2025-07-09"]
    assert "中" in twice.source_text(), "one copy has lost every 中, the other gives the text"


@pytest.mark.parametrize(
    ("delivered", "words", "period", "status"),
    [
        ("2019-01-16", "增长6.5%左右", "2018", "estimate"),
        ("2019-01-16", "地区生产总值增长6%左右", "2019", "target"),
        ("2020-01-07", "地区生产总值增长6.3%左右", "2019", "estimate"),
        ("2020-01-07", "地区生产总值增长6%左右", "2020", "target"),
        ("2021-01-13", "地区生产总值增长2.5%左右", "2020", "estimate"),
        ("2021-01-13", "地区生产总值跨越2000亿元", "2016-2020", "actual"),
        ("2021-01-13", "地区生产总值年均增长5%左右", "2021-2025", "plan"),
        ("2021-01-13", "地区生产总值增长6%以上", "2021", "target"),
    ],
)
def test_growth_is_held_with_the_year_and_the_claim_it_makes(
    shipped: Library, delivered: str, words: str, period: str, status: str
) -> None:
    (document,) = (d for d in shipped.documents if str(d.delivered) == delivered)
    (found,) = (s for s in document.sentences if words in document.text[s.start : s.end])
    assert (str(found.period), found.status) == (period, status)


def test_a_report_reviews_the_year_before_its_delivery(shipped: Library) -> None:
    (report,) = (d for d in shipped.documents if str(d.delivered) == "2019-01-16")
    chapters = [(s.title, str(s.period), s.status) for s in report.sections if s.level == 1]
    assert chapters == [("一、2018年工作回顾", "2018", "actual"), ("二、2019年主要任务", "2019", "target")]


@pytest.mark.parametrize("words", ["400-162-2002", "点我投稿", "产业园区网", "诽谤他人", "违约责任", "工业用地招商"])
def test_the_furniture_of_the_shipped_listing_is_in_no_passage(shipped: Library, words: str) -> None:
    assert any(words in skipped.text for skipped in shipped.skipped)
    passages = [passage for document in shipped.documents for passage in cut_passages(document)]
    assert not any(words in passage.text for passage in passages)


def test_without_restoring_the_damaged_report_stands_as_it_came(shipped: Library) -> None:
    bare = read_library(seed_paths(), restore=False)
    assert not any(document.repairs for document in bare.documents)
    assert any(document.repairs for document in shipped.documents)
    assert [d.text for d in bare.documents] == [d.source_text() for d in shipped.documents]


def test_a_later_edition_is_held_beside_the_earlier_one_and_names_it(tmp_path: Path) -> None:
    body = "过去一年,全区地区生产总值增长5.1%,新增公共充电桩210个,引进绿舟科技等9家企业落户青山湾。"
    path = tmp_path / "listing.txt"
    entries = [("修订稿", body.replace("210个", "220个"), "2031-02-01"), ("初稿", body, "2031-01-10")]
    path.write_text("\n".join(f"• 【青山区招商】{t}\n{b}\n{d}\n" for t, b, d in entries), encoding="utf-8")
    by_title = {document.title: document for document in read_library([path]).documents}
    assert by_title["初稿"].revision_of is None
    assert by_title["修订稿"].revision_of == by_title["初稿"].id
