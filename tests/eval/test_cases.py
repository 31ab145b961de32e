from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.cases import Expect, QuestionFileError, check, fold, meets, read_cases, unknown_keys
from rag.types import Language, Turn
from tests.eval.conftest import GROWTH, LINE, make_case, unanswerable, write_lines


def test_a_line_becomes_a_case(tmp_path: Path) -> None:
    follow_up = LINE | {"id": "h2", "history": [{"role": "user", "content": "充电桩呢?"}]}
    first, second = read_cases(write_lines(tmp_path / "q.jsonl", LINE | {"history": None}, follow_up))
    assert (first.id, first.lang, first.expect) == ("h1", Language.ZH, Expect.ANSWER)
    assert (first.evidence, first.must_include) == ((GROWTH,), (("5.1%",),))
    assert second.history == (Turn("user", "充电桩呢?"),)


def test_no_evidence_means_refuse_unless_it_says_otherwise(tmp_path: Path) -> None:
    nothing = {"id": "h1", "lang": "en", "type": "furniture", "question": "Hotline?", "evidence": []}
    known_but_not_to_be_told = LINE | {"id": "h2", "expect": "refuse"}
    cases = read_cases(write_lines(tmp_path / "q.jsonl", nothing, known_but_not_to_be_told))
    assert [case.expect for case in cases] == [Expect.REFUSE, Expect.REFUSE]


def test_null_is_as_good_as_missing_and_what_is_refused_needs_no_evidence(tmp_path: Path) -> None:
    bare = {"id": "h1", "lang": "en", "type": "unanswerable", "question": "Hotline?", "expect": "refuse"}
    nulls = dict.fromkeys(["history", "evidence", "answer", "must_include", "must_not_include"])
    first, second = read_cases(write_lines(tmp_path / "q.jsonl", bare, bare | nulls | {"id": "h2"}))
    assert first.expect is second.expect is Expect.REFUSE
    assert (second.evidence, second.answer, second.must_include, second.must_not_include) == ((), "", (), ())


def test_blank_lines_and_a_byte_order_mark_are_no_faults(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(b"\xef\xbb\xbf\n" + json.dumps(LINE).encode() + b"\r\n\n")
    assert len(read_cases(path)) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lang": "fr"}, "lang: Input should be 'zh' or 'en'"),
        ({"question": "  "}, "question"),
        ({"question": 7}, "question: Input should be a valid string"),
        ({"id": "a b"}, "id"),
        ({"evidence": "text"}, "evidence: Input should be a valid list"),
        ({"must_include": ["5.1%"]}, "must_include.0"),
        ({"must_include": [[]]}, "empty group or string"),
        ({"must_include": [["5.1%", " "]]}, "empty group or string"),
        ({"must_not_include": [""]}, "empty group or string"),
        ({"expect": "maybe"}, "expect"),
        ({"history": [{"role": "system", "content": "x"}]}, "history.0.role"),
        ({"id": "h0"}, "the id h0 is that of line 1 too"),
    ],
)
def test_a_faulty_line_is_refused_with_line_and_reason(changes: dict[str, Any], reason: str, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "q.jsonl", LINE | {"id": "h0"}, LINE | changes)
    with pytest.raises(QuestionFileError) as raised:
        read_cases(path)
    assert f"{path}, line 2: " in str(raised.value)
    assert reason in str(raised.value)


@pytest.mark.parametrize("key", ["id", "lang", "type", "question", "evidence"])
def test_a_missing_key_is_named(key: str, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "q.jsonl", {name: value for name, value in LINE.items() if name != key})
    with pytest.raises(QuestionFileError, match=f"line 1: {key}: Field required"):
        read_cases(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"id": \n', "line 1: not JSON"),
        (b"[]\n", "line 1: wanted a JSON object"),
        (b'\n{"id": "\xff"}\n', "line 2: not UTF-8 at byte 8"),
        (b"\n\n", "holds no question"),
    ],
)
def test_what_is_no_question_file_is_refused(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(content)
    with pytest.raises(QuestionFileError, match=reason):
        read_cases(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionFileError, match="cannot be read"):
        read_cases(tmp_path / "none.jsonl")


def test_keys_that_are_not_of_the_format_are_told(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "q.jsonl", LINE | {"note": "x"}, LINE | {"id": "h2", "must_inlcude": [["5"]]})
    assert len(read_cases(path)) == 2
    assert unknown_keys(path) == ("note", "must_inlcude")


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("GDP增长 5.1 %左右", True),  # spaces apart
        ("gdp增长5.1%", True),  # case apart
        ("GDP, 5,.1%", True),  # commas apart, wherever they stand
        ("GDP：5，.1%\u3000", True),  # full width too
        ("GDP增长5.2%", False),
        ("增长5.1%", False),  # one group is not met
        ("GDP增长5.1%,不是6%", False),  # says what it must not
    ],
)
def test_the_correctness_rule(answer: str, right: bool) -> None:
    case = make_case(must_include=(("GDP", "生产总值"), ("5.1%",)), must_not_include=("6 %",))
    assert meets(case, answer) is right


def test_folding() -> None:
    assert fold(" 1,670 亿元，ＧＤＰ\u3000X\n") == "1670亿元ｇｄｐx"


def test_the_checker_finds_what_reading_cannot_see() -> None:
    cases = [
        make_case("a"),
        make_case("b", evidence=("全年预计地区生产总值增长5.2%",)),
        make_case("c", answer="增长5.2%"),
        make_case("d", must_not_include=("5.1",)),
        make_case("e", lang=Language.EN),
        unanswerable("f"),
        unanswerable("f"),
        make_case("g", evidence=(), must_include=()),
    ]
    found = [(fault.case_id, fault.reason.split(":")[0]) for fault in check(cases, ["…" + GROWTH + "…"])]
    assert found == [
        ("b", "this evidence stands in no source"),
        ("f", "its id is used twice"),
        ("f", "its id is used twice"),
        ("c", "the gold answer does not meet its own must_include and must_not_include"),
        ("d", "the gold answer does not meet its own must_include and must_not_include"),
        ("e", "Chinese characters in an English question or answer"),
        ("g", "no evidence, so retrieval is not measured"),
        ("g", "no must_include, so correctness is not measured"),
    ]
