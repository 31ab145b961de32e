from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.periods import UNKNOWN, Frame, heading_frame, mentioned_periods, mentioned_plans, plan_period, read_year
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
