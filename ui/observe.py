"""Every request has an id, is counted and timed, and leaves a line in the log."""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from ui.logs import bind_request

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ui.metrics import Metrics

_LOG = logging.getLogger(__name__)

HEADER = "X-Request-ID"
#: An id that is taken over from a caller; any other could forge lines of a log, or fill it.
_TAKEN_OVER = re.compile(r"[\w.:-]{1,64}", re.ASCII)
#: Told at `debug` only: what asks for these asks every few seconds.
_QUIET = frozenset(("/healthz", "/readyz", "/metrics"))


class Observed:
    """Serves requests with an id, taken from the caller's `X-Request-ID` or made here, and returned in that header."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, as ASGI says."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _TAKEN_OVER.fullmatch(given) else uuid.uuid4().hex
        bind_request(request_id)
        began, status = time.perf_counter(), 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            self._tell(scope, status, time.perf_counter() - began)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        """Count and log a request that has been served; a query and headers may hold keys and are left out."""
        route = getattr(scope.get("route"), "path", "page")
        self._metrics.request(scope["method"], route, status, seconds)
        level = logging.DEBUG if route in _QUIET and status < 400 else logging.INFO
        caller = getattr(scope.get("state", {}).get("caller"), "name", "")
        fields = {"method": scope["method"], "route": route, "status": status, "seconds": round(seconds, 4)}
        _LOG.log(level, "request", extra=fields | ({"caller": caller} if caller else {}))
