"""Indicators: what a sentence says of a named figure, its level and its change, for which years, and as what.

Names are the glossary's terms of the kind `indicator`, in any of their words. In each clause the figures behind a
name are its own; a clause that only goes on about the one before it (同比增长 …) speaks of the same name. Several
names before 分别 share the figures that follow, in order. Period and status of each figure are read from its clause
(`corpus.periods.mention_frame`). Where it cannot be told whose a figure is (a share of something, one of more figures
than names), nothing is read: a missing statement costs a sentence of an answer, a wrong one its truth.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from corpus.glossary import INDICATOR
from corpus.periods import Frame, mention_frame
from corpus.quantities import Quantity, Unit, quantities
from corpus.types import Period, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from corpus.glossary import Glossary, Mention


@dataclass(frozen=True, slots=True)
class Indicator:
    """One statement about an indicator.

    `name` is canonical, `wording` as the text has it. `value` is the level reported, `change` how it changed (a share
    or points, negative where it fell); at least one is there. `scope` is what limits the figure (新增, 累计, 全市 …),
    `basis` on what it was compared (同口径 …), both as the text says, empty where it says nothing.
    """

    name: str
    wording: str
    value: Quantity | None
    change: Quantity | None
    period: Period | None
    status: Status
    scope: str
    basis: str

    @property
    def series(self) -> tuple[str, str]:
        """What can be put in one line over the years: the same words, counted in the same way."""
        return self.wording, self.scope


#: How far from a name or a figure its own words are looked for, in characters.
_NEAR = 16
#: Characters read as one; sentences have some hundred, and a table's row seldom more.
_STRETCH = 2000
_CLAUSE_END = re.compile(r"[，；;：:。]|,(?!(?<=\d,)\d{3}(?!\d))")
#: A comma inside a number does not end a clause.
_CLAUSE = re.compile(r"(?:[^，,；;。：:]|(?<=\d),(?=\d{3}(?!\d)))+")
_GOES_ON = re.compile(
    r"^\s*(?:同比|同口径|可比|比上年|较上年|较去年|实际|年均|其中)?"
    r"(?:增长|下降|上升|上涨|下跌|增产|减产|减少|增加|提高|回落|降低|增幅|降幅|增速|达到|达|为|突破)"
)
#: A clause whose figures are of the names before it, one each: 收入80亿元、支出90亿元，分别增长4%、5%.
_SHARED = re.compile(r"^\s*(?:同比|比上年|较上年)?分别(?:同比|比上年|较上年)?(?:增长|下降|上升|提高|减少|增加)")
#: A clause that only tells how a figure was counted; what follows it goes on about the name before it.
_COUNTED_SO = re.compile(r"^\s*(?:按|以|扣除|剔除)[^，,；;。]{2,20}?(?:计算|核算|口径|价格|因素|影响)后?$")
#: A name said once more in brackets: 地区生产总值（GDP）.
_OPENS, _CLOSES = re.compile(r"\s*[（(]\s*"), re.compile(r"\s*[）)]")
#: A clause that tells the total after the addition before it (新增5家，累计达到82家).
_TOTAL = re.compile(r"^\s*(?:目前)?(累计|总数|总量)(?:总数|总量)?(?:已)?(?:达到?|为|有|超过)?[^\u4e00-\u9fff]*\d")
#: Between a verb of change and its figure; 提高到 and 降至 tell the level that was reached, 增长达到 the change.
_TO_FIGURE = r"(?:(?!(?<!达)[到至])[^\d%％]){0,8}$"
_ROSE = re.compile(r"(?:增长|增产|增收|上涨|上升|提高|增加(?!值)|扩大|增幅|增速|提升)" + _TO_FIGURE)
_FELL = re.compile(r"(?:下降|下跌|减产|减少|降低|回落|缩减|压减|降幅|负增长)" + _TO_FIGURE)
_SCOPE = re.compile(r"(?:全市|全国|中心城区|全省|全区|累计|新增|新建|新辟|人均|年均|总|净增)(?=[^，,；;。]{0,6}$)")
_BASIS = re.compile(r"同口径|可比口径|(?:剔除|扣除)[^，,；;。]{2,16}?(?:因素|影响)后?|按可比价格?")
#: What may stand between a name and its figure: verbs, adverbs, where the figure came from, and words for the
#: quantity of the very thing (进出口规模达…). Any other noun there has the figure (地下管网管廊9万公里).
_LINK = re.compile(
    r"[（(][^（）()]*[）)]|(?:由|从)[^，,；;]*?(?=提[高升]|增[加长至]|上升|升[至到]|扩大|下降|减少|缩小|降)|20\d\d年的?|较[^，,；;]*?(?=增|上|提|减|下|降|改|优)"
    r"|为?[“\"][^”\"]*[”\"]时期的|分别|双双|预计|首次|成功|再次|连续\d+年|连续|一直|继续|持续|稳定|稳步|同比|同口径|可比|累计"
    r"|上年|去年|合计|年均|平均|按|实际|基本|总体|全年|当年|每年|已经|五年|左右|约为|大约|不少于|不低于|不超过|[迈跨][上越][^，,；;]*?台阶|控制|保持|完成|实现|达到|增长|增加"
    r"|上涨|下跌|增产|减产|增收|比|上升|提高|提升|提速|下降|减少|降低|回落|缩减|压减|改善|扩大|缩小|翻番|增速|增幅|降幅|涨幅|突破|超过|跨越|迈上|跃升|跃上|增至|升至|降至"
    r"|总规模|规模|总量|数量|总数|总额|余额|保有量|拥有量|运营总?里程|营业总?里程|通车总?里程|优良率|优良比例|完工|开工|建成"
    r"|[均都各双将已再近超约达为至到在率值数以共仅只就即可的了“”（）()\"'\s:：、_-]"
)
#: Before a name: when, and verbs of doing. What else stands there limits the figure to a part (跨境电商平台进出口).
_BEFORE_NAME = re.compile(
    r"(?:20\d\d年|全年|年度?内|年末|今年|当年|每年|五年|到20\d\d年|到|年|“[十一二三四五六七八九]+五”(?:时期|期间|末)|其中|此外|同时|并|将|使|以|及|和|与|或"
    r"|我[市省区县]|全[体社会市省区县州]+|努力|力争|确保|预计|计划|提前|超额|实际|首次|率先|稳步|扎实|持续|继续|加快|大力|累计|共|再|已|新(?![区城])"
    r"|实现|完成|达成|开工|竣工|完工|建成|建设|新建|改建|扩建|筹集|筹措|改造|改建|提升|提质|整治|治理|修复|退化|安排|投入|引进|新增|增加|增设"
    r"|新?入库|培育|接待|供应|发放|提出|超过|高于|收缴|争取|报告|推动|促进|实施|净增|帮助|各类|合计|年度|本|的|了|个|家|套|户|幢|[（）()”\s])+"
)
#: What parts the words before a name from what they do not belong to; fewer characters limit nothing.
_PART_END = (
    r"[，,；;：:。、]|\d[\d.]*[余多]?[万亿千百]*(?:人次|公里|公顷|平方米|元|[个家支项条座套户人次幢亩件所名位])?"
)
_SHORTEST_LIMIT = 2
_TRAILING = re.compile(r"(?:对|的|等|及|和|类|实现|完成)+$")
_HAN = re.compile(r"[\u3400-\u9fffA-Za-z]")
_EACH = re.compile(r"分别|[均都各]")
_LIST = re.compile(r"^[\s、和与及,，]*$")
#: What stands between the figures of a list, or the parts of a ratio.
_LIST_OF_FIGURES = re.compile(r"^\s*(?:[、和与及:：∶]|以及)\s*$")
#: Between a name and a figure: the figure is another thing's, or the share of one in another.
_NOT_ITS_OWN = re.compile(r"、(?!达|年均|增长|同比)|[和与]|以及|占|比[重例率]")
_OF_ANOTHER = re.compile(r"(?:占[^，,；;。]{0,8}|(?<!年)的)$")
#: Before a figure that is counted ahead of its name (新增300个公共充电桩).
_MADE = re.compile(r"新增|新建|新辟|建成|完成|增设|净增")
#: Where a change began (从86家增加到113家), and for how long it has gone on (连续37年): no level of the year.
_BEGAN, _MOVED = re.compile(r"(?:由|从)[^，,；;]{0,8}$"), re.compile(r"^[^，,；;\d]{0,8}?[到至]")
#: A change a year over several years.
AVERAGE = "年均"
_AVERAGE = re.compile(AVERAGE + r"\D{0,8}$")
_LASTED = re.compile(r"(?:近|连续)$")
#: Counted by 户 in some reports: no households.
_FIRMS = re.compile(r"企业|机构|公司|主体|商户|工商户")
_RATIO = re.compile(r"\s*[:：∶]\s*\d")
_TIMES = frozenset("年 个月 月 天 日 周年".split())
_CHANGES = (Unit.PERCENT, Unit.POINTS)


#: What makes the name of a change out of the name of an indicator; its percentages are no levels.
_OF_CHANGE = re.compile(r"(?:增长(?:率|速度)?|增速|增幅|降幅)$")


@functools.lru_cache(maxsize=8)
def _canonical(glossary: Glossary) -> dict[str, str]:
    """Return the name under which each indicator goes: that of GDP also for GDP growth."""
    names = [term.zh[0] for term in glossary.terms if term.kind == INDICATOR]
    known = set(names)
    return {name: base if (base := _OF_CHANGE.sub("", name)) in known else name for name in names}


def read_indicators(sentence: str, own: Frame, delivered: date | None, glossary: Glossary) -> tuple[Indicator, ...]:
    """Return what a Chinese sentence says of indicators, in order; `own` is the frame of the whole sentence.

    A text without stops is read a stretch at a time: whose a figure is and when is looked for in all of a sentence.
    """
    found: list[Indicator] = []
    for start, stretch in _stretches(sentence):
        found += (_moved(one, start) for one in _read_stretch(stretch, own, delivered, glossary))
    return tuple(found)


def _stretches(sentence: str) -> Iterator[tuple[int, str]]:
    """Yield a sentence, or parts of an overlong one that end where a clause does, each with where it begins."""
    start = 0
    while len(sentence) - start > _STRETCH:
        ends = [mark.end() for mark in _CLAUSE_END.finditer(sentence, start, start + _STRETCH)]
        end = ends[-1] if ends else start + _STRETCH
        yield start, sentence[start:end]
        start = end
    yield start, sentence[start:]


def _moved(indicator: Indicator, by: int) -> Indicator:
    """Return an indicator whose figures stand further on in the text."""
    if not by:
        return indicator
    value, change = (
        figure and replace(figure, start=figure.start + by, end=figure.end + by)
        for figure in (indicator.value, indicator.change)
    )
    return replace(indicator, value=value, change=change)


def _read_stretch(sentence: str, own: Frame, delivered: date | None, glossary: Glossary) -> tuple[Indicator, ...]:
    mentions = [m for m in glossary.find_chinese(sentence) if any(term.kind == INDICATOR for term in m.terms)]
    mentions = [m for m in mentions if not _is_said_again(sentence, m, mentions)]
    if not mentions:
        return ()
    figures = [q for q in quantities(sentence) if _is_stated(sentence, q)]
    found: list[Indicator] = []
    for group in _assign(sentence, mentions, figures):
        for mention, (value, own_change) in _pair(sentence, group.names, group.held):
            change = own_change or group.change
            if value is not None or change is not None:
                one = _indicator(sentence, mention, value, change, own, delivered, _canonical(glossary))
                found.append(replace(one, scope=group.scope) if group.scope else one)
    return tuple(found)


def _is_said_again(sentence: str, mention: Mention, mentions: Sequence[Mention]) -> bool:
    """Return whether a mention is another name of the one before it, in brackets."""
    return bool(_CLOSES.match(sentence, mention.end)) and any(
        _OPENS.fullmatch(sentence, other.end, mention.start) for other in mentions
    )


def _is_stated(sentence: str, quantity: Quantity) -> bool:
    """Return whether a figure is one that is reported: no date, no duration, not where a change began."""
    before = sentence[max(0, quantity.start - _NEAR) : quantity.start]
    after = sentence[quantity.end : quantity.end + _NEAR]
    if quantity.unit in (Unit.YEAR, Unit.DATE) or (_BEGAN.search(before) and _MOVED.match(after)):
        return False
    if quantity.unit is Unit.NONE and not quantity.measure and _RATIO.match(after):
        return False  # one side of a ratio says nothing by itself
    in_digits = any(c.isdigit() for c in sentence[quantity.start : quantity.end])
    return quantity.measure not in _TIMES or (in_digits and not _LASTED.search(before))


@dataclass(slots=True)
class _Group:
    """Neighbouring names with the figures that belong to them, a scope told by the clause, and a change told apart."""

    names: list[Mention]
    held: list[Quantity]
    scope: str = ""
    change: Quantity | None = None


def _assign(sentence: str, mentions: Sequence[Mention], figures: Sequence[Quantity]) -> list[_Group]:
    """Return groups of neighbouring names with their figures; a clause without a name goes on about the one before."""
    groups: list[_Group] = []
    latest: list[_Group] = []  # of the last clause that has names
    for clause in _CLAUSE.finditer(sentence):
        inside = [m for m in mentions if clause.start() <= m.start < clause.end()]
        numbers = [q for q in figures if clause.start() <= q.start < clause.end()]
        if inside:
            starts = [*_groups(sentence, inside, clause.end())]
            latest = [
                _Group(names, _held_by(sentence, names, clause.start(), [q for q in numbers if q.start < upto]))
                for names, upto in starts
            ]
            groups += latest
        elif _COUNTED_SO.match(clause[0]) and not numbers:
            continue
        elif _SHARED.match(clause[0]) and len(_listed(sentence, numbers)) == len(latest) > 1:
            fell = _FELL.search(sentence[: numbers[0].start])
            for group, number in zip(latest, numbers, strict=False):
                group.change = _negative(number) if fell else number
        elif latest and numbers and _GOES_ON.match(clause[0]):
            latest[-1].held += numbers
        elif latest and len(latest[-1].names) == 1 and (total := _TOTAL.match(clause[0])):
            groups.append(_Group(latest[-1].names, numbers, "累计" if total[1] == "累计" else "总"))
            latest = groups[-1:]
        else:
            latest = []
    return [group for group in groups if group.held]


def _held_by(sentence: str, names: Sequence[Mention], clause: int, figures: Sequence[Quantity]) -> list[Quantity]:
    """Return the figures of a clause that belong to names in it: those behind them, and the one counted before them."""
    first, last = names[0].start, names[-1].end
    counted = [q for q in figures if q.end == first and q.measure and _MADE.search(sentence, clause, q.start)]
    behind = [q for q in figures if q.start >= last]
    if behind and (
        _NOT_ITS_OWN.search(sentence, last, behind[0].start)
        or _OF_ANOTHER.search(sentence[clause:first])
        or not _is_link(sentence[last : behind[0].start])
        or (behind[0].unit is Unit.PERCENT and _OF_ANOTHER.search(sentence[last : behind[0].start]))
    ):
        behind = []
    return counted + behind


def _is_link(between: str) -> bool:
    """Return whether nothing between a name and a figure could be what the figure counts."""
    return not _HAN.search(_LINK.sub("", between))


def _groups(sentence: str, mentions: Sequence[Mention], end: int) -> Iterator[tuple[list[Mention], int]]:
    """Yield runs of names with nothing but list marks between, each with where the next run begins."""
    runs: list[list[Mention]] = []
    for mention in mentions:
        if runs and _LIST.match(sentence[runs[-1][-1].end : mention.start]):
            runs[-1].append(mention)
        else:
            runs.append([mention])
    for i, run in enumerate(runs):
        yield run, runs[i + 1][0].start if i + 1 < len(runs) else end


def _pair(
    sentence: str, names: Sequence[Mention], held: Sequence[Quantity]
) -> Iterator[tuple[Mention, tuple[Quantity | None, Quantity | None]]]:
    """Yield each name with its level and its change; none where a list has more or fewer figures than names."""
    listed = _listed(sentence, held)
    if len(listed) == len(names) > 1:
        for mention, quantity in zip(names, listed, strict=True):
            yield mention, _level_and_change(sentence, mention, [quantity], lead=listed[0].start)
    elif len(listed) == 1:
        between = sentence[names[-1].end : held[0].start]
        for mention in names if _EACH.search(between) else names[-1:]:
            yield mention, _level_and_change(sentence, mention, held)


def _listed(sentence: str, held: Sequence[Quantity]) -> list[Quantity]:
    """Return the first figures up to one that more than a list mark parts from the one before it."""
    listed = list(held[:1])
    for quantity in held[1:]:
        if not _LIST_OF_FIGURES.match(sentence[listed[-1].end : quantity.start]):
            break
        listed.append(quantity)
    return listed


def _level_and_change(
    sentence: str, name: Mention, held: Sequence[Quantity], lead: int | None = None
) -> tuple[Quantity | None, Quantity | None]:
    """Return the first figure that is a level and the first that is a change; `lead` is where its verb stands."""
    value: Quantity | None = None
    change: Quantity | None = None
    for quantity in held:
        at = quantity.start if lead is None else lead
        share = quantity.unit in _CHANGES
        # Behind a verb and the name a share is a change (压减一般性支出10%), an amount is a level (增加学位20万个).
        before = sentence[max(0 if share else name.start, at - _NEAR) : at]
        fell, rose = _FELL.search(before), _ROSE.search(before)
        is_change = share and (fell or rose or _OF_CHANGE.search(sentence[name.start : name.end]))
        if is_change and value is not None and _AVERAGE.search(before):
            continue  # the average of several years, beside the level of one
        if is_change:
            change = change or (_negative(quantity) if fell else quantity)
        elif value is None and quantity.unit is not Unit.POINTS and not (fell or rose):
            value = quantity
    return value, change


def _negative(quantity: Quantity) -> Quantity:
    upper = None if quantity.upper is None else -abs(quantity.upper)
    return replace(quantity, value=-abs(quantity.value), upper=upper)


def _indicator(
    sentence: str,
    mention: Mention,
    value: Quantity | None,
    change: Quantity | None,
    own: Frame,
    delivered: date | None,
    canonical: Mapping[str, str],
) -> Indicator:
    figure = value or change
    at = mention.start if figure is None else _first_digit(sentence, figure)
    frame = mention_frame(sentence, at, own, delivered)
    averaged = value is None and change and _AVERAGE.search(sentence[max(0, change.start - _NEAR) : change.start])
    counted = value if value and value.end == mention.start else None  # 新增300个公共充电桩
    wording = sentence[mention.start : mention.end]
    named = [term for term in mention.terms if term.kind == INDICATOR]
    if value is not None and value.measure == "户" and _FIRMS.search(wording):
        value = replace(value, measure="家")
    term = next((term for term in named if term.zh[0] == wording), named[0])
    counted_so = max(at, change.start if change else 0)
    basis = _BASIS.search(sentence, max(0, mention.start - 30), counted_so)
    return Indicator(
        name=canonical[term.zh[0]],
        wording=wording,
        value=value,
        change=change,
        period=frame.period,
        status=frame.status,
        scope=_scope(sentence, counted.start if counted else mention.start) + (AVERAGE if averaged else ""),
        basis=basis[0] if basis else "",
    )


def _scope(sentence: str, name: int) -> str:
    """Return what limits a figure to a part, as the text has it before the name at `name`; empty where nothing does."""
    before = re.split(_PART_END, sentence[:name])[-1]
    word = _SCOPE.search(before[-_NEAR:])
    limits = word.string[word.start() :] if word else before[_leading(before) :]
    limits = _TRAILING.sub("", limits.strip())
    beside = _BEFORE_NAME.sub("", limits.removeprefix(word[0]) if word else limits)
    if len(_HAN.findall(beside)) < _SHORTEST_LIMIT:
        return word[0] if word else ""
    return limits


def _leading(before: str) -> int:
    """Return where in the words before a name those end that only tell when and what was done."""
    leading = _BEFORE_NAME.match(before)
    return leading.end() if leading else 0


def _first_digit(sentence: str, figure: Quantity) -> int:
    """Return where the digits of a figure begin, behind the words that bound it; its start where it has none."""
    digit = re.search(r"\d", sentence[figure.start : figure.end])
    return figure.start + (digit.start() if digit else 0)
