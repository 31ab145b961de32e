"""OpenAI's chat-completions form, for any chat client: `/v1/chat/completions`, `/v1/models`.

The last message is the question, those of user and assistant before it the conversation. Instructions of a system
message are not followed: answers come from the documents only. What steers a language model (temperature and the like)
is taken and has no effect; more than one answer, and tools, are refused rather than ignored. Sources come twice: as
footnotes below the text, for people, and as `citations`, for programs.
"""

from __future__ import annotations

import time
from contextlib import aclosing
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from rag.types import Citation, Done, Found, Reason, Text, Turn
from ui.api.access import guarded
from ui.api.asking import ASKING_ERRORS, Asked
from ui.api.bodies import LONGEST_TEXT, FilterBody
from ui.api.events import begun, data, described
from ui.api.problems import Problem, ProblemError, documented
from ui.desk import TookTooLongError
from ui.footnotes import footnotes
from ui.keys import Role

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from rag.types import Answer
    from ui.api.service import Service

MODEL = "district-qa"
#: Messages before the question that are read; what came earlier has no bearing on a follow-up.
_MOST_TURNS = 50
_CITATIONS: TypeAdapter[tuple[Citation, ...]] = TypeAdapter(tuple[Citation, ...])


class TextPart(BaseModel):
    """A part of a message."""

    type: Literal["text"]
    text: Annotated[str, Field(max_length=LONGEST_TEXT)]


class Message(BaseModel):
    """One message."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[str, Field(max_length=LONGEST_TEXT)] | Annotated[list[TextPart], Field(max_length=50)]

    def words(self) -> str:
        """Return its text."""
        return self.content if isinstance(self.content, str) else " ".join(part.text for part in self.content)


class CompletionBody(BaseModel):
    """A conversation whose last message is the question; further fields of the form have no effect."""

    model_config = ConfigDict(extra="ignore")

    model: Annotated[str, Field(max_length=200, description="any name will do")] = MODEL
    messages: Annotated[list[Message], Field(min_length=1, max_length=1000)]
    stream: bool = False
    n: Annotated[int, Field(ge=1, le=1, description="one answer is given")] = 1
    tools: Annotated[list[Any], Field(max_length=0, description="none are used")] = []
    filter: Annotated[
        FilterBody, Field(description="what may be quoted, as of `/api/v1/ask`; not in OpenAI's form")
    ] = FilterBody()


class CompletionMessage(BaseModel):
    """The answer with its footnotes, or the refusal."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class Choice(BaseModel):
    """The one answer."""

    index: int = 0
    message: CompletionMessage
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class Usage(BaseModel):
    """Always 0: no tokens are counted."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class Completion(BaseModel):
    """An answer in OpenAI's form; `citations` and `refusal_reason` are not of that form."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL
    choices: list[Choice]
    usage: Usage = Usage()
    citations: list[Citation] = Field(description="of the answer, or nearest to a refused question")
    refusal_reason: Reason | None = None


class ModelCard(BaseModel):
    """The one model."""

    id: Literal["district-qa"] = "district-qa"
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = MODEL


class ModelList(BaseModel):
    """All models: one."""

    object: Literal["list"] = "list"
    data: list[ModelCard] = [ModelCard()]


COMPLETION_EXAMPLES = {
    "zh": {
        "summary": "中文提问",
        "value": {"model": MODEL, "messages": [{"role": "user", "content": "2019年新增公共充电桩多少个？"}]},
    },
    "en": {
        "summary": "in English, streamed",
        "value": {
            "model": MODEL,
            "messages": [{"role": "user", "content": "what subsidies apply to foreign regional HQs"}],
            "stream": True,
        },
    },
}
_STREAM = {
    "description": (
        "The answer; with `stream` as events, each an object `chat.completion.chunk`, the last `[DONE]`. The chunk "
        "before it has `citations` and `refusal_reason`."
    ),
    "content": described(),
}


def make_router(service: Service) -> APIRouter:
    """Return the routes of the chat-completions form."""
    router = APIRouter(
        prefix="/v1", tags=["chat completions"], route_class=guarded(service.access, Role.ASK), responses=ASKING_ERRORS
    )

    @router.post(
        "/chat/completions", response_model=Completion, responses={200: _STREAM}, summary="Answer in OpenAI's form"
    )
    async def create_chat_completion(
        body: Annotated[CompletionBody, Body(openapi_examples=COMPLETION_EXAMPLES)], request: Request
    ) -> Any:
        """Answer the last message, with citations as footnotes and in a field of their own."""
        if body.messages[-1].role != "user":
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"the last message is of the role {body.messages[-1].role}; wanted user: it is the question",
            )
        asked = _asked(body, request)
        if body.stream:
            return await begun(_chunks(service, asked))
        answer = (await service.desk.run(lambda: asked.trace(service, service.pipeline()))).answer
        message = CompletionMessage(content=_opening(answer) + footnotes(answer))
        return Completion(
            id=f"chatcmpl-{asked.id}", created=int(time.time()), choices=[Choice(message=message)], **_extra(answer)
        )

    @router.get("/models", summary="List the models: one")
    async def list_models() -> ModelList:
        """List the models, as chat clients ask for them."""
        return ModelList()

    @router.get("/models/{model}", responses=documented(HTTPStatus.NOT_FOUND), summary="Show the model")
    async def show_model(model: str) -> ModelCard:
        """Show the one model."""
        if model != MODEL:
            raise ProblemError(HTTPStatus.NOT_FOUND, f"there is no model {model[:100]!a}; wanted {MODEL}")
        return ModelCard()

    return router


def _asked(body: CompletionBody, request: Request) -> Asked:
    *before, question = body.messages
    said = [Turn(message.role, message.words()) for message in before if message.role in ("user", "assistant")]
    caller = request.state.caller
    return Asked(question.words(), said[-_MOST_TURNS:], body.filter.filter(), "openai", caller.address)


def _opening(answer: Answer) -> str:
    return answer.refusal.message if answer.refusal else answer.answer or ""


def _extra(answer: Answer) -> dict[str, Any]:
    cited = answer.citations or (answer.refusal.nearest if answer.refusal else ())
    return {"citations": cited, "refusal_reason": answer.refusal.reason if answer.refusal else None}


async def _chunks(service: Service, asked: Asked) -> AsyncGenerator[bytes]:
    """Yield the events of a streamed completion: the role, the text in pieces, the footnotes, the end."""
    head = {"id": f"chatcmpl-{asked.id}", "object": "chat.completion.chunk", "created": int(time.time())}

    def chunk(delta: dict[str, str], finish: str | None = None, **extra: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return data(head | {"model": MODEL, "choices": [choice], **extra})

    begins = True
    async with aclosing(service.desk.stream(lambda: asked.steps(service))) as steps:
        try:
            async for step in steps:
                match step:
                    case Found():
                        yield chunk({"role": "assistant", "content": ""})
                        begins = False
                    case Text():
                        yield chunk({"content": step.text})
                    case Done():
                        answer = step.trace.answer
                        yield chunk({"content": (_opening(answer) if answer.refusal else "") + footnotes(answer)})
                        extra = _extra(answer)
                        cited = _CITATIONS.dump_python(extra["citations"], mode="json")
                        yield chunk({}, "stop", **extra | {"citations": cited})
                        yield data("[DONE]")
        except TookTooLongError as error:
            if begins:
                raise
            yield data({"error": Problem.of(HTTPStatus.GATEWAY_TIMEOUT, str(error)).model_dump()})
