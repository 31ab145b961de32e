"""Figures as English writes them, made from quantities read in a Chinese text.

`1000万元` is `RMB 10 million`, `35万平方米` is `350,000 square meters`, `6.5%左右` is `about 6.5%`. The words for
measures are data, see `corpus.measures`.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from corpus.measures import load_measures
from corpus.numerals import PARTS, WORDS
from corpus.quantities import FRACTION_MEASURE, Bound, Unit

if TYPE_CHECKING:
    from corpus.measures import Measure
    from corpus.quantities import Quantity

_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
#: More decimals than this before "million" read worse than the digits written out.
_DECIMALS = 3
_MONTHS = "January February March April May June July August September October November December".split()
_CURRENCY = {Unit.CNY: "元", Unit.USD: "美元"}


def english_quantity(quantity: Quantity) -> str:
    """Return a quantity in English, with its unit and what bounds it; no digit is lost or rounded.

    Only a conversion in brackets (mu to hectares) is rounded, and says "about".
    """
    words = _dated(quantity) if quantity.unit in (Unit.DATE, Unit.YEAR) else _measured(quantity)
    return f"{quantity.bound} {words}" if quantity.bound is not Bound.NONE else words


def english_number(value: Decimal) -> str:
    """Return a number in English: `7.54 billion`, `350,000`, `1,234,567`."""
    for scale, word in _SCALES:
        scaled = (value / scale).normalize()
        if abs(scaled) >= 1 and -int(scaled.as_tuple().exponent) <= _DECIMALS:
            return f"{_plain(scaled)} {word}"
    return _plain(value)


def _plain(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _dated(quantity: Quantity) -> str:
    if quantity.unit is Unit.YEAR:
        words = str(int(quantity.value))
        return f"{words}-{int(quantity.upper)}" if quantity.upper is not None else words
    words = _date(int(quantity.value))
    return f"{words} to {_date(int(quantity.upper))}" if quantity.upper is not None else words


def _date(value: int) -> str:
    year, month, day = value // 10_000, value // 100 % 100, value % 100
    words = _MONTHS[month - 1] + (f" {day}" if day else "")
    if not year:
        return words
    return f"{words}, {year}" if day else f"{words} {year}"


def _measured(quantity: Quantity) -> str:
    if quantity.unit is Unit.PERCENT:
        return _span(quantity, "", "%")
    if quantity.unit is Unit.POINTS:
        return _span(quantity, "", " percentage point" if _is_one(quantity) else " percentage points")
    measures = load_measures()
    measure = measures.get(_CURRENCY.get(quantity.unit, quantity.measure))
    if measure is None:
        return _span(quantity, "", "")
    if measure.zh == FRACTION_MEASURE:
        return _fraction(quantity.value)
    if measure.is_money:
        return _span(quantity, f"{measure.en} ", "")
    name = measure.en if _is_one(quantity) else measure.en_many
    words = _span(quantity, "", f" {name}" if name else "")
    return words + _converted(quantity, measure, measures.get(measure.convert_to))


def _fraction(value: Decimal) -> str:
    part = Fraction(value).limit_denominator(10)
    names = {number: word for word, number in PARTS.items()} | {4: "quarter"}
    if part.denominator not in names:
        return f"{part.numerator} in {part.denominator}"
    above = {number: word for word, number in WORDS.items()} | {1: "one"}
    return f"{above[part.numerator]}-{names[part.denominator]}{'s' if part.numerator > 1 else ''}"


def _is_one(quantity: Quantity) -> bool:
    return quantity.value == 1 and quantity.upper is None


def _span(quantity: Quantity, before: str, behind: str) -> str:
    low = english_number(quantity.value)
    if quantity.upper is None:
        return f"{before}{low}{behind}"
    joint = behind if behind == "%" else ""
    return f"{before}{low}{joint} to {english_number(quantity.upper)}{behind}"


def _converted(quantity: Quantity, measure: Measure, into: Measure | None) -> str:
    if into is None:
        return ""
    ratio = measure.factor / into.factor
    ends = [end.value * ratio.numerator / ratio.denominator for end in quantity.ends]
    return f" (about {' to '.join(english_number(_rounded(end)) for end in ends)} {into.en_many})"


def _rounded(value: Decimal) -> Decimal:
    """Round to whole numbers, to tenths below a hundred, to three figures of a million and more."""
    if abs(value) >= 10**6:
        digits = value.adjusted() - 2
        return value.quantize(Decimal(1).scaleb(digits), ROUND_HALF_UP)
    return value.quantize(Decimal(1) if abs(value) >= 100 else Decimal("0.1"), ROUND_HALF_UP)
