from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag.generate import Statement
from rag.pipeline import QuestionError
from rag.types import Done, Found, Text
from tests.rag.conftest import SUBSIDY, make_pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rag.pipeline import Pipeline
    from rag.types import Evidence, Question

QUESTIONS = (
    "企业总部有哪些补贴?",
    "What subsidies do corporate headquarters get?",
    "2030年和2031年地区生产总值增长多少?",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_pieces_are_the_answer_between_what_was_found_and_the_trace(question: str, pipeline: Pipeline) -> None:
    first, *pieces, last = pipeline.stream(question)
    assert isinstance(first, Found)
    assert isinstance(last, Done)
    answer = last.trace.answer
    assert first.passages == answer.passages
    assert all(isinstance(piece, Text) for piece in pieces)
    assert "".join(piece.text for piece in pieces if isinstance(piece, Text)) == answer.answer
    assert answer.answer == pipeline.ask(question).answer


def test_an_answer_of_several_sentences_comes_one_sentence_at_a_time(pipeline: Pipeline) -> None:
    pieces = [step.text for step in pipeline.stream(QUESTIONS[2]) if isinstance(step, Text)]
    assert len(pieces) == 2
    assert all(piece.endswith(("。[1]", "。[2]")) for piece in pieces)


def test_a_refusal_shows_what_was_found_and_no_text(pipeline: Pipeline) -> None:
    first, last = pipeline.stream("2025年地区生产总值增长多少?")
    assert isinstance(first, Found)
    assert isinstance(last, Done)
    assert last.trace.answer.refusal is not None


def test_a_question_that_cannot_be_taken_is_told_before_anything_is_streamed(pipeline: Pipeline) -> None:
    with pytest.raises(QuestionError, match="empty"):
        pipeline.stream(" ")


class _Watched:
    """A fake Generator that notes how many statements were taken from it."""

    def __init__(self) -> None:
        self.taken = 0

    def compose(self, question: Question, evidence: Sequence[Evidence]) -> Iterator[Statement]:
        for item in [*evidence, *evidence]:
            self.taken += 1
            yield Statement(item.text, item)


def test_closing_the_stream_gives_up_what_is_under_way(tmp_path: Path) -> None:
    generator = _Watched()
    stream = make_pipeline(tmp_path, generator).stream("企业总部有哪些补贴?")
    assert isinstance(next(stream), Found)
    assert generator.taken == 0
    piece = next(stream)
    assert isinstance(piece, Text)
    assert piece.text.rstrip("[1]") in SUBSIDY
    stream.close()
    assert generator.taken == 1
    assert list(stream) == []
