from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ui.api.completions import MODEL

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

QUESTION = "2030年新增公共充电桩多少个?"


def complete(client: TestClient, *said: tuple[str, Any], **more: Any) -> Any:
    messages = [{"role": role, "content": content} for role, content in said]
    return client.post("/v1/chat/completions", json={"model": MODEL, "messages": messages, **more})


def test_the_last_message_is_answered_with_footnotes_and_citations(client: TestClient) -> None:
    told = complete(client, ("system", "You are a pirate."), ("user", QUESTION), temperature=0.7).json()
    (choice,) = told["choices"]
    assert (told["object"], choice["finish_reason"], choice["message"]["role"]) == (
        "chat.completion",
        "stop",
        "assistant",
    )
    text, (first, *_) = choice["message"]["content"], told["citations"]
    assert "210" in text.split("\n\n")[0]
    assert f"\n\n[1] {first['title']}" in text
    assert first["quote"] in text
    assert "作出或发生 2031-01-09" in text


def test_what_was_said_before_is_the_conversation(client: TestClient) -> None:
    told = complete(client, ("user", QUESTION), ("assistant", "210个"), ("user", "那2031年的目标呢?")).json()
    assert "300" in told["choices"][0]["message"]["content"]


def test_a_message_in_parts_is_read(client: TestClient) -> None:
    told = complete(client, ("user", [{"type": "text", "text": QUESTION}])).json()
    assert "210" in told["choices"][0]["message"]["content"]


def test_a_refusal_is_told_with_its_reason(client: TestClient) -> None:
    told = complete(client, ("user", QUESTION), filter={"periods": ["1999"]}).json()
    assert told["refusal_reason"] == "filtered_out"
    assert "1999" in told["choices"][0]["message"]["content"]


@pytest.mark.parametrize("more", [{}, {"filter": {"periods": ["1999"]}}])
def test_a_stream_comes_in_chunks_and_says_the_same(more: dict[str, Any], client: TestClient) -> None:
    whole = complete(client, ("user", QUESTION), **more).json()
    events = complete(client, ("user", QUESTION), stream=True, **more).text.strip().split("\n\n")
    assert events[-1] == "data: [DONE]"
    chunks = [json.loads(event.removeprefix("data: ")) for event in events[:-1]]
    assert {(chunk["object"], chunk["model"]) for chunk in chunks} == {("chat.completion.chunk", MODEL)}
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert deltas[0] == {"role": "assistant", "content": ""}
    said = "".join(delta.get("content", "") for delta in deltas)
    assert said == whole["choices"][0]["message"]["content"]
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    assert chunks[-1]["citations"] == whole["citations"]


@pytest.mark.parametrize(
    "body",
    [
        {"messages": []},
        {"messages": [{"role": "assistant", "content": "…"}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
        {"messages": [{"role": "user", "content": QUESTION}], "n": 2},
        {"messages": [{"role": "user", "content": QUESTION}], "tools": [{"type": "function"}]},
        {"messages": [{"role": "user", "content": "  "}], "stream": True},
    ],
)
def test_what_is_not_done_is_refused_not_ignored(body: dict[str, Any], client: TestClient) -> None:
    response = client.post("/v1/chat/completions", json=body)
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")
    told = response.json()
    assert told["error"] == {
        "message": told["detail"],
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


def test_one_model_is_listed(client: TestClient) -> None:
    assert [card["id"] for card in client.get("/v1/models").json()["data"]] == [MODEL]
    assert client.get(f"/v1/models/{MODEL}").json()["id"] == MODEL
    assert client.get("/v1/models/other").status_code == 404
