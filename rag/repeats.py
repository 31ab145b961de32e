"""Passages and sentences that say the same: of a later edition of a document, or of a text that another one quotes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rag.types import Evidence, Hit

#: Least likeness of two texts (in percent of their characters, in order) that say the same.
_SAME = 90.0
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_BESIDE_WORDS = re.compile(r"\W+")


def without_repeats(ranked: Iterable[Hit]) -> list[Hit]:
    """Return the hits without those that repeat a better one.

    A repeat has nearly the same words, the same figures, and sentences of the same periods and statuses: yearly reports
    say much in the same words, and what they say of another year, or with another figure, is another statement.
    """
    kept: dict[tuple[object, ...], list[str]] = {}
    found = []
    for hit in ranked:
        words = _BESIDE_WORDS.sub("", hit.passage.text)
        alike = kept.setdefault(_told(hit), [])
        if not any(fuzz.ratio(words, other, score_cutoff=_SAME) for other in alike):
            alike.append(words)
            found.append(hit)
    return found


def say_the_same(one: Evidence, other: Evidence) -> bool:
    """Return whether two sentences have nearly the same words, the same figures, period and status."""
    if (one.frame.period, one.frame.status) != (other.frame.period, other.frame.status):
        return False
    if _FIGURE.findall(one.text) != _FIGURE.findall(other.text):
        return False
    words, others = (_BESIDE_WORDS.sub("", item.text) for item in (one, other))
    return bool(fuzz.ratio(words, others, score_cutoff=_SAME))


def _told(hit: Hit) -> tuple[object, ...]:
    """Return what must be the same in a repeat, whatever its words."""
    frames = frozenset((sentence.period, sentence.status) for sentence in hit.passage.sentences)
    return frames, tuple(_FIGURE.findall(hit.passage.text))
