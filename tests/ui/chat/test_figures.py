"""Figures of an answer know what they speak about, and nothing but a citation's number is a mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag.types import Language
from ui.chat.cards import held_as_quoted
from ui.chat.figures import said

if TYPE_CHECKING:
    from rag.pipeline import Pipeline
    from rag.types import Answer


def _labels(pipeline: Pipeline, answer: Answer, text: str | None = None) -> dict[str, str]:
    shown = said(text or answer.answer or "", answer.citations, lambda c: held_as_quoted(pipeline, c), answer.language)
    return {piece.text: piece.period for one in shown for piece in one.pieces if piece.period}


def test_a_result_and_its_change_carry_the_year_and_kind_of_claim(pipeline: Pipeline) -> None:
    labels = _labels(pipeline, pipeline.ask("2030年地区生产总值增长多少?"))
    assert labels["5.1%左右"] == "2030年 预计"


def test_a_target_is_called_a_target(pipeline: Pipeline) -> None:
    assert "2031年 目标" in _labels(pipeline, pipeline.ask("2031年新增公共充电桩的目标是多少?")).values()


def test_english_figures_take_the_period_of_the_chinese_figure_that_they_render(pipeline: Pipeline) -> None:
    answer = pipeline.ask("2030年地区生产总值增长多少?")
    shown = said("GDP grew by about 5.1%.[1]", answer.citations, lambda c: held_as_quoted(pipeline, c), Language.EN)
    assert [piece.period for piece in shown[0].pieces if piece.period] == ["2030 estimate"]


def test_a_figure_that_its_source_does_not_give_has_no_period(pipeline: Pipeline) -> None:
    answer = pipeline.ask("2030年地区生产总值增长多少?")
    assert "7.7%" not in _labels(pipeline, answer, "增长7.7%。[1]")


@pytest.mark.parametrize(("text", "markers"), [("甲。[1]乙。", [1, 0]), ("甲[9]乙。[1]", [1]), ("第[1", [0])])
def test_only_numbers_of_citations_become_marks(text: str, markers: list[int], pipeline: Pipeline) -> None:
    citations = pipeline.ask("2030年地区生产总值增长多少?").citations[:1]
    shown = said(text, citations, lambda c: None, Language.ZH)
    assert [one.marker for one in shown] == markers
    unmarked = text.replace("[1]", "") if markers != [0] else text
    assert "".join(piece.text for one in shown for piece in one.pieces) == unmarked
