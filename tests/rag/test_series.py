from __future__ import annotations

from typing import TYPE_CHECKING

from rag import series

if TYPE_CHECKING:
    import pytest

    from rag.pipeline import Pipeline


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
