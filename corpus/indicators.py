"""Indicators: what a sentence says of a named figure, its level and its change, for which years, and as what.

Names are the glossary's terms of the kind `indicator`, in any of their words. In each clause the figures behind a
name are its own; a clause that only goes on about the one before it (同比增长 …) speaks of the same name. Several
names before 分别 share the figures that follow, in order. Period and status of each figure are read from its clause
(`corpus.periods.mention_frame`).
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
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


#: A comma inside a number does not end a clause.
_CLAUSE = re.compile(r"(?:[^，,；;。：:]|(?<=\d),(?=\d{3}(?!\d)))+")
_GOES_ON = re.compile(
    r"^\s*(?:同比|同口径|可比|比上年|较上年|较去年|实际|年均|其中)?"
    r"(?:增长|下降|上升|减少|提高|回落|降低|增幅|降幅|增速|达到|达|为)"
)
_ROSE = re.compile(r"(?:增长|上升|提高|增加|扩大|增幅|增速|提升)[^\d%％]{0,8}$")
_FELL = re.compile(r"(?:下降|减少|降低|回落|缩减|压减|降幅|负增长)[^\d%％]{0,8}$")
_SCOPE = re.compile(r"(?:全市|全国|中心城区|全省|全区|累计|新增|新建|新辟|人均|年均|总|净增)(?=[^，,；;。]{0,6}$)")
_BASIS = re.compile(r"同口径|可比口径|(?:剔除|扣除)[^，,；;。]{2,16}?(?:因素|影响)后?|按可比价格?")
_EACH = re.compile(r"分别|各")
_LIST = re.compile(r"^[\s、和与及,，]*$")
_CHANGES = (Unit.PERCENT, Unit.POINTS)


#: What makes the name of a change out of the name of an indicator.
_OF_CHANGE = re.compile(r"(?:增长(?:率|速度)?|增速|增幅|降幅)$")


@functools.lru_cache(maxsize=8)
def _canonical(glossary: Glossary) -> dict[str, str]:
    """Return the name under which each indicator goes: that of GDP also for GDP growth."""
    names = [term.zh[0] for term in glossary.terms if term.kind == INDICATOR]
    known = set(names)
    return {name: base if (base := _OF_CHANGE.sub("", name)) in known else name for name in names}


def read_indicators(sentence: str, own: Frame, delivered: date | None, glossary: Glossary) -> tuple[Indicator, ...]:
    """Return what a Chinese sentence says of indicators, in order; `own` is the frame of the whole sentence."""
    mentions = [m for m in glossary.find_chinese(sentence) if any(term.kind == INDICATOR for term in m.terms)]
    if not mentions:
        return ()
    figures = [q for q in quantities(sentence) if q.unit not in (Unit.YEAR, Unit.DATE)]
    found: list[Indicator] = []
    for names, held in _assign(sentence, mentions, figures):
        for mention, quantity_pair in _pair(sentence, names, held):
            found.append(_indicator(sentence, mention, quantity_pair, own, delivered, _canonical(glossary)))
    return tuple(found)


def _assign(
    sentence: str, mentions: Sequence[Mention], figures: Sequence[Quantity]
) -> Iterator[tuple[list[Mention], list[Quantity]]]:
    """Yield groups of neighbouring names with the figures that belong to them."""
    names: list[Mention] = []
    held: list[Quantity] = []
    for clause in _CLAUSE.finditer(sentence):
        inside = [m for m in mentions if clause.start() <= m.start < clause.end()]
        numbers = [q for q in figures if clause.start() <= q.start < clause.end()]
        if not inside and names and numbers and _GOES_ON.match(clause[0]):
            held += numbers
            continue
        if names and held:
            yield names, held
        names, held = [], []
        for group, upto in _groups(sentence, inside, clause.end()):
            if names and held:
                yield names, held
            names = group
            held = [q for q in numbers if group[-1].end <= q.start < upto]
    if names and held:
        yield names, held


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
    """Yield each name with its level and its change."""
    if len(names) > 1:
        between = sentence[names[-1].end : held[0].start]
        if not _EACH.search(between) or len(held) < len(names):
            yield names[-1], _level_and_change(sentence, held)
            return
        for mention, quantity in zip(names, held, strict=False):
            yield mention, _level_and_change(sentence, [quantity], lead=held[0].start)
        return
    yield names[0], _level_and_change(sentence, held)


def _level_and_change(
    sentence: str, held: Sequence[Quantity], lead: int | None = None
) -> tuple[Quantity | None, Quantity | None]:
    """Return the first figure that is a level and the first that is a change; `lead` is where its verb stands."""
    value: Quantity | None = None
    change: Quantity | None = None
    for quantity in held:
        before = sentence[
            max(0, (quantity.start if lead is None else lead) - 16) : quantity.start if lead is None else lead
        ]
        fell, rose = _FELL.search(before), _ROSE.search(before)
        if quantity.unit in _CHANGES and (fell or rose):
            change = change or (_negative(quantity) if fell else quantity)
        elif value is None and not (fell or rose):
            value = quantity
    return value, change


def _negative(quantity: Quantity) -> Quantity:
    return Quantity(
        -abs(quantity.value), quantity.unit, quantity.measure, quantity.bound, None, quantity.start, quantity.end
    )


def _indicator(
    sentence: str,
    mention: Mention,
    pair: tuple[Quantity | None, Quantity | None],
    own: Frame,
    delivered: date | None,
    canonical: Mapping[str, str],
) -> Indicator:
    value, change = pair
    figure = value or change
    at = figure.start if figure else mention.start
    frame = mention_frame(sentence, _first_digit(sentence, at), own, delivered)
    term = next(term for term in mention.terms if term.kind == INDICATOR)
    scope = _SCOPE.search(sentence[: mention.start])
    basis = _BASIS.search(sentence, max(0, mention.start - 30), at)
    return Indicator(
        name=canonical[term.zh[0]],
        wording=sentence[mention.start : mention.end],
        value=value,
        change=change,
        period=frame.period,
        status=frame.status,
        scope=scope[0] if scope else "",
        basis=basis[0] if basis else "",
    )


def _first_digit(sentence: str, at: int) -> int:
    """Return where the digits of a figure begin, behind the words that bound it."""
    digit = re.search(r"\d", sentence[at:])
    return at + digit.start() if digit else at
