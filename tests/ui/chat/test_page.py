"""The page in a real Chromium, over the real model and the shipped documents."""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.ui.chat.conftest import running

if TYPE_CHECKING:
    from tests.ui.chat.conftest import Site, Visitor

pytestmark = pytest.mark.slow

SUBSIDIES = "徐汇区对外资地区总部有哪些补贴?"
_NOTICE = "关于停车补贴的通知\n2032年起,对新建公共停车场每个泊位给予 1 万元补贴。"
TREND = "2018年到2020年商品销售总额如何变化?"


@pytest.fixture
def picture(tmp_path: Path) -> Any:
    """Return a function that keeps a picture of a page: in the folder that `make screenshots` names, else nowhere."""
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))

    def take(visitor: Visitor, name: str) -> None:
        visitor.page.wait_for_timeout(300)  # until nothing moves any more
        taken = Image.open(io.BytesIO(visitor.page.screenshot()))
        taken.convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(folder / f"{name}.png", optimize=True)

    return take


#: Gradio fades what it is about to replace; colours are judged when nothing fades any more.
_SETTLED = """() => !document.querySelector(".pending, .generating, .translucent") && document.getAnimations().every(
    one => one.playState !== "running" || one.effect.getTiming().iterations === Infinity)"""


def _faults(visitor: Visitor) -> list[str]:
    """Return what axe-core finds that is serious."""
    from axe_playwright_python.sync_playwright import Axe

    visitor.page.wait_for_function(_SETTLED)
    found = Axe().run(visitor.page).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:150]} {node['failureSummary'][:200]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def _frame(visitor: Visitor) -> Any:
    return visitor.page.frame_locator("#reader iframe")


def test_an_answer_is_cited_and_its_mark_leads_to_the_sentence_in_the_document(
    service: str, visit: Any, picture: Any
) -> None:
    visitor = visit(service)
    assert visitor.page.url == f"{service}/zh/"
    picture(visitor, "welcome-zh")
    exchange = visitor.ask(SUBSIDIES)
    for amount in ("1000 万元", "500 万元", "300 万元"):
        expect(exchange.locator(".text")).to_contain_text(amount)
    exchange.locator(".mark").first.click()
    card = exchange.locator(".card[open]")
    for shown in ("2022-02-23", "2022年", "最高给予 1000 万元的开办资助", "RMB 10 million"):
        expect(card).to_contain_text(shown)
    picture(visitor, "answer-zh")
    card.get_by_role("link", name="在文件中阅读").click()
    cited = _frame(visitor).locator(".cited").filter(has_text="最高给予 1000 万元的开办资助")
    expect(cited).to_be_in_viewport()
    picture(visitor, "reader-zh")
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.locator("#reader")).not_to_be_visible()
    assert _faults(visitor) == []
    visitor.page.goto(card.get_by_role("link", name="在文件中阅读").evaluate("link => link.href"))
    assert _faults(visitor) == []


def test_english_visitors_have_an_english_page_and_follow_up(service: str, visit: Any, picture: Any) -> None:
    visitor = visit(service, language="en-US")
    assert visitor.page.url == f"{service}/en/"
    expect(visitor.page.locator("html")).to_have_attribute("lang", "en")
    exchange = visitor.ask("What was GDP growth in 2019?")
    expect(exchange.locator(".text")).to_contain_text("6.3%")
    figure = exchange.locator(".figure").filter(has_text="6.3%").first
    figure.focus()
    expect(figure.locator(".tip")).to_be_in_viewport()
    expect(figure.locator(".tip")).to_have_text(" (2019 estimate)")
    follow_up = visitor.ask("And in 2018?")
    expect(follow_up).to_contain_text("Understood as")
    expect(follow_up.locator(".text")).to_contain_text("6.5%")


def test_an_english_answer_on_a_phone_shows_both_languages_of_its_source(
    service: str, visit: Any, picture: Any
) -> None:
    visitor = visit(service, language="en-US", size="phone")
    exchange = visitor.ask("What subsidies apply to foreign regional HQs?")
    picture(visitor, "phone-en")
    for figure in exchange.locator(".figure").all():
        figure.tap()
        expect(figure.locator(".tip")).to_be_in_viewport(ratio=1)
    exchange.locator(".mark").first.tap()
    for shown in ("up to RMB 10 million", "最高给予 1000 万元的开办资助", "Posted"):
        expect(exchange.locator(".card[open]")).to_contain_text(shown)
    exchange.locator(".card[open]").get_by_role("link", name="Read in the document").tap()
    expect(_frame(visitor).locator(".cited").first).to_be_in_viewport()
    picture(visitor, "phone-reader-en")


def test_the_language_is_switched_with_the_conversation_kept(service: str, visit: Any) -> None:
    visitor = visit(service)
    visitor.ask("2019年公共充电桩新增了多少个?")
    visitor.page.get_by_role("link", name="English").click()
    visitor.page.wait_for_url("**/en/")
    expect(visitor.page.locator("#live .text")).to_contain_text("437")
    visitor.page.goto(service)
    visitor.page.wait_for_url("**/en/")


def test_a_refusal_looks_different_and_offers_what_is_nearest(service: str, visit: Any, picture: Any) -> None:
    visitor = visit(service, language="en-US")
    exchange = visitor.ask("What was the GDP of Pudong in 2019?")
    expect(exchange).to_have_class(re.compile("refused"))
    expect(exchange.get_by_role("heading", name="The documents do not answer this")).to_be_visible()
    expect(exchange.locator(".card").first).to_contain_text("2020 Xuhui District Government Work Report (2020年")
    picture(visitor, "refusal-en")
    suggestion = visitor.page.locator("#next .starter").first
    question = suggestion.inner_text()
    visitor.page.reload()
    expect(suggestion).to_have_text(question)
    suggestion.click()
    expect(visitor.page.locator("#live .asked")).to_contain_text(question)
    expect(visitor.page.locator("#live .exchange")).to_have_attribute("data-state", "done")
    assert _faults(visitor) == []


def test_a_trend_brings_its_plot_with_targets_and_no_line_over_a_revised_basis(
    service: str, visit: Any, picture: Any
) -> None:
    visitor = visit(service)
    exchange = visitor.ask(TREND)
    expect(exchange.locator("svg.plot")).to_have_count(2)
    assert exchange.locator("svg.plot").first.get_by_text("7300").count() == 1
    picture(visitor, "trend-zh")
    exchange.get_by_text("数据与出处").first.click()
    expect(exchange.locator("tbody tr").filter(has_text="7300亿元")).to_contain_text("预计")


def test_indicators_are_compared_and_documents_listed(service: str, visit: Any, picture: Any) -> None:
    visitor = visit(service, language="en-US")
    visitor.page.get_by_role("tab", name="Indicators").click()
    expect(visitor.page.locator("#indicators svg.plot")).not_to_have_count(0)
    visitor.page.get_by_label("Beside it").click()
    visitor.page.get_by_role("option", name="total sales of commodities").click()
    expect(visitor.page.locator("#indicators h2")).to_have_count(2)
    assert _faults(visitor) == []
    picture(visitor, "indicators-en")
    visitor.page.get_by_role("tab", name="Documents").click()
    row = visitor.page.locator(".documents tr").filter(has_text="2020年徐汇区政府工作报告")
    for shown in (
        "2020 Xuhui District Government Work Report",
        "2020-01-07",
        "2025-07-09",
        "results 2019",
        "targets 2020",
    ):
        expect(row).to_contain_text(shown)
    assert _faults(visitor) == []


def test_on_a_phone_nothing_is_wider_than_the_page(service: str, visit: Any, picture: Any) -> None:
    visitor = visit(service, size="phone", color_scheme="dark")
    exchange = visitor.ask(TREND)
    exchange.locator(".mark").first.click()
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == 360
    picture(visitor, "phone-dark-zh")
    visitor.page.get_by_role("tab", name="文件").click()
    visitor.page.locator(".documents tbody tr").first.wait_for()
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == 360
    assert _faults(visitor) == []


def test_a_restored_character_tells_on_a_phone_where_it_comes_from(service: str, visit: Any) -> None:
    visitor = visit(service, size="phone")
    exchange = visitor.ask("2018年重大工程有哪些进展?")
    card = exchange.locator(".card").filter(has=visitor.page.locator(".restored")).first
    card.locator("summary").tap()
    restored = card.locator(".restored").first
    restored.tap()
    expect(restored.locator(".tip")).to_contain_text("来源缺失，补回")
    expect(restored.locator(".tip")).to_be_in_viewport(ratio=1)
    card.get_by_role("link", name="在文件中阅读").tap()
    shown = _frame(visitor).locator(".restored").first
    shown.tap()
    expect(shown.locator(".tip")).to_be_visible()


def test_answers_are_exported_copied_and_shared(service: str, visit: Any) -> None:
    visitor = visit(service, permissions=["clipboard-read", "clipboard-write"])
    exchange = visitor.ask(SUBSIDIES)
    with visitor.page.expect_download() as markdown:
        exchange.get_by_role("button", name="导出 Markdown").click()
    assert "1000 万元" in markdown.value.path().read_text(encoding="utf-8")
    with visitor.page.expect_download() as word:
        exchange.get_by_role("button", name="导出 Word").click()
    assert word.value.suggested_filename.endswith(".docx")
    assert "word/document.xml" in zipfile.ZipFile(word.value.path()).namelist()
    exchange.get_by_role("button", name="复制").click()
    expect(exchange.get_by_role("button", name="已复制")).to_be_visible()
    assert "1000 万元" in visitor.page.evaluate("navigator.clipboard.readText()")
    exchange.get_by_role("button", name="分享链接").click()
    expect(exchange.get_by_role("button", name="链接已复制")).to_be_visible()
    link = visitor.page.evaluate("navigator.clipboard.readText()")
    other = visit(link)
    expect(other.page.locator(".verdict.same")).to_be_visible()
    expect(other.page.locator("#shared .text")).to_contain_text("1000 万元")
    other.page.goto(link[:-20])
    expect(other.page.locator(".verdict.differs")).to_contain_text("不完整或已损坏")


def test_what_a_visitor_says_of_an_answer_reaches_the_staff(
    tmp_path_factory: pytest.TempPathFactory, visit: Any
) -> None:
    with running(tmp_path_factory.mktemp("index")) as site:
        visitor = visit(site.address)
        exchange = visitor.ask("2030年新增公共充电桩多少个?")
        exchange.get_by_text("没有帮助").click()
        exchange.get_by_role("button", name="年份不对").click()
        expect(exchange.locator(".rating")).to_have_text("谢谢反馈")
        visitor.ask("红河区2030年地区生产总值是多少?")
        visitor.page.goto(f"{site.address}/staff?lang=en")
        visitor.page.get_by_label("Key").fill("not needed on this machine, where none is configured")
        visitor.page.get_by_role("button", name="Sign in").click()
        expect(visitor.page.locator("#wrong")).to_contain_text("wrong_year")
        expect(visitor.page.locator("#refused")).to_contain_text("红河区")
        assert _faults(visitor) == []
        visitor.page.get_by_label("Files").set_input_files({"name": "a.exe", "mimeType": "text/plain", "buffer": b"x"})
        visitor.page.get_by_role("button", name="Upload").click()
        expect(visitor.page.get_by_role("alert")).to_contain_text("Files of this kind are not read")
        article = {"name": "通知.txt", "mimeType": "text/plain", "buffer": _NOTICE.encode()}
        visitor.page.get_by_label("Files").set_input_files(article)
        visitor.page.get_by_role("button", name="Upload").click()
        expect(visitor.page.locator("#job")).to_contain_text("Added", timeout=60_000)


def test_a_question_is_asked_again_edited_and_limited(service: str, visit: Any) -> None:
    visitor = visit(service)
    visitor.ask("2019年公共充电桩新增了多少个?")
    visitor.page.get_by_role("button", name="修改问题").click()
    expect(visitor.page.get_by_role("textbox")).to_have_value("2019年公共充电桩新增了多少个?")
    exchange = visitor.ask("2020年公共充电桩新增了多少个?")
    expect(exchange.locator(".text")).to_contain_text("529")
    expect(visitor.page.locator(".exchange")).to_have_count(1)
    visitor.page.get_by_role("button", name="限定范围").click()
    visitor.page.get_by_role("checkbox", name="目标").check()
    visitor.page.get_by_role("button", name="重问").click()
    expect(visitor.page.locator("#live .exchange")).to_contain_text("限定范围：性质 目标")
    expect(visitor.page.locator(".exchange")).to_have_count(1)


@pytest.fixture(scope="module")
def slow_site(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running(tmp_path_factory.mktemp("index"), "slow") as site:
        yield site


def test_visitors_do_not_see_each_other_and_do_not_wait_for_each_other(slow_site: Site, visit: Any) -> None:
    first, second = visit(slow_site.address), visit(slow_site.address)
    for visitor, question in ((first, "企业总部有哪些补贴?"), (second, "2030年新增公共充电桩多少个?")):
        visitor.page.get_by_role("textbox").fill(question)
        visitor.page.get_by_role("textbox").press("Enter")
    expect(first.page.locator("#live .text")).to_contain_text("200 万元")
    expect(second.page.locator("#live .text")).to_contain_text("210")
    first.page.reload()
    expect(first.page.locator("#live .asked")).to_contain_text("企业总部")
    assert "充电桩" not in first.page.locator("#live").inner_text()
    assert "补贴" not in second.page.locator("#live").inner_text()


def test_stopping_keeps_what_had_come_and_gives_up_the_rest(slow_site: Site, visit: Any) -> None:
    left = slow_site.folder / "left"
    left.unlink(missing_ok=True)
    visitor = visit(slow_site.address)
    visitor.page.get_by_role("textbox").fill("企业总部有哪些补贴?")
    visitor.page.get_by_role("textbox").press("Enter")
    expect(visitor.page.locator("#live .exchange")).to_have_attribute("data-state", "writing")
    visitor.page.get_by_role("button", name="停止").click()
    expect(visitor.page.locator("#live")).to_contain_text("以上内容不完整")
    expect(visitor.page.locator("#live .text")).to_contain_text("万元")
    for _ in range(40):
        if left.exists():
            break
        visitor.page.wait_for_timeout(250)
    else:
        pytest.fail("the answer went on after it was stopped")
    expect(visitor.page.locator("#live")).to_contain_text("以上内容不完整")
    visitor.page.reload()
    expect(visitor.page.locator("#live")).to_contain_text("以上内容不完整")


def test_a_service_that_restarts_in_the_middle_of_an_answer_loses_nothing(
    tmp_path_factory: pytest.TempPathFactory, visit: Any
) -> None:
    with running(tmp_path_factory.mktemp("index"), "slow") as site:
        visitor = visit(site.address)
        visitor.ask("2030年新增公共充电桩多少个?")
        visitor.page.get_by_role("textbox").fill("企业总部有哪些补贴?")
        visitor.page.get_by_role("textbox").press("Enter")
        expect(visitor.page.locator("#live .exchange")).to_have_attribute("data-state", "writing")
        site.kill()
        expect(visitor.page.locator("#connection")).to_contain_text("对话保存在本机")
        site.start()
        expect(visitor.page.locator("#live .exchange")).to_contain_text("中断", timeout=20_000)
        expect(visitor.page.locator("#past")).to_contain_text("210")
        visitor.page.get_by_role("button", name="重问").click()
        expect(visitor.page.locator("#live .text")).to_contain_text("200 万元")


def test_who_asks_too_often_is_told_when_to_come_back(tmp_path_factory: pytest.TempPathFactory, visit: Any) -> None:
    with running(tmp_path_factory.mktemp("index"), "limited") as site:
        visitor = visit(site.address)
        for question in ("2030年新增公共充电桩多少个?", "企业总部有哪些补贴?"):
            visitor.ask(question)
        visitor.page.get_by_role("textbox").fill("2031年地区生产总值的目标?")
        visitor.page.get_by_role("textbox").press("Enter")
        expect(visitor.page.locator("#live .failed")).to_contain_text(re.compile("提问过于频繁，请 [0-9]+ 秒后再试"))
        expect(visitor.page.locator("#past .exchange")).to_have_count(2)


def test_markup_of_documents_and_questions_stays_text(slow_site: Site, visit: Any) -> None:
    visitor = visit(slow_site.address)
    exchange = visitor.ask("<img src=x onerror=\"document.title='taken'\"> 停车补贴每年多少?")
    exchange.locator(".card summary").first.click()
    expect(exchange.locator(".card").first).to_contain_text("{{7*7}}")
    visitor.page.get_by_role("tab", name="文件").click()
    expect(visitor.page.locator(".documents")).to_contain_text("<b onmouseover")
    visitor.page.reload()
    expect(visitor.page.locator("#live")).to_contain_text("onerror")
    assert visitor.page.title() != "taken"
    assert visitor.page.locator("#live img, #documents b, a[href^='javascript']").count() == 0


def test_the_page_tells_no_visitor_how_to_call_it(service: str, visit: Any) -> None:
    visitor = visit(service)
    config = json.loads(visitor.page.evaluate("JSON.stringify(window.gradio_config)"))
    assert {call["api_visibility"] for call in config["dependencies"] if call["backend_fn"]} == {"private"}


def test_gradio_takes_no_files_and_serves_nothing_that_the_page_does_not_ask(service: str) -> None:
    with httpx.Client(base_url=service) as stranger:
        assert stranger.post("/zh/gradio_api/upload", files={"files": b"x" * 1000}).status_code == 404
        for path in ("zh/gradio_api/info", "en/gradio_api/file=/etc/passwd", "zh/gradio_api/run/x", "zh/monitoring"):
            assert stranger.get(path).status_code == 404
        too_much = b"[" + b" " * 9_000_000
        assert stranger.post("/zh/gradio_api/queue/join", content=too_much).status_code == 413
