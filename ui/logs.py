"""What the service writes about its own work: a line a thing that happened, as JSON or for a person's eyes.

Every part writes with Python's `logging` and gives what is worth a field of its own as `extra`. While a request is
served its id is in every line, whichever part writes it and in whichever thread. No line holds a key, nor the words of
a question unless the settings say so.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING

import structlog

from rag.settings import LogForm

if TYPE_CHECKING:
    from typing import TextIO

    from structlog.typing import EventDict, Processor, WrappedLogger

#: An API key, as `ui.keys` makes them: none should come here; one that does must not stay.
_KEY = re.compile(r"(dqa_)\w+")


def configure_logs(level: str, form: LogForm, stream: TextIO | None = None) -> None:
    """Let everything that is logged in this process go to one stream, standard error where none is given."""
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    meta, traceback = structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[meta, traceback, _plain, _without_keys, _renderer(form, stream.isatty())],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
        logging.getLogger(name).setLevel(logging.NOTSET)
    for name in ("httpx", "gradio", "uvicorn.access"):  # what they tell at `info` we tell ourselves, without addresses
        logging.getLogger(name).setLevel(logging.WARNING)


def _renderer(form: LogForm, colors: bool) -> Processor:
    if form is LogForm.JSON:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)


def bind_request(request_id: str) -> None:
    """Let the lines that this task, and threads that work for it, write from now on carry a request's id."""
    structlog.contextvars.bind_contextvars(request_id=request_id)


def _plain(_: WrappedLogger, __: str, fields: EventDict) -> EventDict:
    """Leave out what uvicorn adds for terminals: its message again, with colours."""
    fields.pop("color_message", None)
    return fields


def _without_keys(_: WrappedLogger, __: str, fields: EventDict) -> EventDict:
    return {name: _KEY.sub(r"\1…", value) if isinstance(value, str) else value for name, value in fields.items()}
