"""Indicators as tables for programs: one row a statement, with the sentence that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.english_figures import english_quantity
from ui.spreadsheet import table_csv

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.quantities import Quantity
    from rag.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """A statement about an indicator, flat.

    `value` and `change` are numbers in units of one (630 billion is 630000000000, 6 % is 6), as text, so that no digit
    is lost; empty where the sentence gives none. `figures_en` has both in English words.
    """

    name: str
    name_en: str
    wording: str
    value: str
    unit: str
    bound: str
    change: str
    change_unit: str
    period: str
    status: str
    scope: str
    basis: str
    figures_en: str
    document_id: str
    title: str
    delivered: str
    passage_id: str
    sentence: str


def indicator_rows(pipeline: Pipeline, name: str = "", year: int | None = None) -> list[IndicatorRow]:
    """Return the statements about indicators, of one name (in either language, by any of its words) or year only."""
    rows = []
    for point in pipeline.points(name):
        indicator = point.reported.indicator
        if year is not None and (
            indicator.period is None or not indicator.period.first <= year <= indicator.period.last
        ):
            continue
        value, change = indicator.value, indicator.change
        rows.append(
            IndicatorRow(
                name=indicator.name,
                name_en=pipeline.english_name(indicator.name),
                wording=indicator.wording,
                value=str(value.value) if value else "",
                unit=_unit(value),
                bound=value.bound.value if value else "",
                change=str(change.value) if change else "",
                change_unit=_unit(change),
                period=str(indicator.period) if indicator.period else "",
                status=indicator.status.value,
                scope=indicator.scope,
                basis=indicator.basis,
                figures_en="; ".join(english_quantity(figure) for figure in (value, change) if figure),
                document_id=point.document.id,
                title=point.document.title,
                delivered=str(point.document.delivered),
                passage_id=point.passage.id,
                sentence=point.sentence,
            )
        )
    return rows


def _unit(quantity: Quantity | None) -> str:
    return (quantity.unit.value or quantity.measure) if quantity else ""


def rows_csv(rows: Sequence[IndicatorRow]) -> str:
    """Return rows as CSV with a header; no cell can be taken for a formula by a spreadsheet."""
    names = IndicatorRow.__slots__
    return table_csv(names, ([getattr(row, name) for name in names] for row in rows))
