"""Questions as people type them: traditional characters, full width, names with one wrong letter or character.

What is corrected is only looked for; the question is shown as it was typed.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from corpus.english import stem
from corpus.glossary import NAMES
from corpus.pinyin import readings

if TYPE_CHECKING:
    from collections.abc import Iterable

    import opencc

    from corpus.glossary import Glossary

_HAN = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
#: Shorter words have too many neighbours.
_SHORTEST_ZH, _SHORTEST_EN = 3, 6
#: From this length on an English word may have two faults, or another letter.
_LONG_EN = 9
_GAP = "\0"


@functools.cache
def _simplifier() -> opencc.OpenCC:
    import opencc

    return opencc.OpenCC("t2s")


def simplify(text: str) -> str:
    """Return a text in simplified characters."""
    simplified: str = _simplifier().convert(text)
    return simplified


class Speller:
    """Corrects names and words that nothing known is spelt like, to the one known word that is nearest."""

    def __init__(self, glossary: Glossary, english: Iterable[str] = ()) -> None:
        """Take names from the glossary, and English words from `english` texts too."""
        self._names = {
            name.casefold()
            for term in glossary.terms
            if term.kind in NAMES
            for name in term.zh
            if _HAN.fullmatch(name) and _SHORTEST_ZH <= len(name) <= 8
        }
        gaps: dict[str, set[str]] = defaultdict(set)
        for name in self._names:
            for i in range(len(name)):
                gaps[name[:i] + _GAP + name[i + 1 :]].add(name)
        # Two names that differ in one character leave it open which was meant.
        self._by_gap = {gap: next(iter(names)) for gap, names in gaps.items() if len(names) == 1}
        lengths = sorted({len(name) for name in self._names}, reverse=True)
        self._lengths = tuple(lengths)
        texts = [*(name for term in glossary.terms for name in term.en), *english]
        self._words = {word.casefold() for text in texts for word in _LATIN.findall(text)}
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in self._words:
            self._by_length[len(word)].append(word)
        self._english = functools.lru_cache(maxsize=4096)(self._nearest)

    @functools.cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(map(stem, self._words))

    def correct(self, text: str) -> str:
        """Return a text with its wrong names and words replaced; of unchanged length where nothing is."""
        return _LATIN.sub(lambda m: self._corrected(m[0]), self._join(_HAN.sub(lambda m: self._chinese(m[0]), text)))

    def _chinese(self, run: str) -> str:
        """Replace spans that are a name but for one character, the longest first."""
        for length in self._lengths:
            for at in range(len(run) - length + 1):
                span = run[at : at + length]
                if span in self._names:
                    continue
                name = self._sounding_like(span)
                if name and not self._overlaps_known(run, at, length):
                    return self._chinese(run[:at]) + name + self._chinese(run[at + length :])
        return run

    def _sounding_like(self, span: str) -> str | None:
        """Return the one name that differs from a span in one character of the same sound (徐家会 for 徐家汇)."""
        for i, typed in enumerate(span):
            name = self._by_gap.get(span[:i] + _GAP + span[i + 1 :])
            if name and readings(typed) & readings(name[i]):
                return name
        return None

    def _overlaps_known(self, run: str, at: int, length: int) -> bool:
        """Return whether a span runs into a name that is spelt rightly: then it is no name of its own."""
        for other in self._lengths:
            for start in range(max(0, at - other + 1), min(at + length, len(run) - other + 1)):
                if run[start : start + other] in self._names:
                    return True
        return False

    def _join(self, text: str) -> str:
        """Join two capitalised words that are one known word only together (Xu Hui)."""

        def joined(match: re.Match[str]) -> str:
            one = match[1] + match[2].casefold()
            return one if one.casefold() in self._words else match[0]

        return re.sub(r"\b([A-Z][a-z]{1,5}) ([A-Z][a-z]{1,5})\b", joined, text)

    def _corrected(self, word: str) -> str:
        if len(word) < _SHORTEST_EN or word.isupper():
            return word
        return self._english(word)

    def _nearest(self, word: str) -> str:
        """Return the one known word within the faults allowed, the word itself where there is none or several."""
        folded = word.casefold()
        if folded in self._words or stem(folded) in self._stems:
            return word
        most = 2 if len(folded) >= _LONG_EN else 1
        near = [
            (distance, known)
            for length in range(len(folded) - most, len(folded) + most + 1)
            for known in self._by_length.get(length, ())
            if known[0] == folded[0]
            and (distance := OSA.distance(folded, known, score_cutoff=most)) <= most
            # One letter for another makes too many other words of short ones (debug, debut).
            and (len(folded) >= _LONG_EN or sorted(folded) == sorted(known) or len(folded) != len(known))
        ]
        near.sort()
        if not near or (len(near) > 1 and near[1][0] == near[0][0]):
            return word
        return near[0][1]
