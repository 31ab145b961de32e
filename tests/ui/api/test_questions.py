from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


def ask(client: TestClient, question: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.post("/api/v1/ask", json={"question": question, **more}).raise_for_status().json()
    return answer


def test_what_was_asked_in_every_form_is_listed_with_what_its_asker_said(client: TestClient) -> None:
    question = "2030年新增公共充电桩多少个?"
    answer = ask(client, question)
    streamed = client.post("/api/v1/ask", json={"question": question}, headers={"Accept": "text/event-stream"})
    assert streamed.status_code == 200
    client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": question}]}).raise_for_status()
    body = {"id": answer["id"], "helpful": False, "why": "wrong_year", "comment": "问的是2031年"}
    assert client.post("/api/v1/feedback", json=body).status_code == 204

    listed = client.get("/api/v1/questions").raise_for_status().json()
    assert [one["channel"] for one in listed[:3]] == ["openai", "api", "api"]
    (marked,) = client.get("/api/v1/questions", params={"helpful": False}).json()
    assert (marked["id"], marked["why"], marked["comment"]) == (answer["id"], "wrong_year", "问的是2031年")
    assert "127.0.0.1" not in str(listed)
    assert client.get("/api/v1/questions/gaps").json()["wrong"][0]["reason"] == "wrong_year"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"id": "nobody", "helpful": True}, 404),
        ({"id": "x", "helpful": True, "why": "other"}, 422),
        ({"id": "x", "helpful": False, "why": "ugly"}, 422),
        ({"helpful": False}, 422),
        ({"id": "x", "helpful": False, "comment": "x" * 2001}, 422),
    ],
)
def test_feedback_that_cannot_be_is_refused(body: dict[str, Any], status: int, client: TestClient) -> None:
    response = client.post("/api/v1/feedback", json=body)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "\t=", "  ="])
def test_no_question_becomes_a_formula_of_a_spreadsheet(start: str, client: TestClient) -> None:
    words = f"{start}HYPERLINK(充电桩)"
    ask(client, words)
    response = client.get("/api/v1/questions", params={"csv": True, "limit": 1})
    assert response.headers["content-disposition"] == 'attachment; filename="questions.csv"'
    (row,) = csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff"), newline=""))
    assert row["text"] == f"'{words}"


def test_figures_count_what_was_asked_and_name_no_question(client: TestClient) -> None:
    ask(client, "2030年新增公共充电桩多少个?")
    figures = client.get("/metrics").text
    assert 'district_qa_answers_total{channel="api",language="zh",status="answered"}' in figures
    assert 'district_qa_requests_total{method="POST",route="/api/v1/ask",status="200"}' in figures
    assert "充电桩" not in figures


def test_an_answer_can_be_kept_as_a_file_and_by_its_receipt(client: TestClient) -> None:
    body = {"question": "2030年新增公共充电桩多少个?"}
    text = client.post("/api/v1/export", json=body)
    assert text.headers["content-type"] == "text/markdown; charset=utf-8"
    assert "210" in text.text
    word = client.post("/api/v1/export", json=body, params={"format": "docx"})
    assert word.content.startswith(b"PK")
    assert client.post("/api/v1/export", json=body, params={"format": "pdf"}).status_code == 422
    receipt = client.post("/api/v1/receipt", json=body).raise_for_status().json()
    assert (receipt["question"], receipt["status"], len(receipt["cited"]) > 0) == (body["question"], "answered", True)
