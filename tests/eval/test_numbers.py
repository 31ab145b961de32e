from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.numbers import Quantity, Unit, all_stated, quantities, read_chinese


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
        ("超3000万千瓦", [(30_000_000, "")]),
        ("3.5万套 35,000 units 35 thousand", [(35_000, "")] * 3),
        ("二十家企业、两千三百户、十五条", [(20, ""), (2300, ""), (15, "")]),
        ("twenty-one projects, two hundred thousand people", [(21, ""), (200_000, "")]),
        ("2019年 In 2020, 二〇二一年", [(2019, "year"), (2020, "year"), (2021, "year")]),
        ("2,019 jobs and 2019家", [(2019, ""), (2019, "")]),
        ("第十三届 第3次 13th 5G PM2.5 G60 five-year 十分 一流 成立", []),
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


@given(
    st.text(
        alphabet="0123456789０９,.，%％ 年成万亿千百十零〇一二三四五六七八九两个分点之元美第 mbkillion$¥RMBtwo-½²①",
        max_size=40,
    )
)
def test_any_text_can_be_read(text: str) -> None:
    assert all(quantity.value >= 0 for quantity in quantities(text))
