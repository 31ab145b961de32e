"""When a document was delivered, or its event took place, and by which rule that is known."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from corpus.types import Dated

if TYPE_CHECKING:
    from collections.abc import Sequence

_DELIVERED = re.compile(r"(20\d\d)年(\d{1,2})月(\d{1,2})日[^。]{0,6}在.{0,40}?会议?上")
_OPENING_DAY = re.compile(r"^\W{0,4}(20\d\d)年(\d{1,2})月(\d{1,2})日")
_OPENING_MONTH = re.compile(r"^\W{0,4}(20\d\d)年(\d{1,2})月(?!\d)")

#: How far into the text a delivery or event date is looked for, in characters.
_HEAD = 200


def find_date(text: str, title: str, posted: date | None) -> Dated:
    """Read the delivered or event date from the head of a text; never from the posted date alone.

    An undated article that says 近日 or 近期 is placed in the year of its posting only when title or head name
    that very year, since pages are posted years late.
    """
    head = " ".join(text[:_HEAD].split())
    for pattern, rule in ((_DELIVERED, "delivered at a session"), (_OPENING_DAY, "date opening the text")):
        found = pattern.search(head)
        if found:
            return _dated(found.groups(), "day", rule)
    found = _OPENING_MONTH.match(head)
    if found:
        return _dated((found[1], found[2], "1"), "month", "month opening the text")
    if posted is not None and re.search(r"近[日期]", head):
        if re.search(rf"{posted.year}\s*年", title + text):
            return Dated(date(posted.year, 1, 1), "year", "recent when posted, and the year is named")
        return Dated(None, "unknown", "recent, not later than the posting")
    return Dated(None, "unknown", "no date in the text")


def _dated(parts: Sequence[str], precision: str, rule: str) -> Dated:
    """Return a date from year, month and day as written; unknown where no calendar has it."""
    year, month, day = (int(part) for part in parts)
    try:
        return Dated(date(year, month, day), precision, rule)
    except ValueError:
        return Dated(None, "unknown", f"{rule}, but {year}-{month}-{day} is no date")
