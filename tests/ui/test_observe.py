"""Requests are told by id, counted, and logged without what must not be in a log."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from rag.types import Draft, Fate
from ui.journal import Journal
from ui.logged import Why
from ui.metrics import Metrics
from ui.observe import HEADER, Observed
from ui.question_log import QuestionLog

if TYPE_CHECKING:
    from rag.pipeline import Pipeline

QUESTION = "2019年新增公共充电桩多少个?"


def samples(metrics: Metrics) -> dict[tuple[str, tuple[str, ...]], float]:
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(metrics.render().decode())
        for sample in family.samples
    }


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(lambda: [("index_documents", "documents in the index", 7)])


@pytest.fixture
def client(metrics: Metrics) -> TestClient:
    app = FastAPI()

    @app.get("/things/{name}")
    def thing(name: str, request: Request) -> str:
        request.state.caller = SimpleNamespace(name="staff")
        return name

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("broken")

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    app.add_middleware(Observed, metrics=metrics)
    return TestClient(app, raise_server_exceptions=False)


def test_an_id_is_taken_over_from_the_caller_or_made(client: TestClient) -> None:
    assert client.get("/things/a", headers={HEADER: "abc-1.2:3"}).headers[HEADER] == "abc-1.2:3"
    made = {client.get("/things/a", headers={HEADER: bad}).headers[HEADER] for bad in ("x y", "x" * 65, "{}", "")}
    assert len(made) == 4
    assert all(len(one) == 32 for one in made)


def test_requests_are_counted_by_the_pattern_of_their_path(client: TestClient, metrics: Metrics) -> None:
    for path in ("/things/a", "/things/b", "/nothing", "/broken"):
        client.get(path)
    found = samples(metrics)
    assert found["district_qa_requests_total", ("GET", "/things/{name}", "200")] == 2
    assert found["district_qa_requests_total", ("GET", "page", "404")] == 1
    assert found["district_qa_requests_total", ("GET", "/broken", "500")] == 1
    assert found["district_qa_request_seconds_count", ("/things/{name}",)] == 2
    assert found["district_qa_index_documents", ()] == 7
    assert ("process_resident_memory_bytes", ()) in found


def test_a_request_leaves_a_line_without_query_or_headers(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/things/a?key=secret", headers={"authorization": "Bearer secret"})
        client.get("/healthz")
    (line,) = [record for record in caplog.records if record.name == "ui.observe"]
    assert (line.method, line.route, line.status, line.caller) == ("GET", "/things/{name}", 200, "staff")  # type: ignore[attr-defined]
    assert not any("secret" in str(vars(record)) for record in caplog.records if record.name.startswith("ui."))


@pytest.mark.parametrize("tells_text", [False, True])
def test_an_answer_is_counted_logged_and_kept(
    tmp_path: Path, metrics: Metrics, pipeline: Pipeline, caplog: pytest.LogCaptureFixture, tells_text: bool
) -> None:
    journal = Journal(QuestionLog(tmp_path / "questions.db"), metrics, tells_text=tells_text)
    with caplog.at_level(logging.INFO):
        identity = journal.answered(pipeline.trace(QUESTION), channel="api", address="10.0.0.7")
        journal.feedback(identity, helpful=False, why=Why.WRONG_YEAR)
    assert [kept.why for kept in journal.questions.questions()] == ["wrong_year"]
    found = samples(metrics)
    assert found["district_qa_answers_total", ("api", "zh", "refused")] == 1
    assert found["district_qa_refusals_total", ("other_period",)] == 1
    assert found["district_qa_stage_seconds_count", ("retrieve",)] == 1
    assert found["district_qa_feedback_total", ("wrong_year",)] == 1
    told = [str(vars(record)) for record in caplog.records]
    assert any(QUESTION in line for line in told) is tells_text
    assert not any("10.0.0.7" in line for line in told)
    assert [record.question_id for record in caplog.records] == [identity, identity]  # type: ignore[attr-defined]


def test_a_model_that_fails_is_counted_and_told_once_an_answer_that_it_failed(
    tmp_path: Path, metrics: Metrics, pipeline: Pipeline, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(QuestionLog(tmp_path / "questions.db"), metrics)
    trace = pipeline.trace(QUESTION)
    drafts = (Draft("新增多少个。", Fate.SHOWN), Draft("", Fate.FAILED, "the service does not answer"))
    journal.answered(trace, channel="api")
    assert samples(metrics)["district_qa_model_errors_total", ()] == 0
    journal.answered(replace(trace, drafts=drafts), channel="api")
    assert samples(metrics)["district_qa_model_errors_total", ()] == 1
    (told,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert told.fault == "the service does not answer"  # type: ignore[attr-defined]


_COUNT = """
import sys
from ui.metrics import Metrics
metrics = Metrics(lambda: [("waiting", "questions that wait", 3)])
metrics.request("GET", "/x", 200, 0.01)
if len(sys.argv) > 1: print(metrics.render().decode())
"""


def test_several_processes_count_together(tmp_path: Path) -> None:
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for arguments in ([], [], ["render"]):
        command = [sys.executable, "-c", _COUNT, *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert 'district_qa_requests_total{method="GET",route="/x",status="200"} 3.0' in done.stdout
    assert "district_qa_waiting 3.0" in done.stdout
