from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.types import Period
from rag.gate import Source, unsupported

QUOTE = "全年完成商品销售总额6300亿元,同比增长6%左右,新设企业1.2万家。"
ENGLISH = "Total sales reached RMB 630 billion, up about 6%, and 12,000 companies were set up."
SOURCE = Source(QUOTE, ENGLISH, Period.year(2019), "2020-01-07")


@pytest.mark.parametrize(
    "statement",
    [
        QUOTE,
        ENGLISH,
        "2019年 实际：商品销售总额6300亿元，增长6%。",
        "2019 result: total sales RMB 630 billion, up 6%.",
        "In 2019 some 12,000 companies were set up.",
        "The report was delivered on January 7, 2020.",
        "没有数字的一句话。",
    ],
)
def test_what_the_source_gives_passes_in_either_language_and_any_scale(statement: str) -> None:
    assert unsupported(statement, SOURCE) == ()


@pytest.mark.parametrize(
    "statement",
    [
        "2019年商品销售总额6400亿元。",
        "2018年商品销售总额6300亿元。",
        "Total sales reached RMB 63 billion.",
        "Total sales reached USD 630 billion.",
        "商品销售总额增长6个百分点。",
        "1,300 companies were set up.",
    ],
)
def test_another_digit_year_scale_currency_or_unit_is_caught(statement: str) -> None:
    assert unsupported(statement, SOURCE)


def test_the_years_of_a_plan_that_the_quote_names_are_given_by_it() -> None:
    source = Source("“十四五”规划顺利收官。")
    assert unsupported("The 14th Five-Year Plan (2021-2025) was completed.", source) == ()
    assert unsupported("The plan of 2016-2020 was completed.", source)


@given(st.text(alphabet="增长下降约0123456789.%亿万元家年,。 RMB", max_size=40))
def test_a_quote_always_bears_itself_out(text: str) -> None:
    assert unsupported(text, Source(text)) == ()
