from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest

from corpus.translations import Translations
from corpus.types import Entry, Period, Status
from eval.tamper import Faithful, Kind, Recital, Sentence, Tally, falsify, judge, make_report, make_trials, told_freely
from rag.check import Checker
from rag.generate import ExtractiveGenerator
from rag.prompts import Prompts
from rag.question import read_question
from rag.write import WritingGenerator
from tests.conftest import make_documents
from tests.rag.conftest import GLOSSARY
from tests.rag.fakes import make_evidence, make_hit

QUOTE, OTHER = "2030年青山区新增公共泊位3.5万平方米、绿地2.8万平方米。", "区级财政收入88.8亿元,同比增长3%。"
TEXT = f"【2030年 实际】{QUOTE}"


@pytest.fixture
def sentence() -> Sentence:
    question = read_question("2030年新增公共泊位多少?", GLOSSARY, date(2032, 1, 1))
    hits = [make_hit(text, period=Period.year(2030), status=Status.ACTUAL) for text in (QUOTE, OTHER)]
    return Sentence(question, tuple(map(make_evidence, hits)), 1, TEXT)


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
    for seed in range(6):
        trial = falsify(kind, sentence, GLOSSARY, random.Random(seed))
        assert trial is not None
        assert (trial.text, trial.number) != (sentence.text, sentence.number)
        stays, fate = judge(trial, writing, model)
        assert not stays, (trial.text, trial.number, fate)


def test_a_faithful_sentence_stays(sentence: Sentence, writing: WritingGenerator, model: Recital) -> None:
    (trial,) = [t for t in make_trials([sentence], GLOSSARY, 6, 1) if t.kind is Kind.CITATION]
    assert judge(replace(trial, number=1), writing, model)[0]
    assert not judge(trial, writing, model)[0]


def test_a_sentence_told_freely_is_one_clause_with_its_year(sentence: Sentence) -> None:
    told = told_freely(replace(sentence, number=2, text="【2030年 实际】" + OTHER))
    assert told is not None
    assert told.text == "2030年区级财政收入88.8亿元。"
    assert told_freely(replace(sentence, text="没有数字,也没有年份。")) is None


def test_the_report_says_whether_both_aims_are_met() -> None:
    good = {Kind.DIGIT: Tally(100, 2), Faithful.AS_IT_IS: Tally(100, 98)}
    report, is_met = make_report(good, 100, 1)
    assert is_met
    assert "Caught: 98.0% of 100" in report
    assert "Touched: 2.0% of 100" in report
    assert not make_report(good | {Kind.DIGIT: Tally(100, 3)}, 100, 1)[1]
    assert not make_report(good | {Faithful.AS_IT_IS: Tally(100, 97)}, 100, 1)[1]
