"""Serving, and the settings in force."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from rag import assemble
from rag.settings import Settings
from ui.commands.options import AsJson
from ui.commands.output import print_json, say


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535)] = None,
) -> None:
    """Serve the chat page on / and the API on /api/v1."""
    import uvicorn

    from ui.api import make_app

    began = time.perf_counter()
    settings = Settings()
    host, port = host or settings.host, port or settings.port
    say("Loading the embedding model and opening the index …")
    serving = assemble.make_serving(settings, assemble.make_encoder(settings))
    application = make_app(serving.current, settings.site_title)
    say(
        f"Ready after {time.perf_counter() - began:.1f} s: "
        f"http://{host}:{port}/ (chat), http://{host}:{port}/docs (API)"
    )
    uvicorn.run(application, host=host, port=port, log_level="warning")


def settings(as_json: AsJson = False) -> None:
    """Print the settings in force and what each is for."""
    settings = Settings()
    values = settings.model_dump(mode="json")
    if as_json:
        print_json(values)
        return
    for name, field in Settings.model_fields.items():
        typer.echo(f"{name} = {values[name]!r}\n    {field.description} (DISTRICT_QA_{name.upper()})")
