"""The page: its Markdown by itself, and the whole in a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from ui.chat import plain_text

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_messages_come_as_text_or_in_parts() -> None:
    assert plain_text("a") == "a"
    assert plain_text([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]) == "a b"


@pytest.fixture
def page() -> Iterator[Page]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("DISTRICT_QA_REQUIRE_BROWSER"):
            pytest.fail("chromium is not installed; install Debian's packages chromium and fonts-noto-cjk")
        pytest.skip("chromium is not installed")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    quiet += ["--disable-sync", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=[*quiet, "--disable-sync", "--no-first-run"]
        )
        yield browser.new_page()
        browser.close()


@pytest.mark.slow
def test_a_visitor_asks_and_sees_the_cited_answer_and_no_other_host_is_asked(service: str, page: Page) -> None:
    hosts: set[str | None] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    page.goto(service)
    page.get_by_role("textbox").fill("徐汇区对外资地区总部有哪些补贴?")
    page.get_by_role("textbox").press("Enter")
    answer = page.get_by_test_id("bot").last
    answer.get_by_text("2022-02-23").first.wait_for(timeout=20_000)
    text = answer.inner_text()
    assert all(amount in text for amount in ("1000 万元", "500 万元", "300 万元"))
    assert hosts <= {"127.0.0.1", None}


@pytest.mark.slow
def test_a_suggested_question_is_asked_by_a_click(service: str, page: Page) -> None:
    page.goto(service)
    page.get_by_role("textbox").fill("2019年公共充电桩新增了多少个?")
    page.get_by_role("textbox").press("Enter")
    suggestion = page.get_by_role("button", name="2020年公共充电桩新增了多少个?")
    suggestion.wait_for(timeout=20_000)
    suggestion.click()
    page.get_by_test_id("bot").last.get_by_text("529").first.wait_for(timeout=20_000)


@pytest.mark.slow
def test_markup_in_a_question_stays_text(service: str, page: Page) -> None:
    page.goto(service)
    page.get_by_role("textbox").fill("<img src=x onerror=\"document.title='taken'\"> 补贴")
    page.get_by_role("textbox").press("Enter")
    page.get_by_test_id("bot").last.wait_for(timeout=20_000)
    assert page.title() != "taken"
