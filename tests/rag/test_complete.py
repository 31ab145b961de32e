from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from corpus.glossary import Glossary, Term
from corpus.types import Period, Status
from rag.complete import complete
from rag.question import read_question
from tests.rag.fakes import make_evidence, make_hit

GLOSSARY = Glossary(
    [
        Term(("青山方案",), ("Qingshan Scheme",), "policy"),
        Term(("“两极、双轴”格局",), ("two poles",), "term"),
        Term(("投资",), ("investment",), "term"),
    ]
)
PARAGRAPH = ("青山方案发布。", "它支持融资。", "它鼓励创新。")
TERMS = ("提出“两极、双轴”格局。", "“两极”,即甲地和乙地。", "“双轴”,即丙路和丁路。", "种树300棵。")


def told(question: str, *sentences: str, kept: tuple[int, ...] = (0,), scores: tuple[float, ...] = ()) -> list[str]:
    """Return what is kept of one passage, of which the sentences at some places are chosen."""
    hit = make_hit(*sentences, period=Period.year(2031), status=Status.NONE)
    marked = [make_evidence(hit, at, kept=at in kept) for at in range(len(sentences))]
    weighed = [replace(item, score=score) for item, score in zip(marked, scores, strict=True)] if scores else marked
    asked = read_question(question, GLOSSARY, date(2031, 5, 1))
    return [item.text for item in complete(asked, weighed) if item.kept]


def test_what_is_said_of_a_thing_is_the_paragraph_from_its_name_on() -> None:
    assert told("青山方案讲了些什么?", "论坛举行。", *PARAGRAPH, kept=(2,)) == list(PARAGRAPH)
    assert told("What does the Qingshan Scheme say?", *PARAGRAPH) == list(PARAGRAPH)
    assert told("青山方案是谁发布的?", *PARAGRAPH) == [PARAGRAPH[0]]
    assert told("青山方案讲了些什么?", *PARAGRAPH[1:]) == [PARAGRAPH[1]]  # of what else, nobody can tell


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("“两极”是什么意思?", TERMS[:2]),
        ("What are the two poles?", TERMS[:3]),  # the term's Chinese names both
        ("提出了什么格局?", TERMS[:1]),
    ],
)
def test_a_term_of_the_question_is_explained(question: str, expected: tuple[str, ...]) -> None:
    assert told(question, *TERMS) == list(expected)


@pytest.mark.parametrize(("score", "is_kept"), [(0.9, True), (0.1, False)])
def test_the_neighbour_that_gives_the_figure_asked_for_is_kept_where_it_scores_near(
    score: float, is_kept: bool
) -> None:
    sentences = ("项目开工。", "总投资5亿元。")
    assert (sentences[1] in told("项目投资多少钱?", *sentences, scores=(1.0, score))) is is_kept


def test_a_neighbour_brings_nothing_where_a_kept_sentence_gives_it() -> None:
    assert told("项目投资多少钱?", "项目投资5亿元。", "二期投资6亿元。") == ["项目投资5亿元。"]


def test_what_is_said_twice_is_said_once() -> None:
    said, again, other = "全区新增绿地3公顷和公园2座。", "全区新增绿地3公顷、公园2座。", "全区新增绿地4公顷和公园2座。"
    assert told("新增绿地多少?", said, again, other, kept=(0, 1, 2)) == [said, other]
