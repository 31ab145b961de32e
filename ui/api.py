"""The HTTP service: FastAPI on /api/v1, health on /healthz and /readyz, the chat page on /."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import gradio as gr
from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from rag.pipeline import QuestionError
from rag.types import Answer, FoundPassage, Turn
from ui.chat import make_chat
from ui.indicators import IndicatorRow, indicator_rows, rows_csv
from ui.show import document_summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.pipeline import Pipeline


class TurnBody(BaseModel):
    """One message of the conversation so far."""

    model_config = ConfigDict(extra="forbid")

    role: Annotated[str, Field(pattern="^(user|assistant)$")]
    content: Annotated[str, Field(max_length=20_000)]


class AskBody(BaseModel):
    """A question and the conversation before it."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[str, Field(min_length=1, max_length=20_000)]
    history: Annotated[list[TurnBody], Field(max_length=50)] = []


class SearchBody(BaseModel):
    """A text to search for."""

    model_config = ConfigDict(extra="forbid")

    query: Annotated[str, Field(min_length=1, max_length=20_000)]
    k: Annotated[int, Field(ge=1, le=100)] = 10


def make_app(pipeline: Callable[[], Pipeline], title: str) -> FastAPI:
    """Return the web application; `pipeline` is asked once a request, so that a new index answers from then on."""
    app = FastAPI(title="district-qa", summary="Cited answers from a district's documents", version="1")

    # Plain functions: FastAPI runs them in its thread pool.
    @app.post("/api/v1/ask", tags=["answers"])
    def ask(body: AskBody) -> Answer:
        """Answer a question with citations, or refuse with the reason."""
        return pipeline().ask(body.question, [Turn(turn.role, turn.content) for turn in body.history])

    @app.post("/api/v1/search", tags=["answers"])
    def search(body: SearchBody) -> list[FoundPassage]:
        """Return the passages that fit a text best."""
        return pipeline().search(body.query, body.k)

    @app.get("/api/v1/documents", tags=["documents"])
    def documents() -> list[dict[str, Any]]:
        """List the documents that are held."""
        return [document_summary(document) for document in pipeline().documents()]

    @app.get("/api/v1/indicators", tags=["answers"], response_model=list[IndicatorRow])
    def indicators(
        name: Annotated[str, Query(max_length=200, description="Any name of the indicator, Chinese or English.")] = "",
        year: Annotated[int | None, Query(ge=1900, le=2100)] = None,
        as_csv: Annotated[bool, Query(alias="csv", description="CSV instead of JSON.")] = False,
    ) -> Any:
        """List what the documents report of indicators, a row a statement."""
        rows = indicator_rows(pipeline(), name, year)
        return PlainTextResponse(rows_csv(rows), media_type="text/csv; charset=utf-8") if as_csv else rows

    @app.get("/healthz", tags=["health"])
    def healthz() -> dict[str, str]:
        """Tell that the process runs."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["health"])
    def readyz() -> dict[str, Any]:
        """Tell that the index is open and answers."""
        return {"status": "ready", "documents": len(pipeline().documents())}

    @app.exception_handler(QuestionError)
    def refuse_question(_: Request, error: QuestionError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=422)

    @app.exception_handler(RequestValidationError)
    def refuse_body(_: Request, error: RequestValidationError) -> JSONResponse:
        # What came is not repeated: it may be long, and half of a character cannot be sent back.
        detail = [{part: fault[part] for part in ("type", "loc", "msg")} for fault in error.errors()]
        return JSONResponse({"detail": detail}, status_code=422)

    mounted: FastAPI = gr.mount_gradio_app(app, make_chat(pipeline, title), path="/")
    return mounted
