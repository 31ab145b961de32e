from __future__ import annotations

import pytest

from rag.claims import another_fact, in_anothers_place
from rag.gate import Source

QUOTE = "财政收入194.1亿元,同比增长0.3%(同口径增长11.67%);人均期望寿命85.75岁,新增总部5家,累计达到82家,服务企业40余家。"
ENGLISH = (
    "Fiscal revenue was RMB 19.41 billion, up 0.3% year on year; 5 headquarters were newly added, 82 cumulatively, "
    "and more than 40 enterprises were served."
)
BOTH = Source(QUOTE, ENGLISH)


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("财政收入同比下降0.3%。", "0.3%"),
        ("服务企业不到40家。", "不到40家"),
        ("服务企业40家左右。", "40家左右"),
        ("期望寿命85.75岁。", "85.75岁"),
        ("新增总部82家。", "82家"),
        ("Fiscal revenue fell 0.3%.", "0.3%"),
        ("Fewer than 40 enterprises were served.", "Fewer than 40"),
        ("财政收入同比增长0.3%。", ""),
        ("服务企业40多家。", ""),
        ("服务企业40家。", ""),
        ("人均期望寿命达到85.75岁。", ""),
        ("总部累计82家,当年新增5家。", ""),
        ("More than 40 enterprises were served.", ""),
    ],
)
def test_a_figure_keeps_its_bound_direction_scope_and_rate(sentence: str, told: str) -> None:
    fault = another_fact(sentence, BOTH)
    assert fault == (f"another fact than the evidence: {told}" if told else "")


def test_bound_and_direction_are_held_against_chinese_where_there_is_no_english() -> None:
    assert another_fact("Fiscal revenue fell 0.3%.", Source(QUOTE))
    assert another_fact("Fewer than 40 enterprises were served.", Source(QUOTE))
    assert not another_fact("Fiscal revenue rose 0.3%; more than 40 enterprises were served.", Source(QUOTE))


def test_a_bound_before_a_list_is_that_of_all_its_figures() -> None:
    source = Source("营业额首次突破10亿元、50亿元、100亿元的企业,分别给予100万元、300万元、500万元奖励。")
    assert not another_fact("首次突破50亿元的,给予300万元奖励。", source)
    assert another_fact("首次突破50亿元的,给予超过300万元奖励。", source)


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("财政收入194.1亿元,同比增长11.67%(同口径增长0.3%)。", "figure of something else: 11.67"),
        ("总部达到新增82家。", ""),
        ("财政收入194.1亿元,同比增长0.3%。", ""),
    ],
)
def test_a_figure_in_anothers_place_is_told(sentence: str, fault: str) -> None:
    assert in_anothers_place(sentence, QUOTE) == fault


@pytest.mark.parametrize(
    ("sentence", "evidence", "is_fault"),
    [
        ("在2018年建成15家邻里汇的基础上", "在2017年建成15家邻里汇的基础上,2018年新建3家。", True),
        ("在2017年建成15家邻里汇的基础上", "在2017年建成15家邻里汇的基础上,2018年新建3家。", False),
        ("全区空气质量持续下降,成效明显。", "全区空气质量持续提升,成效明显。", True),
        ("全市空气质量持续提升,成效明显。", "全区空气质量持续提升,成效明显。", True),
        ("全区空气质量提升。", "全区空气质量持续提升,成效明显。", False),
        (
            "Two projects, of Haofang (嘉沃文盛)",
            "Two projects, of Jiawo Wensheng (嘉沃文盛) and Haofang (天猫好房)",
            True,
        ),
        ("Haofang (天猫好房)", "Two projects, of Jiawo Wensheng (嘉沃文盛) and Haofang (天猫好房)", False),
    ],
)
def test_a_year_a_word_or_a_name_in_anothers_place_is_told(sentence: str, evidence: str, is_fault: bool) -> None:
    assert bool(in_anothers_place(sentence, evidence)) is is_fault
