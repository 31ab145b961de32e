"""Two runs over the same questions: what differs, how surely, and which questions got better or worse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eval.bootstrap import Change, change
from eval.scores import Group, Row, Scores, column, grouped
from eval.table import MEASURES

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What tells a question better from worse: being right, or for runs that only retrieve, being found.
_DECIDING = ("right", "recall@5")


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure over a group of cases in both runs."""

    measure: str
    group: Group
    change: Change


@dataclass(frozen=True, slots=True)
class Comparison:
    """The second run against the first; `deciding` names the measure that `better` and `worse` go by.

    `left_out` counts the questions that only one of them has, or that were changed between them.
    """

    differences: tuple[Difference, ...]
    deciding: str
    better: tuple[str, ...]
    worse: tuple[str, ...]
    shared: int
    left_out: int

    def find(self, measure: str, group: Group) -> Change | None:
        """Return one difference; None where a run has no value there."""
        return next((d.change for d in self.differences if d.measure == measure and d.group == group), None)


class ComparisonError(ValueError):
    """Two runs that cannot be compared."""


def compare(before: Scores, after: Scores) -> Comparison:
    """Compare two runs on the questions that both have, unchanged.

    Raises:
        ComparisonError: they share no question.
    """
    old = {(row.id, row.digest): row for row in before.rows}
    new = [row for row in after.rows if (row.id, row.digest) in old]
    if not new:
        raise ComparisonError("the two runs share no question; compare runs over the same question files")
    pairs = [(old[row.id, row.digest], row) for row in new]
    differences = []
    for group, members in grouped(new).items():
        earlier = [old[row.id, row.digest] for row in members]
        for measure in MEASURES:
            found = change(measure.summary, *_aligned(earlier, members, measure.name))
            if found:
                differences.append(Difference(measure.name, group, found))
    deciding = next((name for name in _DECIDING if any(name in row.contributions for row in new)), _DECIDING[0])
    return Comparison(
        differences=tuple(differences),
        deciding=deciding,
        better=tuple(row.id for was, row in pairs if _value(row, deciding) > _value(was, deciding)),
        worse=tuple(row.id for was, row in pairs if _value(row, deciding) < _value(was, deciding)),
        shared=len(new),
        left_out=len({row.id for row in (*before.rows, *after.rows)} - {row.id for row in new}),
    )


def _aligned(earlier: Sequence[Row], later: Sequence[Row], measure: str) -> tuple[np.ndarray, np.ndarray]:
    return column(earlier, measure), column(later, measure)


def _value(row: Row, measure: str) -> float:
    """Return a case's own value; NaN, which is neither more nor less than anything, where it has none."""
    part, whole = (*row.contributions.get(measure, (np.nan, 1.0)),)[:2]
    return part / whole
