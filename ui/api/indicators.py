"""What documents report of indicators: `/api/v1/indicators`."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse

from ui.api.access import guarded
from ui.api.problems import documented
from ui.indicators import IndicatorRow, indicator_rows, rows_csv
from ui.keys import Role

if TYPE_CHECKING:
    from ui.api.service import Service

_ROWS = {"description": "A row a statement.", "content": {"text/csv": {"schema": {"type": "string"}}}}
_ERRORS = documented(
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)


def make_router(service: Service) -> APIRouter:
    """Return the route of indicators."""
    router = APIRouter(
        prefix="/api/v1", tags=["answers"], route_class=guarded(service.access, Role.ASK), responses=_ERRORS
    )

    @router.get(
        "/indicators", response_model=list[IndicatorRow], responses={200: _ROWS}, summary="List reported figures"
    )
    async def indicators(
        name: Annotated[
            str,
            Query(
                max_length=200,
                description="Any name of the indicator, Chinese or English.",
                openapi_examples={
                    "zh": {"value": "地区生产总值"},
                    "en": {"value": "gross domestic product"},
                    "all": {"value": ""},
                },
            ),
        ] = "",
        year: Annotated[int | None, Query(ge=1900, le=2100, description="Only what is said of this year.")] = None,
        as_csv: Annotated[bool, Query(alias="csv", description="CSV instead of JSON.")] = False,
    ) -> Any:
        """List what the documents report of indicators, a row a statement, with the sentence that makes it."""
        rows = await service.desk.run(lambda: indicator_rows(service.pipeline(), name, year))
        return PlainTextResponse(rows_csv(rows), media_type="text/csv; charset=utf-8") if as_csv else rows

    return router
