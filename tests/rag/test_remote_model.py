"""A service that speaks OpenAI's chat completions, written out by hand with all its ways to fail."""

from __future__ import annotations

import json
import threading
from collections import deque
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from index.encoder import ModelError
from rag.language_model import LanguageModelError, complete
from rag.remote_model import RemoteModel, _retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Reply = Callable[["_Handler"], None]


class _Handler(BaseHTTPRequestHandler):
    """Answers each request with the next reply that the test laid out; the last one again and again."""

    replies: deque[Reply]
    requests: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.requests.append({"path": self.path, "key": self.headers["authorization"], **body})
        reply = self.replies[0] if len(self.replies) == 1 else self.replies.popleft()
        reply(self)

    def do_GET(self) -> None:
        self.requests.append({"path": self.path, "key": self.headers["authorization"]})
        self.replies[0](self)

    def log_message(self, *_: object) -> None:
        pass

    def send(self, status: int, kind: str, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


def chunk(text: str | None) -> bytes:
    delta = {"index": 0, "delta": {"content": text} if text is not None else {}, "finish_reason": None}
    told = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [delta]}
    return f"data: {json.dumps(told)}\n\n".encode()


def streams(*pieces: str | None, end: bytes = b"data: [DONE]\n\n") -> Reply:
    return lambda handler: handler.send(200, "text/event-stream", b"".join(map(chunk, pieces)) + end)


def fails(status: int, body: str = '{"error": {"message": "not now"}}', **headers: str) -> Reply:
    return lambda handler: handler.send(status, "application/json", body.encode(), **headers)


@contextmanager
def service(*replies: Reply) -> Iterator[type[_Handler]]:
    handler = type("Handler", (_Handler,), {"replies": deque(replies), "requests": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    handler.url = f"http://127.0.0.1:{server.server_address[1]}/v1"  # type: ignore[attr-defined]
    try:
        yield handler
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(handler: type[_Handler], **settings: Any) -> str:
    model = RemoteModel("m", handler.url, "secret", **{"silence": 5.0, "seconds": 10.0} | settings)  # type: ignore[attr-defined]
    return complete(model, "instructions", "request", 50)


def test_pieces_of_a_stream_are_joined_and_the_request_is_as_the_protocol_wants_it() -> None:
    with service(streams("It ", None, "grew.", "")) as handler:
        assert ask(handler) == "It grew."
    [request] = handler.requests
    assert request["path"] == "/v1/chat/completions"
    assert request["key"] == "Bearer secret"
    assert request["messages"][0] == {"role": "system", "content": "instructions"}
    assert (request["model"], request["max_tokens"], request["temperature"], request["stream"]) == ("m", 50, 0.0, True)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_busy_service_is_asked_again(status: int) -> None:
    with service(fails(status, retry_after="0"), streams("It grew.")) as handler:
        assert ask(handler) == "It grew."
    assert len(handler.requests) == 2


def test_a_service_that_stays_busy_is_given_up_with_its_reason() -> None:
    with (
        service(fails(429, retry_after="0")) as handler,
        pytest.raises(LanguageModelError, match=r"answered 429: .*not now"),
    ):
        ask(handler, attempts=3)
    assert len(handler.requests) == 3


def test_nobody_waits_longer_than_an_answer_may_take_because_a_service_asks_for_it() -> None:
    with service(fails(429, retry_after="3600")) as handler, pytest.raises(LanguageModelError, match="429"):
        ask(handler)
    assert len(handler.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_service_that_refuses_is_not_asked_again(status: int) -> None:
    with service(fails(status, retry_after="0")) as handler, pytest.raises(LanguageModelError, match=str(status)):
        ask(handler)
    assert len(handler.requests) == 1


@pytest.mark.parametrize(
    "nonsense",
    [
        lambda handler: handler.send(200, "text/html", b"<html>Welcome</html>"),
        lambda handler: handler.send(200, "text/event-stream", b"data: {not json\n\n"),
        lambda handler: handler.send(200, "text/event-stream", b'data: {"choices": 5}\n\n'),
        lambda handler: handler.send(200, "text/event-stream", b'data: {"choices": [{"delta": null}]}\n\n'),
        lambda handler: handler.send(200, "text/event-stream", b'data: {"choices": [{"delta": {"content": 7}}]}\n\n'),
        lambda handler: handler.send(200, "text/event-stream", b"data: [1, 2]\n\n"),
        lambda handler: handler.send(200, "text/event-stream", b"\xff\xfe\x00"),
        lambda handler: handler.send(200, "text/event-stream", b'data: {"error": {"message": "out of memory"}}\n\n'),
        streams(None),
        streams(),
    ],
)
def test_what_is_no_answer_is_told(nonsense: Reply) -> None:
    with service(nonsense) as handler, pytest.raises(LanguageModelError):
        ask(handler)


def test_a_stream_that_is_cut_leaves_what_came_before() -> None:
    def cut(handler: _Handler) -> None:
        handler.send(200, "text/event-stream", chunk("It grew. "), content_length="9999")

    said = []
    with service(cut) as handler, pytest.raises(LanguageModelError, match="broke off"):  # noqa: PT012
        model = RemoteModel("m", handler.url)  # type: ignore[attr-defined]
        for piece in model.stream("instructions", "request", 50):
            said.append(piece)
    assert said == ["It grew. "]


def test_a_service_that_falls_silent_is_given_up() -> None:
    released = threading.Event()

    def silent(handler: _Handler) -> None:
        handler.send(200, "text/event-stream", chunk("It "))
        released.wait(10)

    with service(silent) as handler:
        with pytest.raises(LanguageModelError, match="broke off"):
            ask(handler, silence=0.2)
        released.set()


def test_a_service_that_drips_is_given_up_when_the_time_is_over() -> None:
    released = threading.Event()

    def drips(handler: _Handler) -> None:
        handler.send(200, "text/event-stream")
        while not released.wait(0.02):
            try:
                handler.wfile.write(chunk("a"))
            except OSError:
                return

    with service(drips) as handler:
        with pytest.raises(LanguageModelError, match="not done within"):
            ask(handler, seconds=0.3)
        released.set()


def test_a_service_that_is_not_there_is_told() -> None:
    with service(streams()) as handler:
        pass
    with pytest.raises(LanguageModelError, match="broke off"):
        ask(handler, attempts=2)


@pytest.mark.parametrize("status", [200, 404, 405])
def test_a_service_that_answers_when_asked_for_its_models_is_there(status: int) -> None:
    with service(fails(status, '{"object": "list", "data": []}')) as handler:
        RemoteModel("m", handler.url, "secret").check()  # type: ignore[attr-defined]
    assert handler.requests == [{"path": "/v1/models", "key": "Bearer secret"}]


def test_a_service_that_takes_no_key_fails_or_is_gone_is_told_when_it_is_checked() -> None:
    for status in (401, 503):
        with service(fails(status)) as handler, pytest.raises(LanguageModelError, match=f"answered {status}"):
            RemoteModel("m", handler.url).check()  # type: ignore[attr-defined]
    with pytest.raises(LanguageModelError, match=r"http://127\.0\.0\.1.*cannot be reached"):
        RemoteModel("m", handler.url).check()  # type: ignore[attr-defined]


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://host/v1", "http://"])
def test_an_address_that_is_none_stops_the_start(url: str) -> None:
    with pytest.raises(ModelError, match="DISTRICT_QA_MODEL_URL"):
        RemoteModel("m", url)


def test_retry_after_is_a_number_or_a_date() -> None:
    assert _retry_after("3") == 3.0
    assert _retry_after("-3") == 0.0
    assert _retry_after(None) is None
    assert _retry_after("soon") is None
    later = _retry_after(format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True))
    assert later is not None
    assert 90 < later <= 100


def test_tokens_are_estimated_rather_too_high() -> None:
    count = RemoteModel("m", "http://127.0.0.1:1/v1").count
    assert count("徐汇区") == 3
    assert count("parking spaces") == 5
    assert count("") == 0
