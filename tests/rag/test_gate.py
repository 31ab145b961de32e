from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.types import Period
from rag.gate import Source, unsupported
from tests.corpus.conftest import STEADY

QUOTE = "全年预计地区生产总值增长5.1%左右;区级财政收入88.8亿元,同比增长3%。"


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("Revenue reached RMB 8.88 billion, up 3%.", []),
        ("财政收入88.8亿元。", []),
        ("Revenue reached RMB 8.89 billion.", ["RMB 8.89 billion"]),
        ("Revenue reached USD 8.88 billion.", ["USD 8.88 billion"]),
        ("增长3个百分点。", ["3个百分点"]),
        ("增长3%到5%。", ["5%"]),
        ("It grew by about 5.1% in 2030.", []),  # the year is that of the source
        ("It grew by 5.1% in 2032.", ["2032"]),
        ("Delivered on January 9, 2031.", []),
        ("Delivered on January 10, 2031.", ["January 10, 2031"]),
        ("Twenty companies moved in.", ["Twenty"]),
        ("No figure at all 😀", []),
        ("", []),
    ],
)
def test_every_figure_must_be_borne_out_by_the_source(statement: str, wrong: list[str]) -> None:
    source = Source(QUOTE, period=Period.year(2030), delivered="2031-01-09")
    if statement.startswith("Delivered"):
        assert bool(unsupported(statement, source)) is bool(wrong)
        return
    assert [statement[q.start : q.end] for q in unsupported(statement, source)] in (wrong, [f"3%到{w}" for w in wrong])


def test_a_figure_of_the_translation_is_borne_out_too() -> None:
    assert unsupported("a dozen: 12 companies", Source("十二家企业", "12 companies")) == ()
    assert unsupported("13 companies", Source("十二家企业", "12 companies")) != ()


FIGURES = st.lists(
    st.sampled_from(
        [
            "5.1%",
            "88.8亿元",
            "2030年",
            "1月9日",
            "3-5万人",
            "二十家",
            "不低于2.5%",
            "RMB 2 million",
            "½",
            "，",
            "左右",
            "😀",
            "12345",
        ]
    ),
    max_size=10,
).map("".join)


@given(FIGURES)
@STEADY
def test_a_statement_equal_to_its_quote_is_borne_out(quote: str) -> None:
    assert unsupported(quote, Source(quote)) == ()


@given(FIGURES, FIGURES)
@STEADY
def test_a_longer_quote_bears_out_no_less(quote: str, more: str) -> None:
    statement = "增长5.1%，达到88.8亿元。"
    assert len(unsupported(statement, Source(f"{quote}。{more}"))) <= len(unsupported(statement, Source(f"{quote}。")))


def test_the_years_of_a_plan_that_the_quote_names_are_given_by_it() -> None:
    source = Source("“十四五”规划顺利收官。")
    assert unsupported("The 14th Five-Year Plan (2021-2025) was completed.", source) == ()
    assert unsupported("The plan of 2016-2020 was completed.", source)
