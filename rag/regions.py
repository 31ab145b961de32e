"""Whose figures a document holds: the district, city or province that its titles name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus.glossary import REGION
from index import tokenize

if TYPE_CHECKING:
    from corpus.glossary import Glossary
    from corpus.types import Entry, Passage
    from rag.types import Concept, Question


class Regions:
    """Tells whether a passage is about a region that a question names."""

    def __init__(self, glossary: Glossary) -> None:
        names = {
            tokenize.normalise(name): term.zh[0] for term in glossary.terms if term.kind == REGION for name in term.zh
        }
        # The longest first: 上海市徐汇区 is the district, not the city.
        ordered = sorted(names, key=lambda name: (-len(name), name))
        self._names = names
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None
        self._homes: dict[str, frozenset[str]] = {}

    def home(self, document: Entry) -> frozenset[str]:
        """Return the canonical names of the regions in a document's titles; empty where they name none."""
        if document.id not in self._homes:
            titles = tokenize.normalise(" ".join((document.title, *document.other_titles)))
            found = self._pattern.findall(titles) if self._pattern else []
            self._homes[document.id] = frozenset(self._names[name] for name in found)
        return self._homes[document.id]

    def fit(self, question: Question, passage: Passage, document: Entry) -> bool:
        """Return whether a passage is about a region asked for, or none is asked for.

        It is where the document's titles name the region or the passage does; a document whose titles name none may
        be about any.
        """
        asked = question.regions
        return not asked or any(self.is_about(region, passage, document) for region in asked)

    def is_about(self, region: Concept, passage: Passage, document: Entry) -> bool:
        """Return whether a passage is about one region; see `fit`."""
        home = self.home(document)
        if any(tokenize.normalise(name) in region.forms for name in home):
            return True
        return not home or any(form in passage.text for form in region.chinese)
