"""What kind of figure a question asks for, and whether a sentence gives one.

Near misses are the hardest questions to refuse: all their words are in the documents, only the deadline, the cost or
the telephone number is not. So the kind of fact is read from the question (its wording is data, `cues.toml`) and
looked for among the quantities of the sentences that would answer.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from corpus.measures import load_measures
from corpus.quantities import Quantity, Unit, quantities
from rag.cues import CUES, compile_cue, compile_told
from rag.types import Fact

if TYPE_CHECKING:
    from collections.abc import Callable

#: By name, how a question asks for an event and how a text tells of it; of a mishap a text must tell at any rate.
_MISHAPS, _DATED = (
    {cue["name"]: (compile_cue(cue), compile_told(cue)) for cue in CUES[kind]} for kind in ("mishap", "event")
)
_EVENTS = _MISHAPS | _DATED
_WANTED = tuple((Fact(cue["name"]), compile_cue(cue)) for cue in CUES["fact"])

#: Where the stricter one is asked for, the weaker one does not answer.
_IMPLIED = {
    Fact.DAY: (Fact.TIME,),
    Fact.CNY: (Fact.MONEY, Fact.COUNT),
    Fact.USD: (Fact.MONEY, Fact.COUNT),
    **dict.fromkeys((Fact.PEOPLE, Fact.AREA, Fact.LENGTH, Fact.MASS), (Fact.COUNT,)),
}

_MONEY = frozenset({Unit.CNY, Unit.USD, Unit.OTHER_MONEY})
_SHARES = frozenset({Unit.PERCENT, Unit.POINTS})
#: Measures of how many times as much, and parts of a whole.
_MULTIPLES = frozenset({"倍", "分之"})
#: Points in time that are no date: the end of the year, of a half-year, of a plan.
_TIME_WORDS = re.compile(r"年底|年末|年内|年初|月底|月末|期末|上半年|下半年|季度|春节|国庆|即日|首日")
#: Shares said without a figure: full coverage, doubling, more than half.
_SHARE_WORDS = re.compile(r"全覆盖|翻[一两]?番|过半|持平|清零|一半")
#: Things counted without a measure, or by a Chinese numeral that belongs to a name (两极, 三大).
_COUNT_WORDS = re.compile(r"\d|[一二三四五六七八九十两]+[^\w]{0,1}[\u4e00-\u9fff]")
#: A long number that counts something is no telephone number.
_CONTACT = re.compile(
    r"(?<![\d.,])\d{7,}(?!\d*(?:[.,]\d+)?\s*[百千万亿余多元美户人个平立吨千])"
    r"|\d{3,4}-\d{4,}|@|https?:|www\.|(?:路|街|道)\d+号"
)


def wanted_facts(folded: str) -> tuple[Fact, ...]:
    """Return the kinds of fact of which an answer to a folded question must hold one; empty where any will do."""
    wanted = [fact for fact, pattern in _WANTED if pattern.search(folded)]
    implied = {weaker for fact in wanted for weaker in _IMPLIED.get(fact, ())}
    return tuple(fact for fact in wanted if fact not in implied)


def may_give(fact: Fact, sentence: str) -> bool:
    """Return whether a Chinese sentence may hold a fact of this kind, also in words without a figure."""
    words = _WORDS.get(fact)
    return gives(fact, sentence) or (words is not None and bool(words.search(sentence)))


def gives(fact: Fact, sentence: str) -> bool:
    """Return whether a Chinese sentence holds a figure of this kind."""
    if fact in _PATTERNS:
        return bool(_PATTERNS[fact].search(sentence))
    return any(is_of(fact, quantity) for quantity in figures(sentence))


def is_of(fact: Fact, quantity: Quantity) -> bool:
    """Return whether a quantity is a fact of this kind."""
    return fact in _TESTS and _TESTS[fact](quantity)


def wanted_event(folded: str, *, dated: bool) -> str:
    """Return what is to have happened, by a folded question that asks for its time (`dated`) or for a mishap; or ""."""
    return next((name for name, (asked, _) in (_EVENTS if dated else _MISHAPS).items() if asked.search(folded)), "")


def names_event(event: str, text: str) -> bool:
    """Return whether a text in either language names an event that `wanted_event` has read."""
    asked, told = _EVENTS[event]
    return bool(asked.search(text) or told.search(text))


def blank_event(event: str, text: str) -> str:
    """Return a text with white space in place of the words of an event that `wanted_event` has read."""
    asked, told = _EVENTS[event]
    for pattern in (asked, told):
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    return text


def tells_of(event: str, sentence: str) -> bool:
    """Return whether a Chinese sentence tells of an event that `wanted_event` has read."""
    return bool(_EVENTS[event][1].search(sentence))


@functools.lru_cache(maxsize=4096)
def figures(sentence: str) -> tuple[Quantity, ...]:
    """Return the quantities of a sentence; sentences of the documents are read again and again."""
    return quantities(sentence)


def _is_day(quantity: Quantity) -> bool:
    return quantity.unit is Unit.DATE and int(quantity.value) % 100 > 0


def _dimension(quantity: Quantity) -> str:
    measure = load_measures().get(quantity.measure)
    return measure.dimension if measure else ""


_PATTERNS = {Fact.CONTACT: _CONTACT, Fact.HOUR: re.compile(r"\d{1,2}\s*(?:[:：]\d{2}|[点时](?!间|代|段|候))")}
_WORDS = {Fact.TIME: _TIME_WORDS, Fact.SHARE: _SHARE_WORDS, Fact.COUNT: _COUNT_WORDS}
_TESTS: dict[Fact, Callable[[Quantity], bool]] = {
    Fact.MONEY: lambda q: q.unit in _MONEY,
    Fact.CNY: lambda q: q.unit is Unit.CNY,
    Fact.USD: lambda q: q.unit is Unit.USD,
    Fact.SHARE: lambda q: q.unit in _SHARES or q.measure in _MULTIPLES,
    Fact.PEOPLE: lambda q: _dimension(q) in ("people", "attendances") or q.measure == "位",
    Fact.AREA: lambda q: _dimension(q) == "area",
    Fact.LENGTH: lambda q: _dimension(q) in ("length", "lane length"),
    Fact.MASS: lambda q: _dimension(q) in ("mass", "coal equivalent"),
    Fact.COUNT: lambda q: q.unit is Unit.NONE,
    Fact.DAY: _is_day,
    Fact.TIME: lambda q: q.unit in (Unit.YEAR, Unit.DATE),
}
