from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from index.filter import Filter
from rag.receipt import Receipt, ReceiptError, answer_hash, compare, history_hash, program_identity, read_receipt
from rag.types import Seconds, Turn

if TYPE_CHECKING:
    from pathlib import Path

    from rag.pipeline import Pipeline

QUESTION = "2030年地区生产总值增长多少?"


def _receipt(pipeline: Pipeline, question: str = QUESTION) -> Receipt:
    return pipeline.receipt(pipeline.trace(question))


def test_a_receipt_names_question_basis_passages_and_answer(pipeline: Pipeline) -> None:
    trace = pipeline.trace(QUESTION)
    answer, receipt = trace.answer, pipeline.receipt(trace)
    assert (receipt.question, receipt.status) == (QUESTION, "answered")
    assert receipt.passages == tuple(passage.passage_id for passage in answer.passages)
    assert receipt.cited == tuple(citation.passage_id for citation in answer.citations)
    assert receipt.basis.index
    assert str(receipt.today) == "2032-05-01", "the day from which relative years count"
    assert receipt.asked_at.tzinfo is not None


def test_the_same_question_on_the_same_basis_differs_in_nothing(pipeline: Pipeline) -> None:
    assert compare(_receipt(pipeline), _receipt(pipeline)) == ()


def test_the_time_an_answer_took_is_no_part_of_it(pipeline: Pipeline) -> None:
    answer = pipeline.ask(QUESTION)
    assert answer_hash(answer) == answer_hash(replace(answer, seconds=Seconds(1, 2, 3)))
    assert answer_hash(answer) != answer_hash(replace(answer, answer=f"{answer.answer}!"))


def test_what_has_changed_is_named_the_answer_first(pipeline: Pipeline) -> None:
    then = _receipt(pipeline)
    basis = then.basis.model_copy(update={"index": "later", "settings": {"passages": 5, "new": True}})
    now = then.model_copy(update={"answer": "other", "basis": basis})
    found = [(d.name, d.then, d.now) for d in compare(then, now)]
    assert found == [
        ("answer", then.answer, "other"),
        ("index", then.basis.index, "later"),
        ("settings.new", "None", "True"),
        ("settings.passages", "10", "5"),
    ]


def test_a_receipt_is_read_as_it_was_written_with_its_filter(pipeline: Pipeline, tmp_path: Path) -> None:
    within = Filter.parse(["2030", "2026-2030"], ["estimate"], ["report"])
    receipt = pipeline.receipt(pipeline.trace(QUESTION, within=within))
    assert receipt.within == within
    path = tmp_path / "r.json"
    path.write_text(receipt.model_dump_json(), encoding="utf-8")
    assert read_receipt(path) == receipt


@pytest.mark.parametrize("content", ["", "[]", '{"version": 2}', "\x00"])
def test_a_file_that_is_no_receipt_is_refused_by_name(content: str, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ReceiptError, match=r"r\.json is not a receipt .*district-qa ask --receipt"):
        read_receipt(path)


def test_conversations_are_told_apart(pipeline: Pipeline) -> None:
    turns = [Turn("user", QUESTION), Turn("assistant", "5.1%")]
    assert history_hash(turns) != history_hash(()) != history_hash(turns[:1])
    assert pipeline.receipt(pipeline.trace("那2031年呢?", turns), turns).history == history_hash(turns)


def test_the_program_has_one_identity_in_a_process() -> None:
    assert program_identity() == program_identity()
    assert len(program_identity()) == 16
