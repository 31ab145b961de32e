"""The web application: the API's routers, what holds for every request, and the chat page on `/`."""

from __future__ import annotations

from contextlib import asynccontextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.concurrency import run_in_threadpool
from starlette.routing import Match, Mount

from rag import assemble
from rag.settings import Settings
from ui.allocator import share_arenas
from ui.api import answers, completions, documents, exports, health, indicators, questions
from ui.api.docs import TITLE, add_docs
from ui.api.guards import BodyGuard, SecurityHeaders, is_api
from ui.api.problems import tell_problems
from ui.api.rates import RateLimit, counted_address
from ui.api.service import make_service
from ui.logs import configure_logs
from ui.observe import HEADER, Observed
from ui.originals import original_files

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from fastapi.routing import APIRoute
    from starlette.types import ASGIApp, Scope

    from ui.api.service import Service


#: Bytes of a request that is no upload: a question with a long conversation before it.
_MOST_BYTES = 2_000_000
#: The page sends the whole conversation that a browser keeps with every event, up to what browsers keep.
_MOST_BYTES_OF_PAGE = 8_000_000


def make_app(service: Service) -> FastAPI:
    """Return the web application: API and page."""
    from ui.chat.page import Site, mount_chat  # here: a process that serves the API alone does without Gradio

    settings = service.settings
    limit = RateLimit(settings.chat_rate)
    site = Site(
        title=settings.site_title,
        official_name=settings.official_name,
        official_url=settings.official_url,
        starters=settings.starters,
        longest_question=settings.max_question,
    )
    page = FastAPI(openapi_url=None)
    mount_chat(
        page,
        service.pipeline,
        site,
        service.desk,
        admit=lambda address: limit.hit(counted_address(address)),
        journal=service.journal,
        originals=partial(original_files, settings),
    )
    app = make_api(service, page)
    app.router.routes.append(_Page("/", app=page))
    return app


def worker_api() -> FastAPI:
    """Return the API alone with all its parts, for one of several processes; settings come from the environment."""
    settings = Settings()
    configure_logs(settings.log_level, settings.log_form)
    share_arenas()
    encoder = assemble.make_encoder(settings)
    return make_api(make_service(settings, assemble.make_serving(settings, encoder).current, encoder))


def make_api(service: Service, page: FastAPI | None = None) -> FastAPI:
    """Return the API alone; where it is served together with a page, it starts and stops that too."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.worker.start()
        try:
            async with page.router.lifespan_context(page) if page else nullcontext():
                yield
        finally:
            await run_in_threadpool(service.worker.stop)
            await run_in_threadpool(service.desk.close)
            await run_in_threadpool(service.journal.questions.close)

    app = _Wrapped(
        lambda inner: Observed(SecurityHeaders(inner), service.journal.metrics),
        title=TITLE,
        openapi_url=None,  # it has a route of its own, which asks for a key
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
    )
    for router in (answers, exports, documents, indicators, questions, completions, health):
        app.include_router(router.make_router(service))
    app.include_router(health.make_figures_router(service))
    add_docs(app, service)
    tell_problems(app)
    app.add_middleware(
        BodyGuard,
        seconds=service.settings.body_seconds,
        most_bytes=_MOST_BYTES,
        most_bytes_of_page=_MOST_BYTES_OF_PAGE,
        uploads={documents.UPLOADS: service.settings.upload_bytes},
    )
    if service.settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=service.settings.cors_origins,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
            expose_headers=["Retry-After", answers.NOTE, HEADER],
        )
    return app


def _operation_id(route: APIRoute) -> str:
    """Name an operation after its function: a generated client then has `ask()`, not `ask_api_v1_ask_post()`."""
    return route.name


class _Wrapped(FastAPI):
    """An application all of whose responses pass through `outermost`: also that of a failure nobody foresaw."""

    def __init__(self, outermost: Callable[[ASGIApp], ASGIApp], **options: Any) -> None:
        super().__init__(**options)
        self._outermost = outermost

    def build_middleware_stack(self) -> ASGIApp:
        return self._outermost(super().build_middleware_stack())


class _Page(Mount):
    """The page takes all that is not the API's; an unknown path of the API must be told as a problem."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.NONE, {}) if is_api(scope.get("path", "")) else super().matches(scope)
