"""Values over many cases, and how sure they are: the paired bootstrap.

Efron, Tibshirani, "An Introduction to the Bootstrap" (1993), percentile intervals; for differences of two runs over
the same questions Berg-Kirkpatrick, Burkett, Klein, "An Empirical Investigation of Statistical Significance in
NLP", EMNLP 2012. Cases are drawn with replacement; a draw is a row of weights that says how often each case came
up, so that sums over all draws are one matrix product.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

RESAMPLES = 2000
SEED = 20261124
#: Share of the draws between the two ends of an interval.
COVERAGE = 0.95

Floats = NDArray[np.float64]


class Summary(Protocol):
    """A value over cases.

    `contributions` has a row a case, (n, m), all NaN where a case does not bear on the value; `weights` is (draws,
    n). Returns one value a draw, NaN where it is undefined.
    """

    def __call__(self, contributions: Floats, weights: Floats) -> Floats:
        """Return the value of every draw."""
        ...


@dataclass(frozen=True, slots=True)
class OfSums:
    """A function of the sums of contributions, (draws, m) to (draws,)."""

    finish: Callable[[Floats], Floats]

    def __call__(self, contributions: Floats, weights: Floats) -> Floats:
        """Return the value of every draw."""
        return self.finish(weights @ np.nan_to_num(contributions))


@dataclass(frozen=True, slots=True)
class Percentile:
    """The value that `share` of the cases do not exceed (nearest rank)."""

    share: float

    def __call__(self, contributions: Floats, weights: Floats) -> Floats:
        """Return the value of every draw."""
        bearing = ~np.isnan(contributions[:, 0])
        values, counts = contributions[bearing, 0], weights[:, bearing]
        if not len(values):
            return np.full(len(weights), np.nan)
        order = np.argsort(values, kind="stable")
        reached = counts[:, order].cumsum(axis=1)
        total = reached[:, -1:]
        found = values[order][np.argmax(reached >= self.share * total, axis=1)]
        return np.where(total[:, 0] > 0, found, np.nan)


def ratio(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, NaN where whole is 0."""
    result: Floats = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return result


def share_of(sums: Floats) -> Floats:
    """Return the first sum over the second."""
    return ratio(sums[:, 0], sums[:, 1])


@dataclass(frozen=True, slots=True)
class Interval:
    """A value over `n` cases, and the ends between which 95 % of the draws lie."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Change:
    """How a value differs between two runs over the same cases: after - before.

    `p` is the two-sided share of draws in which the difference has not the sign it has over all cases (times 2, at
    most 1); 1 where nothing differs.
    """

    before: float
    after: float
    low: float
    high: float
    p: float
    n: int

    @property
    def delta(self) -> float:
        """The difference."""
        return self.after - self.before

    @property
    def significant(self) -> bool:
        """True when the interval of the difference leaves 0 out."""
        return self.low > 0 or self.high < 0


@lru_cache(maxsize=2)
def draws(n: int) -> Floats:
    """Return the weights of all draws from `n` cases, the same every time."""
    generator = np.random.default_rng(SEED)
    return generator.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(np.float64)


def interval(summary: Summary, contributions: Floats) -> Interval | None:
    """Return a value with its confidence interval; None where no case bears on it."""
    value = _over_all(summary, contributions)
    if np.isnan(value):
        return None
    low, high = _ends(summary(contributions, draws(len(contributions))))
    return Interval(value, low, high, _bearing(contributions))


def change(summary: Summary, before: Floats, after: Floats) -> Change | None:
    """Return how a value differs; rows of both are the same cases. None where either run has no value."""
    was, now = _over_all(summary, before), _over_all(summary, after)
    if np.isnan(was) or np.isnan(now):
        return None
    weights = draws(len(before))
    differences = summary(after, weights) - summary(before, weights)
    differences = differences[~np.isnan(differences)]
    low, high = _ends(differences)
    against = min(float(np.mean(differences <= 0)), float(np.mean(differences >= 0)))
    return Change(was, now, low, high, min(1.0, 2 * against), _bearing(after))


def _bearing(contributions: Floats) -> int:
    return int((~np.isnan(contributions[:, 0])).sum()) if len(contributions) else 0


def _over_all(summary: Summary, contributions: Floats) -> float:
    if not _bearing(contributions):
        return float("nan")
    return float(summary(contributions, np.ones((1, len(contributions))))[0])


def _ends(values: Floats) -> tuple[float, float]:
    values = values[~np.isnan(values)]
    edge = 100 * (1 - COVERAGE) / 2
    low, high = np.percentile(values, [edge, 100 - edge])
    return float(low), float(high)
