from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from corpus.documents import make_document
from corpus.types import Posting, RawText
from rag import series
from tests.conftest import make_documents
from tests.rag.conftest import make_pipeline

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

#: The reports of the years before and after the one of `tests.conftest`.
OTHER_YEARS = {
    "2030年青山区政府工作报告": (
        "政府工作报告――2030年1月9日在南湖市青山区第三届人民代表大会第一次会议上青山区区长李明各位代表:现在,我代表区政府作报告。"
        " 一、2029年工作回顾过去一年,我们稳中求进。全年完成地区生产总值800亿元。"
        " 二、2030年主要任务做好今年工作,要稳字当头。今年主要预期指标是:地区生产总值增长6.5%左右。"
    ),
    "2032年青山区政府工作报告": (
        "政府工作报告――2032年1月9日在南湖市青山区第三届人民代表大会第三次会议上青山区区长李明各位代表:现在,我代表区政府作报告。"
        " 一、2031年工作回顾过去一年,我们稳中求进。全年完成地区生产总值900亿元,同比增长6.2%。"
        " 二、2032年主要任务做好今年工作,要稳字当头。今年主要预期指标是:地区生产总值增长6%左右。"
    ),
}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    others = [
        make_document([RawText(Posting(title, date(2032, 3, 1), "listing"), text)])
        for title, text in OTHER_YEARS.items()
    ]
    return make_pipeline(tmp_path_factory.mktemp("reports"), documents=[*make_documents(), *others])


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        ("2030年地区生产总值目标实现了吗?", "没有达到目标：结果低于目标。"),
        ("2031年地区生产总值的目标完成了没有?", "达到了目标：结果高于目标。"),
        ("Was the 2030 target for GDP met?", "No: the result is below the target."),
        ("2030年地区生产总值的目标和实际结果各是多少?", "结果低于目标。"),
        ("地区生产总值2029年和2031年是增加还是减少?", "上升。"),
        ("地区生产总值2029年和2031年各是多少?", "2029年 实际："),
    ],
)
def test_target_met_and_up_or_down_are_said_first_where_they_are_asked(
    question: str, opening: str, reports: Pipeline
) -> None:
    answer = reports.ask(question)
    assert (answer.answer or "").startswith(opening)


def test_two_words_for_one_indicator_are_told_once(reports: Pipeline) -> None:
    answer = reports.ask("生产总值(GDP)2030年的目标和实际结果各是多少?")
    assert (answer.answer or "").count("2030年 预计") == 1


def test_result_and_target_are_given_side_by_side_each_called_what_it_is(pipeline: Pipeline) -> None:
    answer = pipeline.ask("2030年实际和2031年目标的地区生产总值增长各是多少?")
    assert "2030年 预计：地区生产总值增长5.1%左右。[1]" in (answer.answer or "")
    assert "2031年 目标：地区生产总值增长6%左右。[2]" in (answer.answer or "")


def test_a_year_without_a_figure_is_said_not_to_be_stated(pipeline: Pipeline) -> None:
    answer = pipeline.ask("2029年、2030年和2031年地区生产总值增长各是多少?")
    assert "文件没有给出2029的数字。" in (answer.answer or "")
    assert "增长5.1%左右" in (answer.answer or "")


def test_in_english_figures_are_written_in_english(pipeline: Pipeline) -> None:
    answer = pipeline.ask("GDP growth in 2030 versus the target for 2031?")
    assert "2030 estimate: gross domestic product up about 5.1%.[1]" in (answer.answer or "")
    assert "2031 target: gross domestic product up about 6%.[2]" in (answer.answer or "")


def test_a_question_about_one_year_is_answered_by_its_sentence(pipeline: Pipeline) -> None:
    answer = pipeline.ask("2030年新增公共充电桩多少个?")
    assert len(answer.citations) == 1


def test_an_indicator_with_very_many_statements_is_read_in_the_documents_found(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series, "_VERY_MANY", 0)
    answer = pipeline.ask("2030年实际和2031年目标的地区生产总值增长各是多少?")
    assert "2030年 预计：地区生产总值增长5.1%左右。[1]" in (answer.answer or "")
