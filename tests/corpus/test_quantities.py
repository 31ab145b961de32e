from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.numerals import read_chinese
from corpus.quantities import Bound, Quantity, Unit, all_stated, quantities


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("完成地区生产总值1670亿元,增长6.5%左右", [(167_000_000_000, "CNY"), (6.5, "%")]),
        ("RMB 19.35 billion, up 4 percent", [(19_350_000_000, "CNY"), (4, "%")]),
        ("19,350 million yuan", [(19_350_000_000, "CNY")]),
        ("1.67 trillion renminbi", [(1_670_000_000_000, "CNY")]),
        ("4.8 亿美元", [(480_000_000, "USD")]),
        ("US$480 million; $480m; USD 0.48bn", [(480_000_000, "USD")] * 3),
        ("480m long", [(480, "")]),
        ("1.2万亿元", [(1_200_000_000_000, "CNY")]),
        ("一万亿元", [(1_000_000_000_000, "CNY")]),
        ("提高0.3个百分点", [(0.3, "points")]),
        ("three percentage points, 0.3 pp", [(3, "points"), (0.3, "points")]),
        ("三个百分点", [(3, "points")]),
        ("百分之三十，百分之2.5", [(30, "%"), (2.5, "%")]),
        ("七成以上", [(70, "%")]),
        ("增长８％", [(8, "%")]),
        ("3.5 per cent", [(3.5, "%")]),
        ("10余万平方米", [(100_000, "")]),
        ("10 余名", [(10, "")]),
        ("超3000万千瓦", [(30_000_000, "")]),
        ("3.5万套 35,000 units 35 thousand", [(35_000, "")] * 3),
        ("二十家企业、两千三百户、十五条", [(20, ""), (2300, ""), (15, "")]),
        ("twenty-one projects, two hundred thousand people", [(21, ""), (200_000, "")]),
        ("2019年 In 2020, 二〇二一年", [(2019, "year"), (2020, "year"), (2021, "year")]),
        ("2,019 jobs and 2019家", [(2019, ""), (2019, "")]),
        ("第十三届 第3次 13th 5G PM2.5 G60 five-year plan 十分 一流 成立", []),
    ],
)
def test_numbers_are_read(text: str, expected: list[tuple[float, str]]) -> None:
    assert [(float(q.value), str(q.unit)) for q in quantities(text)] == expected


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("十", 10),
        ("十五", 15),
        ("二十", 20),
        ("一百零五", 105),
        ("两千三百", 2300),
        ("一亿二千万", 120_000_000),
        ("三", 3),
    ],
)
def test_chinese_numerals(numeral: str, value: int) -> None:
    assert read_chinese(numeral) == value


@pytest.mark.parametrize(
    ("claim", "source", "stated"),
    [
        ("RMB 19.35 billion", "193.5亿元", True),
        ("193.5亿", "193.5亿元", True),  # the claim leaves the unit out
        ("193.5亿元", "193.5亿", True),  # the source leaves it to its surroundings
        ("193.5亿美元", "193.5亿元", False),
        ("90.5", "90.5%", True),
        ("90.5%", "90.5", False),
        ("4%", "4个百分点", False),
        ("4%", "14%", False),
    ],
)
def test_what_bears_out_a_number(claim: str, source: str, stated: bool) -> None:
    assert all_stated(quantities(claim), quantities(source)) is stated


def test_every_number_must_be_stated() -> None:
    source = quantities("增长5.1%,财政收入88.8亿元")
    assert all_stated(quantities("5.1% 和 88.8亿元"), source)
    assert not all_stated(quantities("5.1% 和 88.9亿元"), source)
    assert all_stated([], [])


def test_a_quantity_is_in_units_of_one() -> None:
    assert quantities("0.3万亿") == (Quantity(Decimal("3000000000000") / 10, Unit.NONE),)


@pytest.mark.parametrize(
    "text",
    [
        *"地铁15号线 “1+13+X”体系 “20条”政策 从0到1的突破 021-64012345 13812345678 5A级景区 8K影像".split()[:-1],
        *"“12345”市民服务热线 数十亿元 千家万户 一家企业 五年规划 两会 二级 十分 百年 2.0版".split(),
        "Line 15, No. 3, Lines 11 and 12, 13th, 5G, PM2.5, a company, the 13th Five-Year Plan, the 12345 hotline",
        "from 0 to 1, COVID-19, G-60, 24/7",
    ],
)
def test_names_and_ordinals_are_no_quantities(text: str) -> None:
    assert quantities(text) == ()


@pytest.mark.parametrize(
    ("text", "bound", "span"),
    [
        ("增长6.5%左右。", Bound.ABOUT, "6.5%左右"),
        ("引进约200多家企业", Bound.ABOUT, "约200多家"),
        ("惠及３００余户", Bound.MORE_THAN, "３００余户"),
        ("总额突破 1000 亿元大关", Bound.MORE_THAN, "突破 1000 亿元"),
        ("近50公里", Bound.NEARLY, "近50公里"),
        ("近三年", Bound.NONE, "三年"),
        ("最近5个月", Bound.NONE, "5个月"),
        ("不低于2.5%", Bound.AT_LEAST, "不低于2.5%"),
        ("65岁以上老人", Bound.AT_LEAST, "65岁以上"),
        ("最高给予500万元的资助", Bound.AT_MOST, "最高给予500万元"),
        ("30天以内办结", Bound.AT_MOST, "30天以内"),
        ("不足10家", Bound.LESS_THAN, "不足10家"),
        ("rose by more than 3 percent", Bound.MORE_THAN, "more than 3 percent"),
        ("up to RMB 5 million a year", Bound.AT_MOST, "up to RMB 5 million"),
        ("reached 90 percent or more", Bound.AT_LEAST, "90 percent or more"),
        ("400 square meters", Bound.NONE, "400 square meters"),
    ],
)
def test_what_bounds_a_quantity_is_part_of_it(text: str, bound: Bound, span: str) -> None:
    (found,) = quantities(text)
    assert (found.bound, text[found.start : found.end]) == (bound, span)


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("增长4.5%—5%", "4.5", "5", "%"),
        ("降幅1%-2%", "1", "2", "%"),
        ("3-5万人", "30000", "50000", ""),
        ("2万亿元至3万亿元", "2000000000000", "3000000000000", "CNY"),
        ("2016-2020年", "2016", "2020", "year"),
        ("1—11月", "100", "1100", "date"),
        ("between 4.5% and 5%", "4.5", "5", "%"),
        ("2021 to 2025", "2021", "2025", "year"),
    ],
)
def test_a_range_is_one_quantity(text: str, low: str, high: str, unit: str) -> None:
    (found,) = quantities(text)
    assert (found.value, found.upper, found.unit) == (Decimal(low), Decimal(high), unit)


def test_both_ends_of_a_range_are_to_be_borne_out() -> None:
    assert all_stated(quantities("4.5% to 5%"), quantities("4.5%，后来5%"))
    assert not all_stated(quantities("4.5% to 6%"), quantities("4.5%—5%"))


@pytest.mark.parametrize(
    ("claim", "source", "stated"),
    [
        ("350,000 square meters", "35万平方米", True),
        ("35 hectares", "35万平方米", True),
        ("35 hectares", "35平方米", False),
        ("35 hectares", "0.35平方公里", True),
        ("35万户", "35万人", False),
        ("35 companies", "35家", True),
        ("20 GW", "2000万千瓦", True),
        ("EUR 3 million", "300万欧元", True),
        ("EUR 3 million", "300万港元", False),
        ("January 7, 2020", "2020年1月7日", True),
        ("7 January 2020", "2020-01-07", True),
        ("85.65岁", "85.75岁", False),
        ("85.65 years", "85.75岁", False),
        ("3公顷", "3%", False),
        ("10 meters", "10条", False),
        ("January 2020", "2020年1月7日", True),
        ("January 7, 2020", "1月7日", True),
        ("January 8", "1月7日", False),
        ("2020", "2020年1月7日", True),
        ("2021", "2020年1月7日", False),
        ("2020年1月7日", "2020", False),
    ],
)
def test_measures_and_dates_are_compared(claim: str, source: str, stated: bool) -> None:
    assert all_stated(quantities(claim), quantities(source)) is stated


@given(
    st.text(
        alphabet="0123456789０９,.，%％ 年成万亿千百"
        "十零〇一二三四五六七八九两个分点之元美第约超近以上左右不低于多余月日天-—至 mbkillionay$㎡¥RMBtwo-½²①",
        max_size=40,
    )
)
def test_any_text_can_be_read(text: str) -> None:
    found = quantities(text)
    edges = [edge for quantity in found for edge in (quantity.start, quantity.end)]
    assert edges == sorted(edges)
    assert all(0 <= quantity.start < quantity.end <= len(text) for quantity in found)
    assert all(any(c.isalnum() for c in text[quantity.start : quantity.end]) for quantity in found)
