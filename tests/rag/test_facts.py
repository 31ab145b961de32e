from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.tokenize import normalise
from rag.facts import gives, may_give, wanted_facts
from rag.types import Fact
from tests.corpus.conftest import STEADY


@pytest.mark.parametrize(
    ("question", "facts"),
    [
        ("总投资多少亿元?", [Fact.CNY]),
        ("吸引外资多少美元", [Fact.USD]),
        ("投资了多少", [Fact.MONEY]),
        ("租金是多少", [Fact.MONEY]),
        ("增速是多少", [Fact.SHARE]),
        ("入驻率是多少", [Fact.SHARE]),
        ("提高了多少个百分点", [Fact.SHARE]),  # 个百分点 counts nothing
        ("新增多少个公共充电桩", [Fact.COUNT]),
        ("几家企业落户", [Fact.COUNT]),
        ("申报截止日期是哪天", [Fact.DAY]),  # a day is a time, the stricter one counts
        ("什么时候开工", [Fact.TIME]),
        ("ＰＨＯＮＥ number of the office", [Fact.CONTACT]),
        ("公司地址在哪里", [Fact.CONTACT]),
        ("How many US dollars were invested?", [Fact.USD]),
        ("How much did it cost?", [Fact.MONEY]),
        ("What percentage of firms moved in?", [Fact.SHARE]),
        ("How many companies?", [Fact.COUNT]),
        ("When is the deadline?", [Fact.TIME]),
        ("哪几家企业落户?", []),  # names them, does not count them
        ("住几号楼?", []),
        ("有哪些补贴?", []),
        ("", []),
        ("😀", []),
    ],
)
def test_the_kind_of_figure_asked_for_is_read(question: str, facts: list[Fact]) -> None:
    assert list(wanted_facts(normalise(question))) == facts


@pytest.mark.parametrize(
    ("fact", "sentence", "given", "perhaps"),
    [
        (Fact.MONEY, "最高给予500万港元的资助。", True, True),
        (Fact.CNY, "合同外资4.8亿美元。", False, False),
        (Fact.USD, "合同外资4.8亿美元。", True, True),
        (Fact.MONEY, "引进企业20家。", False, False),
        (Fact.SHARE, "产值增长1.5倍。", True, True),
        (Fact.SHARE, "占三分之二。", True, True),
        (Fact.SHARE, "实现全覆盖。", False, True),
        (Fact.COUNT, "引进企业20家。", True, True),
        (Fact.COUNT, "培育三大产业。", False, True),
        (Fact.COUNT, "推进产业发展。", False, False),
        (Fact.DAY, "1月9日开工。", True, True),
        (Fact.DAY, "2020年1月开工。", False, False),
        (Fact.TIME, "2020年1月开工。", True, True),
        (Fact.TIME, "年底竣工。", False, True),
        (Fact.CONTACT, "咨询电话021-64012345。", True, True),
        (Fact.CONTACT, "电话64012345。", True, True),
        (Fact.CONTACT, "地址为漕溪北路336号。", True, True),
        (Fact.CONTACT, "总投资12345678元。", False, False),  # money has as many digits as a telephone number
        (Fact.CONTACT, "总产值1670000000.5万元。", False, False),
        (Fact.CONTACT, "“12345”市民服务热线排名第二。", False, False),
        (Fact.COUNT, "", False, False),
    ],
)
def test_whether_a_sentence_gives_it(fact: Fact, sentence: str, given: bool, perhaps: bool) -> None:
    assert (gives(fact, sentence), may_give(fact, sentence)) == (given, perhaps)


@given(
    st.sampled_from(Fact),
    st.text(alphabet="增长减少投资电话0123456789.-%％年月日亿万元美家个路号@三大😀 ", max_size=30),
)
@STEADY
def test_what_gives_a_fact_also_may_give_it(fact: Fact, sentence: str) -> None:
    assert may_give(fact, sentence) or not gives(fact, sentence)


@given(st.text(max_size=60))
@STEADY
def test_no_weaker_kind_is_wanted_beside_a_stricter_one(question: str) -> None:
    facts = set(wanted_facts(normalise(question + "多少亿元多少美元哪天什么时候多少家")))
    assert facts == {Fact.CNY, Fact.USD, Fact.DAY} | (facts & {Fact.SHARE, Fact.CONTACT})
