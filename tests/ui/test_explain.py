from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rag.types import answer_json
from tests.rag.conftest import make_pipeline
from tests.rag.fakes import ScriptedModel
from ui.explain import explanation, explanation_text
from ui.export import to_markdown
from ui.terminal import answer_text

if TYPE_CHECKING:
    from pathlib import Path

    from rag.pipeline import Pipeline


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return make_pipeline(tmp_path_factory.mktemp("index"))


def test_an_explanation_gives_reading_hits_by_part_and_every_sentence_with_its_reason(pipeline: Pipeline) -> None:
    trace = pipeline.trace("青山区2030年地区生产总值增长多少?")
    told = explanation(trace)
    assert told["question"]["periods"] == ["2030"]
    assert [c["name"] for c in told["question"]["concepts"]][:2] == ["青山区", "地区生产总值"]
    assert {"score", "dense", "keyword", "time", "region"} <= set(told["hits"][0])
    assert [hit["rank"] for hit in told["hits"]] == list(range(1, len(trace.hits) + 1))
    assert len(told["evidence"]) == len(trace.evidence)
    assert all(item["why"] for item in told["evidence"])
    assert any(item["kept"] and "5.1%" in item["text"] for item in told["evidence"])
    assert {"speaks of another period"} <= {item["why"] for item in told["evidence"] if not item["kept"]}
    assert json.loads(json.dumps(told, ensure_ascii=False)) == told, "a program can read it"


def test_a_person_reads_the_same_in_lines(pipeline: Pipeline) -> None:
    text = explanation_text(pipeline.trace("青山区2030年地区生产总值增长多少?"))
    assert "names 青山区 (region, " in text
    assert "Evidence kept (" in text
    assert text.endswith("Decision: answered")


def test_a_refusal_is_explained_by_its_reason(pipeline: Pipeline) -> None:
    assert explanation_text(pipeline.trace("红河区2030年地区生产总值?")).endswith("Decision: refused, no_such")


def test_an_answer_from_reported_figures_says_so(pipeline: Pipeline) -> None:
    trace = pipeline.trace("2030年和2031年地区生产总值增长多少?")
    assert list(trace.notes) == explanation(trace)["notes"]
    assert "figures that the documents report" in explanation_text(trace)


def test_what_a_model_wrote_is_shown_with_its_fate_beside_what_was_answered(tmp_path: Path) -> None:
    model = ScriptedModel("2030年公共充电桩新增270个[1]。")
    trace = make_pipeline(tmp_path, model=model).trace("2030年新增公共充电桩多少个?")
    assert explanation(trace)["drafts"] == [
        {"raw": "2030年公共充电桩新增270个[1]。", "fate": "quoted", "why": "figure not in the evidence: 270个"}
    ]
    text = explanation_text(trace)
    assert "  quoted, figure not in the evidence: 270个: 2030年公共充电桩新增270个[1]。" in text
    assert "270" not in (trace.answer.answer or "")


def test_a_notice_is_shown_wherever_an_answer_is(tmp_path: Path) -> None:
    pipeline = make_pipeline(tmp_path, model=ScriptedModel(breaks=True))
    trace = pipeline.trace("How many charging points were added in 2030?")
    notice = trace.answer.notice
    assert notice
    assert answer_json(trace.answer)["notice"] == notice
    markdown = to_markdown(trace.answer, pipeline.receipt(trace)).decode()
    for shown in (answer_text(trace.answer), markdown):
        assert shown.count(notice) == 1
