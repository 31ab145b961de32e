"""Words that exclude each other: what the documents give for foreign companies does not answer for private ones.

Such near misses share every other word with the sentence that would answer. The sets are data (`cues.toml`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.cues import CUES, compile_cue

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Of every set, its sides: how a question names one, and how a Chinese text does.
_SETS = tuple(
    tuple((compile_cue(side), re.compile("|".join(side["zh"]))) for side in contrast["sides"])
    for contrast in CUES["contrast"]
)


def sides_asked(text: str) -> dict[int, re.Match[str]]:
    """Return of every set of which a question names one side alone, what was matched; see `other_side`."""
    found = {}
    for number, sides in enumerate(_SETS):
        matches = [match for asked, _ in sides if (match := asked.search(text))]
        if len(matches) == 1:
            found[number] = matches[0]
    return found


def other_side(match: re.Match[str], number: int, texts: Iterable[str]) -> bool:
    """Return whether the first of some Chinese texts that names any side of a set leaves out the one asked for.

    `texts` go from the sentence itself to what stands around it.
    """
    for text in texts:
        named = [asked for asked, told in _SETS[number] if told.search(text)]
        if named:
            return match.re not in named
    return False
