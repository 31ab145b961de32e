"""The OpenAPI document and the page that shows it, with scripts from this host only (package fastapi_offline)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.staticfiles import StaticFiles

from ui.api.access import guarded
from ui.api.problems import Problem
from ui.keys import Role

if TYPE_CHECKING:
    from fastapi import FastAPI

    from ui.api.service import Service

TITLE = "district-qa"
_SUMMARY = "Cited answers from a district's documents"
_DESCRIPTION = """\
Answers in Chinese and English from a district's own documents, every sentence cited with the passage, its period and
status, and both dates of its document; a plain refusal where the documents do not say.

**Keys.** `Authorization: Bearer KEY`. Keys are made with `district-qa keys add NAME --role ask|edit|admin`. As long as
none was made, the API answers requests of its own machine only, without a key.

**Errors** have one shape, that of RFC 9457 (`application/problem+json`); `detail` says what came, what was wanted and
what to do. With 429 and 503, `Retry-After` says when to come back.

**Changes** of documents are jobs: they are taken at once (202), done one after the other in the background, and
followed at `/api/v1/jobs/{id}`. Questions are answered from the former documents until a job is done.
"""
TAGS = [
    {"name": "answers", "description": "Questions, searches, indicators. · 提问、检索、指标"},
    {"name": "documents", "description": "What is held, and changes of it. · 文件及其增删改"},
    {"name": "questions", "description": "What was asked, and what people thought of the answers. · 问题记录与反馈"},
    {"name": "chat completions", "description": "The form of OpenAI's API, for any chat client."},
    {"name": "health", "description": "For those who keep the service up."},
]
_SCRIPTS = "/docs/static"
#: The page has one script within its HTML, the framework's; nothing of a document or a question comes into it.
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'"
)


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of an application, with keys and the shape of errors."""
    document = get_openapi(
        title=TITLE,
        version="1",
        summary=_SUMMARY,
        description=_DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
    )
    parts = document.setdefault("components", {})
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts.setdefault("schemas", {}).update(schema.pop("$defs", {}), Problem=schema)
    parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "of district-qa keys add"}}
    document["security"] = [{"key": []}, {}]
    return document


def add_docs(app: FastAPI, service: Service) -> None:
    """Add `/openapi.json` and `/docs`, to which the same rules apply as to the rest."""
    router = APIRouter(route_class=guarded(service.access, Role.ASK), include_in_schema=False)

    @router.get("/openapi.json")
    async def openapi() -> JSONResponse:
        return JSONResponse(app.openapi())

    @router.get("/docs")
    async def docs() -> HTMLResponse:
        page = get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=f"{TITLE}: API",
            swagger_js_url=f"{_SCRIPTS}/swagger-ui-bundle.js",
            swagger_css_url=f"{_SCRIPTS}/swagger-ui.css",
            swagger_favicon_url=f"{_SCRIPTS}/favicon.png",
        )
        page.headers["Content-Security-Policy"] = _POLICY
        return page

    app.include_router(router)
    app.mount(_SCRIPTS, StaticFiles(packages=[("fastapi_offline", "static")]))
    document: dict[str, Any] = {}

    def made_once() -> dict[str, Any]:
        if not document:
            document.update(openapi_document(app))
        return document

    app.openapi = made_once  # type: ignore[method-assign]
