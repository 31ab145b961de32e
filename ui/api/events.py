"""An answer as server-sent events: `passages`, then `token`…, then `answer`; `error` where it ends in one.

Every stream stands by itself: a client that lost one and asks again, with or without `Last-Event-ID`, gets a whole new
one, whose first event, `passages`, tells it to forget what it has. Nothing of an answer is kept for a reconnect: an
answer is made from the documents held when it is sent.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

T = TypeVar("T")

MEDIA_TYPE = "text/event-stream"
#: Seconds of silence after which a comment is sent, so that no proxy takes the connection for dead.
_SILENCE = 15.0
#: A proxy (nginx) must pass events on as they come, and nobody may keep them.
_HEADERS = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}


def described(*names: str) -> dict[str, Any]:
    """Return what OpenAPI says of a stream of events with these names; without one, of events without names."""
    fields: dict[str, Any] = {"data": {"type": "string", "contentMediaType": "application/json"}}
    if names:
        fields |= {"event": {"enum": list(names)}, "id": {"type": "string"}}
    return {MEDIA_TYPE: {"itemSchema": {"type": "object", "properties": fields, "required": ["data"]}}}


def accepts_events(accept: str) -> bool:
    """Return whether a caller asks for events: `Accept` names them."""
    return any(part.partition(";")[0].strip().lower() == MEDIA_TYPE for part in accept.split(","))


def event(name: str, data: object, number: int, stream: str) -> bytes:
    """Return one event; its id is `<stream>.<number>`."""
    return format_sse_event(event=name, data_str=json.dumps(data, ensure_ascii=False), id=f"{stream}.{number}")


def data(value: object) -> bytes:
    """Return one event without a name or an id."""
    return format_sse_event(data_str=value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


async def begun(events: AsyncGenerator[bytes]) -> StreamingResponse:
    """Return the response that sends events, once the first is there: what fails before it is an ordinary error."""
    first = await anext(events)
    return StreamingResponse(_kept_alive(first, events), media_type=MEDIA_TYPE, headers=_HEADERS)


async def _kept_alive(first: bytes, events: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    """Yield events, and a comment where there is none for a while; where the client leaves, the events are closed."""
    yield first
    async with aclosing(events):
        following = asyncio.ensure_future(anext(events, None))
        try:
            while True:
                done, _ = await asyncio.wait((following,), timeout=_SILENCE)
                if not done:
                    yield KEEPALIVE_COMMENT
                    continue
                if (sent := following.result()) is None:
                    return
                yield sent
                following = asyncio.ensure_future(anext(events, None))
        finally:
            following.cancel()
            await asyncio.wait((following,))
