"""Files of questions: over the invented district, in this process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.corpus.conftest import STEADY
from tests.rag.conftest import make_pipeline
from ui.batch import answer_lines, read_lines

if TYPE_CHECKING:
    from pathlib import Path

    from rag.pipeline import Pipeline

GOOD = json.dumps({"id": "good", "question": "2030年地区生产总值增长多少?"}).encode()
KEYS = [
    "id",
    "question",
    "language",
    "status",
    "answer",
    "refusal",
    "citations",
    "passages",
    "seconds",
    "standalone",
    "notice",
]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return make_pipeline(tmp_path_factory.mktemp("index"))


def _answer(pipeline: Pipeline, *lines: bytes) -> list[dict[str, Any]]:
    return list(answer_lines(pipeline, list(lines)))


@pytest.mark.parametrize(
    ("line", "identity", "reason"),
    [
        (b'{"id": "q", "question": ""}', "q", "empty"),
        (b'{"id": "q", "question": "  "}', "q", "empty"),
        (json.dumps({"id": "q", "question": "问" * 20_000}).encode(), "q", "20000 characters"),
        (b'{"id": "q", "question": "\xff\xfe"}', "q", "not UTF-8 at byte 25"),
        (b'{"id": "q", "question": "\\ud800 GDP"}', "q", "half of one"),
        (b'{"id": "q", "question": "a", "history": [{"role": "user", "content": "\\udc00"}]}', "q", "half of one"),
        (b'{"id": "q"}', "q", "question must be a text, got NoneType"),
        (b'{"id": "q", "question": 5}', "q", "question must be a text, got int"),
        (b'{"id": "q", "question": "a", "history": "abc"}', "q", "history must be a list"),
        (b"", None, "not JSON"),
        (b"\xff", None, "not UTF-8"),
        (b"what is this", None, "not JSON"),
        (b"[1]", None, "got list"),
        (b"[" * 100_000, None, "nested too deeply"),
    ],
)
def test_a_line_that_cannot_be_answered_carries_its_error_in_the_shape_of_an_answer(
    line: bytes, identity: str | None, reason: str, pipeline: Pipeline
) -> None:
    before, wrong, after = _answer(pipeline, GOOD, line, GOOD)
    assert [*wrong] == [*KEYS, "error"]
    assert (wrong["id"], wrong["status"]) == (identity, "error")
    assert wrong["error"].startswith("line 2: ")
    assert reason in wrong["error"]
    assert [*before] == [*after] == KEYS
    assert before["answer"] == after["answer"] != ""


@STEADY
@given(st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")), max_size=6))
def test_any_lines_give_as_many_objects_in_order(lines: list[bytes]) -> None:
    found = list(answer_lines(_Refusing(), lines))  # type: ignore[arg-type]
    assert [entry["error"].partition(":")[0] for entry in found] == [f"line {n}" for n in range(1, len(lines) + 1)]


class _Refusing:
    def ask(self, text: str, history: object) -> object:
        raise ValueError(f"not to be asked: {text!r} {history!r}")


def test_lines_are_told_by_newlines_alone_and_blank_ones_at_the_end_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes("\ufeff{}\r\n\n{\u2028}\x85\n \n\n".encode("utf-8"))
    assert read_lines(path) == ["\ufeff{}\r".encode(), b"", "{\u2028}\x85".encode()]
    path.write_bytes(b"\n \n")
    assert read_lines(path) == []
