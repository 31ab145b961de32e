"""Numbers as Chinese and English texts write them, brought to one form so that they can be compared.

`193.5亿元`, `RMB 19.35 billion` and `19,350 million yuan` are one quantity; `4%` and `4个百分点` are two. Dates,
counts and amounts are all read; ordinals (第三届, 13th) and letters with digits (PM2.5, 5G) are not facts and are
left out. This module imports nothing of the project, so it can move to where answers are checked.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Unit(StrEnum):
    """What a number counts, as far as mixing it up would change the fact."""

    NONE = ""
    PERCENT = "%"
    POINTS = "points"  #: percentage points
    YEAR = "year"  #: a calendar year
    CNY = "CNY"
    USD = "USD"
    OTHER_MONEY = "money"


_OPEN = frozenset({Unit.CNY, Unit.USD, Unit.OTHER_MONEY, Unit.YEAR})


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value in units of one (`3.5万` is 35000; 4 % is 4) and what it counts."""

    value: Decimal
    unit: Unit

    def stated_by(self, source: Quantity) -> bool:
        """Return whether a source that says `source` bears out a text that says this.

        A text may leave a unit out; a source may leave out money and year, which its surroundings tell.
        """
        if self.value != source.value:
            return False
        silent = self.unit is Unit.NONE or (source.unit is Unit.NONE and self.unit in _OPEN)
        return silent or self.unit is source.unit


_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}

_WORDS = {
    word: number
    for number, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
        " eighteen nineteen".split(),
        2,
    )
}
_TENS = {
    word: 10 * number for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_SCALES = {
    "hundred": 10**2,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "mn": 10**6,
    "bn": 10**9,
    "tn": 10**12,
    "k": 10**3,
    "m": 10**6,
    "b": 10**9,
}
_MONEY = {
    "rmb": Unit.CNY,
    "cny": Unit.CNY,
    "¥": Unit.CNY,
    "元": Unit.CNY,
    "人民币": Unit.CNY,
    "yuan": Unit.CNY,
    "renminbi": Unit.CNY,
    "us$": Unit.USD,
    "usd": Unit.USD,
    "$": Unit.USD,
    "美元": Unit.USD,
    "us dollar": Unit.USD,
    "u.s. dollar": Unit.USD,
    "dollar": Unit.USD,
}

_TENS_WORD, _UNITS_WORD = "|".join(_TENS), "|".join(_WORDS)
_WORD_NUMBER = rf"(?:{_TENS_WORD})(?:[- ](?:one|{_UNITS_WORD}))?|{_UNITS_WORD}|one(?=\s+(?:hundred|thousand|.illion))"
_CHINESE = f"[{''.join(_DIGITS)}十百千万亿]"
#: What follows a Chinese numeral that counts something; without it 一 and 十 are mostly parts of words.
_COUNTED = r"(?=\s*(?:[家项条所座处名人次户亩台辆套栋件位岁倍元%㎡]|个|平方|公里|万|亿|美元|分之))"
_SUFFIX = r"""
    (?P<points>\s*个?百分点|\s*percentage[\s-]*points?|\s*pp\b)?
    (?P<percent>\s*(?:%|percent(?!age)\b|per\ cent\b|pct\b))?
    (?P<after>\s*(?:美元|欧元|港元|港币|日元|人民币|元|(?:yuan|rmb|cny|renminbi|usd|euros?|(?:u\.?s\.?\s)?dollars?)\b))?
    (?P<year>\s*年)?
"""
_NUMBER = re.compile(
    rf"""
    百分之(?P<hundredth>\d+(?:\.\d+)?|{_CHINESE}+)
    | (?P<tenths>[一二三四五六七八九])成(?![立为功果效员本长交都绩型熟就])
    | 第\s*(?:\d+|{_CHINESE}+)
    | (?:(?P<before>rmb|cny|us\$|usd|hk\$|eur|\$|¥|€)\s*|(?<![a-z\d.]))
      (?:(?P<digits>\d{{1,3}}(?:,\d{{3}})++(?:\.\d++)?+|\d++(?:\.\d++)?+)(?!(?:st|nd|rd|th|g|d)\b)
         |(?P<words>\b(?:{_WORD_NUMBER}))\b(?!-))
      (?:[多余几]?\s*(?P<zh_scale>(?:[十百](?!分)|千(?![瓦克米伏])|万|亿)+))?
      (?P<scale>(?:[\s-]*(?:hundred|thousand|million|billion|trillion|mn|bn|tn)\b)+|(?<=\d)[kmb]\b)?
      {_SUFFIX}
    | (?P<chinese>[{"".join(_DIGITS)}十]{_CHINESE}*[百千万亿](?!分)|{_CHINESE}+{_COUNTED}
         |[〇零一二三四五六七八九]{{4}}(?=年))
      (?P<zh_points>个?百分点)?(?P<zh_money>\s*(?:美元|元))?
    """,
    re.VERBOSE,
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_CALENDAR_YEAR = re.compile(r"19[5-9]\d|20[0-4]\d")


def quantities(text: str) -> tuple[Quantity, ...]:
    """Return the numbers of a text in order, repetitions kept."""
    return tuple(_read(unicodedata.normalize("NFKC", text).casefold()))


def _read(folded: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(folded):
        if match["hundredth"]:
            yield Quantity(_plain(match["hundredth"]), Unit.PERCENT)
        elif match["tenths"]:
            yield Quantity(Decimal(10 * _DIGITS[match["tenths"]]), Unit.PERCENT)
        elif match["digits"] or match["words"]:
            yield _western(match, folded)
        elif match["chinese"]:
            yield _chinese(match, folded)


def _plain(numeral: str) -> Decimal:
    return Decimal(numeral) if numeral[0].isdigit() and numeral.isascii() else Decimal(read_chinese(numeral))


def _western(match: re.Match[str], folded: str) -> Quantity:
    value = Decimal(match["digits"].replace(",", "")) if match["digits"] else Decimal(_read_words(match["words"]))
    for character in match["zh_scale"] or "":
        value *= _SMALL.get(character) or _LARGE[character]
    scale = match["scale"]
    if scale and (len(scale) > 1 or match["before"]):  # 480m is money after $, metres elsewhere
        for word in re.findall(r"[a-z]+", scale):
            value *= _SCALES[word]
    return Quantity(value, _unit(match, folded))


def _unit(match: re.Match[str], folded: str) -> Unit:
    if match["points"]:
        return Unit.POINTS
    if match["percent"]:
        return Unit.PERCENT
    money = (match["before"] or match["after"] or "").strip().removesuffix("s")
    if money:
        return _MONEY.get(" ".join(money.split()), Unit.OTHER_MONEY)
    return Unit.YEAR if _is_year(match, folded) else Unit.NONE


def _is_year(match: re.Match[str], folded: str) -> bool:
    digits = match["digits"] or ""
    if match["zh_scale"] or match["scale"] or not _CALENDAR_YEAR.fullmatch(digits):
        return False
    return bool(match["year"]) or not _HAN.match(folded, match.end())


def _chinese(match: re.Match[str], folded: str) -> Quantity:
    numeral = match["chinese"]
    if len(numeral) == 4 and all(c in _DIGITS for c in numeral):
        is_year = folded.startswith("年", match.end("chinese"))
        return Quantity(Decimal("".join(str(_DIGITS[c]) for c in numeral)), Unit.YEAR if is_year else Unit.NONE)
    value = Decimal(read_chinese(numeral))
    if match["zh_points"]:
        return Quantity(value, Unit.POINTS)
    if folded.startswith("%", match.end()):
        return Quantity(value, Unit.PERCENT)
    return Quantity(value, _MONEY[match["zh_money"].strip()] if match["zh_money"] else Unit.NONE)


def read_chinese(numeral: str) -> int:
    """Return the value of a Chinese numeral such as 两千三百, 一万亿 or 二十."""
    total = section = digit = 0
    for character in numeral:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _SMALL:
            section += (digit or 1) * _SMALL[character]
            digit = 0
        else:
            section, digit = (section + digit or 1) * _LARGE[character], 0
            if character == "亿":
                total, section = total + section, 0
    return total + section + digit


def _read_words(words: str) -> int:
    return sum(_TENS.get(word) or _WORDS.get(word) or 1 for word in re.split(r"[- ]", words))


def all_stated(claims: Iterable[Quantity], sources: Iterable[Quantity]) -> bool:
    """Return whether every number of `claims` is borne out by one of `sources`."""
    held = tuple(sources)
    return all(any(claim.stated_by(source) for source in held) for claim in claims)
