"""Serving, and the settings in force."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from rag import assemble
from rag.settings import Settings
from ui.commands.options import AsJson
from ui.commands.output import print_json, say
from ui.exposure import require_keys_elsewhere

#: Connections at a time; one more is told 503 at once. Each that sends nothing costs some kilobytes.
_MOST_CONNECTIONS = 1000


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535)] = None,
) -> None:
    """Serve the chat page on / and the API on /api/v1."""
    import uvicorn

    from ui.api.app import make_app
    from ui.api.service import make_service
    from ui.logs import configure_logs

    began = time.perf_counter()
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = Settings(**given)  # type: ignore[arg-type]
    note = require_keys_elsewhere(settings)
    configure_logs(settings.log_level, settings.log_form)
    say("Loading the embedding model and opening the index …")
    encoder = assemble.make_encoder(settings)
    serving = assemble.make_serving(settings, encoder)
    application = make_app(make_service(settings, serving.current, encoder))
    address = f"http://{settings.host}:{settings.port}"
    say(f"Ready after {time.perf_counter() - began:.1f} s: {address}/ (chat), {address}/docs (API)\n{note}")
    uvicorn.run(
        application,
        host=settings.host,
        port=settings.port,
        log_config=None,  # ours holds
        access_log=False,
        server_header=False,
        # Uvicorn by itself believes whatever comes from this machine about where a request came from.
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        limit_concurrency=_MOST_CONNECTIONS,
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
