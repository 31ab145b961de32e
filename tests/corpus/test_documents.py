from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import document_kind, make_document, moved_headings
from corpus.repair import repair
from corpus.types import Document, Heading, Period, Posting, RawText, Repair, Section, Status, text_id
from tests.corpus.conftest import FRAGMENTS, POSTED, STEADY, document

REPORT = (
    "2031年1月9日在南湖市青山区第三届人民代表大会第二次会议上 各位代表:现在作报告。\n"
    "一、2030年工作回顾\n预计地区生产总值增长5.1%。新增泊位900个。\n打印\n"
    "二、2031年主要任务\n地区生产总值增长6%。到2035年,建成湾区。"
)
ARTICLE = "2031年12月,青山湾论坛举办。论坛吸引9家企业。码头计划2033年竣工。"


def _claims(made: Document) -> list[tuple[str, str, Status]]:
    return [(made.text[s.start : s.end], str(s.period), s.status) for s in made.sentences]


def test_the_sentences_of_a_report_carry_the_period_and_status_of_their_section_or_their_own() -> None:
    assert _claims(document(REPORT)) == [
        ("2031年1月9日在南湖市青山区第三届人民代表大会第二次会议上", "2031", Status.NONE),
        ("各位代表:现在作报告。", "None", Status.NONE),
        ("预计地区生产总值增长5.1%。", "2030", Status.ESTIMATE),
        ("新增泊位900个。", "2030", Status.ACTUAL),
        ("地区生产总值增长6%。", "2031", Status.TARGET),
        ("到2035年,建成湾区。", "2035", Status.PLAN),
    ]


def test_an_article_speaks_about_the_year_of_its_event() -> None:
    assert _claims(document(ARTICLE, "青山湾论坛举办")) == [
        ("2031年12月,青山湾论坛举办。", "2031", Status.NONE),
        ("论坛吸引9家企业。", "2031", Status.NONE),
        ("码头计划2033年竣工。", "2033", Status.PLAN),
    ]


def test_a_section_without_a_year_keeps_the_year_of_its_article() -> None:
    claims = _claims(document("2031年12月,青山湾论坛举办。\n一、区位优势\n青山湾位于湾区南侧。", "青山湾论坛举办"))
    assert claims[-1] == ("青山湾位于湾区南侧。", "2031", Status.NONE)


def test_headings_and_furniture_are_in_no_sentence_but_stay_in_the_text() -> None:
    made = document(REPORT)
    assert made.text == REPORT
    read = "".join(made.text[s.start : s.end] for s in made.sentences)
    for hidden in ("工作回顾", "打印", "主要任务"):
        assert hidden in made.text
        assert hidden not in read


def test_a_document_says_when_it_was_delivered_and_in_which_year() -> None:
    assert document(REPORT).delivered.date == date(2031, 1, 9)
    assert document(REPORT).period == Period(2031, 2031)
    assert document("青山湾位于湾区南侧。", "青山湾").period is None


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("2031年青山区政府工作报告", "各位代表:", "report"),
        ("青山区文件", "青山区政府工作报告――2031年1月9日", "report"),
        ("青山湾论坛举办", ARTICLE, "article"),
        ("青山湾论坛举办", "青" * 100 + "政府工作报告", "article"),
    ],
)
def test_a_report_is_known_by_its_title_or_its_head(title: str, text: str, kind: str) -> None:
    assert document_kind(title, text) == kind
    assert document(text, title).kind == kind


def test_a_document_is_named_by_its_source_text_alone() -> None:
    assert text_id("abc") == "ba7816bf8f01"
    assert document("abc", "甲").id == document("abc", "乙", None).id == "ba7816bf8f01"


def test_copies_become_one_document_with_all_titles_and_dates() -> None:
    postings = [
        Posting("2031年青山区政府工作报告", POSTED, "甲.txt"),
        Posting("2031年南湖市青山区人民政府工作报告", date(2032, 4, 1), "乙.txt"),
        Posting("2031年青山区政府工作报告", None, "丙.txt"),
    ]
    made = make_document([RawText(posting, REPORT) for posting in postings])
    assert made.title == "2031年青山区政府工作报告"
    assert made.other_titles == ("2031年南湖市青山区人民政府工作报告",)
    assert made.postings == tuple(postings)


def test_what_was_restored_can_be_taken_out_and_can_be_marked() -> None:
    repairs = (Repair(3, "大", "reviewed", 1.0), Repair(8, "大", "reviewed", 1.0))
    made = replace(document("推进重大工程,扩大开放。"), repairs=repairs)
    assert made.source_text() == "推进重工程,扩开放。"
    assert made.source_text(2, 6) == "重工程"
    assert made.marked_text(2, 9) == "重[大]工程,扩[大]"
    assert made.text[2:9] == "重大工程,扩大"


def test_headings_of_a_place_are_given_from_the_outside_in() -> None:
    made = document("一、2030年工作回顾\n(一)经济\n企业落户9家。\n二、2031年主要任务\n再增9家。")
    assert [s.title for s in made.headings_at(made.text.index("企业"))] == ["一、2030年工作回顾", "(一)经济"]
    assert [s.title for s in made.headings_at(made.text.index("再增"))] == ["二、2031年主要任务"]


@pytest.mark.parametrize(
    ("status", "result", "intent"),
    [
        (Status.ACTUAL, True, False),
        (Status.ESTIMATE, True, False),
        (Status.CUMULATIVE, True, False),
        (Status.TARGET, False, True),
        (Status.PLAN, False, True),
        (Status.NONE, False, False),
    ],
)
def test_a_claim_is_a_result_or_an_intent_or_neither(status: Status, result: bool, intent: bool) -> None:
    assert (status.is_result, status.is_intent) == (result, intent)


@STEADY
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=20).map("".join))
def test_all_but_headings_and_furniture_is_in_exactly_one_sentence_of_one_section(text: str) -> None:
    made = document(text)
    hidden = {i for o in made.omissions for i in range(o.start, o.end)}
    hidden |= {i for section in made.sections for i in range(section.start, section.body)}
    held = [i for sentence in made.sentences for i in range(sentence.start, sentence.end)]
    assert len(held) == len(set(held))
    assert not hidden & set(held)
    visible = {i for i, character in enumerate(text) if not character.isspace()} - hidden
    assert visible <= set(held)
    assert made.source_text() == text
    assert not any(_is_crossed(section, s.start, s.end) for section in made.sections for s in made.sentences)


CLAIMS = st.sampled_from(("引资9亿元", "增长3%", "新增泊位900个", "奖励50万元", "建成公路12公里"))
OPENERS = st.sampled_from(
    ("一、", "（一）", "1.", "（1）", "第三条　", "\n", "。", "；", "：", " ", "2030年工作回顾", "主要任务", "产业，")
)


@STEADY
@given(st.lists(OPENERS | CLAIMS, max_size=25).map("".join))
def test_no_figure_is_lost_in_a_heading(text: str) -> None:
    made = document(text, "青山区通知")
    read = "".join(made.text[s.start : s.end] for s in made.sentences)
    for claim in ("引资9亿元", "增长3%", "新增泊位900个", "奖励50万元", "建成公路12公里"):
        assert read.count(claim) == text.count(claim)


def test_the_files_headings_move_with_the_characters_put_back(tmp_path: Path) -> None:
    source = "重工程\n扩开放\n增长3%。\n产业\n增长6%。"
    marked = (Heading(0, 3, 1), Heading(4, 7, 2), Heading(14, 16, 1))
    (tmp_path / f"{text_id(source)}.txt").write_text("重[大]工程\n扩[大]开放\n", encoding="utf-8")
    text, repairs = repair(source, repairs_folder=tmp_path)
    moved = [text[h.start : h.end] for h in moved_headings(marked, repairs)]
    assert moved == ["重大工程", "扩大开放", "产业"]


def test_a_policy_speaks_about_the_years_in_which_it_is_in_force() -> None:
    made = document("奖励50万元。\n本办法自2032年3月1日起施行，有效期至2034年12月31日。", "青山区奖励办法")
    assert str(made.in_force) == "2032-2034"
    assert _claims(made)[0] == ("奖励50万元。", "2032-2034", Status.NONE)


def test_a_table_speaks_about_the_year_that_its_title_names() -> None:
    made = document("指标: 新增就业; 责任部门: 人社局。", "青山区2032年目标", None)
    assert _claims(made) == [("指标: 新增就业; 责任部门: 人社局。", "2032", Status.TARGET)]


def _is_crossed(section: Section, start: int, end: int) -> bool:
    return start < section.start < end or start < section.end < end
