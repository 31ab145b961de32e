"""The HTTP service: FastAPI on /api/v1, health on /healthz and /readyz, the chat page on /."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import gradio as gr
from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from corpus.types import Status
from index.filter import Filter
from rag.pipeline import QuestionError
from rag.types import Answer, FoundPassage, Language, Reason, Turn
from rag.wording import REFUSAL
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


def _years_or_fault(text: str) -> str:
    Filter.parse(periods=(text,))  # a FilterError is a ValueError, which pydantic reports with its place
    return text


class FilterBody(BaseModel):
    """What may be found and quoted: of each list any value will do, every list that is not empty must be met.

    `periods` and `statuses` are met by one and the same sentence of a passage. Where nothing fits, nothing is returned.
    """

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"periods": ["2019"], "kinds": ["report"]}]}
    )

    periods: Annotated[
        list[Annotated[str, Field(max_length=9), AfterValidator(_years_or_fault)]],
        Field(max_length=50, description="years spoken about, each as `2019` or `2016-2020`"),
    ] = []
    statuses: Annotated[list[Status], Field(max_length=6, description="kinds of claim")] = []
    kinds: Annotated[list[Literal["report", "article"]], Field(max_length=2, description="kinds of document")] = []
    documents: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=200, description="document ids")
    ] = []

    def filter(self) -> Filter:
        """Return the filter that this is the body of."""
        return Filter.parse(self.periods, self.statuses, self.kinds, self.documents)


#: The header that says why a search returned nothing.
NOTE = "X-Note"
_NOTE_HEADER = {"description": "Why nothing was found.", "schema": {"type": "string"}}


class AskBody(BaseModel):
    """A question, the conversation before it, and what it may be answered from."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[str, Field(min_length=1, max_length=20_000)]
    history: Annotated[list[TurnBody], Field(max_length=50)] = []
    filter: FilterBody = FilterBody()


class SearchBody(BaseModel):
    """A text to search for, and what may be found."""

    model_config = ConfigDict(extra="forbid")

    query: Annotated[str, Field(min_length=1, max_length=20_000)]
    k: Annotated[int, Field(ge=1, le=100)] = 10
    filter: FilterBody = FilterBody()


def make_app(pipeline: Callable[[], Pipeline], title: str) -> FastAPI:
    """Return the web application; `pipeline` is asked once a request, so that a new index answers from then on."""
    app = FastAPI(title="district-qa", summary="Cited answers from a district's documents", version="1")

    # Plain functions: FastAPI runs them in its thread pool.
    @app.post("/api/v1/ask", tags=["answers"])
    def ask(body: AskBody) -> Answer:
        """Answer a question with citations, or refuse with the reason: `filtered_out` where nothing fits the filter."""
        history = [Turn(turn.role, turn.content) for turn in body.history]
        return pipeline().ask(body.question, history, body.filter.filter())

    @app.post("/api/v1/suggest", tags=["answers"])
    def suggest(body: AskBody) -> list[str]:
        """Return up to three questions that may follow this one, each of which the documents answer."""
        answering, turns = pipeline(), [Turn(turn.role, turn.content) for turn in body.history]
        return list(answering.suggest(answering.trace(body.question, turns, body.filter.filter()), turns))

    @app.post("/api/v1/search", tags=["answers"], responses={200: {"headers": {NOTE: _NOTE_HEADER}}})
    def search(body: SearchBody, response: Response) -> list[FoundPassage]:
        """Return the passages that fit a text best; none where nothing fits the filter, which a header then says."""
        within = body.filter.filter()
        found = pipeline().search(body.query, body.k, within=within)
        if not found:
            # Without the filter's values: a header holds no Chinese and no line ends.
            response.headers[NOTE] = REFUSAL[Language.EN][Reason.FILTERED_OUT if within else Reason.NOT_FOUND]
        return found

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
        return {"status": "ready", "documents": pipeline().document_count()}

    _tell_faults(app)
    mounted: FastAPI = gr.mount_gradio_app(app, make_chat(pipeline, title), path="/")
    return mounted


def _tell_faults(app: FastAPI) -> None:
    """Answer with status 422 and the reason where a request cannot be taken."""

    @app.exception_handler(QuestionError)
    def refuse_question(_: Request, error: QuestionError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=422)

    @app.exception_handler(RequestValidationError)
    def refuse_body(_: Request, error: RequestValidationError) -> JSONResponse:
        # What came is not repeated: it may be long, and half of a character cannot be sent back.
        detail = [{part: fault[part] for part in ("type", "loc", "msg")} for fault in error.errors()]
        return JSONResponse({"detail": detail}, status_code=422)
