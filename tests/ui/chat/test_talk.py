"""Conversations without a page or a browser: what comes of a question, and what is said where nothing does."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from rag.types import Language
from ui.chat.exchange import State, read_conversation
from ui.chat.talk import Begun, Ended, Grown, Step, Talk
from ui.desk import Desk

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

_NO_LIMITS = (None, None, None, None)
_QUESTION = "2030年新增公共充电桩多少个?"


def _talk(pipeline: Pipeline, desk: Desk, language: Language = Language.ZH, wait: int | None = None) -> Talk:
    return Talk(lambda: pipeline, language, desk, lambda address: wait, None)


def _answer(talk: Talk, question: str, kept: Any = (), limits: Any = _NO_LIMITS) -> list[Step]:
    async def collect() -> list[Step]:
        return [step async for step in talk.answer(question, list(kept), limits, "127.0.0.1")]

    return asyncio.run(collect())


def test_a_question_begins_grows_and_ends_and_is_kept_from_the_beginning(pipeline: Pipeline) -> None:
    steps = _answer(_talk(pipeline, Desk(1, 0, 10)), _QUESTION)
    assert [type(step) for step in (steps[0], *steps[-2:])] == [Begun, Grown, Ended]
    begun, ended = steps[0], steps[-1]
    assert isinstance(begun, Begun)
    assert isinstance(ended, Ended)
    assert [one.state for one in read_conversation(begun.kept)] == [State.SEARCHING]
    assert [one.state for one in read_conversation(ended.kept)] == [State.DONE]
    assert "210" in ended.live


@pytest.mark.parametrize(
    ("language", "told"), [(Language.ZH, "现在提问的人很多"), (Language.EN, "Many people are asking")]
)
def test_who_finds_the_desk_full_is_told_so_and_keeps_the_question(
    pipeline: Pipeline, language: Language, told: str
) -> None:
    desk, go = Desk(1, 0, 10), threading.Event()

    async def ask_beside_another() -> list[Step]:
        other = asyncio.create_task(desk.run(go.wait))  # of the API, as it were
        await asyncio.sleep(0)
        talk = _talk(pipeline, desk, language)
        steps = [step async for step in talk.answer(_QUESTION, [], _NO_LIMITS, "127.0.0.1")]
        go.set()
        await other
        return steps

    *_, ended = asyncio.run(ask_beside_another())
    assert isinstance(ended, Ended)
    assert told in ended.live
    assert [(one.question, one.state) for one in read_conversation(ended.kept)] == [(_QUESTION, State.FAILED)]


@pytest.mark.parametrize(
    ("question", "limits", "wait", "told"),
    [
        ("问" * 501, _NO_LIMITS, None, "问题有501个字符，最多读500个"),
        ("a\ud83d?", _NO_LIMITS, None, "第2个字符不完整（U+D83D）"),
        (_QUESTION, (["1066"], None, None, None), None, "所选的范围不能用"),
        (_QUESTION, _NO_LIMITS, 7, "请 7 秒后再试"),
    ],
)
def test_what_cannot_be_answered_is_told_in_the_language_of_the_page(
    pipeline: Pipeline, question: str, limits: Any, wait: int | None, told: str
) -> None:
    *_, ended = _answer(_talk(pipeline, Desk(1, 0, 10), wait=wait), question, limits=limits)
    assert isinstance(ended, Ended)
    assert told in ended.live


def test_what_takes_too_long_is_told(pipeline: Pipeline) -> None:
    *_, ended = _answer(_talk(pipeline, Desk(1, 0, 0)), _QUESTION)
    assert isinstance(ended, Ended)
    assert "用时过长" in ended.live


def test_next_questions_are_found_again_with_the_conversation_and_only_with_it(pipeline: Pipeline) -> None:
    talk = _talk(pipeline, Desk(1, 0, 10))
    *_, ended = _answer(talk, _QUESTION)
    assert isinstance(ended, Ended)
    assert ended.trace is not None
    shown, offered = asyncio.run(talk.suggest(ended.trace, ended.kept))
    assert "data-question" in shown
    assert talk.conversation(ended.kept, offered)[2] == shown
    *_, later = _answer(talk, "企业总部有哪些补贴?", ended.kept)
    assert isinstance(later, Ended)
    for kept, of in ((later.kept, offered), (ended.kept, {}), ([], offered), (ended.kept, {"of": "", "questions": 1})):
        assert "data-question" not in talk.conversation(kept, of)[2]


def test_where_the_desk_is_full_nothing_is_offered_next(pipeline: Pipeline) -> None:
    *_, ended = _answer(_talk(pipeline, Desk(1, 0, 10)), _QUESTION)
    assert isinstance(ended, Ended)
    assert ended.trace is not None
    shown, offered = asyncio.run(_talk(pipeline, Desk(1, 0, 0)).suggest(ended.trace, ended.kept))
    assert (shown.strip(), offered["questions"]) == ("", [])
