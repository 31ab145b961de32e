"""Drawing a panel of a chart as SVG: the home of matplotlib.

The SVG keeps its text as text and holds no words of its own but years and figures, so it needs no font of ours; colours
are those of the page, so that it follows light and dark.
"""

from __future__ import annotations

import functools
import io
import re
import threading
from itertools import pairwise
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from corpus.types import Status
from ui.chat.chart import results_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from ui.chat.chart import Mark, Panel

#: Stand-ins that the drawing is made with, each replaced by a colour of the page.
_COLOURS = {
    "#010101": "--chart-ink",
    "#020202": "--chart-grid",
    "#030303": "--chart-result",
    "#040404": "--chart-target",
}
_INK, _GRID, _RESULT, _TARGET = _COLOURS
_SIZE = (4.8, 2.5)  # inches; small, so that its figures can be read on a phone
# matplotlib's settings are those of the whole process, and it is used here only.
mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "district-qa"})
_ONE_AT_A_TIME = threading.Lock()  # its caches of fonts are shared by all threads
_PROLOGUE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
#: What is of the file and not of the drawing; ids of groups would stand twice on a page with two plots.
_DROPPED = re.compile(
    r"<metadata>.*?</metadata>|<style type=\"text/css\">.*?</style>|(?<=<g) id=\"[^\"]*\"|font-family: [^;\"]*;",
    re.DOTALL,
)
_SIZED = re.compile(r"(?<=<svg )([^>]*?)(?:width|height)=\"[^\"]*\" ?")


@functools.lru_cache(maxsize=256)
def draw(panel: Panel) -> str:
    """Return the figures of single years as an SVG element; the figures also stand in a table beside it."""
    with _ONE_AT_A_TIME:
        figure = Figure(figsize=_SIZE, layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.subplots()
        _dress(axes, panel)
        results = results_line(panel.yearly)
        _results(axes, results)
        _targets(axes, [mark for mark in panel.yearly if mark.status.is_intent])
        _figures(axes, results, panel.yearly)
        written = io.StringIO()
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    return _of_the_page(written.getvalue())


def _dress(axes: Axes, panel: Panel) -> None:
    years = [mark.first for mark in panel.yearly]
    axes.set_xticks(range(min(years), max(years) + 1))
    axes.set_xlim(min(years) - 0.5, max(years) + 0.5)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.margins(y=0.25)
    if panel.is_change and any(mark.value < 0 for mark in panel.yearly):
        axes.axhline(0, color=_INK, linewidth=0.8)
    axes.grid(axis="y", color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=_INK, length=0, labelsize=10)
    for side in axes.spines.values():
        side.set_visible(False)


def _results(axes: Axes, marks: Sequence[Mark]) -> None:
    """Draw what was reached, joined where it can be: filled, half filled where it was an estimate."""
    for before, mark in pairwise(marks):
        if mark.joins:
            axes.plot((before.first, mark.first), (before.value, mark.value), color=_RESULT, linewidth=2)
    for mark in marks:
        fill = "bottom" if mark.status is Status.ESTIMATE else "full"
        axes.plot(
            mark.first, mark.value, marker="o", markersize=9, linestyle="", color=_RESULT, fillstyle=fill,
            markerfacecoloralt="none", markeredgecolor=_RESULT,
        )  # fmt: skip


def _targets(axes: Axes, marks: Sequence[Mark]) -> None:
    for mark in marks:
        axes.plot(
            mark.first, mark.value, marker="D", markersize=9, linestyle="", markerfacecolor="none",
            markeredgecolor=_TARGET, markeredgewidth=1.8,
        )  # fmt: skip


def _figures(axes: Axes, results: Sequence[Mark], yearly: Sequence[Mark]) -> None:
    """Write the figures above the higher and below the lower marks of a year."""
    reached = {mark.first: mark.value for mark in results}
    aimed = {mark.first: mark.value for mark in yearly if mark.status.is_intent}
    for mark in (*results, *(mark for mark in yearly if mark.status.is_intent)):
        other = (reached if mark.status.is_intent else aimed).get(mark.first, mark.value)
        above = mark.value > other or (mark.value == other and not mark.status.is_intent)
        offset, side = (9, "bottom") if above else (-9, "top")
        axes.annotate(
            f"{mark.value:g}", (mark.first, mark.value), xytext=(0, offset), textcoords="offset points", ha="center",
            va=side, fontsize=10, color=_INK,
        )  # fmt: skip


def _of_the_page(svg: str) -> str:
    """Return the SVG as part of a page: sized by it, in its colours and fonts, hidden from screen readers."""
    svg = _SIZED.sub(r"\1", _SIZED.sub(r"\1", _DROPPED.sub("", _PROLOGUE.sub("", svg))))
    for stand_in, colour in _COLOURS.items():
        svg = svg.replace(stand_in, f"var({colour})")
    return svg.replace("<svg ", '<svg class="plot" aria-hidden="true" focusable="false" ', 1)
