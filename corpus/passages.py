"""Cutting a document into passages: whole sentences of one section, about 200 to 350 characters."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from math import ceil
from typing import TYPE_CHECKING, TypeVar

from corpus.sentences import continues
from corpus.types import Document, Passage, Section, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")

#: A passage aims at this many characters and holds at most `LONGEST`, unless one sentence alone is longer.
TARGET, LONGEST = 280, 350


def cut_passages(document: Document) -> tuple[Passage, ...]:
    """Return the passages of a document in order; every sentence is in exactly one."""
    passages: list[Passage] = []
    breaks = {omission.start for omission in document.omissions}
    for headings, group in groupby(document.sentences, lambda s: document.headings_at(s.start)):
        for part in _split_at(list(group), breaks):
            passages += [_passage(document, headings, chunk) for chunk in _pack(part, document.text)]
    return tuple(passages)


def _split_at(sentences: list[Sentence], breaks: set[int]) -> Iterator[list[Sentence]]:
    """Split where furniture stood between two sentences, so that no passage spans it."""
    part: list[Sentence] = []
    for sentence in sentences:
        if part and any(part[-1].end <= at <= sentence.start for at in breaks):
            yield part
            part = []
        part.append(sentence)
    if part:
        yield part


def _pack(sentences: Sequence[Sentence], text: str) -> Iterator[list[Sentence]]:
    """Fill passages evenly: a section of 400 characters becomes two of 200, not one of 350 and a crumb."""
    total = sentences[-1].end - sentences[0].start
    count = max(round(total / TARGET), ceil(total / LONGEST))
    aim = total / count
    chunk: list[Sentence] = []
    for unit in _units(sentences, text):
        if chunk:
            length = unit[-1].end - chunk[0].start
            so_far = chunk[-1].end - chunk[0].start
            if length > LONGEST or length - aim > aim - so_far:
                yield chunk
                chunk = []
        chunk += unit
    if chunk:
        yield chunk


def _units(sentences: Sequence[Sentence], text: str) -> Iterator[list[Sentence]]:
    """Group sentences that say little apart: one that opens with 其中, and the parts of one cut at its semicolons."""
    unit: list[Sentence] = []
    for sentence in sentences:
        own = text[sentence.start : sentence.end]
        joined = unit and (continues(own) or text[unit[-1].end - 1] in ";；")
        if joined and sentence.end - unit[0].start <= LONGEST:
            unit.append(sentence)
            continue
        if unit:
            yield unit
        unit = [sentence]
    if unit:
        yield unit


def _passage(document: Document, headings: tuple[Section, ...], sentences: Sequence[Sentence]) -> Passage:
    start, end = sentences[0].start, sentences[-1].end
    period, status = _prevailing([((s.period, s.status), s.end - s.start) for s in sentences])
    return Passage(
        id=f"{document.id}:{start}-{end}",
        document_id=document.id,
        start=start,
        end=end,
        text=document.text[start:end],
        source_text=document.source_text(start, end),
        headings=tuple(section.title for section in headings),
        period=period,
        status=status,
        sentences=tuple(sentences),
    )


def _prevailing(weighted: Sequence[tuple[T, int]]) -> T:
    """Return the value with the largest total weight; the earlier one at equal weight."""
    totals: dict[T, int] = defaultdict(int)
    for value, weight in weighted:
        totals[value] += weight
    return max(totals, key=totals.__getitem__)
