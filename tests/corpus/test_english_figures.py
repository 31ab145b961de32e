from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.english_figures import english_quantity
from corpus.measures import load_measures
from corpus.quantities import all_stated, quantities
from tests.corpus.conftest import STEADY


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("1000 万元", "RMB 10 million"),
        ("4.8 亿美元", "USD 480 million"),
        ("75.4亿元", "RMB 7.54 billion"),
        ("1.2万亿元", "RMB 1.2 trillion"),
        ("800元", "RMB 800"),
        ("13456元", "RMB 13,456"),
        ("300万欧元", "EUR 3 million"),
        ("732万人", "7.32 million people"),
        ("1234567人", "1,234,567 people"),
        ("1人", "1 person"),
        ("35万平方米", "350,000 square meters"),
        ("40万亩", "400,000 mu (about 26,667 hectares)"),
        ("1.5亿亩", "150 million mu (about 10 million hectares)"),
        ("15亩", "15 mu (about 1 hectares)"),
        ("2000万千瓦", "20 million kW"),
        ("35微克/立方米", "35 μg/m³"),
        ("6.5%左右", "about 6.5%"),
        ("3个百分点", "3 percentage points"),
        ("1个百分点", "1 percentage point"),
        ("4.5%—5%", "4.5% to 5%"),
        ("200至300家", "200 to 300"),
        ("超过8万户", "more than 80,000 households"),
        ("300余家", "more than 300"),
        ("近100公里", "nearly 100 kilometers"),
        ("不低于2.5%", "at least 2.5%"),
        ("最高500万元", "up to RMB 5 million"),
        ("不足10家", "less than 10"),
        ("三分之二", "two-thirds"),
        ("四分之三", "three-quarters"),
        ("2021年", "2021"),
        ("2021-2025年", "2021-2025"),
        ("2021年5月", "May 2021"),
        ("2021年5月8日", "May 8, 2021"),
        ("12月", "December"),
        ("1—11月", "January to November"),
    ],
)
def test_a_quantity_reads_as_english_writes_it(chinese: str, english: str) -> None:
    assert [english_quantity(q) for q in quantities(chinese)] == [english]


_NUMBERS = st.one_of(
    st.integers(2, 10**7).map(str),
    st.decimals(2, 10**5, places=2).map(lambda d: f"{d:f}"),
    st.sampled_from(["十二", "三百"]),
)
_SCALES = st.sampled_from(["", "万", "亿", "万亿"])
#: What a Chinese numeral may have behind it too.
_UNITS = st.sampled_from(
    ["%", "个百分点", *(m.zh for m in load_measures().values() if m.dimension not in ("wordlike", "share"))]
)
_BOUNDS = st.sampled_from(["{}", "约{}", "{}左右", "超过{}", "不低于{}", "{}以上", "至多{}", "近{}"])


@STEADY
@given(_NUMBERS, _SCALES, _UNITS, _BOUNDS)
def test_the_english_of_a_quantity_reads_as_the_same_quantity(number: str, scale: str, unit: str, bound: str) -> None:
    # 年 behind four digits is a calendar year; 万% is not written.
    scale = "" if unit in ("%", "个百分点") else scale
    chinese = bound.format(number + scale + unit)
    found = quantities(f"达到{chinese}。")
    assert len(found) == 1, chinese
    english = quantities(english_quantity(found[0]).partition(" (about")[0])
    assert all_stated(found, english), (chinese, english)
    assert all_stated(english, found), (chinese, english)
    assert found[0].bound == english[0].bound


@pytest.mark.parametrize("measure", load_measures().values(), ids=lambda measure: measure.zh)
def test_every_measure_has_both_numbers_or_none(measure) -> None:  # type: ignore[no-untyped-def]
    assert bool(measure.en) == bool(measure.en_many)
    assert measure.factor > 0
