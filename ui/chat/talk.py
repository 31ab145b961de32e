"""What happens in a visitor's conversation: questions answered step by step, offered, passed on and judged.

Nothing here knows how the page is drawn, and nothing of a visitor is kept here: a conversation comes from the browser
with every event and goes back to it. Questions pass the same desk as those of the API.
"""

from __future__ import annotations

import base64
import sqlite3
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from index.filter import Filter, FilterError
from index.store import StoreError
from rag.pipeline import QuestionError
from ui.chat.asking import ask
from ui.chat.exchange import Exchange, Offered, State, keep, read_conversation, read_offered, turns
from ui.chat.render import labels, render
from ui.chat.sharing import LinkError, make_link, open_link, read_link
from ui.chat.view import conversation_html, damaged_link_html, exchange_html, opened_html
from ui.desk import DeskFullError, TookTooLongError
from ui.export import FORMATS
from ui.logged import LogBusyError, UnknownQuestionError, Why

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Sequence

    from rag.pipeline import Pipeline
    from rag.types import Language, Trace
    from ui.chat.sharing import Shared
    from ui.desk import Desk
    from ui.journal import Journal

#: What makes answering impossible for the moment: the index is being replaced, or cannot be read.
_FAULTS = (StoreError, OSError, sqlite3.Error)
#: What was chosen on the page to limit a search: years, statuses, kinds, documents.
Limits = tuple[list[str] | None, list[str] | None, list[str] | None, list[str] | None]


@dataclass(frozen=True, slots=True)
class Begun:
    """A question was taken; `kept` holds it already, so that it is not lost with the connection."""

    past: str
    live: str
    kept: list[dict[str, Any]]
    growing: Exchange


@dataclass(frozen=True, slots=True)
class Grown:
    """There is more of the answer."""

    live: str
    growing: Exchange


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing more comes; `trace` is there where the question was answered or refused."""

    live: str
    kept: list[dict[str, Any]]
    trace: Trace | None = None


Step = Begun | Grown | Ended


class Talk:
    """Conversations in one language; safe to use for any number of visitors at once.

    `pipeline` is asked once a question. `admit` is given a visitor's address before each question, and returns None, or
    after how many seconds to come back. `journal` takes down questions and what is said of answers.
    """

    def __init__(
        self,
        pipeline: Callable[[], Pipeline],
        language: Language,
        desk: Desk,
        admit: Callable[[str], int | None],
        journal: Journal | None,
    ) -> None:
        self._pipeline, self._language, self._desk = pipeline, language, desk
        self._admit, self._journal = admit, journal
        self._words = labels(language)

    async def answer(
        self, text: str, kept: Any, limits: Limits, address: str, *, replaces: bool = False
    ) -> AsyncGenerator[Step]:
        """Yield what comes of a question; with `replaces` in place of the last one. Closing this gives it up."""
        text = text.strip()
        if not text:
            return
        before = read_conversation(kept)
        before = before[:-1] if replaces else before
        pipeline = await run_in_threadpool(self._pipeline)
        yield await run_in_threadpool(self._begun, pipeline, before, Exchange(question=text))
        if (wait := self._admit(address)) is not None:
            fault = self._words["too_often"].format(seconds=wait)
        else:
            try:
                work = partial(self._steps, pipeline, text, before, limits, address)
                async with aclosing(self._desk.stream(work)) as steps:
                    async for step in steps:
                        yield step
                return
            except QuestionError as error:
                fault = error.told(self._language)
            except FilterError:
                fault = self._words["limits_wrong"]
            except DeskFullError as error:
                fault = self._words["busy"].format(seconds=error.seconds)
            except TookTooLongError:
                fault = self._words["took_too_long"]
            except _FAULTS:
                fault = self._words["failed"]
        failed = Exchange(question=text, state=State.FAILED, fault=fault)
        yield await run_in_threadpool(self._ended, pipeline, before, failed)

    def _steps(
        self, pipeline: Pipeline, text: str, before: Sequence[Exchange], limits: Limits, address: str
    ) -> Generator[Grown | Ended, None, None]:
        for asked in ask(pipeline, text, before, Filter.parse(*(chosen or () for chosen in limits))):
            exchange = asked.exchange
            if asked.trace is None:
                yield Grown(self._html(pipeline, before, exchange), exchange)
                continue
            if self._journal is not None:
                noted = self._journal.answered(asked.trace, channel="chat", address=address)
                exchange = exchange.having(log_id=noted)
            yield self._ended(pipeline, before, exchange, asked.trace)

    def _begun(self, pipeline: Pipeline, before: Sequence[Exchange], exchange: Exchange) -> Begun:
        past = "".join(
            exchange_html(pipeline, one, place, self._language, is_last=False, is_live=False)
            for place, one in enumerate(before)
        )
        return Begun(past, self._html(pipeline, before, exchange), keep([*before, exchange]), exchange)

    def _ended(
        self, pipeline: Pipeline, before: Sequence[Exchange], exchange: Exchange, trace: Trace | None = None
    ) -> Ended:
        return Ended(self._html(pipeline, before, exchange), keep([*before, exchange]), trace)

    def _html(self, pipeline: Pipeline, before: Sequence[Exchange], exchange: Exchange) -> str:
        return exchange_html(pipeline, exchange, len(before), self._language, is_last=True, is_live=True)

    def stopped(self, growing: Exchange, kept: Any) -> Ended:
        """Return what had come when the visitor stopped."""
        before = read_conversation(kept)[:-1]
        return self._ended(self._pipeline(), before, growing.having(state=State.STOPPED))

    async def suggest(self, trace: Trace, kept: Any) -> tuple[str, dict[str, Any]]:
        """Return next questions that the documents answer, as HTML and as the browser keeps them.

        Finding them costs what some questions cost, so they wait at the desk like questions, and are left out where it
        is full: the answer is there, and what is offered beside it can be missing.
        """
        conversation = read_conversation(kept)
        before = turns(conversation[:-1])
        try:
            questions = await self._desk.run(lambda: self._pipeline().suggest(trace, before))
        except (*_FAULTS, DeskFullError, TookTooLongError):
            questions = ()
        offered = Offered(of=conversation[-1].key if conversation else "", questions=questions)
        return render("next.html", self._language, questions=questions), offered.model_dump(mode="json")

    def conversation(self, kept: Any, offered: Any) -> tuple[str, str, str]:
        """Return all exchanges but the last one, the last one, and the questions offered after it, as HTML."""
        conversation = read_conversation(kept)
        past, last = conversation_html(self._pipeline(), conversation, self._language)
        questions = read_offered(offered, conversation[-1]) if conversation else ()
        return past, last, render("next.html", self._language, questions=questions)

    async def open_link(self, link: str, address: str) -> str:
        """Return what a link shares as HTML, or why it cannot be opened."""
        if (wait := self._admit(address)) is not None:
            return self._fault(self._words["too_often"].format(seconds=wait))
        try:
            shared = read_link(link)
            return await self._desk.run(partial(self._opened, shared))
        except (LinkError, QuestionError):
            return damaged_link_html(self._language)
        except DeskFullError as error:
            return self._fault(self._words["busy"].format(seconds=error.seconds))
        except TookTooLongError:
            return self._fault(self._words["took_too_long"])

    def _opened(self, shared: Shared) -> str:
        pipeline = self._pipeline()
        return opened_html(pipeline, open_link(pipeline, shared), self._language)

    def _fault(self, fault: str) -> str:
        return render("fault.html", self._language, fault=fault)

    def last_question(self, kept: Any) -> str:
        """Return the last question of a conversation, empty where there is none."""
        conversation = read_conversation(kept)
        return conversation[-1].question if conversation else ""

    def export(self, kept: Any, place: int, form: str) -> dict[str, str]:
        """Return an answer as a file: its name and its content in base64."""
        exchange = read_conversation(kept)[place]
        assert exchange.answer is not None
        assert exchange.receipt is not None
        content = FORMATS[form](exchange.answer, exchange.receipt)
        name = f"district-qa-{exchange.receipt.asked_at:%Y%m%d-%H%M%S}{form}"
        return {"name": name, "content": base64.b64encode(content).decode()}

    def link(self, kept: Any, place: int) -> str:
        """Return what shares the answer at a place of a conversation."""
        return make_link(read_conversation(kept), place)

    def rate(self, kept: Any, place: int, why: str) -> bool:
        """Take down what a visitor says of an answer, helpful where `why` is empty; return whether that was kept."""
        exchange = read_conversation(kept)[place]
        if self._journal is None:
            return False
        try:
            self._journal.feedback(exchange.log_id, helpful=not why, why=Why(why) if why else None)
        except (UnknownQuestionError, LogBusyError):
            return False
        return True
