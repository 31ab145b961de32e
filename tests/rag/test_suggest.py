from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.filter import Filter
from rag.pipeline import QuestionError
from rag.types import Turn
from tests.rag.conftest import make_pipeline

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

QUESTIONS = [
    "2030年地区生产总值增长多少?",
    "企业总部有哪些补贴?",
    "2031年公共充电桩的新增目标是多少?",
    "2025年地区生产总值增长多少?",
    "红河区2030年地区生产总值增长多少?",
    "How much did GDP grow in 2030?",
    "What is the GDP of Honghe District in 2030?",
    "你好",
]


def _suggested(pipeline: Pipeline, text: str, history: tuple[Turn, ...] = ()) -> tuple[str, ...]:
    return pipeline.suggest(pipeline.trace(text, history), history)


@pytest.mark.parametrize("text", QUESTIONS)
def test_every_suggestion_is_answered_and_says_something_new(text: str, pipeline: Pipeline) -> None:
    said = {(c.document_id, c.start, c.end) for c in pipeline.ask(text).citations}
    for suggestion in _suggested(pipeline, text):
        answer = pipeline.ask(suggestion)
        assert answer.status == "answered"
        assert not {(c.document_id, c.start, c.end) for c in answer.citations} <= said


def test_another_year_is_asked_in_the_askers_own_words(pipeline: Pipeline) -> None:
    assert "2031年地区生产总值增长多少?" in _suggested(pipeline, "2030年地区生产总值增长多少?")


def test_after_a_refusal_for_the_year_the_nearest_year_is_offered_first(pipeline: Pipeline) -> None:
    assert _suggested(pipeline, "2025年地区生产总值增长多少?")[0] == "2030年地区生产总值增长多少?"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("红河区2030年地区生产总值增长多少?", "青山区2030年地区生产总值增长多少?"),
        ("What is the GDP of Honghe in 2030?", "What is the GDP of Qingshan District in 2030?"),
    ],
)
def test_after_a_refusal_for_the_district_its_own_is_offered(text: str, own: str, pipeline: Pipeline) -> None:
    assert _suggested(pipeline, text)[0] == own


def test_a_figures_result_is_offered_after_its_target(pipeline: Pipeline) -> None:
    assert "2030年地区生产总值的增幅是多少？" in _suggested(pipeline, "2031年地区生产总值目标是多少?")


def test_what_was_asked_before_is_not_suggested(pipeline: Pipeline) -> None:
    first, second = "2030年地区生产总值增长多少?", "2031年地区生产总值增长多少?"
    assert second not in _suggested(pipeline, first, (Turn("user", second), Turn("assistant", "6%")))


def test_suggestions_keep_within_the_filter(pipeline: Pipeline) -> None:
    within = Filter.parse(["2030"])
    for suggestion in pipeline.suggest(pipeline.trace("2030年地区生产总值增长多少?", within=within)):
        assert {c.period for c in pipeline.ask(suggestion, within=within).citations} == {"2030"}


def test_suggestions_are_few_distinct_and_in_the_askers_language(pipeline: Pipeline) -> None:
    for text in QUESTIONS:
        found = _suggested(pipeline, text)
        assert len(found) <= 3
        assert len(set(found)) == len(found)
        assert all(suggestion.isascii() == text.isascii() for suggestion in found)


@pytest.fixture(scope="module")
def robust(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return make_pipeline(tmp_path_factory.mktemp("robust"))


@given(text=st.text(min_size=1, max_size=40) | st.sampled_from(QUESTIONS).map(lambda text: text + "年2030红河区"))
@settings(max_examples=25, deadline=None)
def test_any_question_that_is_taken_can_be_followed(text: str, robust: Pipeline) -> None:
    try:
        trace = robust.trace(text)
    except QuestionError:
        assert not text.strip()
    else:
        assert all(robust.ask(suggestion).status == "answered" for suggestion in robust.suggest(trace))


def test_a_suggestion_never_exceeds_the_longest_question(pipeline: Pipeline) -> None:
    text = "红河区2030年地区生产总值增长多少?" + "?" * 479
    assert len(text) == 498
    assert all(len(suggestion) <= 500 for suggestion in _suggested(pipeline, text))
