"""Asking in the page: an exchange step by step, as the visitor sees it grow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.types import Done, Found, Text
from ui.chat.chart import indicator_label, make_chart
from ui.chat.exchange import Exchange, State, turns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.filter import Filter
    from rag.pipeline import Pipeline
    from rag.types import Trace
    from ui.chat.chart import Chart

#: Indicators drawn with one answer.
_MOST_CHARTS = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """An exchange so far; `trace` is there once it is done, for the next questions to be found from."""

    exchange: Exchange
    trace: Trace | None = None


def ask(pipeline: Pipeline, question: str, before: Sequence[Exchange], within: Filter) -> Iterator[Asked]:
    """Yield the exchange of a question as it grows; the last one is done.

    Closing the iterator gives up what is under way.

    Raises:
        QuestionError: the question cannot be taken.
    """
    history = turns(before)
    exchange = Exchange(question=question)
    steps = pipeline.stream(question, history, within)
    try:
        for step in steps:
            match step:
                case Found(passages):
                    exchange = exchange.having(found=len(passages))
                case Text(text):
                    exchange = exchange.having(text=exchange.text + text, state=State.WRITING)
                case Done(trace):
                    exchange = exchange.having(
                        answer=trace.answer,
                        text="",
                        state=State.DONE,
                        receipt=pipeline.receipt(trace, history),
                        charts=_charts(pipeline, trace),
                    )
                    yield Asked(exchange, trace)
                    return
            yield Asked(exchange)
    finally:
        steps.close()


def _charts(pipeline: Pipeline, trace: Trace) -> tuple[Chart, ...]:
    """Return charts of the indicators that an answer cites, where its question asks how they developed."""
    cited = {citation.passage_id for citation in trace.answer.citations}
    charts = []
    for points in pipeline.series(trace):
        if cited & {point.passage.id for point in points}:
            name, language = points[0].reported.indicator.name, trace.answer.language
            charts.append(make_chart(indicator_label(pipeline, name, language), points, language))
    return tuple(chart for chart in charts if any(panel.is_plotted for panel in chart.panels))[:_MOST_CHARTS]
