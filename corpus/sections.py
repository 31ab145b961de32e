"""The sections of a text: what each heading governs, which years it speaks about, and with what kind of claim."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus.corrections import SectionCorrection
from corpus.headings import FoundHeading, Rank, find_headings
from corpus.periods import UNKNOWN, Frame, heading_frame
from corpus.types import Period, Section

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from corpus.types import Heading

#: The speaker turns to the audience again: what follows is no longer under the last topic.
_TURN = re.compile(r"各位(?:代表|委员|领导|来宾)[：:，,！!]")
#: Between the titles of a section's path.
PATH = " > "


def find_sections(
    text: str,
    delivered_year: int | None,
    marked: Sequence[Heading] = (),
    default: Frame = UNKNOWN,
    corrections: Mapping[str, SectionCorrection] | None = None,
) -> list[Section]:
    """Return the sections of a text in order, each with its period and status.

    A section ends where the next one of the same or a higher level begins, and speaks about what the section around
    it does unless its heading says otherwise; around all stands `default`. `marked` are the headings that the file
    marks. `corrections`, by title or by path (`title > title`), hold for a section and all that follows from it.
    """
    headings = find_headings(text, marked)
    sections: list[Section] = []
    around: list[tuple[FoundHeading, Frame]] = []
    for i, heading in enumerate(headings):
        while around and around[-1][0].level >= heading.level:
            around.pop()
        outer = around[-1][1] if around else default
        frame = heading_frame(heading.title, outer, delivered_year)
        if heading.rank is Rank.GLOSSARY:
            frame = default
        elif heading.level == 1 and frame == default and sections and sections[-1].status.is_intent:
            # A closing chapter without a year (推进政府治理现代化) continues the tasks before it.
            frame = Frame(sections[-1].period, sections[-1].status)
        path = PATH.join((*(above.title for above, _ in around), heading.title))
        frame = _corrected(frame, (corrections or {}).get(path) or (corrections or {}).get(heading.title))
        around.append((heading, frame))
        end = _end(text, headings, i)
        sections.append(
            Section(heading.title, heading.level, heading.start, heading.body, end, frame.period, frame.status)
        )
    return sections


def _end(text: str, headings: Sequence[FoundHeading], i: int) -> int:
    heading = headings[i]
    end = next((other.start for other in headings[i + 1 :] if other.level <= heading.level), len(text))
    turn = _TURN.search(text, heading.body, end) if heading.rank is Rank.TOPIC else None
    return turn.start() if turn else end


def _corrected(frame: Frame, correction: SectionCorrection | None) -> Frame:
    if correction is None:
        return frame
    period = Period.parse(correction.period) if correction.period else frame.period
    return Frame(period, correction.status or frame.status)


def last_of(path: str) -> str:
    """Return the title of the section that a path names."""
    return path.rsplit(PATH, 1)[-1]


def section_paths(sections: Sequence[Section]) -> list[str]:
    """Return for every section its own title and those around it, as corrections may name it."""
    paths: list[str] = []
    around: list[Section] = []
    for section in sections:
        while around and around[-1].level >= section.level:
            around.pop()
        around.append(section)
        paths.append(PATH.join(one.title for one in around))
    return paths
