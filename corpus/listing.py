"""The saved listing of the investment portal: titles, bodies, posted dates; the rest is furniture.

A listing is made of articles and of the site's own lines. An article is a title line (`• 【…】…`), one or more
body lines, and a posted date (`YYYY-MM-DD`) alone on its line; blank lines do not count. Where the site's lines should
be and something stands that only an article has, part of that article was lost: the page is refused, since leaving it
out as furniture would lose it in silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from corpus.decode import SourceError

if TYPE_CHECKING:
    from pathlib import Path

TITLE = re.compile(r"^[•·●○◦▪■◆◇►▶‣∙・*+\-–—]\s*(?P<tag>【[^】]*】)\s*(?P<title>\S.*)$")
DATE = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
#: A title line that lost its bullet; 【打印】【关闭】 are buttons.
_BARE_TITLE = re.compile(r"^【[^】]+】\s*[^【\s].{3,}$")
#: White space, and what pages put in that does not show.
_UNSEEN = re.compile(r"^[\s\u200b-\u200f\u2060\ufeff]+|[\s\u200b-\u200f\u2060\ufeff]+$")
#: Characters; a longer line between two articles is running text, not a button or a link.
_RUNNING = 100


@dataclass(frozen=True, slots=True)
class Article:
    """One article as it stood in the listing; `line` is where its title is."""

    title: str
    tag: str
    body: str
    posted: date
    line: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What a saved page held: its articles, and the furniture lines left out, by line number."""

    articles: tuple[Article, ...]
    furniture: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str


def read_listing(text: str, path: Path | str) -> Listing:
    """Split a saved listing into its articles and the lines that belong to the site.

    Raises:
        SourceError: a title without body, without its bullet or without a posted date, a body or a date without a
            title, a date that no calendar has, or no article at all.
    """
    shown = ((number, _UNSEEN.sub("", line)) for number, line in enumerate(text.split("\n"), 1))
    lines = [_Line(number, line) for number, line in shown if line]
    starts = [i for i, line in enumerate(lines) if TITLE.match(line.text)]
    if not starts:
        raise SourceError(
            path,
            None,
            "no title line such as '• 【Place】Title' was found; is this a saved listing of the portal?",
        )
    _refuse_orphans(lines[: starts[0]], path)
    furniture = [(line.number, line.text) for line in lines[: starts[0]]]
    articles: list[Article] = []
    for start, stop in zip(starts, [*starts[1:], len(lines)], strict=True):
        article, rest = _read_article(lines[start:stop], path)
        articles.append(article)
        _refuse_orphans(rest, path)
        if stop < len(lines):
            _refuse_running_text(rest, path)
        furniture += [(line.number, line.text) for line in rest]
    return Listing(tuple(articles), tuple(furniture))


def _read_article(lines: list[_Line], path: Path | str) -> tuple[Article, list[_Line]]:
    """Read the article whose title is the first line; return it and the lines after its date."""
    title = lines[0]
    found = TITLE.match(title.text)
    assert found is not None, "callers pass a title line first"
    dated = next((i for i, line in enumerate(lines) if DATE.match(line.text)), None)
    if len(lines) == 1:
        raise SourceError(path, title.number, f"the title {title.text!r} has no body before the next title")
    if dated is None:
        raise SourceError(path, title.number, f"the article {title.text!r} has no posted date (YYYY-MM-DD)")
    if dated == 1:
        raise SourceError(path, lines[1].number, f"the date {lines[1].text} has no body before it")
    body = "\n".join(line.text for line in lines[1:dated])
    article = Article(found["title"].strip(), found["tag"], body, _read_date(lines[dated], path), title.number)
    return article, lines[dated + 1 :]


def _read_date(line: _Line, path: Path | str) -> date:
    found = DATE.match(line.text)
    assert found is not None, "callers pass a date line"
    year, month, day = (int(part) for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError as error:
        raise SourceError(path, line.number, f"{line.text} is not a date of the calendar ({error})") from error


def _refuse_orphans(lines: list[_Line], path: Path | str) -> None:
    """Refuse a date or a title among the site's lines: the rest of its article was lost."""
    for line in lines:
        if DATE.match(line.text):
            raise SourceError(path, line.number, f"the date {line.text} has no title line before its body")
        if _BARE_TITLE.match(line.text):
            raise SourceError(
                path, line.number, f"{line.text!r} looks like a title without its bullet; write '• {line.text}'"
            )


def _refuse_running_text(lines: list[_Line], path: Path | str) -> None:
    """Refuse running text between two articles; after the last one stand the site's terms, which run on too."""
    for line in lines:
        if len(line.text) > _RUNNING:
            raise SourceError(
                path,
                line.number,
                f"{line.text[:20]!r}… ({len(line.text)} characters) has no title line before it and no date after it",
            )
