"""Whether what a sentence tells stands in its own place: beside the words that it stands beside in the evidence.

`新增充电桩437个、泊位4596个` told as `新增充电桩4596个、泊位437个` has no figure that the evidence lacks. So the words
around a figure, within its clause and up to the figures beside it, are compared with those around the same figure in
the evidence and around the others. Of anything else (names, years, words for a rise) only the words next to it are.
"""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from corpus.english import fold_english
from corpus.quantities import Quantity, Unit, quantities
from index import tokenize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

#: A span of a text: where it begins and ends.
Span = tuple[int, int]

#: A figure is another's when its words are so much more (of their own number) those of the other; two are exchanged
#: when both together are.
_CLEARLY = 0.5
#: How far the words around a figure reach, in characters.
_BEFORE, _AFTER = 40, 30
_STOP = re.compile(r"[，；;。、]|,(?!\d)|\.(?!\d)")
#: So many tokens more on both sides are another's: characters of Chinese, words of other languages.
_MORE_HAN, _MORE_WORDS = 3, 2
#: Tokens that are looked at on each side.
_REACH = 8
_IN_ORDER = re.compile(r"分别|\brespectively\b", re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u9fff]")
_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+(?:[.,]\d+)*|[^\w\s]")
#: What stands between the members of a list, English names with the Chinese in brackets.
_LISTED = re.compile(r"\s*(?:\([^()]*\)\s*)?(?:[、，,]|[和与及]|以及|\b(?:and|or)\b)?\s*(?:the\s+)?")


def exchanged(sentence: str, evidence: str) -> Quantity | None:
    """Return a figure of a sentence that stands where another one stands in the evidence; None where none does.

    Both texts are in one language; years are told by their frame and not looked at.
    """
    mine, theirs = _figures(sentence), _figures(evidence)
    same = [[figure.stated_by(other) for other in theirs] for figure in mine]
    moved = displaced(sentence, evidence, _spans(mine), _spans(theirs), lambda a, b: same[a][b])
    table = list(_shares(sentence, evidence, mine, theirs))

    def gain(at: int, those: Sequence[bool]) -> float:
        """Return how much better a figure's words fit `those` of the evidence than the figure itself."""
        own = [share for share, is_own in zip(table[at], same[at], strict=True) if is_own]
        rest = [share for share, is_meant in zip(table[at], those, strict=True) if is_meant]
        return max(rest) - max(own) if own and rest else -1.0

    here, there = _lists(sentence, _spans(mine)), _lists(evidence, _spans(theirs))

    def is_one_of_list(at: int) -> bool:
        """Return whether a figure by itself is of the list of the one whose place it takes, whose words are its own."""
        own = {place for place, is_own in zip(there, same[at], strict=True) if is_own}
        return here[at] == (mine[at].start, mine[at].end) and there[moved[at]] in own

    for at, figure in enumerate(mine):
        better = gain(at, [not is_own for is_own in same[at]])
        if better >= _CLEARLY or (at in moved and (better > 0 or (better == 0 and not is_one_of_list(at)))):
            return figure
    for a, b in combinations(range(len(mine)), 2):
        both = (gain(a, same[b]), gain(b, same[a]))
        if min(both) > 0 and sum(both) >= _CLEARLY:
            return mine[a]
    return None


def _figures(text: str) -> list[Quantity]:
    return [quantity for quantity in quantities(text) if quantity.unit not in (Unit.YEAR, Unit.DATE)]


def _spans(found: Sequence[Quantity]) -> list[Span]:
    return [(quantity.start, quantity.end) for quantity in found]


def _shares(
    sentence: str, evidence: str, mine: Sequence[Quantity], theirs: Sequence[Quantity]
) -> Iterator[list[float]]:
    """Yield for each figure of a sentence the share of its words that stand around each of the evidence.

    English says what is counted behind a figure or before it, and what stands on the other side may be another's.
    """
    there = _sides(evidence, theirs)
    for before, after in _sides(sentence, mine):
        if before and after and sentence.isascii():
            said = len(before) + len(after)
            yield [(len(before & other[0]) + len(after & other[1])) / said for other in there]
        else:
            yield [_share(before | after, other[0] | other[1]) for other in there]


def _sides(text: str, found: Sequence[Quantity]) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Return what stands before and behind each figure, or the list that it is in: up to the next, within its clause.

    Stems of English, pairs of neighbouring characters of Chinese.
    """
    spans = _lists(text, _spans(found))
    sides = []
    for first, last in spans:
        start = max((end for _, end in spans if end <= first), default=0)
        end = min((start for start, _ in spans if start >= last), default=len(text))
        before = _STOP.split(text[max(start, first - _BEFORE) : first])[-1]
        after = _STOP.split(text[last : min(end, last + _AFTER)])[0]
        words = _stems if before.isascii() and after.isascii() else _pairs
        sides.append((words(before), words(after)))
    return sides


def _pairs(text: str) -> frozenset[str]:
    return frozenset("".join(pair) for pair in pairwise("".join(c for c in text if c.isalpha())))


def _stems(text: str) -> frozenset[str]:
    words = (word for word in fold_english(text).split() if not word.isdigit())
    return frozenset(word for word in words if word not in tokenize.ENGLISH_FUNCTION_WORDS)


def _share(words: frozenset[str], held: frozenset[str]) -> float:
    return len(words & held) / len(words) if words else 0.0


def displaced(
    sentence: str, evidence: str, mine: Sequence[Span], theirs: Sequence[Span], is_same: Callable[[int, int], bool]
) -> dict[int, int]:
    """Return which things of a sentence (`mine`) stand between words between which another of the evidence stands.

    They and the others are told by their numbers, and what is the same by both. A member of a list stands where the
    whole list does, too.
    """
    here, there = _Places(sentence, mine), _Places(evidence, theirs)
    more = _MORE_HAN if _HAN.search(sentence) else _MORE_WORDS
    found = {}
    for at in range(len(mine)):
        own = [here.common(at, there, other, crosswise=True) for other in range(len(theirs)) if is_same(at, other)]
        rest = [(here.common(at, there, other), other) for other in range(len(theirs)) if not is_same(at, other)]
        best, other = max(rest, default=(0, 0))
        if best >= max(own, default=0) + more:
            found[at] = other
    return found


class _Places:
    """Where things stand in a text: between which tokens each, and those of a list, the whole of it."""

    def __init__(self, text: str, spans: Sequence[Span]) -> None:
        # What is told one by one (分别) has its order.
        lists = spans if _IN_ORDER.search(text) else _lists(text, spans)
        self._single = [_beside(text, span) for span in spans]
        self._listed = [_beside(text, span) for span in lists]

    def common(self, at: int, other: _Places, place: int, *, crosswise: bool = False) -> int:
        """Return how much two places have in common; `crosswise`, also one by itself with the other's list."""
        pairs = [(self._single[at], other._single[place]), (self._listed[at], other._listed[place])]
        if crosswise:
            pairs += [(self._single[at], other._listed[place]), (self._listed[at], other._single[place])]
        return max(_common(mine, theirs) for mine, theirs in pairs)


def _lists(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return the spans, those of a list each as the whole of it."""
    groups: list[list[Span]] = []
    for span in spans:
        if groups and _LISTED.fullmatch(text, groups[-1][-1][1], span[0]):
            groups[-1].append(span)
        else:
            groups.append([span])
    return [(group[0][0], group[-1][1]) for group in groups for _ in group]


def _beside(text: str, span: Span) -> tuple[list[str], list[str]]:
    """Return the tokens before a span, the nearest one first, and those behind it."""
    before = _TOKEN.findall(text[max(0, span[0] - _BEFORE) : span[0]].casefold())
    return before[::-1][:_REACH], _TOKEN.findall(text[span[1] : span[1] + _BEFORE].casefold())[:_REACH]


def _common(one: tuple[list[str], list[str]], other: tuple[list[str], list[str]]) -> int:
    """Return how many words or characters two places have in common, going outwards."""
    same = [a for mine, theirs in zip(one, other, strict=True) for a in _while_same(mine, theirs)]
    return sum(a.isalnum() and a not in tokenize.ENGLISH_FUNCTION_WORDS for a in same)


def _while_same(mine: Sequence[str], theirs: Sequence[str]) -> Iterator[str]:
    for a, b in zip(mine, theirs, strict=False):
        if a != b:
            return
        yield a
