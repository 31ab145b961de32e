"""What a question takes for granted: whether the documents say so too.

A question that gives a figure (did it grow by 4 %?) is confirmed or corrected by the sentence that answers it.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from corpus.english import fold_english
from corpus.periods import mentioned_periods
from rag.facts import figures
from rag.types import Kind, Wants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.quantities import Quantity
    from rag.types import Evidence, Question


class Premise(StrEnum):
    """How the documents stand to what a question states."""

    CONFIRMED = "confirmed"
    DIFFERS = "differs"
    NONE = "none"  #: the question states nothing that can be held against them


_UP = re.compile(r"增长|上升|提高|增加|上涨|涨了|增幅")
_DOWN = re.compile(r"下降|减少|降低|回落|缩减|下滑|负增长|降幅")
_UP_EN = frozenset(fold_english("rise rose grow grew grown growth increase increased up gain gained climbed").split())
_DOWN_EN = frozenset(
    fold_english("fall fell fallen decline declined decrease decreased down drop dropped shrank lowered").split()
)
#: How far before a figure its verb is looked for, in characters.
_BEFORE = 14
#: Least coverage at which another year than the asked one corrects the question instead of missing it.
SURE = 0.8


def premise(question: Question, kept: Sequence[Evidence]) -> Premise:
    """Return whether the sentences kept confirm the figures that a question states.

    Another figure of the kind corrects only a question that asks whether it is so: elsewhere a figure may be the
    asker's own (we need 500 square meters). A rise where the documents report a fall is always corrected.
    """
    stated = [concept.quantity for concept in question.concepts if concept.quantity is not None]
    if not stated:
        return Premise.NONE
    sentences = [item.text for item in kept]
    asked_direction = direction(question.standalone)
    verdicts = [_verdict(quantity, asked_direction, sentences) for quantity in stated]
    comparable = any(_comparable(quantity, sentences) for quantity in stated)
    if Premise.DIFFERS in verdicts:
        return Premise.DIFFERS
    asked = question.kind is Kind.YES_NO
    if Premise.NONE in verdicts:
        return Premise.DIFFERS if asked and comparable else Premise.NONE
    # What is only aimed at confirms no fact, unless the aim is what is asked about.
    is_so = any(not item.frame.status.is_intent for item in kept) or question.wants in (
        Wants.TARGET,
        Wants.RATHER_TARGET,
    )
    return Premise.CONFIRMED if asked and is_so else Premise.NONE


def _verdict(stated: Quantity, asked: int, sentences: Sequence[str]) -> Premise:
    """Return how a figure is found: confirmed, with another direction, or not at all."""
    for sentence in sentences:
        for figure in figures(sentence):
            if stated.stated_by(figure):
                other = direction(sentence[max(0, figure.start - _BEFORE) : figure.start])
                return Premise.DIFFERS if asked * other < 0 else Premise.CONFIRMED
    return Premise.NONE


def _comparable(stated: Quantity, sentences: Sequence[str]) -> bool:
    """Return whether a sentence gives some figure of the same unit and measure."""
    held = (figure for sentence in sentences for figure in figures(sentence))
    return any(figure.unit is stated.unit and figure.measure == stated.measure for figure in held)


def direction(text: str) -> int:
    """Return 1 where a text speaks of a rise, -1 of a fall, 0 of neither or both."""
    stems = set(fold_english(text).split())
    up = bool(_UP.search(text)) or not stems.isdisjoint(_UP_EN)
    down = bool(_DOWN.search(text)) or not stems.isdisjoint(_DOWN_EN)
    return int(up) - int(down)


def names_another_time(question: Question, item: Evidence) -> bool:
    """Return whether a sentence that surely is about what a yes-no question asks gives another year than it does."""
    if question.kind is not Kind.YES_NO or item.coverage < SURE:
        return False
    named = mentioned_periods(item.text)
    return bool(named) and not set(named) & set(question.periods)
