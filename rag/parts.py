"""The parts of a question that asks about several periods, regions or indicators, and their places among the first."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index import tokenize
from rag.matching import Text, holds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from corpus.types import Period
    from rag.types import Concept, Hit, Question

#: Of the first so many hits each part of a question gets one; people and generators read no further.
FIRST = 5
#: Least match in time (an overlapping period) of a hit that may stand for a part; see `rag.retrieve`.
_IN_TIME = 0.75


@dataclass(frozen=True, slots=True)
class Part:
    """One of several things asked about: the question asked about it alone, and which hits speak about it."""

    question: Question
    covers: Callable[[Hit], bool]


def parts(question: Question, is_about: Callable[[Concept, Hit], bool]) -> list[Part]:
    """Return the parts of a question: every period it names, and the regions and indicators where it names several.

    `is_about` tells whether a hit speaks about a region.
    """
    found = [_of_period(question, period) for period in question.periods]
    regions = _distinct(_apart(question.regions))
    if len(regions) > 1:
        found += [_of_region(question, region, regions, is_about) for region in regions]
    indicators = _distinct([concept for concept in question.concepts if concept.kind == "indicator"])
    if len(indicators) > 1:
        found += [_of_indicator(question, indicator, indicators) for indicator in indicators]
    return found


def _apart(regions: Sequence[Concept]) -> tuple[Concept, ...]:
    """Return the regions without those that only say where the next one lies (上海市 before 徐汇区)."""
    starts = {region.start for region in regions}
    return tuple(region for region in regions if region.start + len(region.forms[0]) not in starts)


def _distinct(concepts: Sequence[Concept]) -> list[Concept]:
    """Return the concepts without those that another one names too, or names more closely (GDP beside GDP per head)."""
    found: list[Concept] = []
    for concept in sorted(concepts, key=lambda c: -len(c.forms[0])):
        if not any(concept.forms[0] in other.forms[0] or {*concept.forms} & {*other.forms} for other in found):
            found.append(concept)
    return sorted(found, key=lambda c: c.start)


def _of_period(question: Question, period: Period) -> Part:
    limit = question.within if question.within.periods else replace(question.within, periods=(period,))
    return Part(
        replace(question, periods=(period,), within=limit),
        lambda hit: hit.region == 1 and hit.passage.period is not None and hit.passage.period.overlaps(period),
    )


def _of_region(
    question: Question, region: Concept, regions: Sequence[Concept], is_about: Callable[[Concept, Hit], bool]
) -> Part:
    return Part(
        _without(question, [one for one in regions if one is not region]),
        lambda hit: hit.time >= _IN_TIME and is_about(region, hit),
    )


def _of_indicator(question: Question, indicator: Concept, indicators: Sequence[Concept]) -> Part:
    return Part(
        _without(question, [one for one in indicators if one is not indicator]),
        lambda hit: hit.time >= _IN_TIME and hit.region == 1 and holds(indicator, Text.of(hit.passage.text, "")),
    )


def _without(question: Question, others: Sequence[Concept]) -> Question:
    """Return the question with some of what it names left out."""
    text = tokenize.normalise(question.standalone)
    for concept in others:
        text = re.sub(re.escape(concept.forms[0]), " ", text)
    kept = tuple(concept for concept in question.concepts if concept not in others)
    return replace(question, concepts=kept, standalone=text)


def cover(ranked: Sequence[Hit], asked: Sequence[Part], rank: Callable[[Question], Sequence[Hit]]) -> list[Hit]:
    """Return the hits with one for every part among the first, where there is one; the others keep their order.

    A part that none of the first speaks about is looked for among all, then by asking about it alone. What is moved up
    takes the score of the last place among the first, and scores go on falling from there.
    """
    if not ranked:
        return []
    first, rest = list(ranked[:FIRST]), list(ranked[FIRST:])
    lowest = first[-1].score
    for part in asked:
        if any(map(part.covers, first)):
            continue
        hit = next(filter(part.covers, rest), None) or next(filter(part.covers, rank(part.question)), None)
        out = _least_needed(first, asked) if len(first) >= FIRST else None
        if hit is None or (out is None and len(first) >= FIRST):
            continue
        if out is not None:
            first.remove(out)
            rest.insert(0, out)
        first.append(replace(hit, score=lowest))
    rows = {hit.row for hit in first}
    return first + [replace(hit, score=min(hit.score, lowest)) for hit in rest if hit.row not in rows]


def _least_needed(first: Sequence[Hit], asked: Sequence[Part]) -> Hit | None:
    """Return the last hit without which every part covered is still covered; never the very first."""
    for at in range(len(first) - 1, 0, -1):
        others = [*first[:at], *first[at + 1 :]]
        if all(any(map(part.covers, others)) for part in asked if part.covers(first[at])):
            return first[at]
    return None
