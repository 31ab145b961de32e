"""What holds for every request, whatever it is for: headers that make browsers careful, and limits for bodies."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: For everything we send. The page brings scripts and styles of its own into its HTML, so it has no policy for these.
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
#: For the API: nothing of what it sends is to be run, framed or kept, even if a browser shows it.
_API_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
}
_API = ("/api/", "/v1/", "/healthz", "/readyz", "/metrics", "/docs", "/openapi.json")


def is_api(path: str) -> bool:
    """Return whether a path belongs to the API, not to the page."""
    return path.startswith(_API)


class SecurityHeaders:
    """Adds the headers above where a response does not have them itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, as ASGI says."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wanted = _HEADERS | _API_HEADERS if is_api(scope["path"]) else _HEADERS

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in wanted.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyGuard:
    """Gives up a request whose body has too many bytes (413) or does not come in whole in time (408)."""

    def __init__(
        self, app: ASGIApp, *, seconds: float, most_bytes: int, most_bytes_of_page: int, uploads: Mapping[str, int]
    ) -> None:
        """Take so many bytes for the API, for the page, and for the paths in `uploads` as many as stand there."""
        self._app, self._seconds, self._uploads = app, seconds, uploads
        self._most_bytes, self._most_bytes_of_page = most_bytes, most_bytes_of_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, as ASGI says."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        usual = self._most_bytes if is_api(scope["path"]) else self._most_bytes_of_page
        most_bytes = self._uploads.get(scope["path"], usual)
        body = _Body(receive, self._seconds, most_bytes, int(announced) if announced.isdecimal() else 0)
        await self._app(scope, body.receive, send)


class _Body:
    """A body as it comes in; `announced` is how many bytes are said to come."""

    def __init__(self, receive: Receive, seconds: float, most_bytes: int, announced: int) -> None:
        self._receive, self._seconds, self._most_bytes, self._announced = receive, seconds, most_bytes, announced
        self._until = asyncio.get_running_loop().time() + seconds
        self._whole, self._came = False, 0

    async def receive(self) -> Message:
        """Return the next message; HTTPException where there are too many bytes, or it is too late.

        Raised while the application reads, so that it is told like every other error.
        """
        if self._whole:  # what comes now is that the caller leaves, which has all the time
            return await self._receive()
        if self._announced > self._most_bytes:
            raise self._too_large(self._announced)
        try:
            left = max(0.0, self._until - asyncio.get_running_loop().time())
            message = await asyncio.wait_for(self._receive(), left)
        except TimeoutError:
            raise HTTPException(
                HTTPStatus.REQUEST_TIMEOUT,
                f"the request did not come in whole within {self._seconds:g} seconds; send it faster, or less",
                {"Connection": "close"},
            ) from None
        self._came += len(message.get("body", b""))
        if self._came > self._most_bytes:
            raise self._too_large(self._came)
        self._whole = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    def _too_large(self, size: int) -> HTTPException:
        return HTTPException(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"the request has {size:,} bytes or more; at most {self._most_bytes:,} are taken here; send less at a time",
            {"Connection": "close"},
        )
