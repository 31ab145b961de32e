from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.glossary import Glossary, Term
from rag.question import read_question
from tests.corpus.conftest import STEADY

GLOSSARY = Glossary(
    [Term(("青山区",), ("Qingshan",), "region"), Term(("公共充电桩",), ("public charging piles",), "term")]
)


def focus(text: str) -> list[str]:
    return [concept.forms[0] for concept in read_question(text, GLOSSARY, date(2032, 1, 1)).focus]


@pytest.mark.parametrize(
    ("question", "asked_for"),
    [
        ("美术馆接待了多少观众?", ["观众"]),
        ("帮助了多少名没有工作的年轻人?", ["年轻人"]),  # the head, not what says which
        ("新增了多少个公共充电桩?", ["公共充电桩"]),
        ("财政收入增长了多少?", ["财政收入"]),  # nothing behind the word that asks: what stands before it
        ("集团的董事长是谁?", ["董事长"]),
        ("是哪位设计师设计的?", ["设计师"]),
        ("要填哪张申请表?", ["申请表"]),
        ("公园和学校各有多少?", ["公园", "学校"]),
        ("达到多少平方米?", []),
        ("有哪些措施?", []),  # an answer need not say 措施
        ("青山区有多少?", []),  # a region is looked at by itself
        ("什么时候开工?", []),
        ("How many visitors did the museum have?", ["visitor"]),
        ("How many parks and schools were built?", ["park", "school"]),
        ("What subsidies help newcomers?", ["subsidi"]),
        ("How many subdistricts passed in 2030?", ["subdistrict"]),
        ("Who is the chairman of the group?", ["chairman"]),
        ("What was the target for 2030?", []),
        ("How many public charging piles are there?", ["public charging piles"]),
        ("Is there a subsidy for museums?", ["subsidi"]),
        ("What's the average salary?", ["salari"]),
        ("Is there any along the river?", []),
        ("How many tonnes of rice were grown?", ["rice"]),
        ("What is the total number of museums?", ["museum"]),
        ("Which runner won the race?", ["runner"]),
        ("What did the district build?", []),
        ("", []),
    ],
)
def test_the_thing_asked_for_is_found(question: str, asked_for: list[str]) -> None:
    assert focus(question) == asked_for


@STEADY
@given(st.text(alphabet="多少哪些谁 公园和howmanywhat,?。", max_size=30))
def test_a_focus_is_always_among_what_the_question_names(text: str) -> None:
    question = read_question(text, GLOSSARY, date(2032, 1, 1))
    assert set(question.focus) <= set(question.concepts)
