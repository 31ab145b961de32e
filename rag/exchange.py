"""Whether a figure of a sentence stands beside the words that it stands beside in the evidence.

`新增充电桩437个、泊位4596个` told as `新增充电桩4596个、泊位437个` has no figure that the evidence lacks. So the words
around a figure, within its clause and up to the figures beside it, are compared with those around the same figure in
the evidence and around the others.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.english import fold_english
from corpus.quantities import Quantity, Unit, quantities
from index import tokenize

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A figure is another's when its words are so much more (of their own number) those of the other.
_CLEARLY = 0.5
#: How far the words around a figure reach, in characters.
_BEFORE, _AFTER = 40, 30
_STOP = re.compile(r"[，；;。、]|,(?!\d)|\.(?!\d)")


def exchanged(sentence: str, evidence: str) -> Quantity | None:
    """Return a figure of a sentence beside words that stand beside another one in the evidence; None where none does.

    Both texts are in one language; years are told by their frame and not looked at.
    """
    theirs = _figures(evidence)
    if len(theirs) < 2:
        return None
    around = [(figure, _words_at(evidence, theirs, at)) for at, figure in enumerate(theirs)]
    mine = _figures(sentence)
    for at, figure in enumerate(mine):
        words = _words_at(sentence, mine, at)
        own = [_share(words, held) for other, held in around if figure.stated_by(other)]
        rest = [_share(words, held) for other, held in around if not figure.stated_by(other)]
        if own and rest and max(rest) >= max(own) + _CLEARLY:
            return figure
    return None


def _figures(text: str) -> list[Quantity]:
    return [quantity for quantity in quantities(text) if quantity.unit not in (Unit.YEAR, Unit.DATE)]


def _words_at(text: str, found: Sequence[Quantity], at: int) -> frozenset[str]:
    """Return what stands around a figure: stems of English, pairs of neighbouring characters of Chinese.

    English says what is counted behind a figure, where anything follows it; what stands before may be the last one's.
    """
    start = found[at - 1].end if at else 0
    end = found[at + 1].start if at + 1 < len(found) else len(text)
    before = _STOP.split(text[max(start, found[at].start - _BEFORE) : found[at].start])[-1]
    after = _STOP.split(text[found[at].end : min(end, found[at].end + _AFTER)])[0]
    if before.isascii() and after.isascii():
        return _stems(after) or _stems(before)
    runs = ("".join(c for c in part if c.isalpha()) for part in (before, after))
    return frozenset("".join(pair) for run in runs for pair in pairwise(run))


def _stems(text: str) -> frozenset[str]:
    return frozenset(word for word in fold_english(text).split() if word not in tokenize.ENGLISH_FUNCTION_WORDS)


def _share(words: frozenset[str], held: frozenset[str]) -> float:
    return len(words & held) / len(words) if words else 0.0
