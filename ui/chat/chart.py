"""What the documents report of an indicator over the years, as it is drawn and listed.

Nothing is calculated. Points are joined only where the documents count the same thing in the same way in neighbouring
years; where a definition changes, or a level and its reported change disagree, the line is broken.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from corpus.english_figures import english_quantity
from corpus.measures import load_measures
from corpus.quantities import Unit
from corpus.types import Status
from rag.cues import CHANGE
from rag.types import Language

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from corpus.quantities import Quantity
    from rag.pipeline import Pipeline
    from rag.series import Point

#: Larger units by which levels are divided for the axis, with their names.
_SCALES = {
    Language.ZH: ((100_000_000, "亿"), (10_000, "万"), (1, "")),
    Language.EN: ((1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand"), (1, "")),
}
_MONEY = {Language.ZH: {Unit.CNY: "元", Unit.USD: "美元"}, Language.EN: {Unit.CNY: "RMB", Unit.USD: "US$"}}
_SHARES = (Unit.PERCENT, Unit.POINTS)


class Mark(BaseModel):
    """One figure of one year (or span of years), in the unit of its panel, and the sentence that reports it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: int
    last: int
    value: float
    status: Status
    definition: str
    figure: str  #: as the document has it, or that in English
    document_id: str
    title: str
    start: int
    end: int
    joins: bool = False  #: the line goes on to here from the mark before it

    @property
    def is_span(self) -> bool:
        """True for a figure of several years together."""
        return self.first != self.last

    @property
    def period(self) -> str:
        """The years, as `2019` or `2016-2020`."""
        return str(self.first) if not self.is_span else f"{self.first}-{self.last}"


class Panel(BaseModel):
    """The marks that share an axis: levels in one unit, or changes in percent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: str
    is_change: bool
    marks: tuple[Mark, ...]

    @property
    def yearly(self) -> tuple[Mark, ...]:
        """The marks of single years: a total of five years is of another size than any of them, and only listed."""
        return tuple(mark for mark in self.marks if not mark.is_span)

    @property
    def is_plotted(self) -> bool:
        """True where there are figures of two years or more, so that a plot tells more than a table."""
        return len({mark.first for mark in self.yearly}) > 1


class Chart(BaseModel):
    """An indicator: its name and its panels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    panels: tuple[Panel, ...]

    @property
    def documents(self) -> frozenset[str]:
        """The ids of the documents that report it."""
        return frozenset(mark.document_id for panel in self.panels for mark in panel.marks)


def make_chart(name: str, points: Sequence[Point], language: Language) -> Chart:
    """Return the chart of an indicator's points: a panel for every unit of its levels, last one for its changes."""
    groups: dict[tuple[bool, Unit, str], list[tuple[Point, Quantity]]] = {}
    for point in points:
        indicator = point.reported.indicator
        if indicator.period is None or indicator.status is Status.NONE:
            continue
        for figure, is_change in ((indicator.value, False), (indicator.change, True)):
            if figure is not None:
                key = (is_change, Unit.PERCENT if figure.unit in _SHARES else figure.unit, figure.measure)
                groups.setdefault(key, []).append((point, figure))
    ordered = sorted(groups.items(), key=lambda item: (item[0][0], -len(item[1])))
    return Chart(name=name, panels=tuple(_panel(key, found, language) for key, found in ordered))


def _panel(key: tuple[bool, Unit, str], found: Sequence[tuple[Point, Quantity]], language: Language) -> Panel:
    is_change, unit, measure = key
    divisor, scale = _scale([abs(float(figure.value)) for _, figure in found], unit, language)
    marks = [_mark(point, figure, divisor, language) for point, figure in found]
    marks = sorted(set(marks), key=lambda mark: (mark.first, mark.last, mark.status.is_intent))
    broken = set() if is_change else _contradicted(found)
    return Panel(
        unit=_unit_name(unit, measure, scale, language), is_change=is_change, marks=tuple(_joined(marks, broken))
    )


def _scale(values: Sequence[float], unit: Unit, language: Language) -> tuple[int, str]:
    """Return by what the figures are divided, so that the largest has few digits."""
    if unit in _SHARES:
        return 1, ""
    return next((scale for scale in _SCALES[language] if max(values) >= scale[0]), (1, ""))


def _unit_name(unit: Unit, measure: str, scale: str, language: Language) -> str:
    if unit in _SHARES:
        return "%"
    money = _MONEY[language].get(unit, "")
    if language is Language.ZH:
        return scale + (money or measure)
    known = load_measures().get(measure)
    return " ".join(part for part in (money, scale, known.en_many if known and not money else "") if part)


def _mark(point: Point, figure: Quantity, divisor: int, language: Language) -> Mark:
    indicator, sentence = point.reported.indicator, point.passage.sentences[point.reported.sentence]
    assert indicator.period is not None
    counted = indicator.scope + CHANGE.sub("", indicator.wording)
    return Mark(
        first=indicator.period.first,
        last=indicator.period.last,
        value=float(figure.value) / divisor,
        status=indicator.status,
        definition=f"{counted}（{indicator.basis}）" if indicator.basis else counted,
        figure=english_quantity(figure) if language is Language.EN else point.sentence[figure.start : figure.end],
        document_id=point.document.id,
        title=point.document.title,
        start=sentence.start,
        end=sentence.end,
    )


def _contradicted(found: Iterable[tuple[Point, Quantity]]) -> set[int]:
    """Return the years whose level cannot be joined to the year before: its reported change has the other sign."""
    levels: dict[int, list[tuple[Point, Quantity]]] = {}
    for point, figure in found:
        period = point.reported.indicator.period
        if period and period.first == period.last and point.reported.indicator.status.is_result:
            levels.setdefault(period.first, []).append((point, figure))
    broken = set()
    for year, reported in levels.items():
        for point, figure in reported:
            change = point.reported.indicator.change
            for _, before in levels.get(year - 1, []):
                if change is not None and (figure.value - before.value) * change.value < 0:
                    broken.add(year)
    return broken


def _joined(marks: Sequence[Mark], broken: set[int]) -> list[Mark]:
    """Return the marks, those told which the line of results reaches from the year before."""
    results = results_line(marks)
    reached = {
        later
        for earlier, later in pairwise(results)
        if later.first == earlier.first + 1 and later.definition == earlier.definition and later.first not in broken
    }
    return [mark.model_copy(update={"joins": mark in reached}) for mark in marks]


def results_line(marks: Iterable[Mark]) -> list[Mark]:
    """Return the firmest result of each single year, in order of time."""
    best: dict[int, Mark] = {}
    firmness = (Status.ACTUAL, Status.ESTIMATE, Status.CUMULATIVE)
    for mark in marks:
        if mark.status.is_result and not mark.is_span:
            known = best.get(mark.first)
            if known is None or firmness.index(mark.status) < firmness.index(known.status):
                best[mark.first] = mark
    return [best[year] for year in sorted(best)]


def indicator_label(pipeline: Pipeline, name: str, language: Language) -> str:
    """Return the name of an indicator as a reader of a language knows it."""
    return pipeline.english_name(name) if language is Language.EN else name
