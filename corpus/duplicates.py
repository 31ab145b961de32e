"""Telling copies of one text, also damaged ones, from later editions of it and from other texts."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

#: Share of the shorter text's 5-grams that must stand in the longer one; measured 0.94 for a copy that lost
#: one frequent character, and at most 0.2 between reports of different years.
CONTAINMENT = 0.6
_N = 5


def shingles(text: str) -> frozenset[str]:
    """Return the character 5-grams of a text, white space left out."""
    dense = "".join(text.split())
    return frozenset(dense[i : i + _N] for i in range(max(1, len(dense) - _N + 1)))


def containment(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the share of the smaller set that is in the larger one."""
    return len(a & b) / min(len(a), len(b))


def group_editions(items: Sequence[T], text: Callable[[T], str]) -> list[list[list[T]]]:
    """Group items by text: a list of works, each a list of editions, each a list of copies, the longest copy first.

    Copies differ in lost characters or a few words. An edition with other figures, or of clearly another length, is
    a revision and not merged. Works, and the editions of a work, are in the order of their first item.
    """
    works: list[list[tuple[T, frozenset[str]]]] = []
    for item in items:
        own = shingles(text(item))
        home = next((work for work in works if containment(own, work[0][1]) >= CONTAINMENT), None)
        if home is None:
            works.append([(item, own)])
        else:
            home.append((item, own))
    return [_editions([item for item, _ in work], text) for work in works]


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
_FIGURE = re.compile(r"\d+(?:\.\d+)?")


def are_copies(a: str, b: str) -> bool:
    """Return whether two texts of one work are the same edition: the same figures, and about the same length."""
    lengths = [len("".join(text.split())) for text in (a, b)]
    if max(lengths) - min(lengths) > _LENGTH * max(lengths):
        return False
    return Counter(_FIGURE.findall(a)) == Counter(_FIGURE.findall(b))
