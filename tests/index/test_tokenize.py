from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import tokenize


def test_chinese_gives_words_and_bigrams() -> None:
    terms = tokenize.terms("新增公共充电桩")
    assert "公共" in terms
    assert "充电" in terms
    assert "增公" in terms, "bigrams bridge the words that the segmenter chose"


def test_full_width_and_case_are_folded() -> None:
    assert tokenize.words("ＧＤＰ ６.３％") == ["gdp", "6.3%"]


def test_stop_words_are_left_out() -> None:
    assert tokenize.words("what is the total of it") == ["total"]
    assert "的" not in tokenize.words("徐汇的补贴")


def test_names_can_be_taught_and_change_the_identity() -> None:
    before = tokenize.identity()
    assert "碧岭渡口" not in tokenize.words("加快碧岭渡口改造"), "and what was cut before is cut anew"
    tokenize.add_words(["碧岭渡口"])
    assert "碧岭渡口" in tokenize.words("加快碧岭渡口改造")
    taught = tokenize.identity()
    assert taught != before
    tokenize.add_words(["碧岭渡口"])
    assert tokenize.identity() == taught


@given(st.text(max_size=200))
def test_any_text_is_tokenised_and_the_same_each_time(text: str) -> None:
    assert tokenize.terms(text) == tokenize.terms(text)


def test_words_are_tagged_with_their_parts_of_speech_where_they_stand() -> None:
    assert [(word.text, word.tag[0]) for word in tokenize.tagged("王小明在上海市工作")] == [
        ("王小明", "n"),
        ("在", "p"),
        ("上海市", "n"),
        ("工作", "v"),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("王小明在上海市工作", ["王小明", "上海市"]),
        ("张伟的补贴", ["张伟"]),
        ("新增多少补贴", []),
        ("Tesla in Shanghai", []),
        ("", []),
    ],
)
def test_names_are_told_from_other_words_by_a_tagger(text: str, names: list[str]) -> None:
    assert tokenize.name_words(text) == names


@given(st.text(max_size=40))
@settings(derandomize=True, deadline=None)
def test_tagged_words_are_the_text_in_parts(text: str) -> None:
    assert "".join(word.text for word in tokenize.tagged(text)) == text
    assert all(text[word.start : word.end] == word.text for word in tokenize.tagged(text))
