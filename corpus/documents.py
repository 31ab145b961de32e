"""From a raw text with its postings to a Document: repaired, dated, cut into sections and sentences."""

from __future__ import annotations

import bisect
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.cleaning import find_omissions
from corpus.corrections import Correction
from corpus.dates import find_date
from corpus.periods import (
    UNKNOWN,
    Frame,
    mentioned_plans,
    sentence_frame,
    title_frame,
    turned_frame,
    validity_period,
)
from corpus.repair import repair
from corpus.sections import find_sections
from corpus.sentences import sentence_spans
from corpus.titles import report_title
from corpus.types import Dated, Document, Period, Section, Sentence, Status, text_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from corpus.types import Heading, Omission, RawText, Repair


def make_document(
    copies: Sequence[RawText],
    references: Sequence[str] = (),
    word_score: Callable[[str], float] | None = None,
    correction: Correction | None = None,
    *,
    restore: bool = True,
) -> Document:
    """Build one document from all copies of a text; the first copy gives the text, all give postings.

    `references` and `word_score` serve to put lost characters back, see `corpus.repair.repair`, unless `restore` is
    false; a `correction` overrides what is read from the text.
    """
    main = copies[0]
    others = [copy.text for copy in copies[1:]]
    text, repairs = repair(main.text, others, references, word_score) if restore else (main.text, ())
    correction = correction or Correction()
    posted_as = main.posting.title
    delivered = find_date(text, posted_as, main.posting.date)
    if correction.delivered:
        delivered = Dated(correction.delivered, "day", "given by a person")
    omissions = find_omissions(text, posted_as)
    year = delivered.date.year if delivered.date else None
    kind = correction.kind or document_kind(posted_as, text)
    title = correction.title or (report_title(posted_as, text, delivered) if kind == "report" else posted_as)
    in_force = next(_validities(text, year), None) if kind == "article" else None
    default = _default_frame(kind, title, delivered, in_force)
    moved = moved_headings(main.headings, repairs)
    marked = [heading for heading in moved if _is_own(heading, text, posted_as, omissions)]
    sections = tuple(find_sections(text, year, marked, default, correction.sections))
    return Document(
        id=text_id(main.text),
        title=title,
        kind=kind,
        delivered=delivered,
        postings=tuple(copy.posting for copy in copies),
        text=text,
        repairs=repairs,
        omissions=omissions,
        sections=sections,
        sentences=tuple(_sentences(text, sections, omissions, default, year)),
        in_force=in_force,
    )


def moved_headings(headings: Sequence[Heading], repairs: Sequence[Repair]) -> Iterator[Heading]:
    """Yield headings of a source at their places in the repaired text."""
    restored = [repair.position - number for number, repair in enumerate(repairs)]
    for heading in headings:
        start, end = (at + bisect.bisect_left(restored, at) for at in (heading.start, heading.end))
        yield replace(heading, start=start, end=end)


def _is_own(heading: Heading, text: str, title: str, omissions: Sequence[Omission]) -> bool:
    """Return whether a heading is one within the document: not its title, and not furniture."""
    repeats = "".join(text[heading.start : heading.end].split()) == "".join(title.split())
    return not repeats and all(heading.end <= o.start or o.end <= heading.start for o in omissions)


def _validities(text: str, delivered_year: int | None) -> Iterator[Period]:
    """Yield what sentences say of the years in which the document is in force."""
    for first, last in sentence_spans(text):
        found = validity_period(text[first:last], delivered_year)
        if found is not None:
            yield found


def document_kind(title: str, text: str) -> str:
    """Return `report` for a government work report, else `article`."""
    return "report" if "工作报告" in title or "政府工作报告" in text[:100] else "article"


def _default_frame(kind: str, title: str, delivered: Dated, in_force: Period | None) -> Frame:
    """Return what a text speaks about outside any dated section; for a report's preamble that is nothing.

    A policy speaks about the years in which it is in force, else a text about those that its title names, else about
    the year of its event.
    """
    if kind != "article":
        return UNKNOWN
    if in_force is not None:
        return Frame(in_force, Status.NONE)
    named = title_frame(title)
    if named == UNKNOWN and delivered.date is not None:
        return Frame(Period.year(delivered.date.year), Status.NONE)
    return named


def _sentences(
    text: str,
    sections: Sequence[Section],
    omissions: Sequence[Omission],
    default: Frame,
    delivered_year: int | None,
) -> Iterator[Sentence]:
    """Yield the sentences between headings and furniture, each with its frame."""
    hidden = sorted([(o.start, o.end) for o in omissions] + [(s.start, s.body) for s in sections if s.body > s.start])
    bounds = sorted({0, len(text), *(s.start for s in sections), *(s.end for s in sections)})
    chapter: Section | None = None
    turned: Frame | None = None
    for start, end in _visible(bounds, hidden):
        inner = [section for section in sections if section.start <= start < section.end]
        if (inner[0] if inner else None) != chapter:
            chapter, turned = (inner[0] if inner else None), None
        standing = _frame_of(inner[-1], default) if inner else default
        for first, last in sentence_spans(text, start, end):
            sentence = text[first:last]
            if chapter is not None:
                turned = turned_frame(sentence, _frame_of(chapter, default), turned, mentioned_plans(chapter.title))
            inherits = chapter is not None and standing == _frame_of(chapter, default)
            own = sentence_frame(sentence, turned if turned and inherits else standing, delivered_year)
            yield Sentence(first, last, own.period, own.status)


def _visible(bounds: Sequence[int], hidden: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the spans between neighbouring bounds with the hidden spans cut out."""
    cuts = sorted({*bounds, *(edge for span in hidden for edge in span)})
    starts = [start for start, _ in hidden]
    for start, end in pairwise(cuts):
        i = bisect.bisect_right(starts, start) - 1
        if i < 0 or all(start >= stop for _, stop in hidden[: i + 1]):
            yield start, end


def _frame_of(section: Section, default: Frame) -> Frame:
    frame = Frame(section.period, section.status)
    return default if frame == UNKNOWN else frame
