from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest

from corpus.translations import Translations
from corpus.types import Entry, Period, Status
from eval.falsify import Faithful, Kind, Sentence, falsify, told_freely, told_together
from eval.tamper import Recital, Tally, judge, make_report, make_trials
from rag.check import Checker
from rag.generate import ExtractiveGenerator
from rag.prompts import Prompts
from rag.question import read_question
from rag.write import WritingGenerator
from tests.conftest import make_documents
from tests.rag.conftest import GLOSSARY
from tests.rag.fakes import make_evidence, make_hit

QUOTE = (
    "在2029年建成三座公园的基础上,2030年青山区新增公共泊位超过3.5万平方米、绿地2.8万平方米,"
    "绿地面积增长3%,企业总部迁往红河区。"
)
OTHER = "区级财政收入88.8亿元,同比增长3%。"
TEXT = f"【2030年 实际】{QUOTE}"


@pytest.fixture
def sentence() -> Sentence:
    question = read_question("2030年新增公共泊位多少?", GLOSSARY, date(2032, 1, 1))
    hits = [make_hit(text, period=Period.year(2030), status=Status.ACTUAL) for text in (QUOTE, OTHER)]
    return Sentence(question, tuple(map(make_evidence, hits)), (1,), TEXT, TEXT)


def entry(_: str) -> Entry:
    return Entry.of(make_documents()[0])


@pytest.fixture
def model() -> Recital:
    return Recital()


@pytest.fixture
def writing(model: Recital) -> WritingGenerator:
    nothing = Translations({})
    extractive = ExtractiveGenerator(nothing, GLOSSARY)
    return WritingGenerator(model, Prompts(), Checker(GLOSSARY), extractive, entry, nothing, nothing, 100)


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_of_falsehood_changes_one_thing_and_is_caught(
    kind: Kind, sentence: Sentence, writing: WritingGenerator, model: Recital
) -> None:
    if kind is Kind.FIGURE:
        sentence = replace(sentence, text="2030年绿地面积为2.8万平方米", how=Faithful.FREELY)
    for seed in range(6):
        trial = falsify(kind, sentence, GLOSSARY, random.Random(seed))
        assert trial is not None
        assert (trial.text, trial.numbers) != (sentence.text, sentence.numbers)
        stays, fate = judge(trial, writing, model)
        assert not stays, (trial.text, trial.numbers, fate)


def test_a_faithful_sentence_stays(sentence: Sentence, writing: WritingGenerator, model: Recital) -> None:
    (trial,) = [t for t in make_trials([sentence], GLOSSARY, len(Kind), 1) if t.kind is Kind.CITATION]
    assert judge(replace(trial, numbers=(1,)), writing, model)[0]
    assert not judge(trial, writing, model)[0]


def test_a_sentence_told_freely_is_one_clause_with_its_year(sentence: Sentence) -> None:
    told = told_freely(replace(sentence, numbers=(2,), text="【2030年 实际】" + OTHER))
    assert told is not None
    assert told.text == "2030年区级财政收入88.8亿元。"
    assert told_freely(replace(sentence, text="没有数字,也没有年份。")) is None


def test_two_years_are_told_together_with_both_citations(sentence: Sentence) -> None:
    later = make_evidence(make_hit(OTHER, period=Period.year(2031), status=Status.ACTUAL))
    one = replace(sentence, text="2030年绿地2.8万平方米。", how=Faithful.FREELY)
    other = replace(sentence, kept=(later,), text="2031年区级财政收入88.8亿元。", how=Faithful.FREELY)
    (told,) = told_together([one, other])
    assert told.text == "2030年绿地2.8万平方米，2031年区级财政收入88.8亿元。"
    assert told.numbers == (1, 3)
    assert [item.text for item in told.own] == [QUOTE, OTHER]


def test_the_report_says_whether_both_aims_are_met() -> None:
    good = {Kind.DIGIT: Tally(100, 2), Faithful.AS_IT_IS: Tally(100, 98)}
    report, is_met = make_report(good, "dev.jsonl --count 100")
    assert is_met
    assert "Caught: 98.0% of 100" in report
    assert "Touched: 2.0% of 100" in report
    assert not make_report(good | {Kind.DIGIT: Tally(100, 3)}, "")[1]
    assert not make_report(good | {Faithful.AS_IT_IS: Tally(100, 97)}, "")[1]
