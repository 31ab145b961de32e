from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from corpus.glossary import Glossary, Term
from corpus.types import Period, Status
from rag.premise import Premise, names_another_time, premise
from rag.question import read_question
from tests.rag.fakes import make_evidence, make_hit

if TYPE_CHECKING:
    from rag.types import Question

GLOSSARY = Glossary([Term(("财政收入",), ("revenue",), "indicator")])


def ask(text: str) -> Question:
    return read_question(text, GLOSSARY, date(2032, 5, 1))


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("财政收入增长3%,对吗?", "财政收入增长3%。", Premise.CONFIRMED),
        ("Did revenue grow by 3%?", "财政收入增长3%。", Premise.CONFIRMED),
        ("财政收入增长4%,对吗?", "财政收入增长3%。", Premise.DIFFERS),
        ("财政收入增长3%,对吗?", "财政收入下降3%。", Premise.DIFFERS),
        ("财政收入为什么下降3%?", "财政收入增长3%。", Premise.DIFFERS),  # the other way, even where it is not asked
        ("财政收入增长3%,对吗?", "财政收入88.8亿元。", Premise.NONE),  # nothing to hold against it
        ("我们需要500平方米,财政收入多少?", "面积300平方米。", Premise.NONE),  # the asker's own figure
        ("财政收入为什么增长3%?", "财政收入增长3%。", Premise.NONE),  # nobody asked whether
        ("财政收入增长多少?", "财政收入增长3%。", Premise.NONE),
        ("财政收入增长3%、达到88.8亿元,对吗?", "财政收入88.8亿元，增长3%。", Premise.CONFIRMED),
        ("财政收入增长3%、达到88.8亿元,对吗?", "财政收入88.9亿元，增长3%。", Premise.DIFFERS),
    ],
)
def test_a_stated_figure_is_held_against_the_sentences(question: str, sentence: str, expected: Premise) -> None:
    assert premise(ask(question), [make_evidence(make_hit(sentence))]) is expected


def test_without_sentences_nothing_is_confirmed_or_corrected() -> None:
    assert premise(ask("财政收入增长3%,对吗?"), []) is Premise.NONE


@pytest.mark.parametrize(
    ("question", "sentence", "coverage", "corrects"),
    [
        ("财政收入是2031年增长的,对吗?", "2030年财政收入增长3%。", 0.9, True),
        ("财政收入是2030年增长的,对吗?", "2030年财政收入增长3%。", 0.9, False),
        ("财政收入是2031年增长的,对吗?", "财政收入增长3%。", 0.9, False),  # names no year
        ("财政收入是2031年增长的,对吗?", "2030年财政收入增长3%。", 0.5, False),  # may be about something else
        ("2031年财政收入增长多少?", "2030年财政收入增长3%。", 0.9, False),  # not asked whether
    ],
)
def test_another_year_corrects_a_question_that_asks_whether(
    question: str, sentence: str, coverage: float, corrects: bool
) -> None:
    item = make_evidence(make_hit(sentence, period=Period.year(2030)), coverage=coverage)
    assert names_another_time(ask(question), item) is corrects


def test_an_aim_confirms_no_fact() -> None:
    aim = make_evidence(make_hit("财政收入增长3%。", period=Period.year(2031), status=Status.TARGET))
    assert premise(ask("财政收入增长3%了吗?"), [aim]) is Premise.NONE
    assert premise(ask("财政收入的目标是不是增长3%?"), [aim]) is Premise.CONFIRMED
