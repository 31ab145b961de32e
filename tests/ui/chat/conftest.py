"""A real Chromium, and a site over the invented district that can be slow, hostile and restarted."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
_SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 740}}


@pytest.fixture(scope="module")  # not longer: while playwright is there no other event loop runs in this thread
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("DISTRICT_QA_REQUIRE_BROWSER"):
            pytest.fail("chromium is not installed; install Debian's packages chromium and fonts-noto-cjk")
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=[*_QUIET, "--disable-sync", "--no-first-run"]
        )
        yield browser
        browser.close()


class Visitor:
    """Someone with a browser of their own; `hosts` are all that it asked anything of."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.hosts: set[str | None] = set()
        self.faults: list[str] = []
        context.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def ask(self, question: str) -> Any:
        """Type a question, send it, and return the exchange once it is answered."""
        box = self.page.get_by_role("textbox")
        box.fill(question)
        box.press("Enter")
        exchange = self.page.locator("#live .exchange").filter(has_text=question)
        exchange.and_(self.page.locator("[data-state=done]")).wait_for(timeout=20_000)
        return exchange


@pytest.fixture
def visit(browser: Browser) -> Iterator[Any]:
    """Return a function that opens an address for a new visitor; none may ever have asked another host."""
    visitors: list[Visitor] = []

    def open_for_visitor(address: str, *, language: str = "zh-CN", size: str = "desk", **options: Any) -> Visitor:
        context = browser.new_context(
            locale=language, viewport=_SIZES[size], has_touch=size == "phone", accept_downloads=True, **options
        )
        context.set_default_timeout(20_000)
        visitor = Visitor(context)
        visitors.append(visitor)
        visitor.page.goto(address)
        visitor.page.get_by_role("textbox").wait_for()
        return visitor

    yield open_for_visitor
    for visitor in visitors:
        visitor.context.close()
    assert {host for visitor in visitors for host in visitor.hosts} <= {"127.0.0.1", None}
    assert [fault for visitor in visitors for fault in visitor.faults] == []


class Site:
    """A service over the invented district, in a process of its own; see `tests.ui.chat.site`."""

    def __init__(self, folder: Path, *options: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.folder, self._options = folder, options
        self.address = f"http://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.ui.chat.site", str(self._port), str(self.folder), *self._options]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        for _ in range(240):
            assert self._process.poll() is None, "the site ended by itself"
            try:
                httpx.get(f"{self.address}/healthz").raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.25)
            else:
                return
        pytest.fail("the site did not become ready within a minute")

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=30)


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Site]:
    site = Site(folder, *options)
    try:
        yield site
    finally:
        site.kill()
