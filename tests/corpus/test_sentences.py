from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sentences import sentence_spans, trim
from tests.corpus.conftest import STEADY


def _cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("增长5.1%。新增210个！完成了吗？", ["增长5.1%。", "新增210个！", "完成了吗？"]),
        ("完成了吗?当然!", ["完成了吗?", "当然!"]),
        ("他说：“马上开工。”大家鼓掌。", ["他说：“马上开工。”", "大家鼓掌。"]),
        ("设立基金(规模10亿元。)随后招商。", ["设立基金(规模10亿元。)", "随后招商。"]),
        ("一、工作回顾\n过去一年", ["一、工作回顾", "过去一年"]),
        ("稳中求进。 再接再厉", ["稳中求进。", "再接再厉"]),
        ("区长李明各位代表:现在作报告。", ["区长李明", "各位代表:现在作报告。"]),
        ("李各位代表:现在作报告。", ["李", "各位代表:现在作报告。"]),
        ("谢谢各位代表的支持。", ["谢谢各位代表的支持。"]),
        ("财政收入88.8亿元;新增泊位900个。", ["财政收入88.8亿元;新增泊位900个。"]),
        (" \n\u3000\n", []),
        ("", []),
    ],
)
def test_a_text_is_cut_where_a_reader_stops(text: str, sentences: list[str]) -> None:
    assert _cut(text) == sentences


def test_only_a_sentence_of_more_than_120_characters_is_cut_at_its_semicolons() -> None:
    first, second = "甲" * 60 + "；", "乙" * 58 + "。"
    assert _cut(first + second) == [first + second], "120 characters are still read at a glance"
    assert _cut(first + "乙" + second) == [first, "乙" + second]


def test_positions_are_those_of_the_whole_text_also_for_a_part_of_it() -> None:
    text = "甲。乙。\n丙丁。戊。"
    assert list(sentence_spans(text, 2, 7)) == [(2, 4), (5, 7)]


def test_trim_leaves_out_white_space_at_both_ends_only() -> None:
    assert trim(" \u3000甲 乙\n", 0, 6) == (2, 5)
    assert trim("甲  乙", 1, 3) == (3, 3)


PIECES = ["青山", "5.1%", "。", "！", "?", "；", ";", "”", ")", "各位代表:", "\n", " ", "\u3000", "码头" * 35]


@STEADY
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=25).map("".join), st.data())
def test_every_visible_character_is_in_exactly_one_sentence(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    held = [0] * len(text)
    for first, last in sentence_spans(text, start, end):
        assert not text[first].isspace()
        assert not text[last - 1].isspace()
        for i in range(first, last):
            held[i] += 1
    for i, character in enumerate(text):
        if start <= i < end and not character.isspace():
            assert held[i] == 1
        else:
            assert held[i] <= (start <= i < end), "white space inside a sentence, and nothing outside the part"


@STEADY
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_sentences_come_in_order(text: str) -> None:
    spans = list(sentence_spans(text))
    assert spans == sorted(spans)


@pytest.mark.parametrize(
    "text",
    [
        "今年的\n主要预期目标\n是：收入增长5%。",
        "PM\n2.5\n年均浓度30微克。",
        "经济稳中有进\n，收入增长。",
        "推动高质量、\n可持续发展。",
    ],
)
def test_words_that_a_page_set_off_on_a_line_of_their_own_end_no_sentence(text: str) -> None:
    assert [text[first:last] for first, last in sentence_spans(text)] == [text]


def test_a_line_that_begins_anew_is_a_sentence_of_its_own() -> None:
    text = "主要目标\n为加强管理，制定本办法。"
    assert [text[first:last] for first, last in sentence_spans(text)] == text.split("\n")
