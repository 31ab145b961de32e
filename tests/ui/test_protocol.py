"""Clients that send the head of a request slowly, over real sockets."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from ui.protocol import TimedHeads

_WHOLE = b"GET /%d HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"


class Impatient(TimedHeads):
    seconds = 0.2


def _take(request: Request) -> PlainTextResponse:
    time.sleep(0.4)  # longer than a head may take: what is answered is waited for
    return PlainTextResponse(f"at {request.url.path}")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        app = Starlette(routes=[Route("/{name:path}", _take)])
        server = uvicorn.Server(uvicorn.Config(app, http=Impatient, log_level="warning", timeout_keep_alive=30))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(30)


def _connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def _until_closed(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(4096), b""))


def test_a_head_that_does_not_end_is_given_up_with_408(port: int) -> None:
    with _connect(port) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ")
        assert _until_closed(slow).startswith(b"HTTP/1.1 408 ")


def _bytes_until_refused(connection: socket.socket) -> int:
    """Send a byte every 50 ms; return how many were taken before the connection was closed, at most 200."""
    for sent in range(200):
        try:
            connection.sendall(b"x")
        except OSError:
            return sent
        time.sleep(0.05)
    return 200


def test_bytes_that_come_one_by_one_buy_no_time(port: int) -> None:
    with _connect(port) as slow:
        assert _bytes_until_refused(slow) < 200


def test_a_connection_on_which_nothing_comes_is_closed_without_a_word(port: int) -> None:
    with _connect(port) as idle:
        assert _until_closed(idle) == b""


def test_whole_requests_are_answered_one_after_the_other_and_a_slow_one_after_them_is_not(port: int) -> None:
    with _connect(port) as kept:
        for number in (1, 2):
            kept.sendall(_WHOLE % number)
            answer = b""
            while b"at /%d" % number not in answer:
                answer += kept.recv(4096)
        kept.sendall(_WHOLE[:20])
        assert _until_closed(kept).startswith(b"HTTP/1.1 408 ")
