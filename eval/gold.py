"""When each shipped document was delivered and posted, as a person read it: the table that dates are checked by.

`eval/questions/documents.tsv`: corpus, title (a part of it that tells the document), delivered, posted. Several
right values are divided by `|` (a document whose text gives only the year may be dated by year or by the month
that is known otherwise); several postings by a comma.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

TABLE = Path(__file__).with_name("questions") / "documents.tsv"
_COLUMNS = ["corpus", "title", "delivered", "posted"]


@dataclass(frozen=True, slots=True)
class GoldDates:
    """The dates of one document; `delivered` lists the values that are right."""

    corpus: str
    title: str
    delivered: tuple[str, ...]
    posted: frozenset[str]

    def agrees(self, delivered: str, posted: Iterable[str]) -> bool:
        """Return whether a citation's dates are those of the document."""
        return delivered in self.delivered and frozenset(posted) == self.posted


def read_gold_dates(path: Path = TABLE) -> tuple[GoldDates, ...]:
    """Read the table.

    Raises:
        ValueError: a line has not four filled cells; names it.
    """
    rows = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, cells in enumerate(csv.reader(file, delimiter="\t"), 1):
            if number == 1 and cells == _COLUMNS:
                continue
            if len(cells) != len(_COLUMNS) or not all(cells):
                raise ValueError(f"{path}, line {number}: wanted {', '.join(_COLUMNS)}; got {cells}")
            corpus, title, delivered, posted = cells
            rows.append(GoldDates(corpus, title, tuple(delivered.split("|")), frozenset(posted.split(","))))
    return tuple(rows)
