"""What a browser keeps is read back as it was, and nothing it sends is trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from index.filter import EVERYTHING
from ui.chat.asking import ask
from ui.chat.exchange import MOST_KEPT, Exchange, State, keep, read_conversation, turns

if TYPE_CHECKING:
    from rag.pipeline import Pipeline


def test_an_answer_grows_until_it_is_whole(pipeline: Pipeline) -> None:
    steps = [asked.exchange for asked in ask(pipeline, "2030年新增公共充电桩多少个?", [], EVERYTHING)]
    assert [step.state for step in steps][:1] == [State.SEARCHING]
    assert State.WRITING in [step.state for step in steps]
    assert steps[-1].state is State.DONE
    written = [step.text for step in steps if step.state is State.WRITING][-1]
    assert steps[-1].answer is not None
    assert written == steps[-1].answer.answer


def test_a_conversation_comes_back_as_it_was_kept_but_for_the_ranked_passages(pipeline: Pipeline) -> None:
    said = [asked.exchange for asked in ask(pipeline, "2030年新增公共充电桩多少个?", [], EVERYTHING)][-1:]
    read = read_conversation(keep(said))
    assert read[0].answer is not None
    assert read[0].answer.passages == ()
    assert read[0].receipt == said[0].receipt
    assert turns(read) == turns(said)


@pytest.mark.parametrize("kept", [None, "x", 1, {"question": "x"}, [{"question": 1}], [{"question": "x", "more": 1}]])
def test_what_is_no_conversation_begins_a_new_one(kept: Any) -> None:
    assert read_conversation(kept) == []


def test_only_the_last_exchanges_are_kept() -> None:
    many = [Exchange(question=str(number)) for number in range(MOST_KEPT + 5)]
    assert [one.question for one in read_conversation(keep(many))][:1] == ["5"]
    assert len(read_conversation([one.model_dump(mode="json") for one in many])) == MOST_KEPT


def test_what_was_not_answered_was_not_said() -> None:
    assert turns([Exchange(question="?", state=State.STOPPED, text="half of an answer")]) == []
