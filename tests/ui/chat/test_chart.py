"""What is joined by a line and what is not, and that the drawing holds figures only."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from corpus.glossary import Glossary, Term
from corpus.indicators import read_indicators
from corpus.periods import Frame
from corpus.types import Period, Sentence, Status
from rag.types import Language
from ui.chat.chart import Chart, make_chart
from ui.chat.plot import draw

if TYPE_CHECKING:
    from rag.series import Point

_GLOSSARY = Glossary([Term(("销售额",), ("sales",), "indicator"), Term(("学位",), ("school places",), "indicator")])


def _points(*said: tuple[int, str, Status]) -> list[Point]:
    points: list[Any] = []
    for year, sentence, status in said:
        for indicator in read_indicators(sentence, Frame(Period.year(year), status), date(year + 1, 1, 9), _GLOSSARY):
            frame = Sentence(0, len(sentence), Period.year(year), status)
            points.append(
                SimpleNamespace(
                    reported=SimpleNamespace(indicator=indicator, sentence=0),
                    passage=SimpleNamespace(sentences=(frame,)),
                    document=SimpleNamespace(id=f"d{year}", title=f"{year + 1}年报告"),
                    sentence=sentence,
                )
            )
    return cast("list[Point]", points)


def _joined(chart: Chart) -> list[int]:
    return [mark.first for mark in chart.panels[0].marks if mark.joins]


def test_neighbouring_years_of_one_definition_are_joined() -> None:
    points = _points((2030, "销售额500亿元。", Status.ACTUAL), (2031, "销售额600亿元。", Status.ACTUAL))
    chart = make_chart("销售额", points, Language.ZH)
    assert (_joined(chart), chart.panels[0].unit) == ([2031], "亿元")
    assert [mark.value for mark in chart.panels[0].marks] == [500, 600]


def test_a_year_without_a_figure_leaves_a_gap() -> None:
    points = _points((2030, "销售额500亿元。", Status.ACTUAL), (2032, "销售额600亿元。", Status.ACTUAL))
    assert _joined(make_chart("销售额", points, Language.ZH)) == []


def test_no_line_crosses_a_change_of_definition() -> None:
    points = _points((2030, "销售额500亿元。", Status.ACTUAL), (2031, "全市销售额600亿元。", Status.ACTUAL))
    assert _joined(make_chart("销售额", points, Language.ZH)) == []


def test_no_line_where_a_level_rose_and_its_reported_change_is_a_fall() -> None:
    points = _points((2030, "销售额500亿元。", Status.ACTUAL), (2031, "销售额600亿元,同比下降4%。", Status.ACTUAL))
    assert _joined(make_chart("销售额", points, Language.ZH)) == []


def test_targets_are_marked_and_never_joined() -> None:
    points = _points((2030, "销售额500亿元。", Status.ACTUAL), (2031, "销售额600亿元。", Status.TARGET))
    assert _joined(make_chart("销售额", points, Language.ZH)) == []


def test_levels_and_changes_have_panels_of_their_own_in_the_words_of_the_reader() -> None:
    points = _points((2030, "销售额500亿元,同比增长5%。", Status.ACTUAL), (2031, "销售额600亿元。", Status.ESTIMATE))
    panels = make_chart("sales", points, Language.EN).panels
    assert [(panel.unit, panel.is_change, panel.is_plotted) for panel in panels] == [
        ("RMB billion", False, True),
        ("%", True, False),
    ]
    assert [mark.figure for mark in panels[0].marks] == ["RMB 50 billion", "RMB 60 billion"]


def test_the_drawing_is_an_svg_of_years_and_figures_in_the_colours_of_the_page() -> None:
    points = _points((2030, "销售额500亿元。", Status.ACTUAL), (2031, "销售额600亿元。", Status.TARGET))
    svg = draw(make_chart("销售额", points, Language.ZH).panels[0])
    assert svg.startswith("<svg ")
    assert {">2030<", ">2031<", ">500<", ">600<"} <= {f">{part.split('<')[0]}<" for part in svg.split(">")}
    assert "var(--chart-target)" in svg
    assert "#0" not in svg
    assert 'id="' not in svg.replace("<defs>", "").split("</defs>")[-1].replace('xlink:href="#', "")
