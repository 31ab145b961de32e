"""Answers to keep: as a file, and by what they came from: `/api/v1/export`, `/api/v1/receipt`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Body, Query, Request, Response

from rag.receipt import Receipt
from ui.api.access import guarded
from ui.api.asking import ASKING_ERRORS, asked_in
from ui.api.bodies import ASK_EXAMPLES, BINARY, AskBody
from ui.export import FORMATS
from ui.keys import Role

if TYPE_CHECKING:
    from ui.api.service import Service

_TYPES = {
    "md": "text/markdown; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def make_router(service: Service) -> APIRouter:
    """Return the routes of answers to keep."""
    router = APIRouter(
        prefix="/api/v1", tags=["answers"], route_class=guarded(service.access, Role.ASK), responses=ASKING_ERRORS
    )

    @router.post(
        "/export",
        response_class=Response,
        responses={
            200: {"description": "The file.", "content": {kind: {"schema": BINARY} for kind in _TYPES.values()}}
        },
        summary="Answer a question as a file",
    )
    async def export(
        body: Annotated[AskBody, Body(openapi_examples=ASK_EXAMPLES)],
        request: Request,
        form: Annotated[Literal["md", "docx"], Query(alias="format", description="Markdown or Word.")] = "md",
    ) -> Response:
        """Answer a question as a file to keep or send on: the answer, its numbered sources, its receipt."""
        asked = asked_in(body, request)

        def made() -> bytes:
            answering = service.pipeline()
            trace = asked.trace(service, answering)
            return FORMATS[f".{form}"](trace.answer, answering.receipt(trace, asked.turns))

        headers = {"Content-Disposition": f'attachment; filename="answer.{form}"'}
        return Response(await service.desk.run(made), media_type=_TYPES[form], headers=headers)

    @router.post("/receipt", summary="Answer a question and tell what the answer came from")
    async def receipt(body: Annotated[AskBody, Body(openapi_examples=ASK_EXAMPLES)], request: Request) -> Receipt:
        """Return the receipt of the answer: index, encoder, settings, program, passages and a hash of the answer.

        `district-qa replay` asks the question of a receipt again and tells what differs.
        """
        asked = asked_in(body, request)

        def made() -> Receipt:
            answering = service.pipeline()
            return answering.receipt(asked.trace(service, answering), asked.turns)

        return await service.desk.run(made)

    return router
