"""Printed lines to paragraphs: running headers, footers and page numbers out, lines that were only wrapped joined.

Lengths are points, counted from the upper left corner of the page.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The share of a page's height, at top and bottom, in which headers, footers and page numbers stand.
_EDGE = 0.14
#: A header stands at the same height on every page, within these points.
_SAME_HEIGHT = 4.0
#: `3`, `- 3 -`, `第 3 页 共 10 页`, `3/10`, `Page 3 of 10`.
_PAGE_NUMBER = re.compile(
    r"(?P<before>[-—–―·\s]*(?:第|page)?\s*)(?P<number>\d{1,4})"
    r"(?P<after>\s*页?\s*(?:(?:[/／,，]|of|共)\s*(?:共\s*)?\d{1,4}\s*页?)?[-—–―·\s]*)",
    re.IGNORECASE,
)
_CONTENTS = re.compile(r"(?:[.…·．]\s?){4,}\s*\d+$")
_ENDS = tuple("。！？：；!?:;.”）)")
_MARKER = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十\d]{1,3}[)）]|第.{1,4}[章节条]|\d{1,2}[.．、]|[•●·▪◆-])"
)
#: The first piece of a line that cannot be parted: a number or Latin word, or one character, and what clings to it.
_FIRST_PIECE = re.compile(r"(?:[A-Za-z0-9.,%\-/]+|.)[，。、；：！？”’）》」』〕\])%,.;:!?]*")
#: Distance of lines, in usual ones, from which on a new paragraph begins.
_WIDER = 1.3
#: Titles are larger than the text, at least so many times; their lines stand at most so many sizes apart.
_DISPLAY, _DISPLAY_PITCH = 1.15, 2.2
#: How far from the right edge, in characters, a line that was only wrapped may end where edges are ragged: more
#: where it does not end a sentence, since a heading seldom comes so near the edge.
_RAGGED, _RAGGED_END = 3.0, 0.5
_LATIN = re.compile(r"[A-Za-z0-9,.;:%)\]\-]$")
_LATIN_START = re.compile(r"^[A-Za-z0-9(\[]")


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line and where it stands; `parted` when wide gaps part it, as in a table without rules."""

    page: int
    text: str
    left: float
    right: float
    top: float
    size: float
    parted: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """Lines that belong to the page and not to the text, and why."""

    lines: tuple[Line, ...]
    reason: str


def running_lines(lines: Sequence[Line], heights: Sequence[float]) -> list[Running]:
    """Find headers, footers and page numbers; `heights` are those of the pages.

    A line is one when, digits aside, it stands at the same height near the edge of most pages, or of two in five
    where left and right pages differ; a page number also when it is dressed as one.
    """
    edges = [line for line in lines if not _EDGE < line.top / heights[line.page] < 1 - _EDGE]
    alike: dict[str, list[Line]] = defaultdict(list)
    for line in edges:
        alike[re.sub(r"\d+", "#", "".join(line.text.split()))].append(line)
    found: list[Running] = []
    for group in alike.values():
        height = statistics.median_low([line.top for line in group])
        same = tuple(line for line in group if abs(line.top - height) <= _SAME_HEIGHT)
        pages = len({line.page for line in same})
        if pages >= max(3, len(heights) * 0.4) or len(heights) == pages == 2:
            found.append(Running(same, f"the same at the edge of {pages} of {len(heights)} pages"))
    known = {line for running in found for line in running.lines}
    numbers = tuple(line for line in edges if line not in known and _is_page_number(line))
    return found + ([Running(numbers, "page number")] if numbers else [])


def _is_page_number(line: Line) -> bool:
    found = _PAGE_NUMBER.fullmatch(line.text)
    if not found:
        return False
    return bool(found["before"].strip() or found["after"].strip()) or int(found["number"]) == line.page + 1


def is_contents(line: Line) -> bool:
    """Return whether a line is one of a table of contents: dots that lead to a page number."""
    return bool(_CONTENTS.search(line.text))


@dataclass(frozen=True, slots=True)
class _Measure:
    """The column of text: left edges of left and right pages, right edges, usual distance and size of lines."""

    left: tuple[float, float]
    right: tuple[float, float]
    pitch: float
    size: float

    def is_display(self, line: Line) -> bool:
        """Return whether a line is set in the middle of the column and larger than the text, as a title is."""
        left, right = self.left[line.page % 2], self.right[line.page % 2]
        off_centre = abs((line.left + line.right) - (left + right)) / 2
        return line.size > _DISPLAY * self.size and off_centre < 2 * line.size and line.left > left - 0.5 * line.size


def join_lines(lines: Sequence[Line], around: Sequence[Line]) -> list[str]:
    """Join the lines that were only wrapped; `around` are all lines of the document, which show its margins."""
    if not lines:
        return []
    measure = _measure(around)
    paragraphs = [lines[0].text]
    for above, line in pairwise(lines):
        if _goes_on(above, line, measure):
            latin = _LATIN.search(paragraphs[-1]) and _LATIN_START.match(line.text)
            paragraphs[-1] += (" " if latin else "") + line.text
        else:
            paragraphs.append(line.text)
    return paragraphs


def _measure(lines: Sequence[Line]) -> _Measure:
    """Measure left and right pages apart where both have enough lines."""
    sides = [[line for line in lines if line.page % 2 == side and not line.parted] for side in (0, 1)]
    sides = [side if len(side) >= 10 else list(lines) for side in sides]
    below = [b.top - a.top for a, b in pairwise(lines) if a.page == b.page and b.top > a.top]
    return _Measure(
        (_left_edge(sides[0]), _left_edge(sides[1])),
        (_right_edge(sides[0]), _right_edge(sides[1])),
        statistics.median_low(below) if below else 0.0,
        statistics.median_low([line.size for line in lines]),
    )


def _left_edge(lines: Sequence[Line]) -> float:
    """Return where most lines begin."""
    counted = Counter(round(line.left / 3) for line in lines)
    most = max(counted.values())
    place = min(place for place, count in counted.items() if count == most)
    return min(line.left for line in lines if round(line.left / 3) == place)


def _right_edge(lines: Sequence[Line]) -> float:
    """Return the farthest place where two lines end, else where the longest does."""
    ends = sorted((line.right for line in lines), reverse=True)
    size = statistics.median_low([line.size for line in lines])
    return next((a for a, b in pairwise(ends) if a - b < size), ends[0])


def _goes_on(above: Line, line: Line, measure: _Measure) -> bool:
    """Return whether `line` only continues `above`."""
    if above.parted or line.parted or abs(above.size - line.size) > 0.15 * above.size:
        return False
    if measure.is_display(above) and measure.is_display(line):
        return line.page == above.page and 0 < line.top - above.top < _DISPLAY_PITCH * line.size
    if line.page == above.page and not 0 < line.top - above.top <= _WIDER * measure.pitch:
        return False
    left, right = measure.left[line.page % 2], measure.right[above.page % 2]
    ended = above.text.endswith(_ENDS)
    indented = line.left > left + 0.8 * line.size
    ragged = -0.1 if indented else _RAGGED_END if ended else _RAGGED
    if above.right + _first_piece(line) <= right - ragged * line.size:
        return False  # The next piece would have fitted: the line was ended on purpose.
    if indented:
        # A new paragraph, but for a quotation or the body of a list entry.
        beneath = abs(line.left - above.left) < 0.3 * line.size
        return not ended and (beneath or bool(_MARKER.match(above.text)))
    return not (ended and _MARKER.match(line.text))


def _first_piece(line: Line) -> float:
    found = _FIRST_PIECE.match(line.text)
    piece = found[0] if found else line.text[:1]
    return sum(line.size * (0.5 if character.isascii() else 1.0) for character in piece)
