from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.periods import (
    UNKNOWN,
    Frame,
    heading_frame,
    mention_frame,
    mentioned_periods,
    mentioned_plans,
    plan_period,
    read_year,
    title_frame,
    validity_period,
)
from corpus.periods import sentence_frame as frame_of
from corpus.types import Period, Status
from tests.corpus.conftest import STEADY

YEARS = st.tuples(st.integers(1, 9999), st.integers(1, 9999)).map(sorted)
LAST, NOW = Period(2030, 2030), Period(2031, 2031)
REVIEW, TARGETS = Frame(LAST, Status.ACTUAL), Frame(NOW, Status.TARGET)
PLAN16 = Period(2031, 2035)


@STEADY
@given(YEARS)
def test_a_period_is_read_as_it_is_written(years: list[int]) -> None:
    period = Period(*years)
    assert Period.parse(str(period)) == period


def test_a_period_is_written_by_its_ends() -> None:
    assert (str(Period(2030, 2030)), str(Period(2016, 2020))) == ("2030", "2016-2020")


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot end in 2019 before it begins in 2020"):
        Period(2020, 2019)


@STEADY
@given(YEARS, YEARS)
def test_two_periods_overlap_when_they_share_a_year(a: list[int], b: list[int]) -> None:
    shared = max(a[0], b[0]) <= min(a[1], b[1])
    assert Period(*a).overlaps(Period(*b)) is shared
    assert Period(*b).overlaps(Period(*a)) is shared


@pytest.mark.parametrize(
    ("number", "years"), [(6, "1981-1985"), (13, "2016-2020"), (14, "2021-2025"), (20, "2051-2055")]
)
def test_a_five_year_plan_has_its_years(number: int, years: str) -> None:
    assert str(plan_period(number)) == years


def test_a_year_is_read_in_both_scripts() -> None:
    assert [read_year(year) for year in ("2020", "二〇二〇", "二零三五", "一九七八")] == [2020, 2020, 2035, 1978]


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("2019年GDP", ["2019"]),
        ("二〇三五年远景目标", ["2035"]),
        ("2016-2020年、2016—2020年", ["2016-2020"]),
        ("2019年至2021年新建", ["2019-2021"]),
        ("2021年比 2020 年多", ["2021", "2020"]),
        ("“十三五”规划与“十四五”时期", ["2016-2020", "2021-2025"]),
        ("十三五五年里", ["2016-2020"]),
        ("第十四个五年规划和二〇三五年远景目标纲要", ["2021-2025", "2035"]),
        ("第二十个五年规划", ["2051-2055"]),
        ("十四五期间", ["2021-2025"]),
        ("2020-2019年", []),
        ("出台二十五条措施,投资2020万元", []),
    ],
)
def test_the_years_named_in_a_text_are_found_in_order(text: str, periods: list[str]) -> None:
    assert [str(period) for period in mentioned_periods(text)] == periods


def test_plans_alone_can_be_asked_for() -> None:
    assert mentioned_plans("2031年是“十六五”开局之年") == (PLAN16,)


@pytest.mark.parametrize(
    ("title", "outer", "period", "status"),
    [
        ("一、2030年工作回顾", UNKNOWN, "2030", Status.ACTUAL),
        ("一、过去一年工作回顾", UNKNOWN, "2030", Status.ACTUAL),
        ("一、“十五五”时期工作回顾", UNKNOWN, "2026-2030", Status.ACTUAL),
        ("二、2031年主要任务", UNKNOWN, "2031", Status.TARGET),
        ("二、今年主要任务", UNKNOWN, "2031", Status.TARGET),
        ("三、全力做好“十六五”开局工作", UNKNOWN, "2031", Status.TARGET),
        ("二、“十六五”时期的主要任务", UNKNOWN, "2031-2035", Status.PLAN),
        ("二、关于第十六个五年规划和二〇四五年远景目标纲要的说明", UNKNOWN, "2031-2035", Status.PLAN),
        ("关于二〇四五年远景目标", Frame(PLAN16, Status.PLAN), "2045", Status.PLAN),
        ("(一)加快码头建设", REVIEW, "2030", Status.ACTUAL),
        ("(一)落实三大任务", REVIEW, "2030", Status.ACTUAL),
        ("(一)加快码头建设", TARGETS, "2031", Status.TARGET),
        ("这是城区实力提升的五年", REVIEW, "2026-2030", Status.ACTUAL),
        ("一、区位优势", UNKNOWN, "None", Status.NONE),
    ],
)
def test_a_heading_says_what_its_section_speaks_about(title: str, outer: Frame, period: str, status: Status) -> None:
    frame = heading_frame(title, outer, 2031)
    assert (str(frame.period), frame.status) == (period, status)


def test_a_review_of_an_undated_report_is_of_no_year() -> None:
    assert heading_frame("一、工作回顾", UNKNOWN, None) == Frame(None, Status.ACTUAL)


@pytest.mark.parametrize(
    ("sentence", "section", "period", "status"),
    [
        ("新增充电桩210个。", REVIEW, "2030", Status.ACTUAL),
        ("全年预计地区生产总值增长5.1%左右。", REVIEW, "2030", Status.ESTIMATE),
        ("累计建成充电桩210个。", REVIEW, "2030", Status.CUMULATIVE),
        ("在2028年建成15家的基础上,新建9家。", REVIEW, "2030", Status.ACTUAL),
        ("2028年建成15家。", REVIEW, "2028", Status.ACTUAL),
        ("到2035年建成国际湾区。", REVIEW, "2035", Status.PLAN),
        ("五年来,新建学校12所。", REVIEW, "2026-2030", Status.ACTUAL),
        ("三年来,新建学校12所。", REVIEW, "2028-2030", Status.ACTUAL),
        ("“十五五”时期,新建学校12所。", REVIEW, "2026-2030", Status.ACTUAL),
        ("地区生产总值增长6%左右。", TARGETS, "2031", Status.TARGET),
        ("在2030年的基础上新增300个。", TARGETS, "2031", Status.TARGET),
        ("到2035年,建成国际湾区。", TARGETS, "2035", Status.PLAN),
        ("到2031年末,新增300个。", TARGETS, "2031", Status.TARGET),
        ("“十六五”期间,再建学校12所。", TARGETS, "2031-2035", Status.PLAN),
        ("办法自2032年起施行。", UNKNOWN, "2032", Status.NONE),
        ("计划2033年竣工。", UNKNOWN, "2033", Status.PLAN),
        ("去年引进企业9家。", UNKNOWN, "2030", Status.NONE),
        ("码头位于湾区南侧。", UNKNOWN, "None", Status.NONE),
    ],
)
def test_a_sentence_keeps_or_overrides_its_section(sentence: str, section: Frame, period: str, status: Status) -> None:
    frame = frame_of(sentence, section, 2031)
    assert (str(frame.period), frame.status) == (period, status)


@pytest.mark.parametrize(
    ("title", "period", "status"),
    [
        ("过去五年工作回顾", "2026-2030", Status.ACTUAL),
        ("今后五年奋斗目标", "2031-2035", Status.PLAN),
        ("2031年重点工作", "2031", Status.TARGET),
        ("2030年工作总结", "2030", Status.ACTUAL),
    ],
)
def test_unnumbered_headings_of_a_report_say_what_they_speak_about(title: str, period: str, status: Status) -> None:
    frame = heading_frame(title, UNKNOWN, 2031)
    assert (str(frame.period), frame.status) == (period, status)


def test_tasks_of_a_policy_in_force_for_years_are_its_plan() -> None:
    in_force = Frame(Period(2031, 2033), Status.NONE)
    assert heading_frame("二、主要任务", in_force, 2031) == Frame(Period(2031, 2033), Status.PLAN)


@pytest.mark.parametrize(
    ("sentence", "years"),
    [
        ("本办法自2032年3月1日起施行，有效期至2034年12月31日。", "2032-2034"),
        ("本办法有效期自2032年1月1日至2034年12月31日。", "2032-2034"),
        ("本措施适用于新引进的人才，有效期三年（2032-2035年）。", "2032-2035"),
        ("本办法自2032年6月1日起施行，有效期3年。", "2032-2035"),
        ("本办法自2032年1月1日起施行，有效期三年。", "2032-2034"),
        ("本意见自发布之日起施行，有效期五年。", "2031-2036"),
        ("政策执行期限为2032年至2034年。", "2032-2034"),
        ("本办法自2032年3月1日起施行。", "None"),
        ("企业的资质证书有效期至2034年12月31日。", "None"),
        ("本办法自2032年3月1日起施行，有效期2年，《青山区旧办法》（2028年）同时废止。", "2032-2034"),
    ],
)
def test_the_years_in_force_are_read_from_a_sentence(sentence: str, years: str) -> None:
    assert str(validity_period(sentence, 2031)) == years


@pytest.mark.parametrize(
    ("title", "period", "status"),
    [
        ("青山区2031年国民经济主要指标", "2031", Status.NONE),
        ("青山区2031年工作要点", "2031", Status.TARGET),
        ("青山区三年行动计划（2031—2033年）", "2031-2033", Status.PLAN),
        ("青山区2030年工作总结", "2030", Status.ACTUAL),
        ("青山市2030年国民经济和社会发展统计公报", "2030", Status.ACTUAL),
        ("青山区“十六五”规划纲要", "2031-2035", Status.PLAN),
        ("青山区奖励办法", "None", Status.NONE),
    ],
)
def test_a_title_may_name_what_its_document_speaks_about(title: str, period: str, status: Status) -> None:
    frame = title_frame(title)
    assert (str(frame.period), frame.status) == (period, status)


ROW = "指标: 总产值; 单位: 亿元; 2030年: 541.2; 2031年预计: 583; 2032年目标: 620; 同比增长: 6.1%。"


def test_a_row_speaks_about_all_the_years_of_its_columns() -> None:
    assert _free("指标: 总产值; 2030年: 541.2; 2031年: 583.0。") == ("2030-2031", Status.NONE)
    assert _free("年份: 2030; 总产值: 541.2; 人口: 9万。") == ("2030", Status.NONE)
    assert _free("指标: 就业; 2032年目标: 3800人; 责任部门: 人社局。") == ("2032", Status.TARGET)


def _free(sentence: str) -> tuple[str, Status]:
    frame = frame_of(sentence, UNKNOWN, None)
    return str(frame.period), frame.status


@pytest.mark.parametrize(
    ("figure", "period", "status"),
    [
        ("541.2", "2030", Status.NONE),
        ("583", "2031", Status.ESTIMATE),
        ("620", "2032", Status.TARGET),
        ("6.1%", "2032", Status.NONE),
    ],
)
def test_a_value_of_a_row_speaks_about_the_year_of_its_column(figure: str, period: str, status: Status) -> None:
    own = frame_of(ROW, UNKNOWN, None)
    frame = mention_frame(ROW, ROW.index(figure), own, None)
    assert (str(frame.period), frame.status) == (period, status)


@pytest.mark.parametrize(
    ("sentence", "period", "status"),
    [
        ("现将《青山区奖励办法》印发给你们。", "None", Status.NONE),
        ("建设虚拟现实基地。", "None", Status.NONE),
        ("是“高水平学校建设计划”的简称。", "None", Status.NONE),
        ("拟于2033年竣工。", "2033", Status.PLAN),
        ("产值由2026年的412亿元增加到2031年的583亿元。", "2031", Status.NONE),
    ],
)
def test_words_that_only_look_like_an_aim_or_a_year_are_none(sentence: str, period: str, status: Status) -> None:
    assert _free(sentence) == (period, status)


def test_a_review_without_a_year_speaks_about_the_one_that_its_sentence_names() -> None:
    frame = frame_of("“十五五”时期，年均增长8.1%。", Frame(None, Status.ACTUAL), None)
    assert (str(frame.period), frame.status) == ("2026-2030", Status.ACTUAL)


def test_an_outlook_is_a_plan_of_its_year() -> None:
    frame = frame_of("展望2035年，建成湾区。", TARGETS, 2031)
    assert (str(frame.period), frame.status) == ("2035", Status.PLAN)


def test_a_clause_about_a_plan_is_of_its_years() -> None:
    sentence = "新增泊位900个，“十六五”时期新增人口100万。"
    frames = [mention_frame(sentence, sentence.index(figure), TARGETS, None) for figure in ("900", "100")]
    assert [(str(frame.period), frame.status) for frame in frames] == [
        ("2031", Status.TARGET),
        ("2031-2035", Status.PLAN),
    ]


def test_a_single_year_among_the_results_of_five_is_its_own() -> None:
    five = Frame(Period(2026, 2030), Status.ACTUAL)
    assert str(frame_of("截至2030年底，床位达到4200张。", five, 2031).period) == "2030"
    assert str(frame_of("预计全年支出9亿元。", five, 2031).period) == "2030"
    assert str(frame_of("新建学校23所。", five, 2031).period) == "2026-2030"


def test_an_average_before_the_end_of_a_plan_is_of_its_years() -> None:
    sentence = "主要目标是：收入年均增长6%左右，到2035年覆盖率达到75%。"
    own = frame_of(sentence, Frame(PLAN16, Status.PLAN), 2031)
    frame = mention_frame(sentence, sentence.index("6%"), own, date(2031, 1, 9))
    assert frame == Frame(PLAN16, Status.PLAN)


def test_a_row_without_a_year_in_its_header_speaks_about_all_years_of_its_text() -> None:
    row = "类别: 租金; 最高金额: 200万元。"
    frame = mention_frame(row, row.index("200"), Frame(PLAN16, Status.NONE), None)
    assert frame == Frame(PLAN16, Status.NONE)
