from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from tests.ui.api.conftest import invented_service, local_client
from ui.api.app import make_api
from ui.api.rates import counted_address
from ui.exposure import OpenServiceError, is_loopback, require_keys_elsewhere
from ui.keys import Role, keys_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx import Response

    from rag.pipeline import Pipeline
    from ui.api.service import Service
    from ui.keys import Keys

SEARCH = {"query": "充电桩"}


@pytest.fixture
def service(invented: Pipeline, tmp_path: Path) -> Service:
    return invented_service(tmp_path, invented)


@pytest.fixture
def keys(service: Service) -> Keys:
    return keys_of(service.settings)


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with local_client(make_api(service)) as client:
        yield client


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def problem(response: Response, status: int) -> str:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == status
    return str(told["detail"])


def test_without_a_key_this_machine_is_answered_and_no_other(service: Service, client: TestClient) -> None:
    assert client.post("/api/v1/search", json=SEARCH).status_code == 200
    elsewhere = TestClient(make_api(service), base_url="http://127.0.0.1", client=("192.0.2.7", 1))
    assert "district-qa keys add" in problem(elsewhere.post("/api/v1/search", json=SEARCH), 403)
    assert elsewhere.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
    ],
)
def test_without_a_key_nothing_that_was_forwarded_or_renamed_is_answered(
    headers: dict[str, str], client: TestClient
) -> None:
    problem(client.post("/api/v1/search", json=SEARCH, headers=headers), 403)


def test_a_page_of_another_origin_changes_nothing_even_here(client: TestClient) -> None:
    headers = {"Origin": "https://evil.example"}
    files = [("files", ("a.md", b"text"))]
    assert "cors_origins" in problem(client.post("/api/v1/documents", files=files, headers=headers), 403)
    own = client.post("/api/v1/search", json=SEARCH, headers={"Origin": "http://127.0.0.1"})
    assert own.status_code == 200


def test_once_a_key_was_made_every_request_needs_one(keys: Keys, client: TestClient) -> None:
    key = keys.add("desk", Role.ASK)
    assert "Bearer" in problem(client.post("/api/v1/search", json=SEARCH), 401)
    problem(client.get("/openapi.json"), 401)
    problem(client.get("/docs"), 401)
    assert client.post("/api/v1/search", json=SEARCH, headers=bearer(key)).status_code == 200
    assert client.get("/docs", headers=bearer(key)).status_code == 200
    keys.revoke("desk")
    problem(client.post("/api/v1/search", json=SEARCH, headers=bearer(key)), 401)
    problem(client.post("/api/v1/search", json=SEARCH), 401)


def test_a_browser_asks_a_person_for_the_key_of_the_documentation(keys: Keys, client: TestClient) -> None:
    key = keys.add("desk", Role.ASK)
    asked = client.get("/docs", headers={"Accept": "text/html"})
    assert asked.headers["www-authenticate"].startswith("Basic ")
    given = base64.b64encode(f"anybody:{key}".encode()).decode()
    assert client.get("/docs", headers={"Authorization": f"Basic {given}"}).status_code == 200
    problem(client.get("/docs", headers={"Authorization": "Basic %%%"}), 401)


def test_a_role_opens_what_is_its_own_and_below(keys: Keys, client: TestClient) -> None:
    ask, edit = (bearer(keys.add(role, role)) for role in (Role.ASK, Role.EDIT))
    path = "/api/v1/documents/none"
    assert "wanted edit" in problem(client.delete(path, headers=ask), 403)
    assert client.delete(path, headers=edit).status_code == 404
    assert client.get("/api/v1/documents", headers=edit).status_code == 200


def test_who_may_not_is_refused_before_the_body_is_read(keys: Keys, client: TestClient) -> None:
    keys.add("desk", Role.ASK)

    def body() -> Iterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    sent = client.post("/api/v1/search", content=body(), headers={"content-type": "application/json"})
    problem(sent, 401)


def test_a_key_ends_with_its_last_day(tmp_path: Path, invented: Pipeline) -> None:
    service = invented_service(tmp_path, invented)
    today = datetime.now(UTC).date()
    keys = keys_of(service.settings)
    key = keys.add("guest", Role.ASK, today)
    (kept,) = keys.all()
    assert (kept.is_usable(today), kept.is_usable(today + timedelta(days=1))) == (True, False)
    assert keys.find(key) is not None


def test_no_error_and_no_file_holds_a_key(keys: Keys, client: TestClient, service: Service) -> None:
    key = keys.add("desk", Role.ASK)
    secret = key.split("_", 2)[2]  # which may hold an underscore itself
    wrong = key[:-1] + ("A" if key[-1] != "A" else "B")
    for sent in (wrong, key.replace("dqa", "x"), "", "é", f"{key} "):
        response = client.post("/api/v1/search", json=SEARCH, headers={b"Authorization": f"Bearer {sent}".encode()})
        assert secret[:-1] not in response.text
    assert client.post("/api/v1/search", json=SEARCH, headers=bearer(key)).status_code == 200
    files = list(service.settings.data_dir.glob("keys.db*"))
    assert all(secret.encode() not in path.read_bytes() for path in files)
    assert files
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)


def test_guessing_keys_is_stopped(keys: Keys, client: TestClient) -> None:
    key = keys.add("desk", Role.ASK)
    responses = [client.get("/api/v1/documents", headers=bearer(f"dqa_0_{n}")) for n in range(25)]
    assert [response.status_code for response in responses] == [401] * 20 + [429] * 5
    assert int(responses[-1].headers["retry-after"]) >= 1
    problem(client.get("/api/v1/documents", headers=bearer(key)), 429)


@pytest.mark.parametrize("setting", ["rate_per_address", "rate_per_key"])
def test_haste_is_told_when_to_come_back(setting: str, invented: Pipeline, tmp_path: Path) -> None:
    limits: dict[str, Any] = {"rate_per_address": "", "rate_per_key": ""} | {setting: "3/minute"}
    service = invented_service(tmp_path, invented, **limits)
    key = bearer(keys_of(service.settings).add("desk", Role.ASK))
    with local_client(make_api(service)) as client:
        responses = [client.get("/api/v1/documents", headers=key) for _ in range(4)]
        assert [response.status_code for response in responses] == [200, 200, 200, 429]
        assert 1 <= int(responses[-1].headers["retry-after"]) <= 60
        assert client.get("/healthz").status_code == 200


def test_an_address_of_ipv6_counts_as_its_network() -> None:
    assert counted_address("2001:db8::1") == counted_address("2001:db8::ffff") != counted_address("2001:db8:0:1::1")
    assert counted_address("192.0.2.1") != counted_address("192.0.2.2")
    assert counted_address("unknown") == "unknown"


def test_other_origins_are_let_in_by_the_setting_only(invented: Pipeline, tmp_path: Path, client: TestClient) -> None:
    headers = {"Origin": "https://intranet.example", "Access-Control-Request-Method": "POST"}
    closed = client.options("/api/v1/ask", headers=headers)
    assert "access-control-allow-origin" not in closed.headers
    service = invented_service(tmp_path / "other", invented, cors_origins=["https://intranet.example"])
    with local_client(make_api(service)) as opened:
        assert (
            opened.options("/api/v1/ask", headers=headers).headers["access-control-allow-origin"] == headers["Origin"]
        )
        assert opened.post("/api/v1/search", json=SEARCH, headers={"Origin": headers["Origin"]}).status_code == 200


def test_serving_elsewhere_without_a_usable_key_is_refused(invented: Pipeline, tmp_path: Path) -> None:
    settings = invented_service(tmp_path, invented, host="0.0.0.0").settings
    with pytest.raises(OpenServiceError, match="keys add"):
        require_keys_elsewhere(settings)
    keys = keys_of(settings)
    keys.add("desk", Role.ASK)
    assert "1 key" in require_keys_elsewhere(settings)
    keys.revoke("desk")
    with pytest.raises(OpenServiceError):
        require_keys_elsewhere(settings)
    here = settings.model_copy(update={"host": "localhost"})
    assert "answers nobody" in require_keys_elsewhere(here)


def test_loopback_is_told_by_address_and_by_its_one_name() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.8.9.1", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "10.0.0.1", "example.test", "", "localhost.example")))


def test_the_last_use_of_a_key_is_kept(keys: Keys) -> None:
    keys.add("desk", Role.ASK, date(2999, 1, 1))
    assert keys.all()[0].last_used is None
    found = keys.find(keys.add("other", Role.EDIT))
    assert (found.name if found else "", [key.last_used is not None for key in keys.all()]) == ("other", [False, True])
