"""Which years a heading or a sentence speaks about, and whether it reports, aims or plans.

A report delivered in year Y reviews Y-1 and sets the targets of Y; so the section decides first, and words in
the sentence (预计, 累计, 到2025年, 力争, “十三五”期间, 去年 …) override it. The rules were read off three district
reports and tried on provincial ones; `eval/labels/` holds the mentions that they are checked against.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from corpus.types import Period, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMERALS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}


@dataclass(frozen=True, slots=True)
class Frame:
    """What a span of text speaks about by default: its period and the kind of its claims."""

    period: Period | None
    status: Status


UNKNOWN = Frame(None, Status.NONE)

_YEAR_DIGITS = r"(?:19|20)\d\d"
_YEAR_HAN = "[一二][〇○零一二三四五六七八九]{3}"
_YEAR = re.compile(
    rf"({_YEAR_DIGITS})\s*年?(?:[—–\-~至到]{{1,2}})({_YEAR_DIGITS})\s*年|({_YEAR_DIGITS}|{_YEAR_HAN})\s*年"
)
_PLAN = re.compile(
    r"[“\"'‘「]?(十[一二三四五六七八九]|二十)五[”\"'’」]?(?=规划|计划|时期|期间|期末|末|开局|收官|总体|主要|发展|以来|[”\"'’」、，。的目蓝头])"
)
_FIFTH = re.compile(r"第(十[一二三四五六七八九]?|二十)个五年")

_REVIEW = re.compile(r"回顾|总结|成就|取得的成绩|主要工作情况|过去[一五]年")
_TASKS = re.compile(r"任务|安排|重点工作|工作要求|总体要求|目标|开局|打算|部署|[今新]的?一?年")
_PLANNING = re.compile(r"规划|纲要|远景|时期|五年")

#: Words inside a sentence that change what its section says.
_ESTIMATE = re.compile(r"预计|预期将?达|初步[核统]算|估计")
_CUMULATIVE = re.compile(r"累计|截至|截止")
_INTENT = re.compile(r"力争|确保|争取|计划|拟|将[于在]?|有望|今后|未来")
_AT_END = re.compile(rf"到\s*(?:{_YEAR_DIGITS}|{_YEAR_HAN})\s*年|到[“\"]?十[一二三四五六七八九]五[”\"]?(?:期)?末")
_FIVE_YEARS = re.compile(r"五年来|五年累计|这是.{2,18}的五年|过去五年|[“\"]十.五[”\"](?:时期|期间|以来|收官)|近五年")
_LAST_YEAR = re.compile(r"去年|上年|上一年")


def plan_period(number: int) -> Period:
    """Return the years of China's N-th five-year plan (13 -> 2016-2020).

    Holds from the sixth plan (1981-1985) on; since then every plan starts in a year ending in 1 or 6.
    """
    first = 1981 + 5 * (number - 6)
    return Period(first, first + 4)


def _plan_number(numeral: str) -> int:
    """Read the numeral of a plan: 十 to 二十."""
    return {"十": 10, "二十": 20}.get(numeral) or 10 + _NUMERALS[numeral[-1]]


def read_year(digits: str) -> int:
    """Return the year written as `2020` or `二〇二〇`."""
    return int(digits) if digits.isascii() else int("".join(str(_NUMERALS[c]) for c in digits))


def mentioned_periods(text: str) -> tuple[Period, ...]:
    """Return every year, span of years and five-year plan that the text names, in order, once each."""
    found = list(_mentioned_plans(text))
    for match in _YEAR.finditer(text):
        if match[3]:
            found.append((match.start(), Period.year(read_year(match[3]))))
        elif int(match[1]) <= int(match[2]):
            found.append((match.start(), Period(int(match[1]), int(match[2]))))
    return tuple(dict.fromkeys(period for _, period in sorted(found)))


def mentioned_plans(text: str) -> tuple[Period, ...]:
    """Return the years of every five-year plan that the text names, in order, once each."""
    return tuple(dict.fromkeys(period for _, period in sorted(_mentioned_plans(text))))


def _mentioned_plans(text: str) -> Iterator[tuple[int, Period]]:
    for pattern in (_PLAN, _FIFTH):
        for match in pattern.finditer(text):
            yield match.start(), plan_period(_plan_number(match[1]))


def heading_frame(title: str, outer: Frame, delivered_year: int | None) -> Frame:
    """Return what a section speaks about, from its heading, its parent and the year of delivery."""
    periods = mentioned_periods(title)
    years = [p for p in periods if p.first == p.last]
    plans = [p for p in periods if p.first != p.last]
    if _REVIEW.search(title):
        last_year = Period.year(delivered_year - 1) if delivered_year else None
        period = years[0] if years else (plans[0] if plans else last_year)
        return Frame(period, Status.ACTUAL)
    later = [p for p in years if delivered_year and p.first > delivered_year]
    if plans and _PLANNING.search(title) and (later or not (years and _TASKS.search(title))):
        if delivered_year and plans[0].first == delivered_year and "开局" in title:
            return Frame(Period.year(delivered_year), Status.TARGET)
        return Frame(plans[0], Status.PLAN)
    if _TASKS.search(title) and (years or outer.status is Status.NONE):
        year = years[0] if years else (Period.year(delivered_year) if delivered_year else None)
        far = year is not None and delivered_year is not None and year.last > delivered_year
        return Frame(year, Status.PLAN if far else Status.TARGET)
    if "五年" in title and outer.status is Status.ACTUAL and outer.period is not None:
        return Frame(Period(outer.period.last - 4, outer.period.last), Status.ACTUAL)
    return outer


def sentence_frame(sentence: str, section: Frame, delivered_year: int | None) -> Frame:
    """Return what one sentence speaks about, given the default of its section.

    A year named inside a result's sentence counts only when the sentence opens with it or says 到…年; otherwise
    it is a comparison's base (在2017年建成15家的基础上) and the section's period stands.
    """
    frame = section
    if section.status.is_result:
        frame = _result_frame(sentence, section)
    elif section.status.is_intent:
        frame = _intent_frame(sentence, section)
    else:
        frame = _free_frame(sentence, section)
    if frame.period is None and delivered_year and _LAST_YEAR.match(sentence):
        frame = replace(frame, period=Period.year(delivered_year - 1))
    return frame


def _result_frame(sentence: str, section: Frame) -> Frame:
    period, status = section.period, section.status
    periods = mentioned_periods(sentence)
    plans = [p for p in periods if p.first != p.last]
    if _FIVE_YEARS.search(sentence) and period is not None:
        period = plans[0] if plans else Period(period.last - 4, period.last)
    elif _AT_END.search(sentence) and periods and section.period and periods[0].last > section.period.last:
        return Frame(periods[0], Status.PLAN)
    elif periods and periods[0].first == periods[0].last and _YEAR.match(sentence):
        period = periods[0]
    if _ESTIMATE.search(sentence):
        status = Status.ESTIMATE
    elif _CUMULATIVE.search(sentence):
        status = Status.CUMULATIVE
    return Frame(period, status)


def _intent_frame(sentence: str, section: Frame) -> Frame:
    periods = mentioned_periods(sentence)
    at_end = _AT_END.search(sentence)
    if at_end:
        named = mentioned_periods(at_end[0] + "，")
        if named:
            end = named[0].last
            same_year = section.period is not None and section.period == Period.year(end)
            return section if same_year else Frame(Period.year(end), Status.PLAN)
    plans = [p for p in periods if p.first != p.last]
    if plans and re.match(r"[“\"]?十.五[”\"]?(?:期间|时期)", sentence):
        return Frame(plans[0], Status.PLAN)
    return section


def _free_frame(sentence: str, section: Frame) -> Frame:
    """Sentences of articles and of passages outside any dated section."""
    periods = mentioned_periods(sentence)
    period = periods[0] if periods else section.period
    if _INTENT.search(sentence) or "预计" in sentence:
        return Frame(period, Status.PLAN)
    return Frame(period, Status.NONE)
