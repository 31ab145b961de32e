"""Numerals in Chinese and English words and digits: their values, and the patterns that find them.

Texts are folded before: full width to half width, lower case.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
SMALL = {"十": 10, "百": 100, "千": 1000}
LARGE = {"万": 10**4, "亿": 10**8}
WORDS = {
    word: number
    for number, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
        " eighteen nineteen".split(),
        2,
    )
}
TENS = {
    word: 10 * number for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
PARTS = {word: n for n, word in enumerate("half third quarter fifth sixth seventh eighth ninth tenth".split(), 2)}
SCALES = {
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


def either(words: Iterable[str]) -> str:
    """Return a pattern for any of some words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


_UNITS, _TENS = either(WORDS), either(TENS)
CHINESE = f"[{''.join(DIGITS)}十百千万亿]"
#: "One" is mostly an article, and a number only before a scale or in "one or two".
WORD_NUMBER = (
    rf"(?:{_TENS})(?:[-\ ](?:one|{_UNITS}))?|{_UNITS}|one(?=\s+(?:hundred|thousand|.illion|or\s+two|to\s+two))"
)
#: A part of a whole: 三分之二, two-thirds.
FRACTION = rf"""
    (?P<below>{CHINESE}+|\d+)分之(?P<above>{CHINESE}+|\d+)
    | \b(?P<en_above>one|{_UNITS})[-\ ](?P<en_below>{either(PARTS.keys() - {"half"})})s?\b
"""


def read_chinese(numeral: str) -> int:
    """Return the value of a Chinese numeral such as 两千三百, 一万亿 or 二十."""
    total = section = digit = 0
    for character in numeral:
        if character in DIGITS:
            digit = DIGITS[character]
        elif character in SMALL:
            section += (digit or 1) * SMALL[character]
            digit = 0
        else:
            section, digit = (section + digit or 1) * LARGE[character], 0
            if character == "亿":
                total, section = total + section, 0
    return total + section + digit


def read_numeral(numeral: str) -> Decimal:
    """Return the value of digits (with commas and a point) or of a Chinese numeral."""
    # Decimal reads the digits of any script, and so does the pattern that finds them.
    return Decimal(numeral.replace(",", "")) if numeral[0].isdecimal() else Decimal(read_chinese(numeral))


def read_words(words: str) -> int:
    """Return the value of English words up to ninety-nine."""
    return sum(TENS.get(word) or WORDS.get(word) or 1 for word in re.split(r"[- ]", words))


def chinese_scale(scale: str) -> int:
    """Return what 万, 千万 or 亿 behind digits multiplies them by; 1 for none."""
    product = 1
    for character in scale:
        product *= SMALL.get(character) or LARGE[character]
    return product


def english_scale(scale: str) -> int:
    """Return what "million" or "hundred thousand" multiplies by; 1 for none."""
    product = 1
    for word in re.findall(r"[a-z]+", scale):
        product *= SCALES[word]
    return product


def read_fraction(match: re.Match[str]) -> Decimal:
    """Return the value of what FRACTION has found, to four places."""
    if match["below"]:
        above, below = read_numeral(match["above"]), read_numeral(match["below"])
    else:
        above, below = Decimal(WORDS.get(match["en_above"], 1)), Decimal(PARTS[match["en_below"]])
    return (above / below).quantize(Decimal("0.0001")) if below else Decimal(0)
