from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.prompts import TEMPLATES, Prompts, TemplateError, data, fitting, refusal_phrase
from rag.types import Language, Turn


def test_the_shipped_templates_have_their_places_and_name_the_refusal() -> None:
    prompts = Prompts()
    rewriting = prompts.rewrite("那2020年呢?", [Turn("user", "2019年公共充电桩?")], Language.ZH)
    assert "user: 2019年公共充电桩?" in rewriting.request
    assert "那2020年呢?" in rewriting.request
    assert "parking = 停车" in prompts.translate_question("How many?", [("parking", "停车")]).instructions
    assert "新增210个" in prompts.translate_text("新增210个", []).request


@pytest.mark.parametrize(
    ("old", "new"), [("$evidence", ""), ("$question", "$topic"), ("$refusal", "$refusal $date"), ("$refusal", "$1")]
)
def test_a_template_with_other_places_stops_the_start(old: str, new: str, tmp_path: Path) -> None:
    path = tmp_path / "prompts.toml"
    path.write_text(TEMPLATES.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(TemplateError, match=r"prompts\.toml, \[answer\.en\]"):
        Prompts(path)


def test_a_missing_template_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "prompts.toml"
    path.write_text("", encoding="utf-8")
    with pytest.raises(TemplateError, match="wanted"):
        Prompts(path)


@given(st.text())
def test_data_is_one_line_that_closes_no_fence_and_carries_no_mark(text: str) -> None:
    line = data(text)
    assert len(line.splitlines()) <= 1
    assert not set("<>") & set(line)
    assert data(line) == line


def test_marks_in_a_document_are_no_marks() -> None:
    assert data("增长5%[3]。【12】 [2019 estimate]") == "增长5%(3)。(12) [2019 estimate]"


def test_the_refusal_phrase_is_the_one_that_refusals_open_with() -> None:
    assert [refusal_phrase(language) for language in Language] == [
        "现有文件中没有说明这一点。",
        "The documents do not say.",
    ]


def test_evidence_is_given_as_far_as_there_is_room() -> None:
    assert fitting(["aaa", "bbb", "ccc"], 8, len) == 2
    assert fitting(["aaa", "bbb"], 100, len) == 2
    assert fitting(["a" * 50], 8, len) == 1
    assert fitting([], 8, len) == 0
