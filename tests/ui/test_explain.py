from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.rag.conftest import make_pipeline
from ui.explain import explanation, explanation_text

if TYPE_CHECKING:
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
