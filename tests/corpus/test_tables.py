from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers.rows import Cell, table_lines
from corpus.sentences import sentence_spans
from corpus.tables import row_cells
from tests.corpus.conftest import STEADY

WORDS = st.text(
    st.characters(codec="gb2312", exclude_characters="：:；;。 \u3000", categories=("Lo", "Nd")), min_size=1
)


@STEADY
@given(
    st.lists(WORDS, min_size=2, max_size=5, unique=True).flatmap(
        lambda header: st.tuples(st.just(header), st.lists(WORDS, min_size=len(header), max_size=len(header)))
    )
)
def test_a_row_is_read_back_as_it_was_written(rows: tuple[list[str], list[str]]) -> None:
    cells = [Cell(i, j, text) for i, row in enumerate(rows) for j, text in enumerate(row)]
    (line,) = table_lines(cells, header_rows=1)
    read = row_cells(line)
    assert [(cell.header, cell.value) for cell in read] == list(zip(*rows, strict=True))
    assert all(line[cell.start : cell.end].rstrip("。") == cell.value for cell in read)


@pytest.mark.parametrize("text", ["新增泊位900个。", "时间: 2031年", "一、对象：企业；二、标准：50万元。", ""])
def test_running_text_is_no_row(text: str) -> None:
    assert row_cells(text) == ()


def test_a_long_row_stays_one_sentence() -> None:
    row = "指标: 总产值; " + "; ".join(f"{year}年完成数（亿元）: {year}.5" for year in range(2020, 2031)) + "。"
    assert len(row) > 120
    assert list(sentence_spans(row)) == [(0, len(row))]
