"""Errors as callers see them: one shape for all of them, that of RFC 9457 (problem details)."""

from __future__ import annotations

import errno
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from corpus.decode import SourceError
from corpus.holdings import HoldingsError, OriginalsError
from index.filter import FilterError
from index.store import StoreError
from rag.pipeline import QuestionError
from ui.database import RecordsError
from ui.desk import DeskFullError, TookTooLongError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fastapi import FastAPI, Request

MEDIA_TYPE = "application/problem+json"


class Fault(BaseModel):
    """One thing that is wrong with a request, and where."""

    loc: list[str | int] = Field(description="way to it, such as `body`, `filter`, `periods`, `0`")
    msg: str = Field(description="what is wrong")
    type: str = Field(description="name of the rule that it breaks")


class Problem(BaseModel):
    """Why a request was not served (RFC 9457)."""

    type: str = Field("about:blank", description="always `about:blank`: the status says what kind of problem it is")
    title: str = Field(description="the status in words", examples=["Unprocessable Entity"])
    status: int = Field(description="the HTTP status again", ge=400, le=599, examples=[422])
    detail: str = Field(
        description="what came, what was wanted, what to do",
        examples=["the question is empty; write it in Chinese or English"],
    )
    errors: list[Fault] = Field(default=[], description="of a request that does not fit its form: every fault")

    @classmethod
    def of(cls, status: HTTPStatus, detail: str) -> Problem:
        """Return the problem of a status."""
        return cls(title=status.phrase, status=status, detail=detail)


class ProblemError(Exception):
    """A request that is not served; `headers` go with the response."""

    def __init__(self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})


_DESCRIPTIONS = {
    HTTPStatus.BAD_REQUEST: "The body cannot be read.",
    HTTPStatus.UNAUTHORIZED: "A key is needed, or the one given is unknown, expired or revoked.",
    HTTPStatus.FORBIDDEN: "The key's role does not include this; or no key is configured and the caller is elsewhere.",
    HTTPStatus.NOT_FOUND: "There is no such thing.",
    HTTPStatus.NOT_ACCEPTABLE: "Nothing of what the caller accepts can be sent.",
    HTTPStatus.REQUEST_TIMEOUT: "The request did not come in whole in time.",
    HTTPStatus.CONFLICT: "It cannot be done as things stand.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request has too many bytes.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "A file, or the body, is of a kind that is not read.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The request does not fit its form; `errors` tells every fault with its place.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests; `Retry-After` tells when to come back.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Too many are waiting, or the index cannot be used; see `detail`.",
    HTTPStatus.GATEWAY_TIMEOUT: "It took longer than a request may.",
    HTTPStatus.INSUFFICIENT_STORAGE: "The service's disk is full.",
}
#: What the system says of a file that cannot grow.
_NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
#: Statuses that tell when to come back.
_LATER = frozenset((HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE))


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of the errors with these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    retry = {"Retry-After": {"description": "Seconds until it is worth trying again.", "schema": {"type": "integer"}}}
    return {
        int(status): {"description": _DESCRIPTIONS[status], "content": content}
        | ({"headers": retry} if status in _LATER else {})
        for status in statuses
    }


def problem_response(
    request: Request,
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    errors: Iterable[Fault] = (),
) -> JSONResponse:
    """Return the response that tells a problem; under `/v1`, where clients of OpenAI look for it, in `error` too."""
    problem = Problem.of(HTTPStatus(status), detail).model_dump() | {"errors": [one.model_dump() for one in errors]}
    if request.url.path.startswith("/v1/"):
        kind = "invalid_request_error" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error"
        problem |= {"error": {"message": detail, "type": kind, "param": None, "code": None}}
    return JSONResponse(problem, status_code=status, headers=headers, media_type=MEDIA_TYPE)


#: Faults that are understood, the status of each, and whether the message is for callers.
_STATUS: dict[type[Exception], HTTPStatus] = {
    QuestionError: HTTPStatus.UNPROCESSABLE_ENTITY,
    FilterError: HTTPStatus.UNPROCESSABLE_ENTITY,
    SourceError: HTTPStatus.UNPROCESSABLE_ENTITY,
    HoldingsError: HTTPStatus.CONFLICT,
    OriginalsError: HTTPStatus.SERVICE_UNAVAILABLE,
    TookTooLongError: HTTPStatus.GATEWAY_TIMEOUT,
}


def tell_problems(app: FastAPI) -> None:
    """Let every error of an application be told as a problem."""

    @app.exception_handler(ProblemError)
    def refuse(request: Request, error: ProblemError) -> JSONResponse:
        return problem_response(request, error.status, error.detail, error.headers)

    @app.exception_handler(DeskFullError)
    def refuse_for_now(request: Request, error: DeskFullError) -> JSONResponse:
        headers = {"Retry-After": str(error.seconds)}
        return problem_response(request, HTTPStatus.SERVICE_UNAVAILABLE, str(error), headers)

    @app.exception_handler(RequestValidationError)
    def refuse_form(request: Request, error: RequestValidationError) -> JSONResponse:
        # What came is not repeated: it may be long, and half of a character cannot be sent back.
        faults = [Fault(loc=list(one["loc"]), msg=one["msg"], type=one["type"]) for one in error.errors()]
        told = "; ".join(f"{'.'.join(map(str, fault.loc))}: {fault.msg}" for fault in faults[:3])
        more = f"; and {len(faults) - 3} more, see errors" if len(faults) > 3 else ""
        return problem_response(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"{told}{more}", errors=faults)

    @app.exception_handler(HTTPException)
    def refuse_http(request: Request, error: HTTPException) -> JSONResponse:
        return problem_response(request, error.status_code, _http_detail(request, error), error.headers)

    @app.exception_handler(StoreError)
    @app.exception_handler(RecordsError)
    def not_now(request: Request, error: Exception) -> JSONResponse:
        what = str(error) if isinstance(error, StoreError) else "the service's own records cannot be used at the moment"
        return problem_response(request, HTTPStatus.SERVICE_UNAVAILABLE, what, {"Retry-After": "10"})

    @app.exception_handler(OSError)
    def no_room(request: Request, error: OSError) -> JSONResponse:
        if error.errno not in _NO_ROOM:
            raise error
        detail = "there is no room for it on the service's disk; nothing of it is kept; tell whoever runs the service"
        return problem_response(request, HTTPStatus.INSUFFICIENT_STORAGE, detail)

    @app.exception_handler(Exception)
    def fail(request: Request, __: Exception) -> JSONResponse:
        # The server logs it with its traceback; callers learn nothing of the inside.
        detail = "the service failed at this request; it is in the service's log; please report it"
        return problem_response(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail)

    for kind, status in _STATUS.items():
        app.add_exception_handler(kind, _teller(status))


def _teller(status: HTTPStatus) -> Any:
    def tell(request: Request, error: Exception) -> JSONResponse:
        return problem_response(request, status, str(error))

    return tell


def _http_detail(request: Request, error: HTTPException) -> str:
    """Return what is said of an error that the web framework raises with one or two words."""
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return f"there is nothing at {request.url.path[:200]}; /openapi.json lists what there is"
        case HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = (error.headers or {}).get("Allow", "another method")
            return f"{request.method} came to {request.url.path[:200]}; wanted {allowed}"
        case HTTPStatus.BAD_REQUEST:
            return f"the body cannot be read ({error.detail}); wanted JSON in UTF-8, or the form that /docs shows"
    return str(error.detail)
