"""HTTP/1.1 as uvicorn speaks it, but the head of a request has a time to come in.

Uvicorn waits for the end of a head for ever, so that who sends a byte a minute holds a connection, and who opens a
thousand holds them all. Of bodies `ui.api.guards` keeps the time; between two requests uvicorn itself does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio


class TimedHeads(H11Protocol):
    """A connection that is closed where a head does not come in whole in time; with 408 where it had begun."""

    #: From the connection, or from the first byte of a later request.
    seconds: ClassVar[float] = 20.0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a head from now on."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Take bytes in; a head that has come in whole is no longer waited for."""
        if self._is_headless and self._timer is None:
            self._await_head()
        super().data_received(data)
        if not self._is_headless:
            self._forget()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._forget()
        super().connection_lost(exc)

    @property
    def _is_headless(self) -> bool:
        return self.conn.their_state is h11.IDLE

    def _await_head(self) -> None:
        self._timer = self.loop.call_later(self.seconds, self._give_up)

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        has_begun = bool(self.conn.trailing_data[0])
        if has_begun and not self.transport.is_closing():
            late = h11.Response(status_code=408, headers=[(b"connection", b"close")], reason=b"Request Timeout")
            for event in (late, h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
