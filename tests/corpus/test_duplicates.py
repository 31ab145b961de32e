from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.duplicates import are_copies, containment, group_editions, shingles
from tests.corpus.conftest import STEADY

REPORT = "过去一年,全区地区生产总值增长5.1%,区级财政收入88.8亿元,新增公共充电桩210个,引进绿舟科技等9家企业落户青山湾。"
OTHER = "青山湾码头改造工程年内竣工,三条公交线路同时开通,沿线居民出行更加方便,夜间渡轮也恢复了往返。"


def _group(*texts: str) -> list[list[list[str]]]:
    return group_editions(texts, lambda text: text)


def test_shingles_are_five_characters_long_and_ignore_white_space() -> None:
    assert shingles("甲乙 丙\n丁戊己") == {"甲乙丙丁戊", "乙丙丁戊己"}


@pytest.mark.parametrize("text", ["", " ", "甲乙丙"])
def test_a_text_too_short_to_cut_is_one_shingle(text: str) -> None:
    assert shingles(text) == {text.strip()}


def test_containment_is_the_share_of_the_smaller_set() -> None:
    assert containment(frozenset("甲乙"), frozenset("乙丙丁")) == 0.5
    assert containment(frozenset("甲乙丙丁"), frozenset("甲乙")) == 1.0
    assert containment(frozenset("甲"), frozenset("乙")) == 0.0


def test_a_copy_that_lost_a_character_everywhere_is_still_a_copy() -> None:
    damaged = REPORT.replace("区", "")
    assert _group(damaged, REPORT) == [[[REPORT, damaged]]], "the longest comes first"


def test_a_copy_with_other_white_space_and_a_few_other_words_is_a_copy() -> None:
    other = REPORT.replace("过去一年", "回首过去一年").replace(",", ", ")
    assert _group(REPORT, other) == [[[other, REPORT]]]


def test_a_text_with_another_figure_is_another_edition_of_the_same_work() -> None:
    revised = REPORT.replace("5.1%", "5.2%")
    assert _group(REPORT, revised, REPORT + "完") == [[[REPORT + "完", REPORT], [revised]]]


def test_a_text_that_has_grown_by_more_than_a_tenth_is_another_edition() -> None:
    longer = REPORT + "再接再厉。再创佳绩。谢谢。"
    assert _group(REPORT, longer) == [[[REPORT], [longer]]]


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("青" * 90, "青" * 100, True),
        ("青" * 89, "青" * 100, False),
        ("青" * 89 + " " * 11, "青" * 89, True),
        ("增长5.1%,新增900个泊位", "新增900个泊位,增长5.1%", True),
        ("新增900个泊位", "新增901个泊位", False),
        ("新增9个泊位,建成9个", "新增9个泊位,建成了个", False),
        ("", "", True),
    ],
    ids=["a tenth", "more than a tenth", "white space", "order", "another figure", "a figure less", "empty"],
)
def test_copies_have_the_same_figures_and_nearly_the_same_length(a: str, b: str, same: bool) -> None:
    assert are_copies(a, b) is are_copies(b, a) is same


def test_different_texts_stay_apart_in_the_order_they_came() -> None:
    assert _group(OTHER, REPORT) == [[[OTHER]], [[REPORT]]]
    assert _group(REPORT, OTHER, REPORT + "完") == [[[REPORT + "完", REPORT]], [[OTHER]]]


def test_a_text_that_shares_a_sentence_only_is_another_work() -> None:
    shared = "新增公共充电桩210个,"
    assert _group(REPORT, OTHER + shared) == [[[REPORT]], [[OTHER + shared]]]


def test_copies_of_equal_length_keep_their_order() -> None:
    items = [("first", REPORT), ("second", REPORT)]
    assert group_editions(items, lambda item: item[1]) == [[items]]


@STEADY
@given(st.lists(st.text("青山区增长59", max_size=12), max_size=8))
def test_every_item_is_in_exactly_one_edition(texts: list[str]) -> None:
    works = group_editions(list(enumerate(texts)), lambda item: item[1])
    editions = [edition for work in works for edition in work]
    assert sorted(item for edition in editions for item in edition) == list(enumerate(texts))
    assert all(len(edition[0][1]) == max(len(text) for _, text in edition) for edition in editions)


def _titled(*items: tuple[str, str]) -> list[list[list[tuple[str, str]]]]:
    return group_editions(items, lambda item: item[1], lambda item: item[0])


def test_the_notice_of_another_year_in_the_same_words_is_another_work() -> None:
    this, last = ("关于2031年度申报的通知", REPORT), ("关于2030年度申报的通知", REPORT.replace("5.1%", "5.2%"))
    assert _titled(this, last) == [[[this]], [[last]]]
    again = ("关于2030年度申报的通知", REPORT)
    assert _titled(this, again) == [[[this, again]]], "the very same text is a copy under whatever title"


def test_a_table_of_another_place_in_the_same_form_is_another_work() -> None:
    form = "指标名称: 地区生产总值; 计量单位: 亿元; 上年完成数: {}; 本年完成数: {}; 同比增长速度: {}%。"
    a, b = form.format(268.4, 289.7, 6.1), form.format(912.3, 977.5, 7.2)
    assert _group(a, b) == [[[a]], [[b]]]


def test_an_excerpt_is_no_edition_of_the_whole() -> None:
    assert _group(REPORT + OTHER, OTHER) == [[[REPORT + OTHER]], [[OTHER]]]


def test_figures_count_as_they_read_and_without_those_of_the_site() -> None:
    text = "青山区去年完成投资1200万元，新增泊位900个，建成公路12公里，引进企业9家。" * 4
    assert are_copies(text, text.replace("1200", "1,200").replace("900", "９００"))
    assert are_copies(text, f"{text}\n来源：青山发布\n时间：2031-01-20 09:30:00")
    assert not are_copies(text, text.replace("引进企业9家", "引进企业9家、学校3所", 1) + "完" * 3)
