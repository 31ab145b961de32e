from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.glossary import Glossary, Term
from corpus.indicators import read_indicators
from corpus.periods import Frame
from corpus.types import Period, Status
from tests.corpus.conftest import STEADY

if TYPE_CHECKING:
    from corpus.indicators import Indicator
    from corpus.quantities import Quantity

#: Said in January 2031 of the year before.
OWN = Frame(Period.year(2030), Status.ACTUAL)
DELIVERED = date(2031, 1, 9)
GLOSSARY = Glossary(
    [
        Term(("地区生产总值", "GDP"), ("gross domestic product",), "indicator"),
        Term(("地区生产总值增速", "地区生产总值增长"), ("growth",), "indicator"),
        Term(("第三产业增加值",), ("value added",), "indicator"),
        Term(("区级财政收入",), ("revenue",), "indicator"),
        Term(("税收收入",), ("tax",), "indicator"),
        Term(("失业率",), ("unemployment",), "indicator"),
        Term(("公共充电桩",), ("charging point",), "indicator"),
        Term(("公共泊位",), ("parking space",), "indicator"),
        Term(("总部机构",), ("headquarters",), "indicator"),
        Term(("一般性支出",), ("general spending",), "indicator"),
        Term(("细颗粒物年均浓度",), ("PM2.5",), "indicator"),
        Term(("受教育年限",), ("schooling",), "indicator"),
        Term(("青山区",), ("Qingshan",), "region"),
    ]
)


def read(sentence: str, own: Frame = OWN) -> tuple[Indicator, ...]:
    return read_indicators(sentence, own, DELIVERED, GLOSSARY)


def said(sentence: str) -> list[tuple[str, str, str]]:
    """Return name, level and change as the sentence has them."""

    def words(quantity: Quantity | None) -> str:
        return sentence[quantity.start : quantity.end] if quantity else ""

    return [(found.name, words(found.value), words(found.change)) for found in read(sentence)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("地区生产总值1670亿元,增长6.5%左右。", [("地区生产总值", "1670亿元", "6.5%左右")]),
        ("区级财政收入1,234.5亿元,同比增长4%。", [("区级财政收入", "1,234.5亿元", "4%")]),
        ("区级财政收入２００亿元，增长８％。", [("区级财政收入", "２００亿元", "８％")]),
        ("区级财政收入二百亿元，增长百分之三。", [("区级财政收入", "二百亿元", "百分之三")]),
        ("区级财政收入突破200亿元、增长近一成。", [("区级财政收入", "突破200亿元", "近一成")]),
        ("第三产业增加值突破3000亿元。", [("第三产业增加值", "突破3000亿元", "")]),  # 增加 is part of the name
        ("GDP增长4.5%—5%。", [("地区生产总值", "", "4.5%—5%")]),
        ("地区生产总值增速为6.5%。", [("地区生产总值", "", "6.5%")]),
        ("完成公共充电桩300个,其中区属100个。", [("公共充电桩", "300个", "")]),
        ("压减非急需一般性支出10%以上。", [("一般性支出", "", "10%以上")]),
        ("受教育年限达到11.7年。", [("受教育年限", "11.7年", "")]),
        ("地区生产总值连续迈上4个万亿元台阶、达14.2万亿元、年均增长5.7%。", [("地区生产总值", "14.2万亿元", "")]),
        ("新增总部机构5家，累计达到82家。", [("总部机构", "5家", ""), ("总部机构", "82家", "")]),
    ],
)
def test_level_and_change_are_read_behind_the_name(sentence: str, expected: list[tuple[str, str, str]]) -> None:
    assert said(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("总部机构从86家增加到113家。", [("总部机构", "113家", "")]),
        ("区级财政收入由150亿元增至193.5亿元。", [("区级财政收入", "193.5亿元", "")]),
        ("失业率由5%下降到3%。", [("失业率", "3%", "")]),
        ("失业率下降到3%。", [("失业率", "3%", "")]),
        ("失业率降至3%。", [("失业率", "3%", "")]),
        ("失业率下降0.3个百分点。", [("失业率", "", "0.3个百分点")]),
        ("地区生产总值增速由6.5%提高到7%。", [("地区生产总值", "", "7%")]),
        ("区级财政收入增长达到8%。", [("区级财政收入", "", "8%")]),
    ],
)
def test_what_was_reached_is_told_from_where_a_change_began(
    sentence: str, expected: list[tuple[str, str, str]]
) -> None:
    assert said(sentence) == expected


def test_a_fall_is_negative_at_both_ends_of_a_range() -> None:
    (found,) = read("失业率下降1%-2%。")
    assert found.change is not None
    assert (found.change.value, found.change.upper) == (-1, -2)
    (stated,) = read("区级财政收入增长-3.5%。")
    assert stated.change is not None
    assert stated.change.value == -3.5


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("区级财政收入、税收收入分别增长4%和5.2%。", [("区级财政收入", "", "4%"), ("税收收入", "", "5.2%")]),
        ("区级财政收入和税收收入均增长4%。", [("区级财政收入", "", "4%"), ("税收收入", "", "4%")]),
        ("税收收入80亿元、区级财政收入200亿元。", [("税收收入", "80亿元", ""), ("区级财政收入", "200亿元", "")]),
        ("新增300个公共充电桩、2000个公共泊位。", [("公共充电桩", "300个", ""), ("公共泊位", "2000个", "")]),
        # One of two names is not known here: whose figure is which cannot be told.
        ("城市、税收收入分别增长4.8%、5.9%。", []),
        ("税收收入和某某费分别为38亿元、29亿元。", []),
        ("一产、二产、第三产业增加值分别增长6%、5.2%、5.1%。", []),
    ],
)
def test_each_name_gets_its_own_figure_or_none(sentence: str, expected: list[tuple[str, str, str]]) -> None:
    assert said(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "税收占地区生产总值比重达33.5%。",
        "物流费用与地区生产总值的比率降至13.6%。",
        "研发投入占地区生产总值的4%。",
        "公共泊位占比达到23%。",
        "总部机构参会，青山区举办活动12场。",
        "86家总部机构、60家外贸企业复工。",  # who came back to work, not how many there are
        "地区生产总值连续37年居首位。",
        "地区生产总值近3年快于全省。",
        "区级财政收入增加10亿元。",  # neither a level nor a share
        "失业率高于全国0.4个百分点。",
        "2030年地区生产总值再创新高。",
        "引进企业20家。",
        "",
        "😀，；。",
    ],
)
def test_a_figure_of_another_thing_is_not_read(sentence: str) -> None:
    assert said(sentence) == []


def test_an_average_of_years_is_not_put_beside_the_level_of_one() -> None:
    assert said("地区生产总值跨越5000亿元大关，年均增长5.7%。") == [("地区生产总值", "5000亿元", "")]
    (average,) = read("地区生产总值年均增长5.7%。")
    assert average.period == Period(2026, 2030)


def test_an_annual_mean_belongs_to_its_year() -> None:
    (found,) = read("细颗粒物年均浓度27微克/立方米、下降11.5%。")
    assert (found.period, found.change and found.change.value) == (Period.year(2030), -11.5)


def test_period_and_status_are_those_of_the_clause() -> None:
    estimate, actual = read("全年预计完成地区生产总值1670亿元,增长6.5%左右;税收收入80亿元,下降2%。")
    assert (estimate.period, estimate.status) == (Period.year(2030), Status.ESTIMATE)
    assert (actual.period, actual.status) == (Period.year(2030), Status.ACTUAL)
    (later,) = read("地区生产总值达到五千亿元，累计引进企业20家。")
    assert later.status is Status.ACTUAL, "累计 is said of the companies; the numeral has no digits to look for there"


def test_what_limits_and_what_compares_a_figure_is_kept() -> None:
    (added,) = read("全年新增公共充电桩300个。")
    assert (added.scope, added.series) == ("新增", ("公共充电桩", "新增"))
    assert [one.scope for one in read("新增总部机构5家，累计达到82家。")] == ["新增", "累计"]
    (basis,) = read("区级财政收入同口径增长4%。")
    assert basis.basis == "同口径"


PARTS = (
    *("地区生产总值", "GDP", "区级财政收入", "税收收入", "失业率", "公共充电桩", "细颗粒物年均浓度"),
    *("1670亿元", "300个", "6.5%", "1%-2%", "0.3个百分点", "二百亿元", "2030年", "五年", "1月9日"),
    *("增长", "下降", "从", "增加到", "降至", "分别", "占", "比重", "预计", "累计", "新增", "年均", "到2035年"),
    *("，", "、", "；", "。", "和", "的", "为", " ", "😀"),
)


@given(st.lists(st.sampled_from(PARTS), max_size=14).map("".join), st.sampled_from(Status))
@STEADY
def test_every_statement_has_a_figure_of_its_sentence_a_period_and_a_status(sentence: str, status: Status) -> None:
    for found in read(sentence, Frame(Period.year(2030), status)):
        figures = [figure for figure in (found.value, found.change) if figure is not None]
        assert figures
        assert all(0 <= figure.start < figure.end <= len(sentence) for figure in figures)
        assert found.wording in sentence
        assert found.scope in sentence
        assert found.basis in sentence
        assert found.period is not None


def test_every_statement_of_a_very_long_sentence_is_read() -> None:
    assert len(read("地区生产总值增长6%，" * 300)) == 300


def test_figures_of_a_very_long_sentence_stand_where_they_are_said_to() -> None:
    sentence = "新增公共充电桩300个，" * 300
    places = [(found.value.start, found.value.end) for found in read(sentence) if found.value]
    assert {sentence[start:end] for start, end in places} == {"300个"}
    assert len(set(places)) == 300


@pytest.mark.parametrize(
    ("sentence", "scope"),
    [
        ("新区税收收入80亿元。", "新区"),
        ("新增农村公共充电桩300个。", "新增农村"),
        ("全年完成税收收入80亿元。", ""),
        ("确保税收收入80亿元。", ""),
        ("引进企业5家，税收收入80亿元。", ""),
        ("完成300个公共充电桩。", ""),
        ("税收收入年均增长5%。", "年均"),
    ],
)
def test_what_limits_a_figure_to_a_part_is_its_scope(sentence: str, scope: str) -> None:
    (found,) = read(sentence)
    assert found.scope == scope


@pytest.mark.parametrize(
    "sentence",
    [
        "公共充电桩维护人员300人。",
        "单位地区生产总值事故死亡率控制在0.6人。",
        "公共充电桩配套管廊9公里。",
    ],
)
def test_a_figure_of_another_noun_behind_the_name_is_not_its_own(sentence: str) -> None:
    assert read(sentence) == ()


def test_the_form_of_statistical_bulletins_is_read() -> None:
    (found,) = read("全年地区生产总值（GDP）356.8亿元，按可比价格计算，比上年增长6.1%。")
    assert found.value is not None
    assert found.change is not None
    assert (found.wording, found.value.value, found.change.value) == ("地区生产总值", 35_680_000_000, Decimal("6.1"))
    assert (found.scope, found.basis) == ("", "按可比价格")


def test_changes_told_behind_a_list_of_levels_belong_to_them_in_order() -> None:
    assert said("税收收入80亿元、区级财政收入200亿元，分别下降4%、5.2%。") == [
        ("税收收入", "80亿元", "4%"),
        ("区级财政收入", "200亿元", "5.2%"),
    ]
    assert [
        found.change.value for found in read("税收收入80亿元、区级财政收入200亿元，分别下降4%、5.2%。") if found.change
    ] == [
        Decimal(-4),
        Decimal("-5.2"),
    ]


def test_a_total_behind_an_addition_and_firms_counted_as_households_are_read() -> None:
    added, total = read("新增总部机构6户，总数达48户。")
    assert added.value is not None
    assert (added.scope, added.value.measure, total.scope) == ("新增", "家", "总")


def test_one_side_of_a_ratio_is_no_level() -> None:
    assert read("失业率为11.1:40.3。") == ()
