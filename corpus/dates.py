"""When a document was delivered or issued, or its event took place, and by which rule that is known."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from corpus.cleaning import is_furniture
from corpus.types import Dated

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMERALS = {c: str(i) for i, c in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0", "Ｏ": "0"}
_HAN_DAY = re.compile(
    r"([一二][〇零○Ｏ一二三四五六七八九]{3})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"
)
_DAY = r"(20\d\d)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日"
_MONTH = r"(20\d\d)\s*年\s*(\d{1,2})\s*月(?!\s*\d)"
#: The day of a deadline or the end of a span is not that of the document.
_NOT_A_BOUND = r"(?!\s*(?:前|之前|以前|起|至|到|以后|期间|截止|[—–~-]))"
_DELIVERED = re.compile(rf"{_DAY}[^。]{{0,6}}在.{{0,40}}?会议?上")
_ADOPTED = re.compile(rf"[(（]{_DAY}[^。()（）]{{2,50}}会议?(?:通过|批准|审议通过)?[)）]")
_OPENING_DAY = re.compile(rf"\W{{0,4}}{_DAY}{_NOT_A_BOUND}")
_OPENING_MONTH = re.compile(rf"\W{{0,4}}{_MONTH}{_NOT_A_BOUND}")
_ISSUED = re.compile(
    r"(?:成文|发文|印发|签发)(?:日期|时间)\s*[:：]?\s*(20\d\d)\s*[年/.-]\s*(\d{1,2})\s*[月/.-]\s*(\d{1,2})"
)
_LONE_DAY = re.compile(rf"\W{{0,4}}{_DAY}\W{{0,4}}")
#: `某市统计局 2026年3月12日`: who issued it, and when.
_SIGNED = re.compile(rf"[\u4e00-\u9fff（）()\s]{{2,30}}[局委办厅府部院会处室心队]\s*{_DAY}\W{{0,4}}")
_CLOSING_DAY = re.compile(rf"[\s。：:局委办厅会府部院]{_DAY}\W{{0,4}}$")

#: `5月5日上午` near the beginning, when the page was posted at most so many days later.
_DAY_AND_MONTH = re.compile(r"(?<!\d)(?<!年)(\d{1,2})月(\d{1,2})日(?!前)")
_EARLY, _RECENT = 40, 31
#: Year, month and day as written; the precision; the rule.
_Reading = tuple[tuple[str, ...], str, str]
#: How far into the text a delivery or event date is looked for, in characters.
_HEAD = 200
#: Lines of a text at whose head a date of its own stands below the title.
_FIRST_LINES = 12
#: Characters from which on a line is running text.
_RUNNING = 20


def find_date(text: str, title: str, posted: date | None) -> Dated:
    """Read the delivered, issued or event date from a text; never from the posted date alone.

    In this order: the day of the session in the head of the text, a day named as that of issue, a day that opens it, a
    day on a line of its own or
    at the very end (the signature of an official notice), a day of the month shortly before the posting whose year the
    text names, a month that opens it. An undated article that says 近日 or
    近期 is placed in the year of its posting only when title or head name that very year, since pages are posted
    years late.
    """
    plain = _HAN_DAY.sub(_in_digits, text)
    head = " ".join(plain[:_HEAD].split())
    for parts, precision, rule in _readings(plain, head, title, posted):
        day = _calendar(parts)
        if day is not None:
            return Dated(day, precision, rule)
    if posted is not None and re.search(r"近[日期]", head):
        if re.search(rf"{posted.year}\s*年", title + text):
            return Dated(date(posted.year, 1, 1), "year", "recent when posted, and the year is named")
        return Dated(None, "unknown", "recent, not later than the posting")
    return Dated(None, "unknown", "no date in the text")


def _readings(text: str, head: str, title: str, posted: date | None) -> Iterator[_Reading]:
    """Yield what may be the date, the surest first: its parts as written, their precision and the rule."""
    for pattern in (_DELIVERED, _ADOPTED):
        if found := pattern.search(head):
            yield found.groups(), "day", "delivered at a session"
    if found := _ISSUED.search(text):
        yield found.groups(), "day", "named as the day of issue"
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    openings = [head, *([running] if (running := _first_running_line(lines, title)) else [])]
    for opening in openings:
        if found := _OPENING_DAY.match(opening):
            yield found.groups(), "day", "date opening the text"
    yield from _signatures(text, lines)
    if posted is not None and re.search(rf"{posted.year}\s*年", title + text):
        yield from _shortly_before(posted, openings)
    for opening in openings:
        if found := _OPENING_MONTH.match(opening):
            yield (*found.groups(), "1"), "month", "month opening the text"


def _signatures(text: str, lines: list[str]) -> Iterator[_Reading]:
    """Yield days that stand by themselves: below the title, below the text, at its very end."""
    early = [found for line in lines[:_FIRST_LINES] if (found := _LONE_DAY.fullmatch(line) or _SIGNED.fullmatch(line))]
    lone = [found for line in lines if (found := _LONE_DAY.fullmatch(line))]
    for found in (*early[:1], *lone[-1:]):
        yield found.groups(), "day", "date on a line of its own"
    if found := _CLOSING_DAY.search(text.rstrip()):
        yield found.groups(), "day", "date closing the text"


def _shortly_before(posted: date, openings: list[str]) -> Iterator[_Reading]:
    """Yield a day and month near the beginning of a text that was posted within a month of them."""
    for opening in openings:
        found = _DAY_AND_MONTH.search(opening[:_EARLY])
        parts = (str(posted.year), *found.groups()) if found else ("0", "0", "0")
        day = _calendar(parts)
        if day is not None and 0 <= (posted - day).days <= _RECENT:
            yield parts, "day", "day in the head, shortly before the posting"


def _first_running_line(lines: list[str], title: str) -> str | None:
    running = (line for line in lines if len(line) >= _RUNNING and line != title and not is_furniture(line))
    return next(running, None)


def _calendar(parts: tuple[str, ...]) -> date | None:
    """Return the day from year, month and day as written; None where no calendar has it."""
    year, month, day = (int(part) for part in parts)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _in_digits(found: re.Match[str]) -> str:
    """Write 二〇二二年一月十五日 as 2022年1月15日."""
    year = "".join(_NUMERALS[character] for character in found[1])
    return f"{year}年{_number(found[2])}月{_number(found[3])}日"


def _number(numeral: str) -> int:
    """Read 一 to 三十一."""
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return int("".join(_NUMERALS[character] for character in ones))
    return int(_NUMERALS[tens] if tens else "1") * 10 + int(_NUMERALS[ones] if ones else "0")
