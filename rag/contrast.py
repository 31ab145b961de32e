"""Words that exclude each other: what the documents give for foreign companies does not answer for private ones.

Such near misses share every other word with the sentence that would answer. The sets are data (`cues.toml`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.cues import CUES, compile_cue, compile_told

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Of every set, its sides: how a question names one, and how a Chinese text does.
_SETS = tuple(
    tuple((compile_cue(side), compile_told(side)) for side in contrast["sides"]) for contrast in CUES["contrast"]
)


@dataclass(frozen=True, slots=True)
class Side:
    """The one side of a set that a question names, in its words, and how a Chinese text names it and the others."""

    words: str
    own: re.Pattern[str]
    others: tuple[re.Pattern[str], ...]

    def is_left_out(self, texts: Iterable[str]) -> bool:
        """Return whether the first of some texts that names any side of the set does not name this one.

        The texts go from a sentence to what stands around it; where none names a side, nothing is left out.
        """
        for text in texts:
            if self.own.search(text):
                return False
            if any(other.search(text) for other in self.others):
                return True
        return False


def sides_asked(question: str) -> list[Side]:
    """Return the sides that a question names, each alone of its set."""
    found = []
    for sides in _SETS:
        named = [(match[0], told) for asked, told in sides if (match := asked.search(question))]
        if len(named) == 1:
            words, own = named[0]
            found.append(Side(words, own, tuple(told for _, told in sides if told is not own)))
    return found
