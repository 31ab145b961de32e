"""A link gives the same answer again, or says what has changed; a broken one is refused."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING

import pytest

from index.filter import EVERYTHING
from ui.chat.asking import ask
from ui.chat.exchange import Exchange
from ui.chat.sharing import LinkError, make_link, open_link, read_link

if TYPE_CHECKING:
    from rag.pipeline import Pipeline


def _conversation(pipeline: Pipeline, *questions: str) -> list[Exchange]:
    said: list[Exchange] = []
    for question in questions:
        said.append(list(ask(pipeline, question, said, EVERYTHING))[-1].exchange)
    return said


def test_a_shared_answer_opens_as_the_same_answer(pipeline: Pipeline) -> None:
    said = _conversation(pipeline, "2030年新增公共充电桩多少个?")
    opened = open_link(pipeline, read_link(make_link(said, 0)))
    assert opened.is_same
    assert opened.exchange.answer is not None
    assert opened.exchange.answer.answer == said[0].answer.answer  # type: ignore[union-attr]


def test_a_follow_up_takes_the_questions_before_it_along_and_no_more(pipeline: Pipeline) -> None:
    said = _conversation(pipeline, "2030年新增公共充电桩多少个?", "2031年呢?", "企业总部有哪些补贴?")
    assert read_link(make_link(said, 1)).before == ("2030年新增公共充电桩多少个?",)
    assert open_link(pipeline, read_link(make_link(said, 1))).is_same
    assert read_link(make_link(said, 2)).before == ()


def test_a_link_tells_that_the_documents_have_changed(pipeline: Pipeline) -> None:
    said = _conversation(pipeline, "2030年新增公共充电桩多少个?")
    receipt = said[0].receipt
    assert receipt is not None
    basis = receipt.basis.model_copy(update={"corpus": "another"})
    said[0] = said[0].having(receipt=receipt.model_copy(update={"basis": basis, "answer": "another"}))
    opened = open_link(pipeline, read_link(make_link(said, 0)))
    assert (opened.is_same, opened.documents_changed, opened.program_changed) == (False, True, False)


@pytest.mark.parametrize(
    "link",
    ["", "!", "YWJj", "x" * 20_000, base64.urlsafe_b64encode(zlib.compress(b'{"receipt":{}}')).decode(), "天气"],
)
def test_what_is_no_link_is_refused(link: str) -> None:
    with pytest.raises(LinkError):
        read_link(link)


def test_a_link_that_unpacks_to_very_much_is_refused_without_unpacking_it() -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 10_000_000)).decode()
    with pytest.raises(LinkError):
        read_link(bomb[:15_000])


def test_what_has_no_answer_cannot_be_shared() -> None:
    with pytest.raises(LinkError, match="no answer"):
        make_link([Exchange(question="?")], 0)
