from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.decode import SourceError, decode
from tests.corpus.conftest import STEADY

#: In GB18030 these words are not UTF-8, so the two can be told apart whatever follows.
OPENING = "青山区政府工作报告"
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")


@STEADY
@given(st.text(CHARACTERS, max_size=80))
def test_every_encoding_gives_the_same_text(rest: str) -> None:
    text = OPENING + rest
    assert decode(text.encode("utf-8"), "页面.txt") == text
    assert decode(text.encode("utf-8-sig"), "页面.txt") == text
    assert decode(text.encode("gb18030"), "页面.txt") == text


def test_a_file_saved_as_utf16_is_read() -> None:
    assert decode("青山区\r\n".encode("utf-16"), "页面.txt") == "青山区\n"


def test_line_ends_of_other_systems_become_newlines() -> None:
    assert decode("甲\r\n乙\r丙\n\r\n丁".encode(), "页面.txt") == "甲\n乙\n丙\n\n丁"


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n "])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match=r"^页面\.txt: the file is empty") as caught:
        decode(data, "页面.txt")
    assert caught.value.line is None


def test_a_nul_byte_is_refused_with_its_line() -> None:
    with pytest.raises(SourceError, match=r"^页面\.txt, line 3: a NUL byte") as caught:
        decode("青山区\n\n正\0文\n".encode(), "页面.txt")
    assert (caught.value.path.name, caught.value.line) == ("页面.txt", 3)


@pytest.mark.parametrize(
    ("data", "line", "byte"),
    [(b"one\ntwo\n\x80\n", 3, "0x80"), (b"\xffone\n", 1, "0xff"), ("青山\n".encode("gb18030") + b"\xff", 2, "0xff")],
)
def test_bytes_of_no_known_encoding_are_refused_with_their_line(data: bytes, line: int, byte: str) -> None:
    with pytest.raises(SourceError, match=rf"^页面\.txt, line {line}: byte {byte} is neither UTF-8 nor GB18030"):
        decode(data, "页面.txt")


def test_utf8_with_a_fault_is_not_taken_for_another_encoding() -> None:
    data = "\n各位代表现在我代表区政府作报告".encode()[:-1]
    assert data.decode("gb18030"), "these bytes happen to be other characters in GB18030"
    with pytest.raises(SourceError, match=r"^页面\.txt, line 2: byte 0xe5 is neither"):
        decode(data, "页面.txt")
