"""The OpenAPI document, and whatever it allows sent at the service."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.rag.conftest import make_pipeline
from tests.ui.api.conftest import invented_service, serving
from ui.api.app import make_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient
    from schemathesis.schemas import BaseSchema


@pytest.fixture(scope="module")
def api_schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BaseSchema]:
    pipeline = make_pipeline(tmp_path_factory.mktemp("index"))
    service = invented_service(tmp_path_factory.mktemp("data"), pipeline, rate_per_address="", body_seconds=5)
    with serving(make_api(service)) as address:
        yield schemathesis.openapi.from_url(f"{address}/openapi.json")


def test_generated_clients_are_told_what_is_a_file_and_what_every_answer_is(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    uploaded = document["components"]["schemas"]["Body_add_documents"]["properties"]["files"]["items"]
    assert (uploaded["type"], uploaded["format"]) == ("string", "binary")
    answers = [
        (path, kind)
        for path, operations in document["paths"].items()
        for operation in operations.values()
        for response in operation["responses"].values()
        for kind, content in response.get("content", {}).items()
        if not content.get("schema") and not content.get("itemSchema")
    ]
    assert answers == []


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_whatever_comes_is_answered_as_the_document_says(mode: GenerationMode, api_schema: BaseSchema) -> None:
    """Requests that fit the document, and such that do not, for every operation."""
    asked = 0
    for found in api_schema.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query or operation.path_parameters):
            continue

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=10,
            derandomize=True,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        def send(case: schemathesis.Case) -> None:
            nonlocal asked
            asked += 1
            case.call_and_validate(
                checks=[
                    not_a_server_error,
                    status_code_conformance,
                    content_type_conformance,
                    response_schema_conformance,
                ],
                timeout=30,
            )

        with suppress(Unsatisfiable):  # of some, nothing can be wrong: a name that may be any text
            send()
    assert asked > 100


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    told: dict[str, Any] = client.get("/openapi.json").raise_for_status().json()
    return told


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def test_the_promised_doors_are_there(document: dict[str, Any]) -> None:
    assert {name for name, _ in operations(document)} >= {
        *("post /api/v1/ask", "post /api/v1/search", "get /api/v1/documents", "post /api/v1/documents"),
        *("get /api/v1/documents/{document_id}", "delete /api/v1/documents/{document_id}", "get /api/v1/jobs/{job_id}"),
        *("get /api/v1/indicators", "post /api/v1/feedback", "get /api/v1/questions"),
        *("get /healthz", "get /readyz", "get /metrics", "post /v1/chat/completions", "get /v1/models"),
    }


def test_every_operation_is_named_described_and_tells_its_errors_in_one_shape(document: dict[str, Any]) -> None:
    names = []
    for place, operation in operations(document):
        names.append(operation["operationId"])
        assert operation["summary"], place
        assert operation["description"], place
        for status, response in operation["responses"].items():
            assert response["description"], place
            if not status.startswith("2"):
                assert list(response["content"]) == ["application/problem+json"], (place, status)
    assert len(names) == len(set(names))
    assert all(name.isidentifier() for name in names)


def test_questions_have_examples_in_both_languages(document: dict[str, Any]) -> None:
    for path in ("/api/v1/ask", "/api/v1/search", "/v1/chat/completions", "/api/v1/feedback"):
        (content,) = document["paths"][path]["post"]["requestBody"]["content"].values()
        assert {"zh", "en"} <= content["examples"].keys(), path


def test_the_documentation_loads_nothing_from_another_host(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "http" not in page.replace("http-equiv", "")
    for script in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert f"/docs/static/{script}" in page
        assert client.get(f"/docs/static/{script}").status_code == 200
