"""Whether the process runs, whether it answers, and how it fares: `/healthz`, `/readyz`, `/metrics`."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from rag.language_model import LanguageModelError
from ui.api.access import guarded
from ui.api.problems import documented
from ui.database import RecordsError
from ui.keys import Role
from ui.metrics import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.pipeline import Pipeline
    from ui.api.service import Service
    from ui.jobs import Jobs

#: Asked once of every index: whatever it holds, reading, searching and composing run.
_PROBE = "地区生产总值是多少？"
#: How long what a language model's service said of itself is believed.
_MODEL_SECONDS = 30.0

ModelState = Literal["ready", "away", "none"]


_FIGURES_ERRORS = documented(
    HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE
)


class Health(BaseModel):
    """That the process runs."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """That the index is open and has answered a probe question.

    Where the service's own records are away the page answers nevertheless, and the questions wait to be logged; what
    needs a key, or changes documents, is told to come back.
    """

    status: Literal["ready"] = "ready"
    records: Literal["ready", "away"] = Field(description="whether the log of questions, keys and jobs can be used")
    language_model: ModelState = Field(
        description="whether the model that writes answers is to be had; where it is away, the documents are quoted"
    )
    documents: int = Field(description="documents in the index")
    passages: int = Field(description="passages in the index")


class Probe:
    """Asks each index a question once; afterwards only whether what keeps its vectors is still there."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._asked: Pipeline | None = None
        self._clock, self._until = clock, 0.0
        self._state: ModelState = "none"

    def ask(self, pipeline: Pipeline) -> None:
        """Ask a pipeline, the question unless it was the last asked; what it raises is why it is not ready.

        The question does without a language model: so do answers where it is away.
        """
        if pipeline is not self._asked:
            pipeline.rehearse(_PROBE)
            self._asked = pipeline
        pipeline.check()

    def model(self, pipeline: Pipeline) -> ModelState:
        """Return how it is with the language model; asked anew after some seconds."""
        if self._until <= self._clock():
            self._state = _model_state(pipeline)
            self._until = self._clock() + _MODEL_SECONDS
        return self._state


def _model_state(pipeline: Pipeline) -> ModelState:
    try:
        pipeline.check_model()
    except LanguageModelError:
        return "away"
    return "ready" if pipeline.has_model else "none"


def make_router(service: Service) -> APIRouter:
    """Return the routes of health; anybody may ask, for nothing is told that is worth hiding."""
    router, probe = APIRouter(tags=["health"]), Probe()

    @router.get("/healthz", summary="Tell that the process runs")
    async def healthz() -> Health:
        """Tell that the process runs; needs nothing else to work."""
        return Health()

    @router.get("/readyz", responses=documented(HTTPStatus.SERVICE_UNAVAILABLE), summary="Tell that it answers")
    def readyz() -> Readiness:
        """Tell that the index is open and answers; 503 with what to do where it does not."""
        pipeline = service.pipeline()
        probe.ask(pipeline)
        records = _records(service.jobs)
        return Readiness(
            records=records,
            language_model=probe.model(pipeline),
            documents=pipeline.document_count(),
            passages=pipeline.passage_count(),
        )

    return router


def _records(jobs: Jobs) -> Literal["ready", "away"]:
    try:
        jobs.waiting()
    except RecordsError:
        return "away"
    return "ready"


def make_figures_router(service: Service) -> APIRouter:
    """Return the route of the figures that Prometheus collects."""
    router = APIRouter(tags=["health"], route_class=guarded(service.access, Role.ADMIN), responses=_FIGURES_ERRORS)

    @router.get(
        "/metrics",
        response_class=Response,
        responses={
            200: {"description": "Prometheus' text format.", "content": {"text/plain": {"schema": {"type": "string"}}}}
        },
        summary="Tell the service's figures",
    )
    def metrics() -> Response:
        """Tell how many requests, answers and refusals there were, how long they took, and the state of the index."""
        return Response(service.journal.metrics.render(), media_type=CONTENT_TYPE)

    return router
