"""Telling copies of one text, also damaged ones, from later editions of it and from other texts."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, TypeVar

from corpus.cleaning import is_furniture

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

#: Share of the shorter text's 5-grams that must stand in the longer one; measured 0.94 for a copy that lost
#: one frequent character, and at most 0.2 between reports of different years.
CONTAINMENT = 0.6
#: Two editions of one work have at least this share of the shorter one's figures in common, and the shorter is at
#: least so long in parts of the longer: an excerpt, or a table of another place in the same form, is no edition.
_SAME_FIGURES, _SAME_EXTENT = 0.5, 0.5
_N = 5


def shingles(text: str) -> frozenset[str]:
    """Return the character 5-grams of a text, white space left out."""
    dense = "".join(text.split())
    return frozenset(dense[i : i + _N] for i in range(max(1, len(dense) - _N + 1)))


def containment(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the share of the smaller set that is in the larger one."""
    return len(a & b) / min(len(a), len(b))


def group_editions(
    items: Sequence[T], text: Callable[[T], str], title: Callable[[T], str] = lambda _: ""
) -> list[list[list[T]]]:
    """Group items by text: a list of works, each a list of editions, each a list of copies, the longest copy first.

    Copies differ in lost characters or a few words. An edition with other figures, or of clearly another length, is
    a revision and not merged. What only follows the same form, as the notice of another year by its `title`, is
    another work. Works, and the editions of a work, are in the order of their first item.
    """
    works: list[list[tuple[T, frozenset[str]]]] = []
    for item in items:
        own = shingles(text(item))
        for work in works:
            first, its = work[0]
            if containment(own, its) >= CONTAINMENT and (
                are_copies(text(item), text(first)) or _are_editions(item, first, text, title)
            ):
                work.append((item, own))
                break
        else:
            works.append([(item, own)])
    return [_editions([item for item, _ in work], text) for work in works]


def _are_editions(a: T, b: T, text: Callable[[T], str], title: Callable[[T], str]) -> bool:
    """Return whether of two like texts one may be a revision of the other."""
    years = [set(_YEAR.findall(title(item))) for item in (a, b)]
    if all(years) and years[0].isdisjoint(years[1]):
        return False
    shorter, longer = sorted(len("".join(text(item).split())) for item in (a, b))
    counts = [_figures(text(item)) for item in (a, b)]
    least = min(counts[0].total(), counts[1].total())
    return shorter >= _SAME_EXTENT * longer and (counts[0] & counts[1]).total() >= _SAME_FIGURES * least


def _editions(items: Sequence[T], text: Callable[[T], str]) -> list[list[T]]:
    editions: list[list[T]] = []
    for item in items:
        home = next((edition for edition in editions if are_copies(text(edition[0]), text(item))), None)
        if home is None:
            editions.append([item])
        else:
            home.append(item)
    return [sorted(edition, key=lambda item: -len(text(item))) for edition in editions]


#: Copies of one text differ in length by at most this share; losing a frequent character costs under 1 %.
_LENGTH = 0.1
#: Part of a text, and characters at most, at each end where a site may have put a date or number of its own.
_EDGE, _EDGE_MOST = 0.05, 150
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_GROUPING = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_YEAR = re.compile(r"((?:19|20)\d\d)\s*年")


def are_copies(a: str, b: str) -> bool:
    """Return whether two texts of one work are the same edition: the same figures, and about the same length.

    Figures count as they read, however they are written, without those in a site's own lines; one text may have
    more of them at its two ends only, where sites put dates.
    """
    a, b = _own(a), _own(b)
    lengths = [len("".join(text.split())) for text in (a, b)]
    if max(lengths) - min(lengths) > _LENGTH * max(lengths):
        return False
    fewer, more = sorted((a, b), key=lambda text: _figures(text).total())
    if _figures(fewer) - _figures(more):
        return False
    return not (_figures(more) - _figures(fewer)) - _figures(_ends(more))


def _figures(text: str) -> Counter[str]:
    return Counter(_FIGURE.findall(_GROUPING.sub("", unicodedata.normalize("NFKC", text))))


def _own(text: str) -> str:
    """Return a text without the lines that a site put into it."""
    return "\n".join(line for line in text.split("\n") if not is_furniture(line))


def _ends(text: str) -> str:
    edge = min(_EDGE_MOST, int(_EDGE * len(text)))
    return f"{text[:edge]}\n{text[len(text) - edge :]}"
