"""Whether a text holds what a question names: by any of its names, in either language, or by its value."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.english import fold_english
from index import tokenize
from rag.facts import figures

if TYPE_CHECKING:
    from rag.types import Concept

#: A compound of which only most bigrams are there counts in part (外资地区总部 for 外资总部).
_PARTIAL = 0.6
#: Least share of a compound's bigrams that makes it partly there.
_LEAST = 0.5


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the forms that concepts are looked up in."""

    original: str
    chinese: str  # folded, without white space
    english: str  # stems of the translation with one space around each, empty where there is none

    @classmethod
    @functools.lru_cache(maxsize=4096)  # sentences of the documents are read again and again
    def of(cls, original: str, translation: str) -> Text:
        """Return a text with its translation, which may be empty."""
        english = f" {fold_english(translation)} " if translation.strip() else ""
        return cls(original, "".join(tokenize.normalise(original).split()), english)

    def can_show(self, concept: Concept) -> bool:
        """Return whether this text could hold the concept at all: English words stand only in a translation."""
        return bool(self.english or concept.chinese or concept.quantity is not None)


@dataclass(frozen=True, slots=True)
class _Form:
    """One form of a concept as it is looked up; every sentence is searched for the same few."""

    dense: str
    pairs: tuple[str, ...]  # of neighbouring characters
    english: str  # stems with one space around each, empty where it is not of Latin words only


@functools.lru_cache(maxsize=8192)
def _read(form: str) -> _Form:
    dense = "".join(form.split())
    english = fold_english(form) if form.isascii() else ""
    return _Form(dense, tuple(map("".join, pairwise(dense))), f" {english} " if english else "")


def presence(concept: Concept, text: Text) -> float:
    """Return 1 where some form of the concept stands in the text, a part of it for most of a compound, else 0."""
    if holds(concept, text):
        return 1.0
    if concept.quantity is not None:
        return 0.0  # 193.5亿元 is not there in part where 193.5亿美元 is
    return max((_PARTIAL * share for form in concept.chinese if (share := _share(form, text)) >= _LEAST), default=0.0)


def holds(concept: Concept, text: Text) -> bool:
    """Return whether some form of the concept stands in the text whole, or a figure of its value."""
    if concept.quantity is not None:
        return any(concept.quantity.stated_by(figure) for figure in figures(text.original))
    return any(_stands(form, text) for form in concept.forms)


def _stands(form: str, text: Text) -> bool:
    looked_up = _read(form)
    return looked_up.dense in text.chinese or bool(looked_up.english and looked_up.english in text.english)


def _share(form: str, text: Text) -> float:
    """Return the share of a form's neighbouring pairs of characters that stand in the text; 0 where it has but one."""
    pairs = _read(form).pairs
    return sum(pair in text.chinese for pair in pairs) / len(pairs) if len(pairs) > 1 else 0.0
