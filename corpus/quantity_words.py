"""How quantities are written: the words and patterns by which `corpus.quantities` reads them.

Texts are folded before: full width to half width, lower case. Bounds are named as `corpus.quantities.Bound` names them.
"""

from __future__ import annotations

import functools
import re

from corpus.measures import load_measures
from corpus.numerals import CHINESE, DIGITS, FRACTION, WORD_NUMBER, either

MONTHS = {
    name: number
    for number, month in enumerate(
        "january february march april may june july august september october november december".split(), 1
    )
    for name in (month, month[:3])
} | {"sept": 9}

#: Before a number; the longest of two that fit counts.
_BEFORE = {
    "about": "大约|大概|约为|约|about|around|approximately|roughly|some",
    "nearly": "将近|接近|近|nearly|almost|close to",
    "more than": "超过|超出|突破|高于|多于|大于|超|逾|more than|over|above|exceed|exceeds|exceeded|exceeding"
    "|in excess of|surpass|surpassed|surpassing|topped|upwards of",
    "at least": "不低于|不少于|不小于|至少|最低|最少|at least|no less than|not less than|no fewer than"
    "|not fewer than|no lower than|not lower than|a minimum of|not below",
    "less than": "低于|少于|小于|不足|不到|未满|less than|below|under|fewer than|lower than"
    "|falls short of|fell short of|falling short of|short of",
    "up to": "不超过|不高于|不多于|不大于|最高|最多|至多|up to|at most|no more than|not more than|not exceeding"
    "|not exceed|a maximum of|not above|within",
}
#: Behind a number and its measure.
_BEHIND = {
    "about": "左右|上下|or so|or thereabouts",
    "at least": "及以上|以上|or more|or above|and above|or higher|or over|and over",
    "up to": "及以下|以下|以内|之内|or less|or below|and below|or fewer",
}


def _bounds(table: dict[str, str]) -> dict[str, str]:
    return {word: bound for bound, words in table.items() for word in words.split("|")}


BOUND_BEFORE, BOUND_BEHIND = _bounds(_BEFORE), _bounds(_BEHIND)
#: 最近, 附近 and 靠近 are words of their own.
BEFORE_AT = re.compile(
    rf"(?<![最附靠邻a-z])({either(BOUND_BEFORE)})(?:达到?|给予|\s*(?:the\s+)?(?:a\s+)?total\s+of)?\s*\Z"
)
BEHIND_AT = re.compile(rf"\s*({either(BOUND_BEHIND)})(?![a-z])")
JOINT = re.compile(r"\s*(?:-|–|—{1,2}|―{1,2}|~|～|至|到|to|or)\s*")

_NOT_FACTS = rf"""
    第\s*(?:\d+|{CHINESE}+)
    | (?:\d+|{CHINESE}+)(?:次(?:全体)?(?:会议|全会)|周年)
    | \d+(?:\s?\+\s?(?:\d+|[a-z]\b|[nx](?![a-z])))+
    | ["'“‘「](?:\d+|{CHINESE}+)\s*条(?:政策|措施|意见)?["'”’」]
    | (?:\d+|{CHINESE}+)个[百千万亿]+(?:美?元)?级?(?:台阶|大关|关口)
    | \d+号(?!称)
    | \b(?:lines?|nos?\.|number|route|building|phase|version|web|industry|room|level|tier|grade)\s*\d+(?:\.\d+)?
      (?:(?:\s*,\s*|\s*,?\s*(?:and|or|to)\s+|\s*-\s*)\d+(?![\d%]|[.,]\d)(?!\s*(?:percent|million|billion|new)))*
    | \d\.\d(?=版) | 工业4\.0
    | (?:从|from\s+)(?:0|零|zero)\s*(?:到|至|to)\s*(?:1|一|one)(?!\d)
    | (?<!\d)(?:\d{{3,4}}-\d{{7,8}}|1[3-9]\d{{9}}|400-?\d{{3,4}}-?\d{{3,4}})(?!\d)
    | (?<!\d)1\d{{4}}(?=[”"'’]?\s*(?:市民|政务|便民|热线|公共服务|服务平台|(?:\w+\s+){{0,4}}hotline))
    | \b(?:covid-19|24/7|[a-z]{{1,2}}-\d+) | 7\s*[×x*]\s*24
    | [数几](?:十|百|千|万|亿)+ | 十几 | 百年 | 千年 | 千家万户 | 成[百千][上下][千万] | 百花 | 五年(?=规划|计划)
    | \bfive[- ]year\s+(?:[a-z]+\s+)?plans? | \btwo\s+sessions\b
"""
_MONTH = r"(?:1[0-2]|0?[1-9])"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_CENTURY = r"(?:19|20)\d\d"
_DATE = rf"""
    (?<![\d.])(?:(?P<zh_year>{_CENTURY})\s*年\s*)?(?P<zh_month>(?<!\d){_MONTH})\s*月(?:份|(?P<zh_day>{_DAY})\s*[日号])?
    | (?<!\d)(?P<iso_year>{_CENTURY})(?P<dash>[-/.])(?P<iso_month>{_MONTH})(?P=dash)(?P<iso_day>{_DAY})(?![\d.])
    | (?:(?<!\d)(?P<en_first>{_DAY})(?:st|nd|rd|th)?\s+(?:of\s+)?)?\b(?P<en_month>{either(MONTHS)})\b\.?
      (?:\s*(?P<en_day>{_DAY})(?:st|nd|rd|th)?(?![\d,.%]*\d|\s*%))?(?:,?\s*(?P<en_year>{_CENTURY})(?![\d,]*\d))?
"""
#: May is mostly another word; alone it is the month only after one of these. March alone is never read.
MONTH_AFTER = re.compile(r"\b(?:in|since|until|by|of|from|late|early|mid|to|and)[\s-]+\Z")
#: A number of four digits behind one of these is a year whatever follows ("in 2020 people …").
YEAR_AFTER = re.compile(r"\b(?:in|since|during|by|until|year)\s+\Z")
CALENDAR_YEAR = re.compile(r"19[5-9]\d|20[0-4]\d")
NAMED_YEAR = re.compile(r"1[89]\d\d|20\d\d")
_LATIN_END = re.compile(r"[a-z\d.²³]\Z")
HAN = re.compile(r"[\u3400-\u9fff]")


def _number(counted: str, money: str) -> str:
    """Return the pattern of a number: `counted` may follow a Chinese numeral, `money` stand before digits."""
    return rf"""
        百分之(?P<hundredth>\d+(?:\.\d+)?|{CHINESE}+)
        | {FRACTION}
        | (?P<tenths>[一二三四五六七八九])成(?![立为功果效员本长交都绩型熟就])
        | (?:(?P<before>{money})\s*|(?<![a-z\d.]))
          (?P<minus>(?<![%a-z\d)\-–—―])[-−])?
          (?:(?P<digits>\d{{1,3}}(?:,\d{{3}})++(?:\.\d++)?+|\d++(?:\.\d++)?+)(?!(?:st|nd|rd|th|[agdp])(?![a-z]))
             |\b(?P<words>{WORD_NUMBER})\b(?!-(?:way|in|on|to|stop|sided|dimensional|party|generation)))
          (?:(?P<over>[多余几])?\s*(?P<zh_scale>(?:[十百](?!分)|千(?![瓦克米伏])|万|亿)+))?
          (?P<scale>(?:[\s-]*(?:hundred|thousand|million|billion|trillion|mn|bn|tn)\b)+|(?<=\d)[kmb]\b)?
        | (?P<chinese>[{"".join(DIGITS)}十]{CHINESE}*[百千万亿](?!分)|{CHINESE}+(?=[多余]?\s*(?:{counted}))
             |[〇零一二三四五六七八九]{{4}}(?=年))
    """


@functools.cache
def number_pattern() -> re.Pattern[str]:
    """Return the pattern of a number without its unit, of a date, or of what is neither (`not_fact`)."""
    measures = load_measures().values()
    counted = [form.casefold() for m in measures if m.dimension != "wordlike" for form in m.zh_forms]
    money = [form.casefold() for m in measures if m.is_money for form in (*m.en_forms, *m.zh_forms) if form != m.zh]
    number = _number(either([*counted, "个百分点", "百分点", "%", "分之"]), either(money))
    return re.compile(rf"(?P<not_fact>{_NOT_FACTS}) | (?P<date>{_DATE}) | {number}", re.VERBOSE)


@functools.cache
def unit_pattern() -> re.Pattern[str]:
    """Return the pattern of what may follow a number: 余, its unit, 多; every part may be missing."""
    zh, en = measure_names()
    money = [form for form in en if load_measures()[en[form]].is_money]  # before digits it belongs to them
    measures = en.keys() - money
    return re.compile(
        rf"""(?P<over>\s*[多余](?![种样少]))?
        (?:(?P<points>\s*个?百分点|[\s-]*percentage[\s-]*points?|\s*pp\b)
          |(?P<percent>\s*(?:%|percent(?!age)\b|per\ cent\b|pct\b))
          |\s*(?P<zh>{either(zh)})|[\s-]*(?P<en>(?:{either(money)})(?!\s*\d)|{either(measures)})(?![a-z\d])
        )?(?P<over2>多(?![种样少]))?""",
        re.VERBOSE,
    )


@functools.cache
def measure_names() -> tuple[dict[str, str], dict[str, str]]:
    """Return the folded forms of all measures with their names, by language; the first of two measures has a form."""
    zh: dict[str, str] = {}
    en: dict[str, str] = {}
    for measure in load_measures().values():
        for form in map(str.casefold, (*measure.zh_forms, *measure.en_forms)):
            # kW is written so in Chinese texts too; as a Latin word it must not go on.
            (en if _LATIN_END.search(form) else zh).setdefault(form, measure.zh)
    return zh, en
