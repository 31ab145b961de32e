"""What of Gradio is let in: what our page asks of it, and nothing else.

Gradio serves more than a page needs: it takes files of any size from anybody and keeps them, hands files out, and can
be called in ways beside the page's own.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import URL
from starlette.responses import PlainTextResponse

from rag.types import Language

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_PAGES = "|".join(Language)
#: Below a page: itself, its parts, events there and back, and giving one up.
_ASKED = {
    "GET": r"|theme\.css|manifest\.json|config|(?:assets|static|svelte)/.+|gradio_api/(?:queue/data|heartbeat/[\w-]+|"
    r"app_id|startup-events)",
    "POST": r"gradio_api/(?:queue/join|run/predict|cancel|reset)",
}
_LET_IN = {method: re.compile(rf"/(?:{_PAGES})/(?:{paths})") for method, paths in _ASKED.items()}
_OF_A_PAGE = re.compile(rf"/(?:{_PAGES})/")


class GradioGuard:
    """Answers 404 to what is below a page and not asked by it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, as ASGI says."""
        if scope["type"] == "http" and _OF_A_PAGE.match(scope["path"]) and not _is_asked(scope):
            refused = PlainTextResponse(f"nothing is served at {URL(scope=scope).path}", HTTPStatus.NOT_FOUND)
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_asked(scope: Scope) -> bool:
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    paths = _LET_IN.get(method)
    return paths is not None and paths.fullmatch(scope["path"]) is not None
