from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from index.store import MissingIndexError, StoreError
from rag.language_model import LanguageModelError
from tests.rag.conftest import make_pipeline
from tests.rag.fakes import ScriptedModel
from tests.ui.api.conftest import invented_service, local_client
from ui.api.app import make_api
from ui.api.health import Probe

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from fastapi.testclient import TestClient

    from rag.pipeline import Pipeline


def test_a_service_that_answers_is_ready_and_says_how_much_it_holds(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    told = client.get("/readyz").json()
    assert (told["status"], told["documents"], told["language_model"]) == ("ready", 2, "none")
    assert told["passages"] >= 2


def test_a_service_without_an_index_lives_and_is_not_ready(tmp_path: Path, invented: Pipeline) -> None:
    def none() -> Pipeline:
        raise MissingIndexError("there is no index; run: district-qa build")

    service = replace(invented_service(tmp_path, invented), pipeline=none)
    with local_client(make_api(service)) as client:
        assert client.get("/healthz").status_code == 200
        for response in (client.get("/readyz"), client.post("/api/v1/ask", json={"question": "?"})):
            assert (response.status_code, response.headers["content-type"]) == (503, "application/problem+json")
            assert "district-qa build" in response.json()["detail"]
            assert int(response.headers["retry-after"]) > 0


def test_each_index_is_asked_once_whether_it_answers() -> None:
    class Counting:
        asked = 0

        def rehearse(self, text: str) -> None:
            self.asked += 1

        def check(self) -> None:
            """All is there."""

    probe, first, second = Probe(), Counting(), Counting()
    pipelines: list[Any] = [first, first, second, second]
    for pipeline in pipelines:
        probe.ask(pipeline)
    assert (first.asked, second.asked) == (1, 1)


def test_a_failure_nobody_foresaw_tells_nothing_of_the_inside(tmp_path: Path, invented: Pipeline) -> None:
    def broken() -> Pipeline:
        raise ZeroDivisionError("/secret/folder")

    service = replace(invented_service(tmp_path, invented), pipeline=broken)
    with local_client(make_api(service), raise_server_exceptions=False) as client:
        response = client.post("/api/v1/ask", json={"question": "?"})
    assert (response.status_code, response.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_service_whose_vectors_are_away_is_not_ready_and_is_once_they_are_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = make_pipeline(tmp_path / "index")
    away = [StoreError("the server is away; start it")]

    def check() -> None:
        if away:
            raise away[0]

    monkeypatch.setattr(pipeline, "_check", check)
    with local_client(make_api(invented_service(tmp_path, pipeline))) as client:
        told = client.get("/readyz")
        assert told.status_code == 503
        assert told.json()["detail"] == "the server is away; start it"
        assert client.get("/healthz").json() == {"status": "ok"}
        away.clear()
        assert client.get("/readyz").json()["status"] == "ready"


def test_a_service_is_ready_while_its_language_model_is_away_and_tells_so(tmp_path: Path) -> None:
    pipeline = make_pipeline(tmp_path / "index", model=ScriptedModel(breaks=True))
    with local_client(make_api(invented_service(tmp_path, pipeline))) as client:
        told = client.get("/readyz").json()
    assert (told["status"], told["language_model"]) == ("ready", "away")


def test_whether_the_model_is_there_is_asked_anew_after_some_seconds() -> None:
    class Changing:
        has_model, is_away = True, True

        def check_model(self) -> None:
            if self.is_away:
                raise LanguageModelError("gone")

    now = [100.0]
    probe, pipeline = Probe(clock=lambda: now[0]), Changing()
    told: list[str] = []
    for away, later in ((True, 0), (False, 5), (False, 60)):
        pipeline.is_away, now[0] = away, now[0] + later
        told.append(probe.model(cast("Pipeline", pipeline)))
    assert told == ["away", "away", "ready"]
