from __future__ import annotations

import pytest

from eval.spans import exact_match, span_f1


@pytest.mark.parametrize(
    ("answer", "golds", "em"),
    [
        ("《战国策》", ["战国策"], 1.0),
        ("GDP", ["gdp"], 1.0),
        ("战国", ["战国策", "战国"], 1.0),
        ("战国", ["战国策"], 0.0),
    ],
)
def test_exact_match(answer: str, golds: list[str], em: float) -> None:
    assert exact_match(answer, golds) == em


@pytest.mark.parametrize(
    ("answer", "gold", "f1"),
    [
        ("战国策", "战国策", 1.0),
        # Longest common run 地区生产总值 = 6 tokens of 8 and of 6: P 6/8, R 1.
        ("全年地区生产总值", "地区生产总值", 2 * (6 / 8) / (6 / 8 + 1)),
        # 甲乙 and 丙丁 are both there, but only a run without a gap counts: 2 of 5 and of 4.
        ("甲乙、戊,丙丁", "甲乙丙丁", 2 * (2 / 6) * (2 / 4) / (2 / 6 + 2 / 4)),
        # A word and a number are one token each: 2 of 3.
        ("about 2,500 people", "2,500 people", 2 * (2 / 3) / (2 / 3 + 1)),
        ("", "战国策", 0.0),
        ("魏", "战国策", 0.0),
    ],
)
def test_f1_counts_the_longest_common_run(answer: str, gold: str, f1: float) -> None:
    assert span_f1(answer, [gold]) == pytest.approx(f1)
    assert span_f1(answer, ["无关", gold]) == pytest.approx(f1), "the best gold counts"
