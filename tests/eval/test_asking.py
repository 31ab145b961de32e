from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from eval import measures
from eval.ablations import configuration
from eval.asking import LocalAsker, PassageAsker, ServiceAsker, ServiceError, connect
from eval.measures import Share
from eval.records import Outcome, RecordError, parse_record, read_records
from rag.settings import Settings
from rag.types import Fate, Turn
from tests.eval.conftest import GROWTH, REFUSAL, make_case, write_lines
from tests.rag.conftest import make_pipeline
from tests.rag.fakes import ScriptedModel


def test_a_pipeline_is_asked_in_this_process(tmp_path: Path) -> None:
    pipeline = make_pipeline(tmp_path)
    record = parse_record({"id": "q1"} | LocalAsker(pipeline).ask(make_case()))
    assert record.status is Outcome.ANSWERED
    assert "5.1%" in record.text
    assert record.citations[0].quote in record.passages[0].text
    too_long = parse_record({"id": "q2"} | LocalAsker(pipeline).ask(make_case(question="问" * 501)))
    assert (too_long.status, "501 characters" in (too_long.error or "")) == (Outcome.ERROR, True)


def test_what_a_language_model_wrote_is_kept_beside_the_answer_and_measured(tmp_path: Path) -> None:
    written = "2030年地区生产总值增长5.1%左右[1]。2030年地区生产总值增长7%[1]。"
    asker = LocalAsker(make_pipeline(tmp_path, model=ScriptedModel(written)))
    record = parse_record({"id": "q1"} | asker.ask(make_case()))
    assert [draft.fate for draft in record.drafts] == [Fate.SHOWN, Fate.DROPPED]
    assert measures.changed_sentences(record) == Share(1, 2)
    assert measures.declined(record) == measures.without_model(record) == Share(0, 1)
    gone = LocalAsker(make_pipeline(tmp_path / "gone", model=ScriptedModel(breaks=True)))
    left = parse_record({"id": "q1"} | gone.ask(make_case()))
    assert (measures.changed_sentences(left), measures.without_model(left)) == (None, Share(1, 1))
    extractive = parse_record({"id": "q1"} | LocalAsker(make_pipeline(tmp_path / "none")).ask(make_case()))
    assert measures.without_model(extractive) is None


def test_a_configuration_takes_another_generator_and_its_name() -> None:
    config = configuration("dense-only").writing_by("openai")
    assert config.name == "dense-only-openai"
    settings = config.apply(Settings(model="m"))
    assert (settings.generator, settings.keyword_weight) == ("openai", 0.0)


def test_passages_only(tmp_path: Path) -> None:
    asker = PassageAsker(make_pipeline(tmp_path), 2)
    record = parse_record({"id": "q1"} | asker.ask(make_case()))
    assert (record.status, record.text, len(record.passages)) == (Outcome.RETRIEVED, "", 2)
    assert GROWTH in record.passages[0].text
    follow_up = make_case(question="那充电桩呢?", history=(Turn("user", "2030年地区生产总值增长多少?"),))
    assert parse_record({"id": "q2"} | asker.ask(follow_up)).status is Outcome.RETRIEVED


def _service(status: int, body: object) -> tuple[ServiceAsker, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(status, content=body if isinstance(body, bytes) else json.dumps(body).encode())

    return ServiceAsker(httpx.Client(base_url="http://service", transport=httpx.MockTransport(handle))), seen


def test_a_service_is_asked_with_the_conversation() -> None:
    asker, seen = _service(200, REFUSAL)
    case = make_case(history=(Turn("user", "甲"), Turn("assistant", "乙")))
    assert asker.ask(case) == REFUSAL
    assert seen[0].url == "http://service/api/v1/ask"
    assert json.loads(seen[0].content) == {
        "question": case.question,
        "history": [{"role": "user", "content": "甲"}, {"role": "assistant", "content": "乙"}],
    }
    asker.ask(make_case())
    assert "history" not in json.loads(seen[1].content)


def test_a_question_that_a_service_does_not_take_is_an_error_of_its_own() -> None:
    assert _service(422, {"detail": "empty"})[0].ask(make_case())["status"] == "error"


@pytest.mark.parametrize(("status", "body"), [(401, {}), (503, {}), (200, b"<html>")])
def test_a_service_that_fails_stops_the_run(status: int, body: object) -> None:
    with pytest.raises(ServiceError, match="http://service/api/v1/ask"):
        _service(status, body)[0].ask(make_case())


def test_nobody_there_is_said_plainly() -> None:
    with pytest.raises(ServiceError, match="cannot be asked"):
        connect("http://127.0.0.1:9", "secret")


def test_only_promised_fields_are_needed_and_others_are_ignored() -> None:
    citation = {"marker": 1, "passage_id": "d:0-2", "document_id": "d", "title": "t", "delivered": "unknown"}
    entry = {
        "id": "q",
        "status": "answered",
        "answer": "x[1]",
        "confidence": 0.9,
        "citations": [citation | {"posted": [], "quote": "x", "period": None, "status": "none", "colour": "red"}],
    }
    assert parse_record(entry).citations[0].years is None
    with pytest.raises(RecordError, match=r"answer to q has not the promised form: citations\.0\.quote"):
        parse_record(entry | {"citations": [citation | {"posted": []}]})
    with pytest.raises(RecordError, match="status"):
        parse_record(entry | {"status": "maybe"})


def test_line_separators_inside_a_text_do_not_divide_lines(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", {"id": "q", "status": "error", "error": "a\u2028b\x85c"})
    assert read_records(path)["q"].error == "a\u2028b\x85c"
