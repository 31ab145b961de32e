from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.library import Library
from corpus.passages import cut_passages
from corpus.types import Document, Period, Status
from tests.corpus.conftest import FRAGMENTS, STEADY, document

FORTY = "青山湾码头改造工程" * 4 + "竣工了。"


def _lengths(text: str) -> list[int]:
    return [passage.end - passage.start for passage in cut_passages(document(text))]


def test_a_passage_knows_its_place_its_headings_and_its_claims() -> None:
    text = "各位代表:\n一、2030年工作回顾\n(一)经济\n预计增长5.1%。\n二、2031年主要任务\n增长6%。新增300个。"
    made = document(text)
    opening, review, tasks = cut_passages(made)
    assert opening.headings == ()
    assert (review.text, review.headings) == ("预计增长5.1%。", ("一、2030年工作回顾", "(一)经济"))
    assert (review.period, review.status) == (Period(2030, 2030), Status.ESTIMATE)
    assert (tasks.text, tasks.headings) == ("增长6%。新增300个。", ("二、2031年主要任务",))
    assert (tasks.period, tasks.status) == (Period(2031, 2031), Status.TARGET)
    assert tasks.id == f"{made.id}:{tasks.start}-{tasks.end}"
    assert tasks.document_id == made.id
    assert [tasks.sentence_text(s) for s in tasks.sentences] == ["增长6%。", "新增300个。"]


def test_a_passage_has_the_period_and_status_of_most_of_its_words() -> None:
    long, short = "新增公共泊位和公共充电桩,便利居民出行。", "到2035年,建成湾区。"
    (passage,) = cut_passages(document("二、2031年主要任务\n" + short + long))
    assert (passage.period, passage.status) == (Period(2031, 2031), Status.TARGET)
    assert [str(s.period) for s in passage.sentences] == ["2035", "2031"]


@pytest.mark.parametrize(
    ("sentences", "lengths"),
    [(1, [40]), (8, [320]), (11, [240, 200]), (12, [240, 240]), (15, [320, 280]), (20, [280, 280, 240])],
)
def test_a_section_is_cut_evenly(sentences: int, lengths: list[int]) -> None:
    assert len(FORTY) == 40
    assert _lengths(FORTY * sentences) == lengths


def test_one_sentence_longer_than_a_passage_stays_whole() -> None:
    assert _lengths("青" * 400 + "。竣工。") == [401, 3]


def test_no_passage_spans_the_furniture_between_two_sentences() -> None:
    assert [p.text for p in cut_passages(document("新增900个。\n打印\n再增300个。"))] == ["新增900个。", "再增300个。"]


@pytest.mark.parametrize(
    ("end", "opening"),
    [("。", "其中,"), ("。", "包括"), ("。", "二是"), ("；", "")],
    ids=["其中", "包括", "二是", "；"],
)
def test_what_leans_on_the_words_before_stays_with_them(end: str, opening: str) -> None:
    first, second, third = "青" * 139 + "。", "山" * 139, "区" * 139 + "。"
    assert _lengths(first + second + "。" + third) == [280, 140]
    assert _lengths(first + second + end + opening + third[len(opening) :]) == [140, 280]


def _check(made: Document) -> None:
    passages = cut_passages(made)
    assert [s for passage in passages for s in passage.sentences] == list(made.sentences)
    edges = {edge for section in made.sections for edge in (section.start, section.end)}
    edges |= {omission.start for omission in made.omissions}
    for passage in passages:
        assert passage.text == made.text[passage.start : passage.end]
        assert passage.source_text == made.source_text(passage.start, passage.end)
        assert not any(passage.start < edge < passage.end for edge in edges)
        assert passage.headings == tuple(
            section.title for section in made.sections if section.start <= passage.start < section.end
        )
        assert len(passage.text) <= 350 or len(passage.sentences) == 1
        assert (passage.sentences[0].start, passage.sentences[-1].end) == (passage.start, passage.end)


@STEADY
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join))
def test_passages_cover_every_sentence_once_and_cross_no_section(text: str) -> None:
    _check(document(text))


def test_the_shipped_passages_do_so_too(shipped: Library) -> None:
    for made in shipped.documents:
        _check(made)
    ids = [passage.id for made in shipped.documents for passage in cut_passages(made)]
    assert len(ids) == len(set(ids)) > 200
