from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.glossary import Glossary, Term, load_glossary
from rag.conversation import detect_language, stand_alone
from rag.types import Language, Turn
from tests.corpus.conftest import STEADY

GLOSSARY = Glossary(
    [
        Term(("地区生产总值", "GDP"), ("gross domestic product", "GDP growth"), "indicator"),
        Term(("财政收入",), ("fiscal revenue",), "indicator"),
        Term(("公共充电桩",), ("charging point",), "indicator"),
        Term(("公共泊位",), ("parking space",), "indicator"),
        Term(("青山区",), ("Qingshan",), "region"),
        Term(("红河区",), ("Honghe",), "region"),
    ]
)


def follow(*said: str) -> str:
    """Return the last of some questions as it would stand alone after the ones before it."""
    history = [Turn("user", text) for text in said[:-1]]
    return stand_alone(said[-1], history, GLOSSARY, detect_language(said[-1]), None)


@pytest.mark.parametrize(
    ("said", "alone"),
    [
        (["2030年青山区GDP增长多少?", "2031年呢?"], "青山区GDP增长多少 2031年呢?"),
        (["2030年青山区GDP增长多少?", "那财政收入呢?"], "2030年青山区 增长多少 那财政收入呢?"),
        (["2030年青山区GDP增长多少?", "红河区呢"], "2030年 GDP增长多少 红河区呢"),
        (["2030年青山区GDP增长多少?", "下一年呢?"], "青山区GDP增长多少 2031年 呢?"),
        (["2029-2031年GDP变化", "前一年呢"], "GDP变化 2030年 呢"),
        (["“十三五”期间GDP增长多少", "“十四五”呢?"], "GDP增长多少 “十四五”呢?"),
        # Names of both languages may lie over each other (GDP, GDP growth); neither may cut the other's words.
        (
            ["What is the GDP growth in 2030?", "What about fiscal revenue?"],
            "What is the in 2030 What about fiscal revenue?",
        ),
        (["How fast did GDP grow in 2030?", "How about 2031?"], "How fast did GDP grow in How about 2031?"),
        # It stands alone: it names enough by itself, and points nowhere.
        (
            ["2030年青山区GDP", "2031年红河区新增公共充电桩和公共泊位各多少"],
            "2031年红河区新增公共充电桩和公共泊位各多少",
        ),
        (
            ["What did the report say?", "Which one-stop service was added this year for elderly people?"],
            "Which one-stop service was added this year for elderly people?",
        ),
        # It stands alone, however short: it asks something of a thing in a year or a region.
        (["红河区新增多少公共充电桩?", "2031年GDP增长多少?"], "2031年GDP增长多少?"),
        (["2030年公共泊位新增多少?", "青山区GDP是多少?"], "青山区GDP是多少?"),
        (["How did fiscal revenue change?", "What was GDP growth in 2031?"], "What was GDP growth in 2031?"),
        # It does not: without a thing, without a year or a region, without asking.
        (["2030年青山区GDP增长多少?", "2031年是多少?"], "青山区GDP增长多少 2031年是多少?"),
        (["2030年青山区GDP增长多少?", "财政收入是多少?"], "2030年青山区 增长多少 财政收入是多少?"),
        (["2030年青山区GDP增长多少?", "2031年财政收入"], "青山区 增长多少 2031年财政收入"),
        # Over several turns.
        (["2030年青山区GDP增长多少?", "2031年呢?", "红河区呢?"], "GDP增长多少 2031年呢 红河区呢?"),
        (["", "2031年呢?"], "2031年呢?"),
        (["長寧區", ""], "长宁区"),
    ],
)
def test_a_follow_up_takes_along_what_it_does_not_name_itself(said: list[str], alone: str) -> None:
    assert follow(*said) == alone


def test_what_the_assistant_said_is_not_taken_along() -> None:
    history = [Turn("user", "2030年GDP?"), Turn("assistant", "青山区财政收入")]
    assert stand_alone("2031年呢?", history, GLOSSARY, Language.ZH, None) == "GDP 2031年呢?"


@given(st.text(alphabet="2031年青山区GDP增长呢那它?？ \n\tXuhuihowabout😀ＧＤ", max_size=40))
@STEADY
def test_without_history_the_text_stays_but_for_white_space(text: str) -> None:
    assert stand_alone(text, [], GLOSSARY, detect_language(text), None) == " ".join(text.split())


@given(st.lists(st.text(max_size=30), max_size=4))
@STEADY
def test_any_conversation_can_be_read(said: list[str]) -> None:
    history = [Turn("user", text) for text in said]
    assert isinstance(stand_alone("2031年呢?", history, load_glossary(), Language.ZH, None), str)


def test_a_conversation_of_fifty_thousand_characters_is_read() -> None:
    assert follow("青山区GDP增长多少" * 5000, "2031年呢?").endswith("2031年呢?")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("2030年GDP增长多少", Language.ZH),
        ("GDP多少", Language.ZH),
        ("ＧＤＰ多少", Language.ZH),
        ("長寧區", Language.ZH),
        ("What is 青山区", Language.EN),
        ("what is the GDP of 南湖市青山区青山湾开发区", Language.EN),  # a long name does not decide it
        ("青山区 GDP growth rate", Language.EN),
        ("GDP", Language.EN),
        ("", Language.EN),
        ("😀", Language.EN),
    ],
)
def test_names_of_the_other_language_do_not_decide_the_language(text: str, language: Language) -> None:
    assert detect_language(text) is language
