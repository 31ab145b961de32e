from __future__ import annotations

from pathlib import Path

import pytest

from index.keyword import KeywordIndex

TEXTS = [["充电桩", "新增", "210"], ["财政", "收入"], ["新增", "泊位"], ["新增", "新增", "充电桩"]]


def test_best_match_comes_first_and_others_are_absent() -> None:
    rows, scores = KeywordIndex.build(TEXTS).search(["210"], 10)
    assert rows.tolist() == [0]
    assert scores[0] > 0


def test_equal_scores_go_by_row() -> None:
    rows, _ = KeywordIndex.build([["a", "x"], ["a", "y"], ["b", "z"]]).search(["a"], 10)
    assert rows.tolist() == [0, 1]


def test_unknown_terms_find_nothing() -> None:
    rows, scores = KeywordIndex.build(TEXTS).search(["不存在"], 10)
    assert len(rows) == len(scores) == 0


def test_frequency_counts_texts_not_occurrences() -> None:
    index = KeywordIndex.build(TEXTS)
    assert index.frequency("新增") == 3
    assert index.frequency("没有") == 0


def test_saved_and_loaded_index_answers_alike(tmp_path: Path) -> None:
    index = KeywordIndex.build(TEXTS)
    index.save(tmp_path / "k")
    again = KeywordIndex.load(tmp_path / "k")
    assert again.size == 4
    assert again.frequency("新增") == 3
    for query in (["充电桩"], ["新增", "泊位"], ["财政"]):
        assert again.search(query, 3)[0].tolist() == index.search(query, 3)[0].tolist()


def test_texts_without_any_term_are_refused() -> None:
    with pytest.raises(ValueError, match="none of the 2 texts"):
        KeywordIndex.build([[], []])
