"""Filters over HTTP and on the command line, without a model: what they mean is tested below `tests/rag`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from index.filter import Filter
from tests.rag.conftest import make_pipeline
from tests.ui.api.conftest import invented_service, local_client
from ui import cli
from ui.api.answers import NOTE
from ui.api.app import make_api
from ui.batch import answer_lines
from ui.commands import answering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

    from rag.pipeline import Pipeline


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return make_pipeline(tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def client(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with local_client(make_api(invented_service(tmp_path_factory.mktemp("data"), pipeline))) as client:
        yield client


def test_a_search_over_http_keeps_to_its_filter(client: TestClient) -> None:
    body = {"query": "公共充电桩", "filter": {"periods": ["2031"], "statuses": ["target"], "kinds": ["report"]}}
    response = client.post("/api/v1/search", json=body)
    assert {(p["period"], p["status"]) for p in response.json()} == {("2031", "target")}
    assert NOTE not in response.headers


def test_a_filter_that_nothing_fits_is_told_over_http(client: TestClient) -> None:
    limit = {"periods": ["1999"], "documents": ["文件\r\nX-Other: 1"]}
    found = client.post("/api/v1/search", json={"query": "公共充电桩", "filter": limit})
    assert found.json() == []
    assert found.headers[NOTE] == "Nothing in the documents fits the filter."
    assert "X-Other" not in found.headers
    answer = client.post("/api/v1/ask", json={"question": "公共充电桩多少?", "filter": limit}).json()
    assert (answer["status"], answer["refusal"]["reason"]) == ("refused", "filtered_out")
    assert answer["passages"] == []


@pytest.mark.parametrize(
    ("limit", "place"),
    [
        ({"periods": ["soon"]}, ["body", "filter", "periods", 0]),
        ({"periods": ["1-9999999"]}, ["body", "filter", "periods", 0]),
        ({"statuses": ["done"]}, ["body", "filter", "statuses", 0]),
        ({"kinds": ["letter"]}, ["body", "filter", "kinds", 0]),
        ({"documents": [""]}, ["body", "filter", "documents", 0]),
        ({"year": ["2019"]}, ["body", "filter", "year"]),
        ({"documents": ["x"] * 201}, ["body", "filter", "documents"]),
    ],
)
def test_a_bad_filter_is_refused_with_its_place(
    limit: dict[str, object], place: list[object], client: TestClient
) -> None:
    for path, body in (("search", {"query": "桩"}), ("ask", {"question": "桩?"})):
        response = client.post(f"/api/v1/{path}", json=body | {"filter": limit})
        assert response.status_code == 422
        assert response.json()["errors"][0]["loc"] == place


def test_the_filter_is_documented(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    assert set(schema["components"]["schemas"]["FilterBody"]["properties"]) == {
        *("periods", "statuses", "kinds", "documents")
    }
    assert NOTE in schema["paths"]["/api/v1/search"]["post"]["responses"]["200"]["headers"]


def run(arguments: list[str], pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(answering, "open_pipeline", lambda: pipeline)
    done = CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_command_line_filters_by_every_field(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    report = next(entry.id for entry in pipeline.documents() if entry.kind == "report")
    limits = ["--year", "2031", "--year", "2029", "--status", "target", "--kind", "report", "--document", report]
    shown = run(["search", "公共充电桩", *limits], pipeline, monkeypatch)
    assert "2031年 目标" in shown
    assert "2030年" not in shown.replace("2031年青山区政府工作报告 > 一、2030年", "")
    assert "300" in run(["ask", "公共充电桩新增多少?", *limits], pipeline, monkeypatch)


def test_the_command_line_says_when_nothing_fits(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    said = run(["search", "公共充电桩", "--year", "1999"], pipeline, monkeypatch)
    assert said == "没有符合筛选条件（年份 1999）的段落。\n"
    assert "Nothing in the documents fits the filter." in run(
        ["ask", "How many charging points?", "--year", "1999"], pipeline, monkeypatch
    )


def test_a_batch_is_answered_within_one_filter(pipeline: Pipeline) -> None:
    lines = ['{"id": "q", "question": "公共充电桩新增多少?"}'.encode()]
    (entry,) = answer_lines(pipeline, lines, Filter.parse(["1999"]))
    assert entry["refusal"]["reason"] == "filtered_out"
