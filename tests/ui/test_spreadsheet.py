from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.spreadsheet import table_csv


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        (" =1+1", "' =1+1"),
        ("＝1+1", "'＝1+1"),
        ("@a", "'@a"),
        ("\t=1", "'\t=1"),
        ("-x", "'-x"),
        ("-4", "-4"),
        ("-4.5", "-4.5"),
        ("", ""),
        ("6", "6"),
        ("新增=1", "新增=1"),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_text(value: str, cell: str) -> None:
    assert list(csv.reader(io.StringIO(table_csv(["a"], [["x", value]]), newline="")))[1] == ["x", cell]


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2)))
def test_whatever_cells_hold_they_are_read_back_and_begin_no_formula(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(table_csv(["a", "b"], rows), newline="")))[1:]
    assert [[cell.removeprefix("'") for cell in row] for row in read] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]
    assert not any(cell.startswith(("=", "+", "@")) for row in read for cell in row)
