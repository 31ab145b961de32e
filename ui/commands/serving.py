"""Serving, and the settings in force."""

from __future__ import annotations

import math
import os
import tempfile
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag import assemble
from rag.language_model import LanguageModelError
from rag.settings import Settings
from ui.allocator import share_arenas
from ui.commands.options import AsJson
from ui.commands.output import print_json, say
from ui.exposure import require_keys_elsewhere

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.pipeline import Pipeline

#: Connections at a time; one more is told 503 at once. Each that sends nothing costs some kilobytes.
_MOST_CONNECTIONS = 1000


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535)] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes over one index; more than one serve the API without the page.")
    ] = 1,
) -> None:
    """Serve the chat page on / and the API on /api/v1."""
    from ui.api.app import make_app
    from ui.api.service import make_service
    from ui.logs import configure_logs

    began = time.perf_counter()
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = Settings(**given)  # type: ignore[arg-type]
    note = require_keys_elsewhere(settings)
    configure_logs(settings.log_level, settings.log_form)
    share_arenas()
    if workers > 1:
        _serve_api(settings, workers, note)
        return
    say("Loading the embedding model and opening the index …")
    encoder = assemble.make_encoder(settings)
    serving = assemble.make_serving(settings, encoder)
    application = make_app(make_service(settings, serving.current, encoder))
    address = f"http://{settings.host}:{settings.port}"
    say(f"Ready after {time.perf_counter() - began:.1f} s: {address}/ (chat), {address}/docs (API)\n{note}")
    _tell_model(serving.current())
    _run(application, settings)


def _tell_model(pipeline: Pipeline) -> None:
    """Say where answers do without the language model that is set; they come to it by themselves."""
    try:
        pipeline.check_model()
    except LanguageModelError as error:
        say(f"The language model is not to be had: {error}\nUntil it is, answers quote the documents, with a notice.")


def _serve_api(settings: Settings, workers: int, note: str) -> None:
    """Serve the API from several processes.

    The page is left out: what Gradio begins in one process, a browser's next request may ask of another.
    """
    say(f"{workers} processes open the index for http://{settings.host}:{settings.port}/docs (API only)\n{note}")
    with tempfile.TemporaryDirectory() as counted:
        # Set before the processes begin: the library that counts looks for it when it is loaded.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = counted
        _run("ui.api.app:worker_api", settings, factory=True, workers=workers, timeout_worker_healthcheck=60)


def _run(application: FastAPI | str, settings: Settings, **more: Any) -> None:
    import uvicorn

    from ui.protocol import TimedHeads

    uvicorn.run(
        application,
        http=TimedHeads,
        host=settings.host,
        port=settings.port,
        log_config=None,  # ours holds
        access_log=False,
        server_header=False,
        # Uvicorn by itself believes whatever comes from this machine about where a request came from.
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        limit_concurrency=_MOST_CONNECTIONS,
        # What is running is finished; an open page, which would never end by itself, is closed after this time.
        timeout_graceful_shutdown=math.ceil(settings.stop_seconds),
        **more,
    )


def settings(as_json: AsJson = False) -> None:
    """Print the settings in force and what each is for."""
    settings = Settings()
    values = settings.model_dump(mode="json")
    if as_json:
        print_json(values)
        return
    for name, field in Settings.model_fields.items():
        typer.echo(f"{name} = {values[name]!r}\n    {field.description} (DISTRICT_QA_{name.upper()})")
