"""Questions and searches: `/api/v1/ask`, `suggest`, `search`."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import asdict, dataclass, fields
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Header, Request, Response
from pydantic import TypeAdapter

from rag.types import Answer, Done, Found, FoundPassage, Language, Reason, Text
from rag.wording import REFUSAL
from ui.api.access import guarded
from ui.api.asking import ASKING_ERRORS, Asked, asked_in
from ui.api.bodies import ASK_EXAMPLES, SEARCH_EXAMPLES, AskBody, SearchBody
from ui.api.events import accepts_events, begun, described, event
from ui.api.problems import Problem
from ui.desk import TookTooLongError
from ui.keys import Role

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from ui.api.service import Service

#: The header that says why a search returned nothing.
NOTE = "X-Note"
_NOTE_HEADER = {"description": "Why nothing was found.", "schema": {"type": "string"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifiedAnswer(Answer):
    """An answer with the id by which feedback speaks of it."""

    id: str

    @classmethod
    def of(cls, answer: Answer, identity: str) -> IdentifiedAnswer:
        """Return an answer with an id."""
        return cls(id=identity, **{field.name: getattr(answer, field.name) for field in fields(answer)})


_ANSWER: TypeAdapter[IdentifiedAnswer] = TypeAdapter(IdentifiedAnswer)
_PASSAGES: TypeAdapter[tuple[FoundPassage, ...]] = TypeAdapter(tuple[FoundPassage, ...])

_EVENTS = {
    "description": (
        "The answer or the refusal. With `Accept: text/event-stream` as events, each with JSON data: `passages` (the "
        'ranked passages), `token` (`{"text": …}`, a piece of the answer) as often as there are pieces, and `answer` '
        "(the whole, as without events). An error after the first event is the event `error`, a problem. A client "
        "that reconnects gets a new stream from its beginning."
    ),
    "content": described("passages", "token", "answer", "error"),
}


def make_router(service: Service) -> APIRouter:
    """Return the routes of questions and searches."""
    router = APIRouter(
        prefix="/api/v1",
        tags=["answers"],
        route_class=guarded(service.access, Role.ASK),
        responses=ASKING_ERRORS,
    )

    @router.post("/ask", response_model=IdentifiedAnswer, responses={200: _EVENTS}, summary="Answer a question")
    async def ask(
        body: Annotated[AskBody, Body(openapi_examples=ASK_EXAMPLES)],
        request: Request,
        accept: Annotated[str, Header(include_in_schema=False)] = "",
    ) -> Any:
        """Answer a question with citations, or refuse with the reason: `filtered_out` where nothing fits the filter."""
        asked = asked_in(body, request)
        if accepts_events(accept):
            return await begun(_answer_events(service, asked))
        trace = await service.desk.run(lambda: asked.trace(service, service.pipeline()))
        return IdentifiedAnswer.of(trace.answer, asked.id)

    @router.post("/suggest", summary="Suggest next questions")
    async def suggest(body: Annotated[AskBody, Body(openapi_examples=ASK_EXAMPLES)]) -> list[str]:
        """Return up to three questions that may follow this one, each of which the documents answer."""

        def following() -> list[str]:
            answering, turns = service.pipeline(), body.turns()
            return list(answering.suggest(answering.trace(body.question, turns, body.filter.filter()), turns))

        return await service.desk.run(following)

    @router.post("/search", responses={200: {"headers": {NOTE: _NOTE_HEADER}}}, summary="Find passages")
    async def search(
        body: Annotated[SearchBody, Body(openapi_examples=SEARCH_EXAMPLES)], response: Response
    ) -> list[FoundPassage]:
        """Return the passages that fit a text best; none where nothing fits the filter, which a header then says."""
        within = body.filter.filter()
        found = await service.desk.run(lambda: service.pipeline().search(body.query, body.k, within=within))
        if not found:
            # Without the filter's values: a header holds no Chinese and no line ends.
            response.headers[NOTE] = REFUSAL[Language.EN][Reason.FILTERED_OUT if within else Reason.NOT_FOUND]
        return found

    return router


async def _answer_events(service: Service, asked: Asked) -> AsyncGenerator[bytes]:
    """Yield the events of an answer."""
    number = 0
    async with aclosing(service.desk.stream(lambda: asked.steps(service))) as steps:
        try:
            async for step in steps:
                number += 1
                match step:
                    case Found():
                        name, told = "passages", _PASSAGES.dump_python(step.passages, mode="json")
                    case Text():
                        name, told = "token", asdict(step)
                    case Done():
                        answer = IdentifiedAnswer.of(step.trace.answer, asked.id)
                        name, told = "answer", _ANSWER.dump_python(answer, mode="json")
                yield event(name, told, number, asked.id)
        except TookTooLongError as error:
            if not number:
                raise
            problem = Problem.of(HTTPStatus.GATEWAY_TIMEOUT, str(error))
            yield event("error", problem.model_dump(), number + 1, asked.id)
