"""The desk: so many questions are answered at once, so many wait, and further ones are told to come back.

Questions run in threads of their own, not in those of the web framework: a question that takes long can hold up other
questions only, and health is told whatever happens. A question whose caller has left, or has waited too long, is not
begun; one that has begun in one piece is finished (a thread cannot be stopped), and one that streams stops at its next
piece. The API and the page share one desk, so that neither takes the machine from the other.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

T = TypeVar("T")


class DeskFullError(Exception):
    """No place is free; `seconds` later it is worth trying again."""

    seconds = 2


class TookTooLongError(Exception):
    """It took longer than one request may, waiting included."""


class Desk:
    """Runs what answers questions, bounded in number and in time."""

    def __init__(self, at_once: int, waiting: int, seconds: float) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="question")
        self._places, self._seconds = at_once + waiting, seconds
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """How many are being answered or wait."""
        return self._taken

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns.

        Raises:
            DeskFullError, TookTooLongError: as they say; and whatever `work` raises.
        """

        def in_one_piece() -> Generator[T]:
            yield work()

        async with aclosing(self.stream(in_one_piece)) as pieces:
            (result,) = [piece async for piece in pieces]  # to its end, when the place is free again
            return result

    async def stream(self, work: Callable[[], Generator[T]]) -> AsyncGenerator[T]:
        """Yield what the generator that `work` returns yields, as it comes; closing this stops that at its next piece.

        Pieces are put by until they are taken, so a caller who reads slowly holds no thread.

        Raises:
            DeskFullError: before the first piece.
            TookTooLongError: also in the middle, like whatever `work` raises.
        """
        pieces: _Pieces[T] = _Pieces(asyncio.get_running_loop())
        self._take_place()
        future = self._threads.submit(contextvars.copy_context().run, pieces.fill, work)
        future.add_done_callback(lambda _: self._free_place())
        until = asyncio.get_running_loop().time() + self._seconds
        try:
            while (piece := await self._next(pieces, until)) is not _END:
                yield piece  # type: ignore[misc]
            await asyncio.wrap_future(future)  # raises what ended it
        finally:
            pieces.stopped.set()
            future.cancel()

    async def _next(self, pieces: _Pieces[T], until: float) -> T | object:
        left = max(0.0, until - asyncio.get_running_loop().time())
        try:
            return await asyncio.wait_for(pieces.queue.get(), left)
        except TimeoutError:
            raise TookTooLongError(
                f"this took longer than {self._seconds:g} seconds, waiting included; ask again later, or something "
                "shorter"
            ) from None

    def close(self) -> None:
        """Let what is being answered end; nothing new is taken."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _take_place(self) -> None:
        with self._lock:
            if self._taken >= self._places:
                raise DeskFullError(
                    f"{self._taken} questions are being answered or wait, as many as may; come back in some seconds"
                )
            self._taken += 1

    def _free_place(self) -> None:
        with self._lock:
            self._taken -= 1


#: Put behind the last piece.
_END = object()


class _Pieces(Generic[T]):
    """What a thread makes and an event loop takes."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.queue: asyncio.Queue[T | object] = asyncio.Queue()
        self.stopped = threading.Event()
        self._loop = loop

    def fill(self, work: Callable[[], Generator[T]]) -> None:
        """Make all pieces, unless stopped; runs in the thread."""
        try:
            with closing(work()) as made:
                for piece in made:
                    if self.stopped.is_set():
                        return
                    self._put(piece)
        finally:
            self._put(_END)

    def _put(self, piece: T | object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.queue.put_nowait, piece)
