from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from corpus.translations import TranslationKind
from rag.prompts import Prompts
from rag.queries import ModelQueries
from rag.question import read_question
from rag.translator import ModelTranslator
from rag.types import Turn
from tests.rag.conftest import GLOSSARY, make_pipeline
from tests.rag.fakes import ScriptedModel

if TYPE_CHECKING:
    from pathlib import Path

    from rag.pipeline import Pipeline

HISTORY = [Turn("user", "青山区2030年新增公共充电桩多少个?"), Turn("assistant", "210个。[1]")]


def write(model: ScriptedModel, text: str, history: list[Turn] = HISTORY) -> tuple[str, ...]:
    question = read_question(text, GLOSSARY, date(2032, 5, 1), history)
    return ModelQueries(model, Prompts(), GLOSSARY).write(question, history)


def test_a_follow_up_is_written_in_full() -> None:
    model = ScriptedModel("青山区2031年新增公共充电桩多少个?\n(改写完毕)")
    assert write(model, "那2031年呢?") == ("青山区2031年新增公共充电桩多少个?",)
    assert "210个。(1)" in model.requests[0], "marks of earlier answers are data"


def test_an_english_question_is_translated_with_the_glossarys_terms() -> None:
    model = ScriptedModel("2030年新增公共充电桩多少个?")
    assert write(model, "How many charging points were added in 2030?", []) == ("2030年新增公共充电桩多少个?",)
    assert "charging points = 公共充电桩" in model.requests[0]


@pytest.mark.parametrize(
    "said",
    [
        "青山区2029年新增公共充电桩多少个?",
        "",
        "How many?",
        "青山区新增公共充电桩" * 60,
        "青山区2031年到2035年的充电桩?",
    ],
)
def test_what_loses_the_period_or_is_no_question_is_not_searched_with(said: str) -> None:
    assert write(ScriptedModel(said), "那2031年呢?") == ()


def test_a_model_that_fails_leaves_the_rules_alone() -> None:
    assert write(ScriptedModel(breaks=True), "那2031年呢?") == ()


def test_a_question_that_stands_alone_in_chinese_costs_nothing() -> None:
    model = ScriptedModel("青山区")
    assert write(model, "2030年新增公共充电桩多少个?", []) == ()
    assert model.requests == []


def test_a_sentence_is_translated_in_one_line() -> None:
    translator = ModelTranslator(ScriptedModel('"210 charging points were added."\nNote: done'), Prompts())
    assert (
        translator.translate("新增充电桩210个。", [("充电桩", "charging point")]) == "210 charging points were added."
    )
    assert translator.kind is TranslationKind.MACHINE
    assert translator.fault == ""


def test_a_model_that_has_gone_is_not_asked_for_every_sentence() -> None:
    model = ScriptedModel(breaks=True)
    translator = ModelTranslator(model, Prompts())
    assert [translator.translate("新增210个。", []) for _ in range(3)] == [None, None, None]
    assert len(model.requests) == 1
    assert translator.fault == "scripted broke off"


def test_what_a_model_adds_widens_the_search_and_leaves_the_reading_alone(pipeline: Pipeline, tmp_path: Path) -> None:
    plain = pipeline.trace("那2031年呢?", HISTORY)
    model = ScriptedModel("青山区2031年新增公共充电桩多少个?", "2031年新增公共充电桩300个[1]。")
    trace = make_pipeline(tmp_path, model=model, rewrites=True).trace("那2031年呢?", HISTORY)
    assert trace.question.also == ("青山区2031年新增公共充电桩多少个?",)
    assert replace(trace.question, also=()) == plain.question
    assert {hit.passage.id for hit in plain.hits} <= {hit.passage.id for hit in trace.hits}
    assert "300" in (trace.answer.answer or "")
