from __future__ import annotations

import contextvars
import io
import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.settings import LogForm
from ui.logs import bind_request, configure_logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What is logged as JSON while a test runs."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure_logs("INFO", LogForm.JSON, stream)
    yield stream
    root.handlers[:], root.level = handlers, level


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_an_object_with_its_fields(stream: io.StringIO) -> None:
    logging.getLogger("ui.somewhere").info("it is %s", "done", extra={"seconds": 0.5, "name_zh": "徐汇"})
    logging.getLogger("ui.somewhere").debug("not told")
    (line,) = lines(stream)
    assert line.pop("timestamp")
    assert line == {
        "event": "it is done", "level": "info", "logger": "ui.somewhere", "seconds": 0.5, "name_zh": "徐汇",
    }  # fmt: skip
    assert "徐汇" in stream.getvalue()


def test_the_server_of_the_service_tells_no_line_twice(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info("Finished", extra={"color_message": "\x1b[36mFinished"})
    (line,) = lines(stream)
    assert set(line) == {"event", "level", "logger", "timestamp"}


def test_the_id_of_a_request_is_in_every_line_also_of_its_threads_and_of_no_other(stream: io.StringIO) -> None:
    log = logging.getLogger("x")

    def serve(request_id: str) -> None:
        bind_request(request_id)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(contextvars.copy_context().run, log.info, request_id).result()

    for request_id in ("a", "b"):
        contextvars.copy_context().run(serve, request_id)
    log.info("none")
    told = [(line["event"], line.get("request_id")) for line in lines(stream)]
    assert told == [("a", "a"), ("b", "b"), ("none", None)]


@pytest.mark.parametrize("form", LogForm)
def test_a_key_never_stays_in_a_line(stream: io.StringIO, form: LogForm) -> None:
    configure_logs("INFO", form, stream)
    key = "dqa_0123abcd_Zm9vYmFyLXNlY3JldA_x"
    try:
        raise ValueError(f"bad header {key}")
    except ValueError:
        logging.getLogger("x").exception("failed with %s", key, extra={"header": f"Bearer {key}"})
    assert "ValueError: bad header dqa_…" in stream.getvalue()
    assert "Bearer dqa_…" in stream.getvalue()
    assert "Zm9v" not in stream.getvalue()


def test_a_person_reads_one_line_a_thing(stream: io.StringIO) -> None:
    configure_logs("INFO", LogForm.TEXT, stream)
    logging.getLogger("x").info("request", extra={"status": 200})
    (line,) = stream.getvalue().splitlines()
    assert "request" in line
    assert "status=200" in line
