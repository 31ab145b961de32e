from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from ui.indicators import indicator_rows, rows_csv

if TYPE_CHECKING:
    from rag.pipeline import Pipeline


def test_an_indicator_is_listed_under_any_of_its_names_with_period_and_status(pipeline: Pipeline) -> None:
    for name in ("GDP", "地区生产总值", "gross domestic product"):
        rows = [(row.change, row.change_unit, row.period, row.status) for row in indicator_rows(pipeline, name)]
        assert sorted(rows) == [("5.1", "%", "2030", "estimate"), ("6", "%", "2031", "target")]


def test_a_year_narrows_the_list(pipeline: Pipeline) -> None:
    assert {row.period for row in indicator_rows(pipeline, year=2031)} == {"2031"}
    assert indicator_rows(pipeline, year=1999) == []


def test_csv_has_a_row_a_statement_and_no_formula(pipeline: Pipeline) -> None:
    rows = indicator_rows(pipeline)
    read = list(csv.DictReader(io.StringIO(rows_csv(rows))))
    assert [row["sentence"] for row in read] == [row.sentence for row in rows]
