"""What the lines of a text tell of themselves: title, posted date and web address."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import TYPE_CHECKING

from corpus.cleaning import is_furniture
from corpus.decode import SourceError
from corpus.types import Heading, Posting, RawText

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")
_COMPACT_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)")
#: Only words that say *posted*: 成文日期 and 施行日期 are other dates, and a bare 时间 is often that of an event.
_POSTED = re.compile(
    r"(?:(?:发布|发表|公布|刊发)\s*(?:日期|时间)|(?:published|posted|publication date|release date)(?: on)?)"
    r"\s*[:：]?\s*(?P<value>.{0,24})",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:来源|原文|链接|网址|地址|source|url)[^:：\n]{0,6}[:：]\s*(?P<value>https?://[^\s<>\"'，。；）]+)",
    re.IGNORECASE,
)
#: 沪府规〔2023〕5号, which stands above the title of an official document.
_NUMBERED = re.compile(r"\S{1,12}[〔\[(（【]\s*\d{4}\s*[〕\])）】]\s*第?\s*\d+\s*号")
#: Other lines above a title: the letterhead, the mark of an annex.
_ABOVE = re.compile(r"\S{2,20}文件|附件\s*\d{0,2}")
_RUN_IN_TITLE = re.compile(
    r"(?P<title>[^。，；：\n]{0,30}工作报告)(?=\s*[—―–-]{1,2}\s*20\d\d\s*年|\s*[(（]\s*20\d\d\s*年|\s+(?:20\d\d\s*年|各位))"
)

#: Columns, two for a Chinese character; longer first lines are text, not titles.
_TITLE_WIDTH = 100
_TITLE_LENGTHS = range(4, _TITLE_WIDTH + 1)
#: How many lines at the two ends of a text may tell where it comes from.
_FIRST, _LAST = 20, 5


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a text; `level` is that of a heading, from 1, and 0 where the format marks none."""

    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Front:
    """What was found; each is None where the text does not say."""

    title: str | None = None
    posted: date | None = None
    source: str | None = None

    def or_else(self, other: Front) -> Front:
        """Return this with the gaps filled from `other`."""
        return Front(self.title or other.title, self.posted or other.posted, self.source or other.source)

    def post_lines(self, lines: Sequence[Line], path: Path) -> RawText:
        """Return lines as one text under its title, with the headings among them.

        Raises:
            SourceError: see `post`.
        """
        headings: list[Heading] = []
        at = 0
        for line in lines:
            if line.level:
                headings.append(Heading(at, at + len(line.text), line.level))
            at += len(line.text) + 1
        return self.post("\n".join(line.text for line in lines), path, tuple(headings))

    def post(self, text: str, path: Path, headings: tuple[Heading, ...] = ()) -> RawText:
        """Return the text under its title, else under the file's name.

        Raises:
            SourceError: the text has no character that shows.
        """
        if not text.strip():
            raise SourceError(path, None, "the file holds no text; a document with text is needed")
        return RawText(Posting(self.title or path.stem, self.posted, self.source or path.name), text, headings)


def read_front(lines: Sequence[str]) -> Front:
    """Read title, posted date and address from a text's own lines."""
    shown = [line.strip() for line in lines if line.strip()]
    ends = shown[:_FIRST] + shown[_FIRST:][-_LAST:]
    dates = (read_day(found["value"]) for line in ends if (found := _POSTED.search(line)))
    addresses = (found["value"] for line in ends if (found := _ADDRESS.search(line)))
    return Front(_first_title(shown), next((day for day in dates if day), None), next(addresses, None))


def _first_title(lines: Sequence[str]) -> str | None:
    """Return the first line that could be a title, unless running text comes before it.

    A title over two lines is one (…人民政府 / 关于印发…的通知); where all line breaks are gone, the title of a report
    ends at the day of its delivery.
    """
    own = [line for line in lines[:_FIRST] if not is_furniture(line)]
    for line, below in zip_longest(own, own[1:], fillvalue=""):
        if is_title(line):
            goes_on = below.startswith("关于") and is_title(below)
            return " ".join((line + below if goes_on else line).split())
        run_in = _RUN_IN_TITLE.match(line)
        if run_in:
            return " ".join(run_in["title"].split())
        if _width(line) > _TITLE_WIDTH or line.endswith(("。", "；", ";")):
            return None
    return None


def is_title(line: str) -> bool:
    """Return whether a line could be a title: short, no sentence, and not a remark about the document."""
    return (
        len(line) >= _TITLE_LENGTHS.start
        and _width(line) in _TITLE_LENGTHS
        and not line.endswith(tuple("。；;，,、：:."))
        and not line.lower().startswith(("http://", "https://"))
        and any(character.isalpha() for character in line)
        and not (_POSTED.search(line) or _ADDRESS.search(line) or _RUN_IN_TITLE.match(line))
        and not (_NUMBERED.fullmatch(line) or _ABOVE.fullmatch(line))
    )


def _width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def read_day(value: str) -> date | None:
    """Return the first day of the calendar named in `value`, or None."""
    for pattern in (_DAY, _COMPACT_DAY):
        for found in pattern.finditer(value):
            year, month, day = (int(part) for part in found.groups())
            try:
                return date(year, month, day)
            except ValueError:
                continue
    return None


def read_day_field(value: str, path: Path, line: int | None) -> date | None:
    """Return the day that a field says, None where it is empty.

    Raises:
        SourceError: something stands there that is not a day.
    """
    if not value.strip():
        return None
    day = read_day(value)
    if day is None:
        raise SourceError(path, line, f"{value.strip()!r} is not a date; write it as YYYY-MM-DD or leave it empty")
    return day
