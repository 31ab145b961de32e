"""Which years a heading or a sentence speaks about, and whether it reports, aims or plans.

A report delivered in year Y reviews Y-1 and sets the targets of Y; so the section decides first, and words in
the sentence (预计, 累计, 到2025年, 力争, “十三五”期间, 去年 …) override it. The rules were read off three district
reports and tried on provincial ones; `eval/labels/` holds the mentions that they are checked against.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from corpus.tables import RowCell, row_cells
from corpus.types import Period, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

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
#: 十四五 names a plan unless it goes on as a number (十五个).
_PLAN = re.compile(
    r"[“\"'‘「]?(十[一二三四五六七八九]|二十)五[”\"'’」]?"
    r"(?![一二三四六七八九十百千万亿个家项条次年月日届号岁天周名人]|五(?!年))"
)
_FIFTH = re.compile(r"第(十[一二三四五六七八九]?|二十)个五年")

_REVIEW = re.compile(r"回顾|总结|成就|取得的成绩|主要工作情况|过去[一五]年")
_TASKS = re.compile(r"任务|安排|重点工作|工作要求|总体要求|目标|开局|打算|部署|[今新]的?一?年")
_PLANNING = re.compile(r"规划|纲要|远景|时期|五年")

#: Words inside a sentence that change what its section says.
_ESTIMATE = re.compile(r"预计|预期将?达|初步[核统]算|估计")
_CUMULATIVE = re.compile(r"累计|截至|截止")
_INTENT = re.compile(r"力争|确保|争取|计划(?![”》])|(?<![虚模])拟|(?<!现)将(?!《)|有望|今后|未来")
_OWN_YEAR = re.compile(rf"截[至止]到?\s*({_YEAR_DIGITS})\s*年|全年")
_AT_END = re.compile(
    rf"(?:到|^展望)\s*(?:{_YEAR_DIGITS}|{_YEAR_HAN})\s*年|到?[“\"]?十[一二三四五六七八九]五[”\"]?期?末"
)
_FIVE_YEARS = re.compile(r"五年来|五年累计|这是.{2,18}的五年|过去五年|[“\"]十.五[”\"](?:时期|期间|以来|收官)|近五年")
#: Among the tasks, what has been done already.
_EARLIER = re.compile(r"前期[，,]|此前[，,]")
_LAST_YEAR = re.compile(r"去年|上年|上一年")
_NEXT_FIVE_YEARS = re.compile(r"(?:今后|未来)五年")
#: A year that only serves as a base: 由2016年的412亿元增加到2021年的583亿元, 比2019年增长.
_BASE = re.compile(rf"(?:由|从|比|较|与|同)\s*{_YEAR_DIGITS}\s*年")


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
        named = [*periods, *([last_year] if last_year else [])]
        # Where a review is of a year and of a plan, the one named first rules until the text turns.
        period = named[0] if named else None
        if period is not None and not periods and "五年" in title:
            period = Period(period.last - 4, period.last)
        return Frame(period, Status.ACTUAL)
    if _NEXT_FIVE_YEARS.search(title) and delivered_year and not periods:
        return Frame(Period(delivered_year, delivered_year + 4), Status.PLAN)
    later = [p for p in years if delivered_year and p.first > delivered_year]
    if plans and _PLANNING.search(title) and (later or not (years and _TASKS.search(title))):
        if delivered_year and plans[0].first == delivered_year and "开局" in title:
            return Frame(Period.year(delivered_year), Status.TARGET)
        return Frame(plans[0], Status.PLAN)
    if _TASKS.search(title) and (years or outer.status is Status.NONE):
        inherited = outer.period or (Period.year(delivered_year) if delivered_year else None)
        year = years[0] if years else inherited
        far = year is not None and (year.first < year.last or bool(delivered_year and year.last > delivered_year))
        return Frame(year, Status.PLAN if far else Status.TARGET)
    if "五年" in title and outer.status is Status.ACTUAL and outer.period is not None:
        return Frame(Period(outer.period.last - 4, outer.period.last), Status.ACTUAL)
    return outer


def sentence_frame(sentence: str, section: Frame, delivered_year: int | None) -> Frame:
    """Return what one sentence speaks about, given the default of its section.

    A year named inside a result's sentence counts only when the sentence opens with it or says 到…年; otherwise
    it is a comparison's base (在2017年建成15家的基础上) and the section's period stands.
    """
    row = row_frame(sentence, section)
    if row is not None:
        return row
    in_force = validity_period(sentence, delivered_year)
    if in_force is not None:
        return Frame(in_force, section.status)
    frame = section
    if section.status.is_result:
        frame = _result_frame(sentence, section)
    elif section.status.is_intent:
        frame = _intent_frame(sentence, section)
        if delivered_year and frame == section and _NEXT_FIVE_YEARS.match(sentence):
            frame = Frame(Period(delivered_year, delivered_year + 4), Status.PLAN)
    else:
        frame = _free_frame(sentence, section)
    if delivered_year and section.status.is_intent and _EARLIER.match(sentence):
        return Frame(Period.year(delivered_year - 1), Status.ACTUAL)
    if frame.period is None and delivered_year and _LAST_YEAR.match(sentence):
        frame = replace(frame, period=Period.year(delivered_year - 1))
    return frame


def _result_frame(sentence: str, section: Frame) -> Frame:
    period, status = section.period, section.status
    periods = mentioned_periods(sentence)
    plans = [p for p in periods if p.first != p.last]
    if period is None and periods:
        period = periods[0]  # a review that does not say of which year
    so_far = _YEARS_SO_FAR.match(sentence)
    if so_far and period is not None:
        period = Period(period.last - "一两三四".index(so_far[1]) - len(so_far[2]), period.last)
    elif _FIVE_YEARS.search(sentence) and period is not None:
        period = plans[0] if plans else Period(period.last - 4, period.last)
    elif _AT_END.search(sentence) and periods and section.period and periods[0].last > section.period.last:
        return Frame(periods[0], Status.PLAN)
    elif periods and periods[0].first == periods[0].last and _YEAR.match(sentence):
        period = periods[0]
    elif period is not None and period.first < period.last and (own_year := _OWN_YEAR.search(sentence)):
        # Among the results of several years, one that is of a single year.
        period = Period.year(int(own_year[1]) if own_year[1] else period.last)
    if _ESTIMATE.search(sentence):
        status = Status.ESTIMATE
    elif _CUMULATIVE.search(sentence):
        status = Status.CUMULATIVE
    return Frame(period, status)


def _intent_frame(sentence: str, section: Frame) -> Frame:
    at_end = _AT_END.search(sentence)
    if at_end:
        named = mentioned_periods(at_end[0] + "，")
        if named:
            end = named[0].last
            same_year = section.period is not None and section.period == Period.year(end)
            return section if same_year else Frame(Period.year(end), Status.PLAN)
    plans = mentioned_plans(sentence)
    return Frame(plans[0], Status.PLAN) if plans and _PLAN_TIME.match(sentence) else section


#: A clause about the years of a plan.
_PLAN_TIME = re.compile(r"[“\"]?十.五[”\"]?(?:期间|时期)")


def _free_frame(sentence: str, section: Frame) -> Frame:
    """Sentences of articles and of passages outside any dated section."""
    periods = mentioned_periods(_BASE.sub("", sentence)) or mentioned_periods(sentence)
    period = periods[0] if periods else section.period
    if _INTENT.search(sentence) or "预计" in sentence:
        return Frame(period, Status.PLAN)
    return Frame(period, Status.NONE)


_NUMBER_OF_YEARS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "十": 10}
_IN_FORCE = re.compile(
    r"(?:有效|执行|实施|施行|试行)期限?(?:为|是|[：:])?\s*(?P<rest>(?:(?P<years>[一二两三四五十]|\d{1,2})\s*年)?.*)"
)
_FROM_NEW_YEAR = re.compile(r"\d{4}\s*年\s*1\s*月\s*1\s*日")
#: What is told to be in force is the document itself, not a certificate or another rule.
_ITSELF = re.compile(r"本(?!市|区|县|省|级)[\u4e00-\u9fff]{1,6}|起(?:施行|实施|执行|生效)|政策")


def validity_period(sentence: str, delivered_year: int | None) -> Period | None:
    """Return the years in which the document is in force, where a sentence says so; else None.

    The years come from two dates (自2022年3月1日起施行，有效期至2024年12月31日), from a date and a number of years, or
    from the year of delivery where the text names no beginning.
    """
    found = _IN_FORCE.search(sentence)
    if not found or not _ITSELF.search(sentence):
        return None
    rest = found["rest"].partition("《")[0]
    before = mentioned_periods(sentence[: found.start()].rpartition("《")[2] or sentence[: found.start()])
    named = mentioned_periods(rest)
    first = before[-1].first if before else named[0].first if len(named) > 1 else delivered_year
    if named and (named[0].first < named[0].last or len(named) > 1):
        return Period(named[0].first, max(named[-1].last, named[0].first))
    if named and first is not None and first <= named[0].last:
        return Period(first, named[0].last)
    if found["years"] and first is not None:
        years = _NUMBER_OF_YEARS.get(found["years"]) or int(found["years"])
        return Period(first, first + years - bool(_FROM_NEW_YEAR.search(sentence)))
    return None


def title_frame(title: str) -> Frame:
    """Return what a title says that its document speaks about; `UNKNOWN` where it names no year or span of years."""
    periods = mentioned_periods(title)
    if not periods:
        return UNKNOWN
    if _TITLE_RESULTS.search(title):
        return Frame(periods[0], Status.ACTUAL)
    if _TITLE_AIMS.search(title):
        return Frame(periods[0], Status.TARGET if periods[0].first == periods[0].last else Status.PLAN)
    return Frame(periods[0], Status.NONE)


_TITLE_RESULTS = re.compile(r"总结|回顾|完成情况|执行情况|统计公报|决算")
_TITLE_AIMS = re.compile(r"规划|纲要|计划|要点|目标|任务|工作安排|行动方案")

_YEAR_COLUMN = re.compile(r"年份|年度|年|时间|时期")
_BARE_YEAR = re.compile(rf"({_YEAR_DIGITS})\s*年?")
_AIM_COLUMN, _RESULT_COLUMN, _ESTIMATE_COLUMN = (
    re.compile(r"目标|计划|预期|任务"),
    re.compile(r"实际|完成|实绩"),
    re.compile(r"预计|预测|快报|初步"),
)


def row_frame(sentence: str, section: Frame) -> Frame | None:
    """Return what a row of a table speaks about as a whole; None for any other sentence.

    The years are those that its headers name, or that it is the row of; several make a span.
    """
    cells = row_cells(sentence)
    if not cells:
        return None
    frames = [cell_frame(cell, section) for cell in cells]
    years = [period for cell in cells for period in mentioned_periods(cell.header)] or _row_years(cells)
    period = section.period
    if years:
        period = Period(min(year.first for year in years), max(year.last for year in years))
    statuses = {frame.status for frame in frames} - {section.status}
    return Frame(period, statuses.pop() if len(statuses) == 1 else section.status)


def _row_years(cells: Sequence[RowCell]) -> list[Period]:
    """Return the year that a row is the row of."""
    named = (_BARE_YEAR.fullmatch(cell.value) for cell in cells if _YEAR_COLUMN.search(cell.header))
    return [Period.year(int(found[1])) for found in named if found]


def cell_frame(cell: RowCell, row: Frame) -> Frame:
    """Return what one value of a row speaks about, from the words of its header."""
    periods = mentioned_periods(cell.header)
    period = periods[0] if periods else row.period
    if _AIM_COLUMN.search(cell.header):
        single = period is None or period.first == period.last
        return Frame(period, Status.TARGET if single else Status.PLAN)
    if _ESTIMATE_COLUMN.search(cell.header):
        return Frame(period, Status.ESTIMATE)
    return Frame(period, Status.ACTUAL if _RESULT_COLUMN.search(cell.header) else row.status)


#: A review turns to the five years that end with its year …
_TURN_TO_FIVE_YEARS = re.compile(
    r"(?:回望|回顾|回首|走过|过去|经过)的?五年|五年来|[“\"]十.五[”\"](?:规划)?(?:圆满|顺利|胜利)?收官"
)
#: … and back to the one year.
_TURN_TO_YEAR = re.compile(
    r"^(?:一年来|过去一年|过去的一年|这一年|回眸过去)|^各位(?:代表|委员)[：:，,！!].{0,4}(?:回眸|过去一年)|刚刚过去的(?:20\d\d|一)年"
)
#: A chapter on what was reached and what is planned turns to the plan.
_TURN_TO_PLAN = re.compile(r"^[“\"]?十.五[”\"]?(?:时期|期间)|^(?:今后|未来)五年|^展望")


def turned_frame(
    sentence: str, chapter: Frame, current: Frame | None, heading_plans: tuple[Period, ...]
) -> Frame | None:
    """Return what a chapter speaks about from this sentence on, None while it is what its heading says.

    `current` is what it has turned to before; `heading_plans` are the five-year plans that its heading names: a
    chapter that names two turns from the results of the first to the aims of the second.
    """
    if not chapter.status.is_result or chapter.period is None:
        return current
    last = chapter.period.last
    if len(heading_plans) > 1 and _TURN_TO_PLAN.search(sentence) and heading_plans[-1] in mentioned_plans(sentence):
        return Frame(heading_plans[-1], Status.PLAN)
    if _TURN_TO_FIVE_YEARS.search(sentence):
        return Frame(Period(last - 4, last), Status.ACTUAL)
    single = chapter.period.first == last
    if _TURN_TO_YEAR.search(sentence) or (single and re.match(rf"{last}年(?!以来)", sentence)):
        return Frame(Period.year(last), Status.ACTUAL)
    return current


#: A comma between digits before three more is part of a number.
_CLAUSE_END = re.compile(r"[，；;：:。]|,(?!(?<=\d,)\d{3}(?!\d))")
#: A clause that goes on about the figure before it, and shares its status.
_GOES_ON = re.compile(r"^\s*(?:其中|同比|同口径|比上年|较上年|增长|下降|增幅|降幅|占)")
#: A total of the year itself, not a running one.
_WITHIN_YEAR = re.compile(r"累计(?:为|支出|减|成交|意向|发放|货值|落实)|累计意向")
_RUNNING = re.compile(r"累计|截至|截止|总(?:里程|量|数)达")
_BASE_YEAR = re.compile(rf"在?\s*({_YEAR_DIGITS})\s*年.{{0,30}}(?:基础上|的$)")
_FROM = re.compile(r"(?:从|由|将)[^，,；;]{0,24}$")
_TO = re.compile(r"^[^，,；;]{0,24}?(?:到|至|(?:整合|合并|调整|精简)[为成])")
#: Units that describe a thing rather than report on it.
_DESCRIBES = re.compile(r"^\s*(?:周年|岁以下|千伏|分钟|级地震)")
_NUMBER = re.compile(r"[\d.,]*\d")
_OF_YEAR = re.compile(rf"({_YEAR_DIGITS})\s*年的?\s*$")
#: So much a year over several years; an annual mean (细颗粒物年均浓度) is of one.
_A_YEAR = re.compile(r"年均(?!浓度|值|气温|降水)")
_YEARS_SO_FAR = re.compile(r"^(?:各位(?:代表|委员)[，,：:！!])?([两三四])年(半?)来")


def mention_frame(sentence: str, position: int, own: Frame, delivered: date | None) -> Frame:
    """Return what the figure at `position` of a sentence speaks about; `own` is the frame of the whole sentence.

    预计 and 累计 reach their own clause and the clauses that go on about it; the first figure of 从…到… and a
    figure 在…年…基础上 belong to an earlier time.
    """
    cell = next((cell for cell in row_cells(sentence) if cell.start <= position < cell.end), None)
    if cell is not None:
        # A column without a year of its own (同比增长) goes with the last one.
        dated = any(mentioned_periods(other.header) for other in row_cells(sentence))
        last = Period.year(own.period.last) if own.period and dated else own.period
        return cell_frame(cell, Frame(last, own.status))
    start, end = _clause_at(sentence, position)
    clause = sentence[start:end]
    number = _NUMBER.match(sentence, position)
    after = sentence[number.end() : end] if number else ""
    if _DESCRIBES.match(after):
        return Frame(own.period, Status.NONE)
    base = _base_frame(sentence[start:position], after, own)
    if base is not None:
        return base
    period, status = own.period, own.status
    of_year = _OF_YEAR.search(sentence[start:position])
    if of_year:
        period = Period.year(int(of_year[1]))
    if status.is_intent and _PLAN_TIME.match(clause) and (plans := mentioned_plans(clause)):
        return Frame(plans[0], Status.PLAN)
    before_end = _before_end(sentence, start, end, own, delivered)
    if before_end is not None:
        return before_end
    if status.is_result:
        reach = clause
        while start > 0 and _GOES_ON.match(sentence[start:end]):
            start, end = _clause_at(sentence, start - 1)
            reach = sentence[start:end] + reach
        single = period is not None and period.first == period.last
        status = _result_status(reach if not _MONTH_DAY.match(sentence) else "截至" + reach, within_year=single)
        period = _dated_in(sentence, period, delivered)
    if _A_YEAR.search(clause) and period is not None and period.first == period.last:
        # An average of years cannot belong to one year: it is that of the five-year plan which ends or ended then.
        period = Period(period.last - 4, period.last)
    return Frame(period, status)


def _before_end(sentence: str, start: int, end: int, own: Frame, delivered: date | None) -> Frame | None:
    """Return the frame of a clause before the one that says 到…末, which says nothing of it; None for any other."""
    at_end = _AT_END.search(sentence)
    if not at_end or end > at_end.start() or own.status is not Status.PLAN:
        return None
    if own.period and _A_YEAR.search(sentence[start:end]):
        return Frame(Period(own.period.last - 4, own.period.last), Status.PLAN)
    return Frame(Period.year(delivered.year), Status.TARGET) if delivered else None


def _clause_at(sentence: str, position: int) -> tuple[int, int]:
    ends = [m.end() for m in _CLAUSE_END.finditer(sentence)]
    start = max((end for end in ends if end <= position), default=0)
    return start, min((end for end in ends if end > position), default=len(sentence))


def _result_status(reach: str, within_year: bool) -> Status:
    if _ESTIMATE.search(reach):
        return Status.ESTIMATE
    return (
        Status.CUMULATIVE if _RUNNING.search(_WITHIN_YEAR.sub("", reach) if within_year else reach) else Status.ACTUAL
    )


def _base_frame(before: str, after: str, own: Frame) -> Frame | None:
    """Return the frame of a figure that only serves as a base of comparison, None for any other figure."""
    year = _BASE_YEAR.search(before + after[:30])
    if year and ("基础上" in after or before.rstrip().endswith("年的")):
        return Frame(Period.year(int(year[1])), Status.NONE)
    start = _FROM.search(before)
    if start and _TO.match(after) and own.period is not None:
        named = mentioned_periods(before)
        earlier = Period.year(own.period.first - (0 if start[0].startswith("将") else 1))
        return Frame(named[-1] if named else earlier, Status.NONE)
    return None


_MONTH_DAY = re.compile(r"截[至止](\d{1,2})月(\d{1,2})日")


def _dated_in(sentence: str, period: Period | None, delivered: date | None) -> Period | None:
    """A count up to a day shortly before delivery belongs to the year of delivery."""
    found = _MONTH_DAY.match(sentence)
    if found and delivered and (int(found[1]), int(found[2])) <= (delivered.month, delivered.day):
        return Period.year(delivered.year)
    return period
