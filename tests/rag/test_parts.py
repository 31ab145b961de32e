from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.glossary import Glossary, Term
from corpus.types import Passage, Period, Sentence, Status
from rag.parts import FIRST, cover, parts
from rag.question import read_question
from rag.repeats import without_repeats
from rag.types import Hit

if TYPE_CHECKING:
    from rag.types import Concept, Question

GLOSSARY = Glossary(
    [
        Term(("青山区",), ("Qingshan",), "region"),
        Term(("红河区",), ("Honghe",), "region"),
        Term(("南湖市",), ("Nanhu",), "region"),
        Term(("地区生产总值", "GDP"), ("gross domestic product", "GDP"), "indicator"),
        Term(("人均地区生产总值",), ("GDP per head",), "indicator"),
        Term(("财政收入",), ("fiscal revenue",), "indicator"),
    ]
)


def ask(text: str) -> Question:
    return read_question(text, GLOSSARY, date(2032, 1, 1))


def hit(row: int, text: str, score: float, year: int = 2030, status: Status = Status.ACTUAL) -> Hit:
    sentence = Sentence(0, len(text), Period.year(year), status)
    passage = Passage(f"p{row}", "d", 0, len(text), text, text, (), sentence.period, status, (sentence,))
    return Hit(passage, row, score, 0.0, 0.0, 1.0)


def names_it(region: Concept, found: Hit) -> bool:
    return any(form in found.passage.text for form in region.forms)


def standing(text: str) -> list[str]:
    return [part.question.standalone for part in parts(ask(text), names_it)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("青山区的地区生产总值增长多少?", 0),
        ("2030年青山区的地区生产总值增长多少?", 1),
        ("2029年和2030年地区生产总值各增长多少?", 2),
        ("青山区和红河区的地区生产总值谁增长快?", 2),
        ("Compare the GDP of Qingshan and Honghe.", 2),
        ("南湖市青山区的地区生产总值增长多少?", 0),
        ("地区生产总值和财政收入分别是多少?", 2),
        ("GDP per head: what was it?", 0),
        ("青山区和红河区2030年的地区生产总值和财政收入分别是多少?", 5),
    ],
)
def test_a_question_has_a_part_for_each_thing_it_asks_about(text: str, count: int) -> None:
    assert len(standing(text)) == count


def test_a_part_asks_about_one_thing_alone() -> None:
    assert ["红河区" in one for one in standing("青山区和红河区的人口谁多?")] == [False, True]
    assert ["青山区" in one for one in standing("青山区和红河区的人口谁多?")] == [True, False]


RANKED = [hit(row, f"青山区第{row}项", 1 - row / 10) for row in range(8)]


def test_a_passage_of_another_part_is_moved_up_among_the_first() -> None:
    asked = parts(ask("青山区和红河区的人口谁多?"), names_it)
    far = hit(9, "红河区人口", 0.1)
    covered = cover([*RANKED, far], asked, lambda question: [])
    assert [h.row for h in covered] == [0, 1, 2, 3, 9, 4, 5, 6, 7]


def test_what_was_not_found_is_asked_for_alone() -> None:
    asked = parts(ask("青山区和红河区的人口谁多?"), names_it)
    alone = hit(9, "红河区人口", 0.9)
    covered = cover(RANKED, asked, lambda question: [alone] if "红河区" in question.standalone else [])
    assert covered[FIRST - 1].row == 9
    assert len(covered) == len(RANKED) + 1


def test_a_part_that_is_nowhere_changes_nothing() -> None:
    asked = parts(ask("青山区和红河区的人口谁多?"), names_it)
    assert cover(RANKED, asked, lambda question: RANKED) == RANKED
    assert cover([], asked, lambda question: []) == []


def test_a_period_is_looked_for_by_a_filter_on_it() -> None:
    (part,) = parts(ask("2029年人口多少?"), names_it)
    assert part.question.within.periods == (Period.year(2029),)
    assert part.covers(hit(1, "人口", 1.0, year=2029))
    assert not part.covers(hit(1, "人口", 1.0, year=2030))


@given(years=st.lists(st.integers(2026, 2033), max_size=20), asked=st.lists(st.integers(2026, 2033), max_size=5))
def test_every_part_held_is_among_the_first_and_scores_fall(years: list[int], asked: list[int]) -> None:
    ranked = [hit(row, f"第{row}项", 1 / (row + 1), year) for row, year in enumerate(years)]
    question = replace(ask("人口多少?"), periods=tuple(map(Period.year, dict.fromkeys(asked))))
    covered = cover(ranked, parts(question, names_it), lambda one: [])
    assert sorted(h.row for h in covered) == list(range(len(ranked)))
    assert [h.score for h in covered] == sorted((h.score for h in covered), reverse=True)
    assert [h.row for h in covered[:1]] == [h.row for h in ranked[:1]], "the best stays where it is"
    shown = {h.passage.period.first for h in covered[:FIRST] if h.passage.period}
    held = {*asked} & {*years}
    assert held <= shown or len(held) == FIRST


def test_the_same_paragraph_of_two_editions_is_shown_once() -> None:
    text = "加快公共充电桩建设,全年新增公共充电桩210个,方便居民出行。"
    repeated = [hit(0, text, 0.9), hit(1, text.replace("方便", "便利"), 0.8), hit(2, "财政收入增长3%。", 0.7)]
    assert [h.row for h in without_repeats(repeated)] == [0, 2]


def test_another_figure_year_or_status_is_another_statement() -> None:
    text = "加快公共充电桩建设,全年新增公共充电桩210个,方便居民出行。"
    told = [
        hit(0, text, 0.9),
        hit(1, text.replace("210", "310"), 0.8),
        hit(2, text, 0.7, year=2031),
        hit(3, text, 0.6, status=Status.TARGET),
    ]
    assert without_repeats(told) == told
