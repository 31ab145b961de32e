"""How long a visitor of the page waits: `python -m eval.page`.

A service is started over the index that serves, and a Chromium opens its page and asks, as a visitor does. Times are
those of the page: from opening it to a field that takes a question, from sending a question to the first words of its
answer, and to the whole answer with its sources. They hold for this machine and what else it is doing.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING, Annotated

import typer

from eval.cases import read_cases
from eval.suites import shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

app = typer.Typer(add_completion=False)

_PATIENCE = 120.0  # seconds for a service to start
#: Run in the page: sends what stands in the field, and tells after how many milliseconds the first words of the answer
#: were there, and the whole of it.
_WATCH = """
(place) => new Promise((tell) => {
  const began = performance.now();
  let first = null;
  const look = () => {
    const exchange = document.querySelector(`#live #exchange-${place}`);
    if (exchange && first === null && exchange.querySelector('.text')) first = performance.now() - began;
    if (exchange && exchange.dataset.state === 'done') tell([first, performance.now() - began]);
    else requestAnimationFrame(look);
  };
  document.querySelector('#send').click();
  look();
})
"""


class PageError(RuntimeError):
    """The page cannot be measured: what is missing, what to do."""


@contextmanager
def _service() -> Iterator[str]:
    """Run a service on a free port of loopback; yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Questions come faster than a visitor's.
    environment = os.environ | {"DISTRICT_QA_CHAT_RATE": ""}
    command = [sys.executable, "-m", "ui.cli", "serve", "--port", str(port)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=environment, stderr=log)
        try:
            address, until = f"http://127.0.0.1:{port}", time.monotonic() + _PATIENCE
            while not _is_ready(address):
                if process.poll() is not None or time.monotonic() > until:
                    log.seek(0)
                    raise PageError(f"the service did not start; it says: {log.read().decode().strip() or 'nothing'}")
                time.sleep(0.2)
            yield address
        finally:
            process.terminate()
            process.communicate()


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=2):
            return True
    except (urllib.error.URLError, TimeoutError):
        return False


def usable_after(browser: Browser, address: str, language: str) -> float:
    """Return after how many seconds a new visitor, with nothing cached, can type a question."""
    context = browser.new_context(locale=language)
    page = context.new_page()
    began = time.perf_counter()
    page.goto(address)
    page.get_by_role("textbox").wait_for()
    seconds = time.perf_counter() - began
    context.close()
    return seconds


def waits(browser: Browser, address: str, language: str, questions: list[str]) -> list[tuple[float, float]]:
    """Return for each question after how many seconds its first words stood there, and the whole answer."""
    page = browser.new_context(locale=language).new_page()
    page.goto(address)
    box = page.get_by_role("textbox")
    found: list[tuple[float, float]] = []
    for place, question in enumerate(questions):
        box.fill(question)
        first, whole = page.evaluate(_WATCH, place)
        found.append((first / 1000, whole / 1000))
        page.wait_for_timeout(400)  # next questions are looked for; a visitor reads meanwhile
    page.context.close()
    return found


def _row(name: str, seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return f"{name:42} {median(ordered):6.2f} {ordered[int(0.95 * (len(ordered) - 1))]:6.2f}"


@app.command()
def main(
    count: Annotated[int, typer.Option(min=1, max=25, help="Questions of each language.")] = 15,
    opened: Annotated[int, typer.Option(min=1, max=50, help="How often the page is opened.")] = 5,
) -> None:
    """Measure the page in Chromium; build the index first."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        raise PageError("chromium is not installed; install Debian's package chromium")
    cases = [case for path in shipped(None) if path.name.startswith("district-dev") for case in read_cases(path)]
    typer.echo(f"{'seconds':42} {'p50':>6} {'p95':>6}")
    with _service() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        typer.echo(_row("page usable", [usable_after(browser, address, "zh-CN") for _ in range(opened)]))
        for language, locale in (("zh", "zh-CN"), ("en", "en-US")):
            asked = [case.question for case in cases if case.lang == language]
            measured = waits(browser, address, locale, asked[:: len(asked) // count][:count])
            typer.echo(_row(f"{language}: first words", [first for first, _ in measured]))
            typer.echo(_row(f"{language}: whole answer with sources", [whole for _, whole in measured]))
        browser.close()


if __name__ == "__main__":
    app()
