"""Quantities as Chinese and English texts write them, brought to one form so that they can be compared.

`193.5亿元`, `RMB 19.35 billion` and `19,350 million yuan` are one quantity; `4%` and `4个百分点` are two. Amounts,
shares, years, dates and counted things are read, with what bounds them (约, 以上, more than) and their ranges.
Ordinals (第三届, 13th), names with digits (PM2.5, 15号线, 1+13+X, “20条”) and telephone numbers are not facts and are
left out. What a number can count is data, see `corpus.measures`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from corpus.measures import load_measures
from corpus.numerals import (
    DIGITS,
    chinese_scale,
    english_scale,
    read_chinese,
    read_fraction,
    read_numeral,
    read_words,
)
from corpus.quantity_words import (
    BEFORE_AT,
    BEHIND_AT,
    BOUND_BEFORE,
    BOUND_BEHIND,
    CALENDAR_YEAR,
    HAN,
    JOINT,
    MONTH_AFTER,
    MONTHS,
    NAMED_YEAR,
    YEAR_AFTER,
    measure_names,
    number_pattern,
    unit_pattern,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Unit(StrEnum):
    """What a number counts, as far as mixing it up would change the fact."""

    NONE = ""  #: things, or a physical measure; see `Quantity.measure`
    PERCENT = "%"
    POINTS = "points"  #: percentage points
    YEAR = "year"  #: a calendar year
    DATE = "date"  #: a month or a day; the value is yyyymmdd, with zeros where a part is not said
    CNY = "CNY"
    USD = "USD"
    OTHER_MONEY = "money"


#: A quantity told in another measure (hectares for mu) may be rounded by so much.
_CONVERTED = Fraction(1, 200)


class Bound(StrEnum):
    """How a quantity is limited."""

    NONE = ""
    ABOUT = "about"
    NEARLY = "nearly"
    MORE_THAN = "more than"
    AT_LEAST = "at least"
    LESS_THAN = "less than"
    AT_MOST = "up to"


#: Dimensions of measures of time (see measures.tsv).
_TIMES = frozenset({"years", "months", "days", "minutes"})
#: The measure of a part of a whole: 三分之二.
FRACTION_MEASURE = "分之"
_MONEY = {"元": Unit.CNY, "美元": Unit.USD}
_OPEN = frozenset({Unit.CNY, Unit.USD, Unit.OTHER_MONEY, Unit.YEAR})


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value in units of one (`3.5万` is 35000; 4 % is 4) and what it counts.

    `measure` names an entry of `corpus.measures` (平方米, 家, 欧元) or is empty; `upper` is the far end of a range.
    `start` and `end` are its place in the text as given, with its measure and the words that bound it.
    """

    value: Decimal
    unit: Unit
    measure: str = ""
    bound: Bound = Bound.NONE
    upper: Decimal | None = None
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @property
    def ends(self) -> tuple[Quantity, ...]:
        """The quantity itself, or the two ends of a range."""
        if self.upper is None:
            return (self,)
        return replace(self, upper=None), replace(self, value=self.upper, upper=None)

    def stated_by(self, source: Quantity) -> bool:
        """Return whether a source that says `source` bears out a text that says this; bounds and signs apart.

        A text may leave a unit or measure out; a source may leave out money, year and measure, which its
        surroundings tell. Of a range both ends must be in the source.
        """
        return all(any(_bears_out(mine, theirs) for theirs in source.ends) for mine in self.ends)


def _bears_out(claim: Quantity, source: Quantity) -> bool:
    if Unit.DATE in (claim.unit, source.unit):
        return _same_date(claim, source)
    # What has a measure is not silent on its unit: 3公顷 is not borne out by 3%.
    # A rate (元/平方米) may be told as money.
    open_measure = not claim.measure or "/" in claim.measure
    silent = (claim.unit is Unit.NONE and open_measure) or (source.unit is Unit.NONE and claim.unit in _OPEN)
    return (silent or claim.unit is source.unit) and _same_amount(claim, source)


def _same_amount(claim: Quantity, source: Quantity) -> bool:
    measures = load_measures()
    mine, theirs = measures.get(claim.measure), measures.get(source.measure)
    if mine is None or theirs is None or (mine.is_count and theirs.is_count) or mine is theirs:
        return abs(claim.value) == abs(source.value)
    if {*mine.en_forms} & {*theirs.en_forms}:  # English does not tell them apart: times is 次 and 倍
        return abs(claim.value) == abs(source.value)
    if mine.is_money or mine.dimension != theirs.dimension:
        return False
    if mine.factor == theirs.factor:  # nothing was converted, so nothing was rounded: 岁 and 年
        return abs(claim.value) == abs(source.value)
    wanted, held = Fraction(claim.value) * mine.factor, Fraction(source.value) * theirs.factor
    return abs(wanted - held) <= abs(held) * _CONVERTED


def _same_date(claim: Quantity, source: Quantity) -> bool:
    """A date bears out its own parts; a source may leave out the year."""
    mine, theirs = _date_parts(claim), _date_parts(source)
    if mine is None or theirs is None:
        return False
    if any(wanted and wanted != held for wanted, held in zip(mine[1:], theirs[1:], strict=True)):
        return False
    return not (mine[0] and theirs[0] and mine[0] != theirs[0])


def _date_parts(quantity: Quantity) -> tuple[int, int, int] | None:
    value = int(quantity.value)
    if quantity.unit is Unit.DATE:
        return value // 10_000, value // 100 % 100, value % 100
    return (value, 0, 0) if quantity.unit in (Unit.YEAR, Unit.NONE) and not quantity.measure else None


def all_stated(claims: Iterable[Quantity], sources: Iterable[Quantity]) -> bool:
    """Return whether every number of `claims` is borne out by one of `sources`."""
    held = [end for source in sources for end in source.ends]
    return all(any(end.stated_by(source) for source in held) for claim in claims for end in claim.ends)


# --- reading -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    """A quantity with its place in the folded text, and what its digits were multiplied by."""

    quantity: Quantity
    start: int
    end: int
    scale: int = 1


def quantities(text: str) -> tuple[Quantity, ...]:
    """Return the quantities of a text in order, repetitions kept, a range as one."""
    folded, offsets = _fold(text)
    return tuple(
        replace(found.quantity, start=offsets[found.start], end=offsets[found.end - 1] + 1)
        for found in map(functools.partial(_bounded, folded), _ranges(folded, list(_read(folded))))
    )


def _fold(text: str) -> tuple[str, list[int]]:
    """Return a text at half width and in lower case, and for each of its characters where it came from."""
    pieces = [_fold_character(character) for character in text]
    return "".join(pieces), [at for at, piece in enumerate(pieces) for _ in piece]


@functools.lru_cache(maxsize=20_000)
def _fold_character(character: str) -> str:
    # ½, ² and ① must not become digits.
    keep = unicodedata.category(character) == "No"
    return (character if keep else unicodedata.normalize("NFKC", character)).casefold()


def _read(folded: str) -> Iterator[_Found]:
    at, pattern = 0, number_pattern()
    while match := pattern.search(folded, at):
        at = match.end()
        if match["not_fact"]:
            continue
        found = _date(match, folded) if match["date"] else _amount(match, folded)
        if found is not None:
            at = found.end
            yield found


def _date(match: re.Match[str], folded: str) -> _Found | None:
    month = match["en_month"]
    alone = not (match["en_first"] or match["en_day"] or match["en_year"])
    if alone and (month in ("march", "mar") or (month == "may" and not MONTH_AFTER.search(folded[: match.start()]))):
        return None
    year = match["zh_year"] or match["iso_year"] or match["en_year"] or 0
    number = MONTHS[month] if month else match["zh_month"] or match["iso_month"]
    day = match["zh_day"] or match["iso_day"] or match["en_first"] or match["en_day"] or 0
    value = 10_000 * int(year) + 100 * int(number) + int(day)
    return _Found(Quantity(Decimal(value), Unit.DATE), match.start(), match.end())


def _amount(match: re.Match[str], folded: str) -> _Found | None:
    unit = unit_pattern().match(folded, match.end())
    assert unit is not None, "every part of it may be missing"
    if match["hundredth"] or match["tenths"]:
        value = read_numeral(match["hundredth"]) if match["hundredth"] else Decimal(10 * DIGITS[match["tenths"]])
        return _Found(Quantity(value, Unit.PERCENT), match.start(), match.end())
    if match["below"] or match["en_below"]:
        return _Found(Quantity(read_fraction(match), Unit.NONE, FRACTION_MEASURE), match.start(), match.end())
    return _western(match, unit, folded) if match["digits"] or match["words"] else _chinese(match, unit, folded)


def _western(match: re.Match[str], unit: re.Match[str], folded: str) -> _Found:
    """Digits or English words, with their scale and unit."""
    value = read_numeral(match["digits"]) if match["digits"] else Decimal(read_words(match["words"]))
    scale, word = chinese_scale(match["zh_scale"] or ""), match["scale"]
    if word and (len(word) > 1 or match["before"]):  # 480m is money after $, metres elsewhere
        scale *= english_scale(word)
    kind, measure, end = _unit(match["before"], unit)
    if _is_year(match, unit, folded):
        kind, measure = Unit.YEAR, ""
        end = unit.end() if unit["zh"] else match.end()
    start = match.start()
    if match["minus"]:
        negative = kind in (Unit.PERCENT, Unit.POINTS) or measure == "摄氏度"
        value, start = (-value, start) if negative else (value, match.end("minus"))
    bound = Bound.MORE_THAN if match["over"] or unit["over"] or unit["over2"] else Bound.NONE
    return _Found(Quantity(value * scale, kind, measure, bound), start, end, scale)


def _chinese(match: re.Match[str], unit: re.Match[str], folded: str) -> _Found | None:
    """A Chinese numeral; 一 before a measure is an article (一家企业: a company)."""
    numeral = match["chinese"]
    if len(numeral) == 4 and all(character in DIGITS for character in numeral):
        value = Decimal("".join(str(DIGITS[character]) for character in numeral))
        return _Found(Quantity(value, Unit.YEAR), match.start(), unit.end())
    kind, measure, end = _unit(None, unit)
    if numeral == "一" and kind is Unit.NONE:
        return None
    bound = Bound.MORE_THAN if unit["over"] or unit["over2"] else Bound.NONE
    return _Found(Quantity(Decimal(read_chinese(numeral)), kind, measure, bound), match.start(), end)


def _unit(money: str | None, unit: re.Match[str]) -> tuple[Unit, str, int]:
    """Return the unit and measure of a number, and where they end."""
    if unit["points"] or unit["percent"]:
        return (Unit.POINTS if unit["points"] else Unit.PERCENT), "", unit.end()
    zh, en = measure_names()
    name = zh.get(unit["zh"] or "") or en.get(unit["en"] or "") or ""
    if money:
        name = zh.get(money) or en[money]
    if not name or not load_measures()[name].is_money:
        return Unit.NONE, name, unit.end()
    kind = _MONEY.get(name, Unit.OTHER_MONEY)
    return kind, name if kind is Unit.OTHER_MONEY else "", unit.end()


def _is_year(match: re.Match[str], unit: re.Match[str], folded: str) -> bool:
    digits = match["digits"] or ""
    if match["before"] or match["zh_scale"] or match["scale"] or unit["percent"] or unit["points"]:
        return False
    if unit["zh"]:
        return unit["zh"] == "年" and bool(NAMED_YEAR.fullmatch(digits))
    if not CALENDAR_YEAR.fullmatch(digits) or HAN.match(folded, match.end()):
        return False
    return not unit["en"] or bool(YEAR_AFTER.search(folded, max(0, match.start() - 10), match.start()))


def _ranges(folded: str, found: Sequence[_Found]) -> Iterator[_Found]:
    """Join neighbours that are the two ends of one range; the first takes unit and scale of the second."""
    held: _Found | None = None
    for one in found:
        joined = _join(folded, held, one) if held else None
        if held and not joined:
            yield held
        held = joined or one
    if held:
        yield held


def _join(folded: str, low: _Found, high: _Found) -> _Found | None:
    between = folded[low.end : high.start]
    adjacent = not between and high.quantity.value < 0
    spelled = between.strip() == "and" and folded[: low.start].endswith("between ")
    first, second = low.quantity, high.quantity
    if first.upper is not None or not (adjacent or spelled or JOINT.fullmatch(between)):
        return None
    value = first.value
    if (first.unit, first.measure) != (second.unit, second.measure):
        if first.unit is not Unit.NONE or first.measure:
            return None
        if second.unit is Unit.DATE:
            value *= 100
        elif low.scale == 1 and value * high.scale < abs(second.value):
            value *= high.scale
    if value >= abs(second.value):
        return None
    bound = second.bound or first.bound
    return _Found(replace(second, value=value, upper=abs(second.value), bound=bound), low.start, high.end)


def _bounded(folded: str, found: _Found) -> _Found:
    """Take in the words around a quantity that bound it."""
    quantity, start, end = found.quantity, found.start, found.end
    measure = load_measures().get(quantity.measure)
    before = BEFORE_AT.search(folded[max(0, start - 24) : start])
    if before and before[1] == "近" and measure and measure.dimension in _TIMES:
        before = None  # 近三年 are the last three years
    behind = BEHIND_AT.match(folded, end)
    bound = quantity.bound
    if before:
        start -= len(before[0])
        bound = Bound(BOUND_BEFORE[before[1]])
    if behind:
        end = behind.end()
        bound = bound or Bound(BOUND_BEHIND[behind[1]])
    return _Found(replace(quantity, bound=bound), start, end)
