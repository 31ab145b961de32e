from __future__ import annotations

import asyncio
import threading
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from ui.desk import Desk, DeskFullError, TookTooLongError

if TYPE_CHECKING:
    from collections.abc import Generator


def test_work_is_done_and_its_failure_is_the_caller_s() -> None:
    async def use() -> None:
        desk = Desk(1, 0, 10)
        assert await desk.run(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            await desk.run(lambda: 1 // 0)
        assert await desk.run(lambda: 8) == 8
        desk.close()
        assert desk.taken == 0

    asyncio.run(use())


def test_who_finds_no_place_is_told_to_come_back() -> None:
    async def use() -> None:
        desk, go = Desk(1, 1, 10), threading.Event()
        first, second = (asyncio.create_task(desk.run(go.wait)) for _ in range(2))
        await asyncio.sleep(0)
        assert desk.taken == 2
        with pytest.raises(DeskFullError, match=r"^2 questions are being answered or wait"):
            await desk.run(lambda: None)
        go.set()
        assert await asyncio.gather(first, second) == [True, True]
        desk.close()

    asyncio.run(use())


def test_what_takes_too_long_is_given_up_and_keeps_its_place_until_it_ends() -> None:
    async def use() -> None:
        desk, go = Desk(1, 1, 0.05), threading.Event()
        for _ in range(2):  # the second waits behind the first all its time
            with pytest.raises(TookTooLongError, match=r"longer than 0\.05 seconds"):
                await desk.run(go.wait)
        assert desk.taken == 1  # the one that never began is gone
        go.set()
        desk.close()
        assert desk.taken == 0

    asyncio.run(use())


def test_a_stream_comes_as_it_is_made_and_stops_when_its_caller_leaves() -> None:
    async def use() -> None:
        desk, go, closed = Desk(1, 0, 10), threading.Event(), threading.Event()

        def count() -> Generator[int]:
            try:
                yield 0
                go.wait()
                yield from range(1, 10**9)
            finally:
                closed.set()

        async with aclosing(desk.stream(count)) as pieces:
            assert await anext(pieces) == 0
        go.set()
        desk.close()
        assert closed.is_set()

    asyncio.run(use())


def test_a_reader_who_is_slow_holds_no_thread() -> None:
    async def use() -> None:
        desk = Desk(1, 0, 10)

        def pieces() -> Generator[int]:
            yield from range(3)

        async with aclosing(desk.stream(pieces)) as slow:
            assert await anext(slow) == 0
            while desk.taken:
                await asyncio.sleep(0.01)
            assert await desk.run(lambda: "another") == "another"
            assert [piece async for piece in slow] == [1, 2]
        desk.close()

    asyncio.run(use())
