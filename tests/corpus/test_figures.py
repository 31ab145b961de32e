from __future__ import annotations

from datetime import date

import pytest

from corpus.periods import Frame, mention_frame, sentence_frame, turned_frame
from corpus.types import Period, Status
from tests.corpus.conftest import document

REVIEW = Frame(Period(2030, 2030), Status.ACTUAL)
FIVE_YEARS = Frame(Period(2026, 2030), Status.ACTUAL)
TARGETS = Frame(Period(2031, 2031), Status.TARGET)
PLAN15, PLAN16 = Period(2026, 2030), Period(2031, 2035)
DELIVERED = date(2031, 1, 9)


@pytest.mark.parametrize(
    ("sentence", "figure", "period", "status"),
    [
        ("预计地区生产总值增长5.1%;新增泊位900个。", "5.1", "2030", Status.ESTIMATE),
        ("预计地区生产总值增长5.1%;新增泊位900个。", "900", "2030", Status.ACTUAL),
        ("预计财政收入88.8亿元,同比增长3%,新增泊位900个。", "3%", "2030", Status.ESTIMATE),
        ("预计财政收入88.8亿元,同比增长3%,新增泊位900个。", "900", "2030", Status.ACTUAL),
        ("累计建成充电桩210个,新增泊位900个。", "210", "2030", Status.CUMULATIVE),
        ("累计建成充电桩210个,新增泊位900个。", "900", "2030", Status.ACTUAL),
        ("累计支出补贴9亿元。", "9亿", "2030", Status.ACTUAL),
        ("落户企业从210家增加到300家。", "210", "2029", Status.NONE),
        ("落户企业从210家增加到300家。", "300", "2030", Status.ACTUAL),
        ("就业从12,345人增加到15,000人。", "12,345", "2029", Status.NONE),
        ("在2028年建成15家的基础上,新建9家。", "15", "2028", Status.NONE),
        ("在2028年建成15家的基础上,新建9家。", "9家", "2030", Status.ACTUAL),
        ("提前完成2029年的12个项目。", "12", "2029", Status.ACTUAL),
        ("隆重纪念建区50周年。", "50", "2030", Status.NONE),
        ("地区生产总值年均增长5%。", "5%", "2026-2030", Status.ACTUAL),
        ("截至1月5日,新增泊位20个。", "20", "2031", Status.CUMULATIVE),
        ("截至9月5日,新增泊位20个。", "20", "2030", Status.CUMULATIVE),
        ("预计新增就业12,345人,引进企业9家。", "12,345", "2030", Status.ESTIMATE),
    ],
)
def test_a_figure_of_a_review_speaks_for_its_own_clause(
    sentence: str, figure: str, period: str, status: Status
) -> None:
    own = sentence_frame(sentence, REVIEW, 2031)
    frame = mention_frame(sentence, sentence.index(figure), own, DELIVERED)
    assert (str(frame.period), frame.status) == (period, status)


@pytest.mark.parametrize(("figure", "period", "status"), [("300", "2031", Status.TARGET), ("500", "2035", Status.PLAN)])
def test_a_far_aim_does_not_reach_the_clauses_before_it(figure: str, period: str, status: Status) -> None:
    sentence = "新增泊位300个,到2035年达到500个。"
    own = sentence_frame(sentence, TARGETS, 2031)
    frame = mention_frame(sentence, sentence.index(figure), own, DELIVERED)
    assert (str(frame.period), frame.status) == (period, status)


@pytest.mark.parametrize(
    ("sentence", "current", "turned"),
    [
        ("新增泊位900个。", None, None),
        ("新增泊位900个。", FIVE_YEARS, FIVE_YEARS),
        ("回望五年,区域面貌焕然一新。", None, FIVE_YEARS),
        ("五年来,新建学校12所。", None, FIVE_YEARS),
        ("一年来,新增泊位900个。", FIVE_YEARS, REVIEW),
        ("2030年,新增泊位900个。", FIVE_YEARS, REVIEW),
        ("2030年以来,新增泊位900个。", FIVE_YEARS, FIVE_YEARS),
    ],
)
def test_a_review_turns_to_five_years_and_back(sentence: str, current: Frame | None, turned: Frame | None) -> None:
    assert turned_frame(sentence, REVIEW, current, ()) == turned


def test_a_chapter_of_two_plans_turns_from_results_to_aims() -> None:
    sentence, aims = "“十六五”时期,再建学校12所。", Frame(PLAN16, Status.PLAN)
    assert turned_frame(sentence, FIVE_YEARS, None, (PLAN15, PLAN16)) == aims
    assert turned_frame("再建学校12所。", FIVE_YEARS, aims, (PLAN15, PLAN16)) == aims
    assert turned_frame(sentence, FIVE_YEARS, None, (PLAN16,)) is None


def test_a_chapter_of_targets_does_not_turn() -> None:
    assert turned_frame("五年来,新建学校12所。", TARGETS, None, ()) is None


def test_sentences_after_a_turn_keep_its_years_until_the_chapter_ends() -> None:
    made = document(
        "2031年1月9日在青山区人民代表大会上\n一、2030年工作回顾\n新增泊位900个。五年来,成绩显著。新建学校12所。\n"
        "二、2031年主要任务\n再增泊位300个。"
    )
    assert [(str(s.period), s.status) for s in made.sentences[1:]] == [
        ("2030", Status.ACTUAL),
        ("2026-2030", Status.ACTUAL),
        ("2026-2030", Status.ACTUAL),
        ("2031", Status.TARGET),
    ]


def test_a_section_with_a_year_of_its_own_is_not_turned() -> None:
    made = document("一、2030年工作回顾\n五年来,成绩显著。\n(一)2029年工作总结\n新建学校12所。")
    assert [str(s.period) for s in made.sentences] == ["2026-2030", "2029"]


def test_earlier_work_among_the_tasks_is_a_result_of_last_year() -> None:
    assert sentence_frame("前期,码头已完成勘察。", TARGETS, 2031) == REVIEW
