from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sections import find_sections
from corpus.types import Section, Status
from tests.corpus.conftest import FRAGMENTS, STEADY

#: 96 characters: enough text behind an opening sentence.
PARAGRAPH = "我们坚持稳中求进的工作总基调，" * 6 + "取得好成绩。"
LINES = """\
各位代表:现在作报告。
一、2030年工作回顾
过去一年稳中求进。
(一)经济
企业落户9家。
1.总部
新增总部2家。
2.外资
合同外资1亿美元。
(二)民生
新增泊位900个。
二、2031年主要任务
再增泊位300个。
"""


def _outline(sections: list[Section]) -> list[tuple[int, str, str, Status]]:
    return [(section.level, section.title, str(section.period), section.status) for section in sections]


def test_headings_on_their_own_lines_are_found_with_level_period_and_status() -> None:
    assert _outline(find_sections(LINES, 2031)) == [
        (1, "一、2030年工作回顾", "2030", Status.ACTUAL),
        (2, "(一)经济", "2030", Status.ACTUAL),
        (3, "1.总部", "2030", Status.ACTUAL),
        (3, "2.外资", "2030", Status.ACTUAL),
        (2, "(二)民生", "2030", Status.ACTUAL),
        (1, "二、2031年主要任务", "2031", Status.TARGET),
    ]


def test_a_section_ends_where_the_next_of_its_level_or_above_begins() -> None:
    ends = {section.title: LINES[section.end :].split("\n")[0] for section in find_sections(LINES, 2031)}
    assert ends == {
        "一、2030年工作回顾": "二、2031年主要任务",
        "(一)经济": "(二)民生",
        "1.总部": "2.外资",
        "2.外资": "(二)民生",
        "(二)民生": "二、2031年主要任务",
        "二、2031年主要任务": "",
    }


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("一、2030年工作回顾过去一年稳中求进。", "一、2030年工作回顾", "过去一年稳中求进。"),
        ("二、2031年主要任务做好今年工作,要稳字当头。", "二、2031年主要任务", "做好今年工作,要稳字当头。"),
        (
            "(一)加快码头建设,区域功能提升坚持规划引领,年内竣工。",
            "(一)加快码头建设,区域功能提升",
            "坚持规划引领,年内竣工。",
        ),
        ("(一)推进依法行政。自觉接受监督。", "(一)推进依法行政", "自觉接受监督。"),
        ("一、区位优势 青山区位于湾区南侧。", "一、区位优势", " 青山区位于湾区南侧。"),
        ("（二）、改善民生\n新增泊位900个。", "（二）、改善民生", "\n新增泊位900个。"),
    ],
)
def test_a_heading_run_into_its_text_is_parted_from_it(text: str, title: str, body: str) -> None:
    (section,) = find_sections(text, 2031)
    assert section.title == title
    assert text[section.body :] == body


def test_a_heading_whose_end_cannot_be_told_stays_in_the_text() -> None:
    text = "一、青山湾码头改造项目启动,泊位增加300个,充电桩增加210个,年内竣工;再建学校12所。"
    (section,) = find_sections(text, 2031)
    assert section.title == "一、青山湾码头改造项目启动"
    assert text[section.body :].startswith("青山湾码头改造项目启动,泊位")


@pytest.mark.parametrize(
    "text", ["发展第一、二产业。", "增长3.5%。", "会议(一)结束。", "共有二、三家企业。", "改造完成。3.5公里道路通车。"]
)
def test_a_number_inside_a_sentence_is_no_heading(text: str) -> None:
    assert find_sections(text, 2031) == []


def test_short_sentences_that_open_long_paragraphs_are_topics_and_stay_in_the_text() -> None:
    text = f"一、2030年工作回顾\n营商环境持续优化。{PARAGRAPH}社会事业协调发展。{PARAGRAPH}"
    _, first, second = find_sections(text, 2031)
    assert (first.level, first.title, second.title) == (4, "营商环境持续优化", "社会事业协调发展")
    assert (str(first.period), first.status) == ("2030", Status.ACTUAL)
    assert text[first.body : first.end] == f"营商环境持续优化。{PARAGRAPH}"
    assert text[second.body : second.end] == f"社会事业协调发展。{PARAGRAPH}"


@pytest.mark.parametrize(
    "text",
    [
        f"一、2030年工作回顾\n营商环境持续优化。{PARAGRAPH}",
        "一、2030年工作回顾\n营商环境持续优化。再接再厉。社会事业协调发展。再创佳绩。",
        f"一、2030年工作回顾\n企业落户增长9家。{PARAGRAPH}学校新建增加12所。{PARAGRAPH}",
    ],
    ids=["only one", "no paragraph behind", "figures"],
)
def test_other_short_sentences_are_no_topics(text: str) -> None:
    assert [section.level for section in find_sections(text, 2031)] == [1]


def test_a_topic_ends_where_the_speaker_turns_to_the_audience() -> None:
    text = f"营商环境持续优化。{PARAGRAPH}社会事业协调发展。{PARAGRAPH}各位代表!谢谢大家。"
    sections = find_sections(text, 2031)
    assert [text[section.end :][:5] for section in sections] == ["社会事业协", "各位代表!"]


def test_a_closing_chapter_without_a_year_continues_the_tasks() -> None:
    text = "二、2031年主要任务\n增长6%。\n三、推进政府治理现代化\n依法行政。"
    assert _outline(find_sections(text, 2031))[-1] == (1, "三、推进政府治理现代化", "2031", Status.TARGET)


@STEADY
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=20), st.sampled_from(["", "\n"]), st.none() | st.just(2031))
def test_sections_nest_and_never_overlap(fragments: list[str], gap: str, year: int | None) -> None:
    text = gap.join(fragments)
    open_ends = [(0, len(text))]
    previous = 0
    for section in find_sections(text, year):
        assert previous <= section.start <= section.body
        if gap:
            assert section.body <= section.end, "a heading on its own line ends before the next one"
        previous = section.start
        while open_ends[-1][1] <= section.start and len(open_ends) > 1:
            open_ends.pop()
        level, end = open_ends[-1]
        assert section.level > level
        assert section.start < section.end <= end
        open_ends.append((section.level, section.end))
