"""Titles that say which document it is: a bare 政府工作报告 is completed with its year and place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.types import Dated

_BARE = re.compile(r"(?:(?:20\d\d)\s*年度?)?(?:人民)?政府工作报告(?:[(（]?全文[)）]?)?")
_YEAR = re.compile(r"(?:19|20)\d\d\s*年|[一二][〇○零一二三四五六七八九]{3}年")
#: `2022年1月5日在临江市青石区第八届人民代表大会…` names the place.
_PLACE = re.compile(r"日[^。]{0,6}?在(?P<place>[\u4e00-\u9fff]{2,20}?)第[一二三四五六七八九十\d]{1,4}届")
#: How far into the text the session is named, in characters.
_HEAD = 200


def report_title(title: str, text: str, delivered: Dated) -> str:
    """Return the title of a government work report with its year, and with its place where the title names none.

    What the text does not say is not added.
    """
    year = f"{delivered.date.year}年" if delivered.date else ""
    if _BARE.fullmatch(title.strip()):
        found = _PLACE.search("".join(text[:_HEAD].split()))
        named = _YEAR.match(title.strip())
        return f"{named[0] if named else year}{found['place'] if found else ''}政府工作报告"
    return title if _YEAR.search(title) else year + title
