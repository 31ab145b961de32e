"""Whether the process runs, whether it answers, and how it fares: `/healthz`, `/readyz`, `/metrics`."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from ui.api.access import guarded
from ui.api.problems import documented
from ui.database import RecordsError
from ui.keys import Role
from ui.metrics import CONTENT_TYPE

if TYPE_CHECKING:
    from rag.pipeline import Pipeline
    from ui.api.service import Service
    from ui.jobs import Jobs

#: Asked once of every index: whatever it holds, reading, searching and composing run.
_PROBE = "地区生产总值是多少？"


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
    documents: int = Field(description="documents in the index")
    passages: int = Field(description="passages in the index")


class Probe:
    """Asks each index a question once; afterwards only whether what keeps its vectors is still there."""

    def __init__(self) -> None:
        self._asked: Pipeline | None = None

    def ask(self, pipeline: Pipeline) -> None:
        """Ask a pipeline, the question unless it was the last asked; what it raises is why it is not ready."""
        if pipeline is not self._asked:
            pipeline.ask(_PROBE)
            self._asked = pipeline
        pipeline.check()


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
        return Readiness(records=records, documents=pipeline.document_count(), passages=pipeline.passage_count())

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
        responses={200: {"description": "Prometheus' text format.", "content": {"text/plain": {}}}},
        summary="Tell the service's figures",
    )
    def metrics() -> Response:
        """Tell how many requests, answers and refusals there were, how long they took, and the state of the index."""
        return Response(service.journal.metrics.render(), media_type=CONTENT_TYPE)

    return router
