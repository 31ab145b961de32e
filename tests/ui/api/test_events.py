from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rag.types import Done, Found, Text
from tests.ui.api.conftest import invented_service, local_client
from ui.api.app import make_api
from ui.api.events import accepts_events
from ui.desk import TookTooLongError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient
    from httpx import Response

    from rag.pipeline import Pipeline

ASKED = {"question": "2030年新增公共充电桩多少个?"}
EVENTS = {"Accept": "text/event-stream"}


def read(text: str) -> list[tuple[str, str, Any]]:
    """Return name, id and data of each event of a stream."""
    found = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        found.append((fields["event"], fields["id"], json.loads(fields["data"])))
    return found


@pytest.mark.parametrize("question", [ASKED["question"], "How many public charging points were added in 2030?"])
def test_passages_come_first_then_the_text_in_pieces_then_the_answer(question: str, client: TestClient) -> None:
    response = client.post("/api/v1/ask", json={"question": question}, headers=EVENTS)
    assert response.headers["content-type"].startswith("text/event-stream")
    events = read(response.text)
    names = [name for name, _, _ in events]
    assert (names[0], set(names[1:-1]), names[-1]) == ("passages", {"token"}, "answer")
    answer = events[-1][2]
    assert "".join(data["text"] for name, _, data in events if name == "token") == answer["answer"]
    assert [one["passage_id"] for one in events[0][2]] == [one["passage_id"] for one in answer["passages"]]
    plain = client.post("/api/v1/ask", json={"question": question}).json()
    assert {key: answer[key] for key in plain if key not in ("id", "seconds")} == {
        key: plain[key] for key in plain if key not in ("id", "seconds")
    }


def test_a_refusal_is_an_answer_without_tokens(client: TestClient) -> None:
    body = {"question": "充电桩多少?", "filter": {"periods": ["1999"]}}
    events = read(client.post("/api/v1/ask", json=body, headers=EVENTS).text)
    assert [name for name, _, _ in events] == ["passages", "answer"]
    assert events[-1][2]["refusal"]["reason"] == "filtered_out"


def test_a_reconnect_begins_a_whole_new_stream(client: TestClient) -> None:
    first = read(client.post("/api/v1/ask", json=ASKED, headers=EVENTS).text)
    again = read(client.post("/api/v1/ask", json=ASKED, headers=EVENTS | {"Last-Event-ID": first[0][1]}).text)
    assert [name for name, _, _ in again] == [name for name, _, _ in first]
    identity = again[-1][2]["id"]
    assert identity != first[-1][2]["id"]
    assert [number for _, number, _ in again] == [f"{identity}.{n}" for n in range(1, len(again) + 1)]


def test_a_question_that_cannot_be_taken_is_an_ordinary_error(client: TestClient) -> None:
    response = client.post("/api/v1/ask", json={"question": "  "}, headers=EVENTS)
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")


class Failing:
    """A pipeline whose answer takes too long once its passages are found."""

    def __init__(self, inner: Pipeline) -> None:
        self._inner = inner

    def stream(self, *question: Any) -> Iterator[Found | Text | Done]:
        yield next(iter(self._inner.stream(*question)))
        raise TookTooLongError("too long")


def test_an_error_in_the_middle_is_told_as_an_event(invented: Pipeline, tmp_path: Path) -> None:
    service = invented_service(tmp_path, Failing(invented))  # type: ignore[arg-type]
    with local_client(make_api(service)) as client:
        events = read(client.post("/api/v1/ask", json=ASKED, headers=EVENTS).text)
    assert [name for name, _, _ in events] == ["passages", "error"]
    assert events[-1][2]["status"] == 504


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("text/event-stream", True),
        ("application/json, Text/Event-Stream;q=0.9", True),
        ("*/*", False),
        ("", False),
        ("text/event-streams", False),
    ],
)
def test_events_are_sent_to_who_names_them(accept: str, wanted: bool) -> None:
    assert accepts_events(accept) is wanted


def test_every_response_tells_browsers_to_be_careful(client: TestClient) -> None:
    for response in (client.get("/healthz"), client.get("/api/v1/none"), client.post("/api/v1/ask", json=ASKED)):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["content-security-policy"].startswith("default-src 'none'")
        assert response.headers["cache-control"] == "no-store"


def told(response: Response) -> tuple[int, str]:
    return response.status_code, response.json()["detail"]


def test_unknown_paths_and_methods_are_told_as_problems(client: TestClient) -> None:
    assert told(client.get("/api/v1/none")) == (
        404,
        "there is nothing at /api/v1/none; /openapi.json lists what there is",
    )
    status, said = told(client.put("/api/v1/ask"))
    assert (status, "wanted POST" in said) == (405, True)
    assert told(client.post("/api/v1/ask", content=b"{", headers={"content-type": "application/json"}))[0] == 422
    large = told(client.post("/api/v1/ask", json={"question": "x" * 3_000_000}))
    assert (large[0], "bytes" in large[1]) == (413, True)
