from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

pytestmark = pytest.mark.slow

AMOUNTS_ZH = ("1000 万元", "500 万元", "100 万元", "300 万元")


@pytest.fixture(scope="module")
def client(service: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service, timeout=30) as client:
        yield client


@pytest.mark.parametrize(
    "question", ["徐汇区对外资地区总部有哪些补贴?", "what subsidies apply to foreign regional HQs"]
)
def test_the_subsidies_are_named_with_their_amounts_and_source(question: str, client: httpx.Client) -> None:
    answer = client.post("/api/v1/ask", json={"question": question}).raise_for_status().json()
    assert answer["status"] == "answered"
    quotes = "".join(citation["quote"] for citation in answer["citations"])
    assert all(amount in quotes for amount in AMOUNTS_ZH)
    assert {posted for citation in answer["citations"] for posted in citation["posted"]} == {"2022-02-23"}


def test_search_returns_as_many_passages_as_asked_best_first(client: httpx.Client) -> None:
    found = client.post("/api/v1/search", json={"query": "公共充电桩", "k": 3}).raise_for_status().json()
    assert len(found) == 3
    assert [p["score"] for p in found] == sorted((p["score"] for p in found), reverse=True)
    assert "充电桩" in found[0]["text"]


def test_documents_are_listed_with_both_dates(client: httpx.Client) -> None:
    documents = client.get("/api/v1/documents").raise_for_status().json()
    assert len(documents) == 7
    by_delivery = {document["delivered"]: document for document in documents}
    assert by_delivery["2020-01-07"]["posted"] == ["2025-07-09", "2025-07-09"]


@pytest.mark.parametrize(
    "body", [{}, {"question": ""}, {"question": "  "}, {"question": "问" * 5000}, {"question": "a", "else": 1}]
)
def test_bad_questions_are_refused_with_a_reason(body: dict[str, object], client: httpx.Client) -> None:
    response = client.post("/api/v1/ask", json=body)
    assert response.status_code == 422
    assert response.json()["detail"]
    assert response.headers["content-type"] == "application/problem+json"


def test_half_of_a_character_is_refused_not_a_failure(client: httpx.Client) -> None:
    body = b'{"question": "\\ud800"}'
    response = client.post("/api/v1/ask", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert response.json()["errors"][0]["loc"] == ["body", "question"]


def test_an_english_search_shows_the_english_edition(client: httpx.Client) -> None:
    found = client.post("/api/v1/search", json={"query": "subsidies for foreign regional HQs", "k": 1}).json()
    assert "RMB 10 million" in found[0]["translation"]
    assert client.post("/api/v1/search", json={"query": "外资总部补贴", "k": 1}).json()[0]["translation"] is None


def test_health_and_readiness(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz").json()
    assert (ready["status"], ready["documents"]) == ("ready", 7)
    assert ready["passages"] > 100


def test_a_follow_up_uses_the_history(client: httpx.Client) -> None:
    history = [
        {"role": "user", "content": "2019年公共充电桩新增了多少个?"},
        {"role": "assistant", "content": "437个"},
    ]
    answer = client.post("/api/v1/ask", json={"question": "那2018年呢?", "history": history}).json()
    assert "381" in answer["answer"]


def test_next_questions_are_such_as_are_answered(client: httpx.Client) -> None:
    body = {"question": "2019年公共充电桩新增了多少个?"}
    found = client.post("/api/v1/suggest", json=body).raise_for_status().json()
    assert 2 <= len(found) <= 3
    for question in found:
        assert client.post("/api/v1/ask", json={"question": question}).json()["status"] == "answered"
