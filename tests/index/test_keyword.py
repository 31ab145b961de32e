from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import keyword
from index.keyword import TantivyIndex, TantivyWriter
from tests.index.fakes import ListedKeywords

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from index.keyword import KeywordIndex

    Texts = Sequence[tuple[int, Sequence[str]]]
    Labels = Sequence[Sequence[str]]
    Make = Callable[..., KeywordIndex]

TEXTS = [
    (10, ["充电桩", "新增", "210"]),
    (20, ["财政", "收入"]),
    (30, ["新增", "泊位"]),
    (40, ["新增", "新增", "充电桩"]),
]


def write(folder: Path, texts: Texts, labels: Labels = ()) -> TantivyIndex:
    writer = TantivyWriter(folder)
    for (number, terms), own in zip(texts, labels or [()] * len(texts), strict=True):
        writer.add(number, terms, own)
    writer.finish()
    return TantivyIndex(folder)


@pytest.fixture(params=["tantivy", "fake"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    names = count()
    return ListedKeywords if request.param == "fake" else lambda *given: write(tmp_path / f"k{next(names)}", *given)


def test_best_match_comes_first_and_others_are_absent(make: Make) -> None:
    numbers, scores = make(TEXTS).search(["210"], 10)
    assert numbers.tolist() == [10]
    assert scores[0] > 0


def test_equal_scores_go_by_number(make: Make) -> None:
    index = make([(5, ["a", "x"]), (3, ["a", "y"]), (4, ["b", "z"])])
    assert index.search(["a"], 10)[0].tolist() == [3, 5]


def test_rare_terms_count_more_than_common_ones(make: Make) -> None:
    assert make(TEXTS).search(["新增", "泊位"], 10)[0].tolist()[0] == 30


@pytest.mark.parametrize("query", [[], ["不存在"], [""], [" "], ["a\0b"], ["x" * 70_000], ["'; drop table texts; --"]])
def test_unknown_terms_find_nothing(make: Make, query: list[str]) -> None:
    numbers, scores = make(TEXTS).search(query, 10)
    assert len(numbers) == len(scores) == 0


def test_no_text_is_asked_for_and_none_is_given(make: Make) -> None:
    assert len(make(TEXTS).search(["新增"], 0)[0]) == 0


LABELS = [["x", "1"], ["x"], ["y:a b", "1"], ["y:a b", "2"]]


def test_only_texts_with_a_label_of_every_group_are_found_and_scores_stay(make: Make) -> None:
    index = make(TEXTS, LABELS)
    free = dict(zip(*(column.tolist() for column in index.search(["新增"], 10)), strict=True))
    for within, numbers in (
        ([["x"]], [10]),
        ([["y:a b"]], [30, 40]),
        ([["x", "y:a b"], ["1"]], [10, 30]),
        ([["y:a b"], ["3"]], []),
        ([["y:a"]], []),
        ([["x' OR '1"]], []),
    ):
        found = dict(zip(*(column.tolist() for column in index.search(["新增"], 10, within)), strict=True))
        assert sorted(found) == numbers
        assert found == pytest.approx({number: free[number] for number in numbers})


def test_the_numbers_within_groups_come_once_and_ascending(make: Make) -> None:
    index = make([(9, ["a"]), (7, ["b"]), (7, ["c"]), (8, ["d"])], [["x"], ["x"], ["x"], ["y"]])
    assert index.numbers([["x"]]).tolist() == [7, 9]
    assert index.numbers([["x"], ["y"]]).tolist() == []


def test_two_texts_may_carry_one_number(make: Make) -> None:
    index = make([(7, ["a"]), (7, ["a"]), (8, ["b"])])
    assert index.size == 3
    assert index.search(["a"], 10)[0].tolist() == [7, 7]


def test_frequency_counts_texts_not_occurrences(make: Make) -> None:
    index = make(TEXTS)
    assert index.frequency("新增") == 3
    assert index.frequency("没有") == 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.lists(st.sampled_from("甲乙丙丁戊己"), min_size=1, max_size=8), min_size=1, max_size=12),
    query=st.lists(st.sampled_from("甲乙丙丁戊己庚"), max_size=5),
)
def test_scores_are_those_of_the_formula(
    tmp_path_factory: pytest.TempPathFactory, texts: list[list[str]], query: list[str]
) -> None:
    """Texts of up to 8 terms: lengths that tantivy stores exactly."""
    numbered = list(enumerate(texts))
    real, formula = write(tmp_path_factory.mktemp("k") / "k", numbered), ListedKeywords(numbered)
    numbers, scores = real.search(query, 20)
    expected_numbers, expected = formula.search(query, 20)
    assert dict(zip(numbers.tolist(), scores.tolist(), strict=True)) == pytest.approx(
        dict(zip(expected_numbers.tolist(), expected.tolist(), strict=True)), rel=1e-4
    )


@pytest.mark.parametrize(
    ("terms", "kept"), [(1, 1), (40, 40), (41, 40), (42, 42), (59, 56), (95, 88), (96, 96), (167, 152), (1000, 984)]
)
def test_lengths_are_kept_as_tantivy_keeps_them(tmp_path: Path, terms: int, kept: int) -> None:
    """A text scores as one of the rounded length does, where the mean of all lengths is the same."""
    assert keyword.kept_length(terms) == kept
    texts = [(1, ["a"] + ["x"] * (terms - 1)), (2, ["a"] + ["x"] * (kept - 1))]
    scores = write(tmp_path / "k", texts).search(["a"], 2)[1]
    assert scores[0] == scores[1]


def test_a_changed_index_holds_what_is_left_and_the_earlier_one_stays(tmp_path: Path) -> None:
    old = write(tmp_path / "old", TEXTS)
    files = {path: path.read_bytes() for path in (tmp_path / "old").iterdir()}
    writer = TantivyWriter(tmp_path / "new", tmp_path / "old")
    writer.remove([10, 30])
    writer.add(50, ["泊位", "绿地"])
    writer.finish()
    new = TantivyIndex(tmp_path / "new")
    assert new.size == 3
    assert new.search(["210"], 9)[0].tolist() == []
    assert new.search(["泊位"], 9)[0].tolist() == [50]
    assert new.frequency("210") == 0
    assert new.frequency("新增") == 1
    assert old.search(["210"], 9)[0].tolist() == [10]
    assert {path: path.read_bytes() for path in (tmp_path / "old").iterdir()} == files


def test_of_a_page_pasted_as_a_query_the_rarest_terms_are_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyword, "MOST_TERMS", 1)
    index = write(tmp_path / "k", TEXTS)
    assert index.search(["新增", "财政"], 9)[0].tolist() == [20]


def test_texts_without_any_term_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="none of the texts has a search term"):
        write(tmp_path / "k", [(1, []), (2, [])])


def test_what_is_not_an_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"meta\.json is not there"):
        TantivyIndex(tmp_path)
