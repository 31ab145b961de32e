from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.corrections import SectionCorrection
from corpus.sections import find_sections, section_paths
from corpus.types import Heading, Section, Status
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
    assert (first.level, first.title, second.title) == (2, "营商环境持续优化", "社会事业协调发展")
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


def test_numbers_below_the_first_follow_straight_upon_a_heading() -> None:
    text = (
        "一、2030年工作回顾（一）经济运行稳中向好1.产业提质。新增企业9家，总数97家。2.项目提速。完成投资1.5亿元，增长3%。"
        "（1）交通项目。建成公路12公里，改造3公里。（2）水利项目。改造灌区8万亩，清淤2处。"
        "二、2031年工作安排重点抓好以下工作：（一）扩大投资1.抓项目。实施75个，新开工9个。2.抓招商。引资9亿元，增长5%。"
    )
    assert [(level, title) for level, title, _, _ in _outline(find_sections(text, 2031))] == [
        (1, "一、2030年工作回顾"),
        (2, "（一）经济运行稳中向好"),
        (3, "1.产业提质"),
        (3, "2.项目提速"),
        (4, "（1）交通项目"),
        (4, "（2）水利项目"),
        (1, "二、2031年工作安排"),
        (2, "（一）扩大投资"),
        (3, "1.抓项目"),
        (3, "2.抓招商"),
    ]


def test_chapters_and_articles_of_a_rule_are_sections_and_cross_references_are_not() -> None:
    text = (
        "第一章　总则\n第一条　为促进发展，制定本办法。\n第二条（适用范围）　依照第一条规定的企业适用本办法。\n"
        "第二章　扶持措施\n第三条　奖励50万元。\n符合第一条的，加倍。"
    )
    assert [(section.level, section.title) for section in find_sections(text, None)] == [
        (1, "第一章 总则"),
        (2, "第一条"),
        (2, "第二条（适用范围）"),
        (1, "第二章 扶持措施"),
        (2, "第三条"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "奖补标准如下：\n（一）国家级企业，奖励50万元；\n（二）省级企业，奖励20万元。\n以上不重复享受。",
        "给予补贴：（一）年薪百万元以上的，每月5000元；（二）其他人员，每月3000元。",
        "租房补贴这样发放\n1. 按季度发放，最长36个月。\n2. 分 五年 平均发放。\n另行通知。",
        "实事如下：（1）新建泊位900个，改造12处；补建9个，全年完工。（2）新建学校12所，扩建3所。",
    ],
)
def test_the_entries_of_a_list_are_text_and_no_headings(text: str) -> None:
    assert find_sections(text, 2031) == []


def test_words_that_state_a_figure_are_never_hidden_in_a_heading() -> None:
    text = "一、引进资金90亿元以上\n全年新开工9个。\n二、推进依法行政。\n三、其他\n另行通知。"
    kept = [text[section.body : section.end].strip() for section in find_sections(text, 2031)]
    assert kept == ["引进资金90亿元以上\n全年新开工9个。", "推进依法行政。", "另行通知。"]


def test_headings_that_the_file_marks_are_sections_and_numbers_below_them_go_deeper() -> None:
    lines = ["过去五年工作回顾", "五年来，新增企业9家。", "产业", "（一）工业", "增长3%。", "今后五年目标", "增长6%。"]
    levels = {"过去五年工作回顾": 1, "产业": 2, "今后五年目标": 1}
    text, marked, at = "\n".join(lines), [], 0
    for line in lines:
        if line in levels:
            marked.append(Heading(at, at + len(line), levels[line]))
        at += len(line) + 1
    assert _outline(find_sections(text, 2032, marked)) == [
        (1, "过去五年工作回顾", "2027-2031", Status.ACTUAL),
        (2, "产业", "2027-2031", Status.ACTUAL),
        (3, "（一）工业", "2027-2031", Status.ACTUAL),
        (1, "今后五年目标", "2032-2036", Status.PLAN),
    ]


def test_a_number_takes_the_level_that_the_file_gives_to_its_like() -> None:
    text = "一、产业\n（一）工业\n增长3%。\n二、民生\n新增9家。"
    marked = [Heading(0, 4, 2)]
    assert [section.level for section in find_sections(text, 2032, marked)] == [1, 2, 1]


@pytest.mark.parametrize("heading", ["附件：名词解释", "附件2\n名词解释", "有关用语说明\n", "术语解释"])
def test_a_glossary_behind_a_report_claims_nothing(heading: str) -> None:
    text = f"二、2031年主要任务\n再增泊位300个。\n{heading}\n1.“双高计划”：是“高水平学校计划”的简称。"
    glossary = find_sections(text, 2031)[1]
    assert (glossary.level, glossary.period, glossary.status) == (1, None, Status.NONE)


def test_short_lines_between_paragraphs_are_headings_where_there_are_no_others() -> None:
    text = "适用范围\n本措施适用于新引进的各类人才和单位。\n补贴标准\n租房补贴每月3000元，按季度发放。\n周远"
    assert [section.title for section in find_sections(text, None)] == ["适用范围", "补贴标准"]


def test_a_correction_of_a_section_holds_for_what_follows_from_it() -> None:
    right = {
        "一、2030年工作回顾": SectionCorrection(period="2029"),
        "二、2031年主要任务": SectionCorrection(status="plan"),
    }
    outline = _outline(find_sections(LINES, 2031, corrections=right))
    assert {(period, status) for _, _, period, status in outline[:5]} == {("2029", Status.ACTUAL)}
    assert outline[5][2:] == ("2031", Status.PLAN)


def test_a_section_whose_title_stands_twice_is_corrected_by_its_path() -> None:
    text = "一、2030年工作回顾\n（一）产业\n增长3%。\n二、2031年主要任务\n（一）产业\n增长6%。"
    sections = find_sections(text, 2031)
    assert section_paths(sections)[3] == "二、2031年主要任务 > （一）产业"
    right = {"二、2031年主要任务 > （一）产业": SectionCorrection(period="2032")}
    assert [str(s.period) for s in find_sections(text, 2031, corrections=right)] == ["2030", "2030", "2031", "2032"]


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


def test_where_paragraphs_can_be_seen_a_topic_opens_one() -> None:
    text = (
        "一、2030年工作回顾\n过去一年稳中求进，取得好成绩，完成了全年的任务。\n"
        "经济稳步增长。全年的收入有增加，企业有发展，结构也有优化。交通更加方便。\n"
        "民生持续改善。全年的学校有增加，医院有发展，服务也有优化。环境更加优美。\n"
    )
    assert [section.title for section in find_sections(text, 2031)] == [
        "一、2030年工作回顾",
        "经济稳步增长",
        "民生持续改善",
    ]


def test_a_fact_is_no_topic_and_gives_its_period_to_nothing() -> None:
    text = f"一、2030年工作回顾\n2030年是“十五五”规划收官之年。{PARAGRAPH}\n发展水平居全国前列。{PARAGRAPH}"
    assert _outline(find_sections(text, 2031)) == [(1, "一、2030年工作回顾", "2030", Status.ACTUAL)]


def test_counted_topics_follow_each_other_within_a_paragraph() -> None:
    behind = "全年的收入有增加，企业有发展，结构也有优化，任务完成。"
    text = f"一、2030年工作回顾\n主要做了以下工作。一是经济稳步增长。{behind}二是民生持续改善。{behind}"
    titles = [section.title for section in find_sections(text, 2031)]
    assert titles == ["一、2030年工作回顾", "一是经济稳步增长", "二是民生持续改善"]
