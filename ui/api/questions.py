"""What was asked and what askers say of the answers: `/api/v1/feedback`, `/api/v1/questions`."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Body, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from rag.types import Reason
from ui.api.access import guarded
from ui.api.problems import ProblemError, documented
from ui.keys import Role
from ui.logged import Gaps, LogBusyError, LoggedQuestion, UnknownQuestionError, Why
from ui.questions import gaps_csv, gaps_json, question_json, questions_csv

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.api.service import Service

T = TypeVar("T")

_ERRORS = documented(
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_BODY_ERRORS = documented(
    HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE
)
_PLACE: dict[str, Any] = {"prefix": "/api/v1", "tags": ["questions"]}
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}

AsCsv = Annotated[bool, Query(alias="csv", description="CSV instead of JSON, without formulas.")]
Since = Annotated[datetime | None, Query(description="From this time on; UTC where it has no zone.")]
Until = Annotated[datetime | None, Query(description="Before this time.")]


class FeedbackBody(BaseModel):
    """What an asker says of an answer; what is said later replaces it."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(min_length=1, max_length=64, description="the answer's `id`")]
    helpful: bool
    why: Annotated[Why | None, Field(description="what is wrong, where it is not helpful")] = None
    comment: Annotated[str, Field(max_length=2000)] = ""


FEEDBACK_EXAMPLES = {
    "zh": {
        "summary": "年份不对",
        "value": {"id": "…", "helpful": False, "why": "wrong_year", "comment": "问的是2020年"},
    },
    "en": {"summary": "helpful", "value": {"id": "…", "helpful": True}},
}


def make_router(service: Service) -> APIRouter:
    """Return the routes of the log of questions."""
    router = APIRouter()
    router.include_router(_saying(service))
    router.include_router(_reading(service))
    return router


def _saying(service: Service) -> APIRouter:
    router = APIRouter(route_class=guarded(service.access, Role.ASK), responses=_ERRORS | _BODY_ERRORS, **_PLACE)

    @router.post("/feedback", status_code=204, summary="Say whether an answer was helpful")
    def give_feedback(body: Annotated[FeedbackBody, Body(openapi_examples=FEEDBACK_EXAMPLES)]) -> None:
        """Say whether an answer was helpful, and if not, what is wrong: evidence, year, not all of it, other."""
        try:
            service.journal.feedback(body.id, helpful=body.helpful, why=body.why, comment=body.comment)
        except UnknownQuestionError as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None
        except ValueError as error:
            raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None
        except LogBusyError:
            raise _busy() from None

    return router


def _reading(service: Service) -> APIRouter:
    router = APIRouter(route_class=guarded(service.access, Role.EDIT), responses=_ERRORS, **_PLACE)
    log = service.journal.questions

    @router.get("/questions", response_model=list[LoggedQuestion], responses=_CSV, summary="List what was asked")
    def list_questions(
        since: Since = None,
        until: Until = None,
        status: Annotated[Literal["answered", "refused"] | None, Query()] = None,
        reason: Annotated[Reason | None, Query(description="Why it was refused.")] = None,
        language: Annotated[Literal["zh", "en"] | None, Query()] = None,
        channel: Annotated[str | None, Query(max_length=20, description="Where it was asked.")] = None,
        helpful: Annotated[bool | None, Query(description="What its asker said.")] = None,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 100,
        skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
        as_csv: AsCsv = False,
    ) -> Any:
        """List the questions that fit all that is given, the latest first, as far as the settings keep them."""
        found = _read(
            lambda: log.questions(
                since=since,
                until=until,
                status=status,
                reason=reason,
                language=language,
                channel=channel,
                helpful=helpful,
                limit=limit,
                skip=skip,
            )
        )
        return _csv(questions_csv(found), "questions") if as_csv else [question_json(one) for one in found]

    @router.get("/questions/gaps", response_model=Gaps, responses=_CSV, summary="Show which documents are missing")
    def show_gaps(
        since: Since = None,
        until: Until = None,
        most: Annotated[int, Query(ge=1, le=1000, description="Groups of each kind.")] = 20,
        as_csv: AsCsv = False,
    ) -> Any:
        """Show what is asked most, what was refused and why, and what was marked wrong, grouped by what it names."""
        gaps = _read(lambda: log.gaps(since=since, until=until, most=most))
        return _csv(gaps_csv(gaps), "gaps") if as_csv else gaps_json(gaps)

    return router


def _read(read: Callable[[], T]) -> T:
    try:
        return read()
    except LogBusyError:
        raise _busy() from None


def _busy() -> ProblemError:
    return ProblemError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "the log of questions cannot be used at the moment; try again, then run district-qa doctor",
        {"Retry-After": "5"},
    )


def _csv(text: str, name: str) -> Response:
    # The mark at the beginning is how Excel knows UTF-8.
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(f"\ufeff{text}", media_type="text/csv; charset=utf-8", headers=headers)
