"""The reader shows a document whole, at a sentence, with what is searched for, and can run nothing that it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from corpus.documents import make_document
from corpus.types import Posting, RawText
from rag.types import Language
from tests.rag.conftest import make_pipeline
from ui.chat.reader import is_web_address, read
from ui.chat.routes import make_routes
from ui.originals import OriginalFile

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

_HOSTILE = (
    "近日,青山区发布<script>parent.document.title='taken'</script>办法,自2032年起施行。"
    "{{ 7*7 }} ${alert(1)} <img src=x onerror=alert(1)> 对新设立的企业总部,最高给予 300 万元的开办资助。"
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    posting = Posting("<b>标题</b>", date(2032, 3, 1), "javascript:alert(1)")
    return make_pipeline(tmp_path_factory.mktemp("index"), documents=[make_document([RawText(posting, _HOSTILE)])])


@pytest.fixture(scope="module")
def client(pipeline: Pipeline) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(make_routes(lambda: pipeline))
    with TestClient(app, follow_redirects=False) as client:
        yield client


def _text(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html)


def test_every_sentence_is_shown_once_and_the_cited_one_is_marked(pipeline: Pipeline, client: TestClient) -> None:
    citation = pipeline.ask("2030年新增公共充电桩多少个?").citations[0]
    document = pipeline.document(citation.document_id)
    page = client.get(f"/read/{document.id}", params={"start": citation.start, "end": citation.end}).text
    assert re.findall(r'class="cited" >(.*?)</span>', page) == [citation.quote]
    for sentence in document.sentences:
        assert page.count(f'id="s{sentence.start}"') == 1


def test_what_is_searched_for_is_marked_and_counted(pipeline: Pipeline) -> None:
    document = next(d for d in pipeline.documents() if d.kind == "report")
    whole = pipeline.document(document.id)
    reading = read(pipeline, whole, 0, 0, "公共充电桩")
    in_sentences = sum(whole.text[s.start : s.end].count("公共充电桩") for s in whole.sentences)
    assert reading.hits == in_sentences == 2
    marked = [
        part.run.text
        for chapter in reading.chapters
        for paragraph in chapter.paragraphs
        for line in paragraph.lines
        for part in line.parts
        if part.hit
    ]
    assert marked == ["公共充电桩"] * 2


def test_nothing_of_a_document_becomes_markup(hostile: Pipeline) -> None:
    app = FastAPI()
    app.include_router(make_routes(lambda: hostile))
    response = TestClient(app).get(f"/read/{hostile.documents()[0].id}", params={"q": "<img"})
    assert "<script>parent" not in response.text
    assert "<img" not in response.text
    assert "<b>标题" not in response.text
    assert 'href="javascript:' not in response.text
    assert "49" not in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        ("https://a.example/b", True),
        ("javascript:alert(1)", False),
        ("news.txt【招商】", False),
        ("data:text/html,x", False),
    ],
)
def test_only_addresses_of_the_web_become_links(source: str, is_one: bool) -> None:
    assert is_web_address(source) is is_one


def test_a_document_that_is_not_held_is_told_in_plain_words(client: TestClient) -> None:
    response = client.get("/read/none", params={"lang": "en"})
    assert response.status_code == 404
    assert "no such document" in response.text


@pytest.mark.parametrize(
    ("accepted", "chosen", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", None, "zh"),
        ("en-GB,en;q=0.9,zh;q=0.2", None, "en"),
        ("fr-FR,en;q=0.5", None, "en"),
        ("", None, "zh"),
        ("en", "zh", "zh"),
        ("zh", "<x>", "zh"),
    ],
)
def test_the_way_in_follows_the_choice_made_before_or_else_the_browser(
    accepted: str, chosen: str | None, language: str, client: TestClient
) -> None:
    headers = {"Accept-Language": accepted} | ({"Cookie": f"language={chosen}"} if chosen else {})
    response = client.get("/", params={"receipt": "abc"}, headers=headers)
    assert response.headers["location"] == f"{language}/?receipt=abc"


def test_the_english_of_a_passage_stands_beside_it_on_the_english_page(client: TestClient, pipeline: Pipeline) -> None:
    article = next(d for d in pipeline.documents() if d.kind == "article")
    assert "start-up grant" in client.get(f"/read/{article.id}", params={"lang": Language.EN}).text
    assert "start-up grant" not in client.get(f"/read/{article.id}", params={"lang": Language.ZH}).text


def test_the_original_file_is_sent_to_be_kept_not_shown(pipeline: Pipeline, tmp_path: Path) -> None:
    held = tmp_path / "original.html"
    held.write_text("<script>alert(1)</script>", encoding="utf-8")
    app = FastAPI()
    app.include_router(
        make_routes(lambda: pipeline, lambda document_id: [OriginalFile("报告.html", lambda: held.open("rb"))])
    )
    response = TestClient(app).get(f"/read/{pipeline.documents()[0].id}/file")
    assert response.headers["content-disposition"].startswith("attachment")
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.text == held.read_text(encoding="utf-8")


def test_the_page_for_staff_is_empty_before_its_key_is_let_in(client: TestClient) -> None:
    response = client.get("/staff", params={"lang": "en"})
    assert 'id="desk" hidden' in response.text
    assert "connect-src 'self'" in response.headers["content-security-policy"]
