from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from corpus.glossary import Glossary, Term
from corpus.types import Period, Status
from rag.generate import Statement
from rag.lead import lead, says_all
from rag.question import read_question
from tests.rag.fakes import make_evidence, make_hit

GLOSSARY = Glossary(
    [
        Term(("甲地块",), ("Dawn Tower",), "project"),
        Term(("投资",), ("investment",), "term"),
        Term(("邻里站",), ("neighbourhood stations",), "term"),
        Term(("出口总额",), ("exports",), "indicator"),
    ]
)
LONG_PLAN = (
    "甲地块项目是新城的重要组成部分,规划建设写字楼、公寓、剧场和配套商业设施,"
    "总建筑面积25万平方米,投资80亿元,将引入银行。"
)
LONG_BASIS = (
    "围绕居民需求完善服务体系和连锁品牌,打造会客厅、托老所和便民点,在2017年建成15家邻里站的基础上,又新建了98家。"
)


def told(question: str, sentence: str, english: str = "", status: Status = Status.PLAN) -> str | None:
    asked = read_question(question, GLOSSARY, date(2032, 5, 1))
    first = Statement(english or sentence, make_evidence(make_hit(sentence, period=Period.year(2018), status=status)))
    found = lead(asked, first)
    return found.text if found else None


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("甲地块投资多少钱?", LONG_PLAN, "2018年 规划：80亿元。"),
        ("甲地块的总建筑面积是多少平方米?", LONG_PLAN, "2018年 规划：25万平方米。"),
        ("15家邻里站是哪一年建成的?", LONG_BASIS, "2017年。"),
    ],
)
def test_the_one_figure_or_date_of_the_kind_asked_for_is_said_first(
    question: str, sentence: str, expected: str
) -> None:
    assert told(question, sentence) == expected


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("乙地块投资多少钱?", LONG_PLAN),  # the sentence is about another one
        ("甲地块投资多少钱?", LONG_PLAN.replace("总建筑面积25万平方米", "首期投资20亿元")),  # two that fit
        ("甲地块投资多少钱?", LONG_PLAN.replace("投资80", "每年投资80")),  # the amount depends on something
        ("甲地块投资多少钱?", LONG_PLAN.replace("投资80", "与乙地块合计投资80")),  # that of two together
        (
            "2018年出口总额多少亿元?",
            "去年出口总额增长6%,商业繁荣、港口扩建、道路畅通、机场新建、园区全面落成,商品销售总额完成7300亿元。",
        ),
        ("甲地块投资多少钱?", "甲地块投资80亿元。"),  # read at a glance
        ("甲地块的剧场花多少钱?", LONG_PLAN),  # the clause of the figure is about something else
        ("15家邻里站是哪一年建成的?", LONG_BASIS.replace("2017", "2018")),  # its label says the same
        ("15家邻里站是哪一年开工的?", LONG_BASIS),  # the date of another event
        ("邻里站有多少家?", LONG_BASIS),  # things merely counted
    ],
)
def test_nothing_is_said_first_where_it_could_be_another(question: str, sentence: str) -> None:
    assert told(question, sentence) is None


def test_a_word_that_only_english_holds_settles_a_date_and_no_figure() -> None:
    english = (
        "On the basis of the 15 neighbourhood stations completed in 2017, 98 more were built; Dawn Tower is splendid."
    )
    assert told("In what year were the 15 splendid neighbourhood stations built?", LONG_BASIS, english) == "2017."
    plan = "Dawn Tower is a splendid part of the new town, with an investment of RMB 8 billion."
    assert told("How much investment is in Dawn Tower?", LONG_PLAN, plan) == "2018 plan: RMB 8 billion."
    assert told("How much investment is in splendid Dawn Tower?", LONG_PLAN, plan) is None


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("2018年出口总额是多少?", "港口扩建,出口总额5亿元。", True),
        ("2018年出口总额是多少,排名第几?", "港口扩建,出口总额5亿元,排名第一。", False),
        ("2018年港口的出口总额是多少?", "港口扩建,出口总额5亿元。", False),
        ("2018年出口总额是多少?", "出口总额5亿元,其中港口2亿元。", False),
    ],
)
def test_a_figure_stands_for_its_sentence_where_one_thing_is_asked_under_no_condition(
    question: str, sentence: str, *, expected: bool
) -> None:
    asked = read_question(question, GLOSSARY, date(2032, 5, 1))
    figure = Statement("2018年 实际：出口总额5亿元。", make_evidence(make_hit(sentence, period=Period.year(2018))))
    assert says_all(asked, figure) is expected
    assert says_all(asked, replace(figure, text="2018年 实际：进口总额5亿元。")) is False
