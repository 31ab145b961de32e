from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from corpus.glossary import Glossary
from corpus.types import Period, Status
from rag.extent import extend, key
from rag.question import read_question
from tests.rag.fakes import make_evidence, make_hit

LIST = ("园区发展面临三个难题。", "一是土地少。", "二是成本高。", "电价也高。", "三是人才缺。", "我们将改进。")


def reach(question: str, best: int, *texts: str, status: Status = Status.ACTUAL) -> list[int]:
    """Return the places of the sentences taken for a question of which one is the best."""
    hit = make_hit(*texts, period=Period.year(2030), status=status)
    weighed = [make_evidence(hit, at) for at in range(len(texts))]
    asked = read_question(question, Glossary([]), date(2032, 5, 1))
    found = extend(asked, [weighed[best], *weighed], {key(weighed[best])})
    return sorted({best, *(at for _, at in found)})


@pytest.mark.parametrize(
    ("question", "best", "expected"),
    [
        ("园区有哪些难题?", 0, [0, 1, 2, 3, 4]),
        ("园区有哪些难题?", 1, [1, 2, 3, 4]),
        ("园区的土地多不多?", 1, [1]),
    ],
)
def test_a_list_is_taken_whole_where_several_things_are_asked_for(
    question: str, best: int, expected: list[int]
) -> None:
    assert reach(question, best, *LIST) == expected


def test_a_list_cut_at_its_semicolons_is_taken_whole_for_each_of_several() -> None:
    parts = ("三地各有分工。", "甲地做金融;", "乙地做商业;", "丙地做文化。", "以上为布局。")
    assert reach("三地各自做什么?", 1, *parts) == [1, 2, 3, 4]
    assert reach("乙地的面积?", 1, *parts) == [1]


def test_what_a_text_says_of_something_is_the_rest_of_its_passage() -> None:
    passage = ("背景很多。", "办法聚焦金融。", "平台对接资本。", "还支持绿色金融。")
    assert reach("办法都讲了什么?", 1, *passage) == [1, 2, 3]
    assert reach("What does the measure say?", 1, *passage) == [1, 2, 3]


def test_a_line_broken_in_print_is_given_whole_but_not_the_lines_of_a_title() -> None:
    lines = ("今年的", "主要目标", "是:增长4%。", "我们有信心。")
    assert reach("主要目标是多少?", 1, *lines, status=Status.TARGET) == [0, 1, 2]
    assert reach("主要目标是多少?", 1, *lines, status=Status.NONE) == [1]


def test_a_way_or_reason_goes_on_with_the_sentence_that_points_back() -> None:
    told = ("联盟落户园区。", "这些联盟举办论坛。", "园区很美。")
    assert reach("联盟靠什么促进交流?", 0, *told) == [0, 1]
    assert reach("联盟落户哪里?", 0, *told) == [0]


def test_a_list_goes_on_in_the_next_passage_of_the_same_document_only() -> None:
    lead, items = make_hit("我们有两个难题。"), make_hit("一是土地少。", "二是成本高。")
    by = lead.passage.end
    moved = tuple(replace(one, start=one.start + by, end=one.end + by) for one in items.passage.sentences)
    behind = replace(items.passage, start=by, end=items.passage.end + by, sentences=moved)
    asked = read_question("有哪些难题?", Glossary([]), date(2032, 5, 1))
    for document, count in (("d", 2), ("another", 0)):
        following = replace(items, passage=replace(behind, document_id=document))
        weighed = [make_evidence(lead), make_evidence(following), make_evidence(following, 1)]
        assert len(extend(asked, weighed, {key(weighed[0])})) == count
