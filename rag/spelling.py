"""Questions as people type them: traditional characters, names and words with a wrong letter or character.

What is corrected is only looked for; the question is shown as it was typed. A wrong correction is worse than none, so
a Chinese name is put in only where the text then falls into words better, and no word of English is changed at all.
"""

from __future__ import annotations

import functools
import math
import re
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from corpus.english import stem
from corpus.glossary import NAMES
from corpus.pinyin import readings
from index import tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable

    import opencc
    import spellchecker

    from corpus.glossary import Glossary

_HAN = re.compile(r"[\u3400-\u9fff]+")
#: A whole word of letters, with any contraction but not its possessive; letters beside digits are no word (G60, v2x).
_WORD = re.compile(r"(?<![\d_])[^\W\d_\u3400-\u9fff]++(?:['’](?!s\b)[A-Za-z]++)?(?![\d_])")
#: Shorter words have too many neighbours.
_SHORTEST_ZH, _SHORTEST_EN = 3, 6
#: Longer Chinese names are sentences of their own; a wrong character in them does little harm.
_LONGEST_ZH = 8
#: From this length on an English word may have two faults, or another letter.
_LONG_EN = 9
#: How far on both sides of a name its words are looked at, in characters.
_BESIDE = 4
#: How many times likelier a text must become: right corrections of 27 names made it 130 times likelier at least, the
#: worst wrong one in six reports of provinces (副中心 to 市中心) 63 times.
_LIKELIER = math.log(100)
_GAP = "\0"


@functools.cache
def _converter(direction: str) -> opencc.OpenCC:
    import opencc

    return opencc.OpenCC(direction)


@functools.cache
def _dictionary() -> spellchecker.SpellChecker:
    from spellchecker import SpellChecker

    return SpellChecker(language="en")


def is_english(word: str) -> bool:
    """Return whether a plain word of English is written so; names are none."""
    return word.casefold() in _dictionary()


def simplify(text: str) -> str:
    """Return a text written in traditional characters in simplified ones, any other as it is.

    A single traditional character in a simplified text belongs to a name that is written so everywhere (昇腾).
    """
    simplified: str = _converter("t2s").convert(text)
    if simplified == text:
        return text
    traditional: str = _converter("s2t").convert(text)
    return simplified if _differences(text, simplified) >= _differences(text, traditional) else text


def _differences(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))


class Speller:
    """Corrects names and words that nothing known is spelt like, to the one known word that is nearest."""

    def __init__(self, glossary: Glossary, english: Iterable[str] = ()) -> None:
        """Take names from the glossary, and English words from `english` texts too."""
        self._names = {
            name
            for term in glossary.terms
            if term.kind in NAMES
            for name in term.zh
            if _HAN.fullmatch(name) and _SHORTEST_ZH <= len(name) <= _LONGEST_ZH
        }
        gaps: dict[str, set[str]] = defaultdict(set)
        for name in self._names:
            for i in range(len(name)):
                gaps[name[:i] + _GAP + name[i + 1 :]].add(name)
        self._by_gap = {gap: frozenset(names) for gap, names in gaps.items()}
        self._lengths = tuple(sorted({len(name) for name in self._names}, reverse=True))
        texts = [_WORD.findall(text.casefold()) for term in glossary.terms for text in term.en]
        texts += [_WORD.findall(text.casefold()) for text in english]
        self._words = {word for text in texts for word in text}
        #: Two words that are also written as one (West Bund, Westbund).
        self._parted = {one + other for text in texts for one, other in pairwise(text) if one + other in self._words}
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in self._words:
            self._by_length[len(word)].append(word)
        self._nearest_word = functools.lru_cache(maxsize=4096)(self._nearest)

    @functools.cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(map(stem, self._words))

    def correct(self, text: str) -> str:
        """Return a text with its wrong names and words replaced, the very same where none is."""
        return _WORD.sub(lambda m: self._corrected(m[0]), self._join(_HAN.sub(lambda m: self._chinese(m[0]), text)))

    def _chinese(self, run: str) -> str:
        """Replace spans that are a name but for one character, the longest first.

        A span that runs into a name spelt rightly is no name of its own.
        """
        taken = [False] * len(run)
        spans = [(at, at + length) for length in self._lengths for at in range(len(run) - length + 1)]
        for start, end in spans:
            if run[start:end] in self._names:
                taken[start:end] = [True] * (end - start)
        for start, end in spans:
            if any(taken[start:end]):
                continue
            name = self._meant(run, start, end)
            if name:
                run = run[:start] + name + run[end:]
                taken[start:end] = [True] * len(name)
        return run

    def _meant(self, run: str, start: int, end: int) -> str | None:
        """Return the one name that differs from a span in one character of the same sound (徐家会 for 徐家汇)."""
        span = run[start:end]
        gaps = [(i, span[:i] + _GAP + span[i + 1 :]) for i in range(len(span))]
        near = [(i, name) for i, gap in gaps for name in self._by_gap.get(gap, ())]
        better = {name for _, name in near if _reads_better(run, start, name)}
        if not better:  # asked first: most spans end here, and sounds take a large dictionary
            return None
        alike = {name for i, name in near if readings(span[i]) & readings(name[i])}
        return alike.pop() if len(alike) == 1 and alike <= better else None

    def _join(self, text: str) -> str:
        """Join two capitalised words that are one known word only together (Xu Hui)."""

        def joined(match: re.Match[str]) -> str:
            one = match[1] + match[2].casefold()
            known = one.casefold()
            return one if known in self._words and known not in self._parted else match[0]

        return re.sub(r"\b([A-Z][a-z]{1,5}) ([A-Z][a-z]{1,5})\b", joined, text)

    def _corrected(self, word: str) -> str:
        """Return a word with its faults mended; abbreviations and brands (capitals inside) stay as they are."""
        if len(word) < _SHORTEST_EN or not word.isascii() or not word[1:].islower():
            return word
        nearest = self._nearest_word(word.casefold())
        return nearest.capitalize() if word[0].isupper() else nearest

    def _nearest(self, word: str) -> str:
        """Return the one known word within the faults allowed, the word itself where there is none or several."""
        if word in self._words or stem(word) in self._stems or word in _dictionary():
            return word
        most = 2 if len(word) >= _LONG_EN else 1
        near = [
            (distance, known)
            for length in range(len(word) - most, len(word) + most + 1)
            for known in self._by_length.get(length, ())
            if known[0] == word[0]
            and (distance := OSA.distance(word, known, score_cutoff=most)) <= most
            # One letter for another makes too many other words of short ones (debug, debut).
            and (len(word) >= _LONG_EN or sorted(word) == sorted(known) or len(word) != len(known))
        ]
        near.sort()
        if not near or (len(near) > 1 and near[1][0] == near[0][0]):
            return word
        return near[0][1]


def _reads_better(run: str, at: int, name: str) -> bool:
    """Return whether a text falls into far likelier words with a name put in at a place.

    It does not where the name ends in the middle of a word: 广州实验室 is not 广州市验室, nor 社会治理 社汇治理.
    """
    before, after = run[max(0, at - _BESIDE) : at], run[at + len(name) : at + len(name) + _BESIDE]
    typed = run[at : at + len(name)]
    gained = tokenize.word_score(before + name + after) - tokenize.word_score(before + typed + after)
    return gained > _LIKELIER
