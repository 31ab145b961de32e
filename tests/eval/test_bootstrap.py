from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.bootstrap import RESAMPLES, Change, Interval, OfSums, Percentile, change, draws, interval, share_of
from eval.table import BY_NAME, answered_f1, grounded_refusal_f1, refusal_f1

MEAN = OfSums(share_of)
NAN = float("nan")


def _column(*values: float) -> np.ndarray:
    """Contributions of a mean: each value one case, NaN where it does not bear."""
    return np.array([(value, NAN if np.isnan(value) else 1.0) for value in values])


def test_a_value_without_spread_has_no_doubt() -> None:
    assert interval(MEAN, _column(1, 1, 1)) == Interval(1, 1, 1, 3)


def test_cases_that_do_not_bear_on_it_are_left_out() -> None:
    found = interval(MEAN, _column(1, NAN, 0, NAN))
    assert found is not None
    assert (found.value, found.n) == (0.5, 2)
    assert (found.low, found.high) == (0, 1)


def test_no_case_no_value() -> None:
    assert interval(MEAN, np.full((3, 1), NAN)) is None
    assert interval(MEAN, np.empty((0, 1))) is None


def test_the_interval_of_a_coin_is_that_of_the_binomial() -> None:
    # 50 of 100: standard error 0.05, 95 % within 0.402 and 0.598 by the normal distribution.
    found = interval(MEAN, _column(*[1.0] * 50, *[0.0] * 50))
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(0.402, abs=0.015), pytest.approx(0.598, abs=0.015))


def test_draws_are_the_same_every_time_and_draw_every_case_once_on_average() -> None:
    first = draws(40).copy()
    draws.cache_clear()
    assert (first == draws(40)).all()
    assert first.shape == (RESAMPLES, 40)
    assert (first.sum(axis=1) == 40).all()


def test_a_ratio_weighs_by_what_is_counted() -> None:
    # 1 of 2 numbers and 0 of 8: 1/10, not the mean of 1/2 and 0.
    found = interval(MEAN, np.array([(1.0, 2.0), (0.0, 8.0)]))
    assert found is not None
    assert found.value == pytest.approx(0.1)


@pytest.mark.parametrize(("share", "value"), [(0.5, 3), (0.95, 5), (0.2, 1), (0.21, 2), (1.0, 5)])
def test_percentiles_by_nearest_rank(share: float, value: float) -> None:
    found = interval(Percentile(share), np.array([[5.0], [1], [4], [NAN], [2], [3]]))
    assert found is not None
    assert (found.value, found.n) == (value, 5)


def test_a_run_against_itself_shows_no_difference() -> None:
    column = _column(1, 0, 1, NAN, 0.5)
    found = change(MEAN, column, column)
    assert found == Change(0.625, 0.625, 0, 0, 1, 4)
    assert found is not None
    assert not found.significant


def test_a_clear_gain_is_significant_and_pairing_counts() -> None:
    before = _column(*[0.0, 1.0] * 30)
    better = _column(*[0.1, 1.1] * 30)
    found = change(MEAN, before, better)
    assert found is not None
    # Every case gains 0.1, so the difference has no spread although the values have.
    assert found.delta == pytest.approx(0.1)
    assert (found.low, found.high) == (pytest.approx(0.1), pytest.approx(0.1))
    assert found.significant
    assert found.p == 0


def test_noise_is_not_significant() -> None:
    found = change(MEAN, _column(*[1.0, 0.0] * 20), _column(*[0.0, 1.0] * 20))
    assert found is not None
    assert found.delta == 0
    assert not found.significant
    assert found.p == 1


def test_no_change_where_a_run_has_no_value() -> None:
    assert change(MEAN, np.full((2, 1), NAN), _column(1, 1)) is None


def _decisions(*, refused: int, answered: int, to_refuse: int, to_answer: int, right: tuple[int, int]) -> np.ndarray:
    return np.array([[refused, answered, to_refuse, to_answer, *right]], float)


def test_refusals_as_trust_score_counts_them() -> None:
    # 10 questions, 3 to refuse. Refused 5 (3 rightly), answered 5 of 7: the example of Trust-Score's documentation.
    sums = _decisions(refused=5, answered=5, to_refuse=3, to_answer=7, right=(3, 5))
    precision, recall = (BY_NAME[f"refusal_{name}"].summary for name in ("precision", "recall"))
    assert precision(sums, np.ones((1, 1)))[0] == pytest.approx(0.60)
    assert recall(sums, np.ones((1, 1)))[0] == pytest.approx(1.00)
    assert refusal_f1(sums)[0] == pytest.approx(0.75)
    assert answered_f1(sums)[0] == pytest.approx(0.8333, abs=1e-4)
    assert grounded_refusal_f1(sums)[0] == pytest.approx(0.7917, abs=1e-4)


def test_refusing_nothing_although_it_was_due_is_zero_and_nothing_due_is_undefined() -> None:
    assert refusal_f1(_decisions(refused=0, answered=9, to_refuse=2, to_answer=7, right=(0, 7)))[0] == 0
    assert np.isnan(refusal_f1(_decisions(refused=1, answered=6, to_refuse=0, to_answer=7, right=(0, 6)))[0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_interval_lies_within_the_values(values: list[float]) -> None:
    found = interval(MEAN, _column(*values))
    assert found is not None
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9
