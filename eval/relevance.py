"""Which passages hold which evidence: from gold text to qrels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from corpus.passages import cut_passages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from corpus.types import Document, Passage
    from eval.cases import Case
    from eval.corpora import Corpus

#: A passage is relevant when it holds at least this share of an evidence string.
SHARE = 0.5
#: What stands in the qrels for an evidence that no passage holds, so that it counts as never found.
UNHELD = "unheld"
#: A shorter evidence is not looked for loosely: it would be found by chance.
_LONG_ENOUGH = 6


@dataclass(frozen=True, slots=True)
class Place:
    """Where an evidence string stands: a span of a document's (repaired) text."""

    document_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is relevant to one case.

    `held[i]` are the ids of the passages that hold evidence i. For a case judged by whole documents `held` is empty
    and `grades` are by document; otherwise `grades` are by passage. `missing` are evidence strings that the corpus
    does not have.
    """

    held: tuple[frozenset[str], ...]
    grades: Mapping[str, int]
    missing: tuple[str, ...]
    by_document: bool

    def is_relevant(self, passage_id: str, document_id: str) -> bool:
        """Return whether a passage is relevant."""
        return (document_id if self.by_document else passage_id) in self.grades


class Relevance:
    """Judges the cases of one corpus over its passages as they are cut today."""

    def __init__(self, corpus: Corpus) -> None:
        self._texts = {document.id: _Text(document) for document in corpus.documents}

    def judge(self, case: Case) -> Judgement:
        """Return what is relevant to a case.

        An evidence that is not found, or that no passage holds, is held by `unheld:<its number>` alone: the case is
        then scored as not found instead of being left out.
        """
        if case.judged:
            return Judgement((), {one.document_id: one.grade for one in case.judged}, (), by_document=True)
        held, missing = [], []
        for number, evidence in enumerate(case.evidence):
            places = self.locate(evidence)
            if not places:
                missing.append(evidence)
            ids = {passage_id for place in places for passage_id in self._texts[place.document_id].holders(place)}
            held.append(frozenset(ids or {f"{UNHELD}:{number}"}))
        grades = {passage_id: 1 for ids in held for passage_id in ids}
        return Judgement(tuple(held), grades, tuple(missing), by_document=False)

    def locate(self, evidence: str) -> tuple[Place, ...]:
        """Return every place of an evidence string.

        It is looked for verbatim in the source text of each document; where no document has it, with the
        characters put in that another copy of a document may have lost, white space apart.
        """
        exact = tuple(place for text in self._texts.values() for place in text.find(evidence))
        return exact or tuple(place for text in self._texts.values() for place in text.find_loosely(evidence))


class _Text:
    """One document with its passages, ready to be searched."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._source = document.source_text()

    @cached_property
    def _positions(self) -> list[int]:
        """For each character of the source text its position in the repaired text."""
        restored = {repair.position for repair in self._document.repairs}
        return [i for i in range(len(self._document.text)) if i not in restored]

    @cached_property
    def _passages(self) -> tuple[Passage, ...]:
        return cut_passages(self._document)

    def find(self, evidence: str) -> Iterator[Place]:
        at = self._source.find(evidence)
        while at >= 0:
            start, last = self._positions[at], self._positions[at + len(evidence) - 1]
            yield Place(self._document.id, start, last + 1)
            at = self._source.find(evidence, at + 1)

    def find_loosely(self, evidence: str) -> Iterator[Place]:
        """Find it with single characters more, and any white space, between its own."""
        dense = "".join(evidence.split())
        if len(dense) < _LONG_ENOUGH:
            return
        text = self._document.text
        for start, character in enumerate(text):
            if character == dense[0]:
                end = _end_of(dense, text, start)
                if end:
                    yield Place(self._document.id, start, end)

    def holders(self, place: Place) -> Iterator[str]:
        """Yield the ids of the passages that hold a place: half of it, or where none does, the most of it.

        A heading is shown over the passages that follow it but is in none: the first of them holds it.
        """
        shares = [(_share(place, passage), passage) for passage in self._passages]
        best = max((share for share, _ in shares), default=0.0)
        if best > 0:
            yield from (passage.id for share, passage in shares if share >= min(SHARE, best))
        elif any(s.start <= place.start < s.body for s in self._document.sections):
            yield from [passage.id for passage in self._passages if passage.start >= place.end][:1]


def _end_of(dense: str, text: str, start: int) -> int:
    """Return where `dense` ends when it is read from `start` on, leaving out single characters; 0 if it is not there.

    At most every fourth character may be additional, and never two in a row: the most frequent characters of these
    texts stand further apart.
    """
    spare, at, skipped = len(dense) // 4, start, False
    for wanted in dense:
        while at < len(text) and text[at] != wanted:
            if not text[at].isspace():
                if skipped or not spare:
                    return 0
                spare, skipped = spare - 1, True
            at += 1
        if at == len(text):
            return 0
        at, skipped = at + 1, False
    return at


def _share(place: Place, passage: Passage) -> float:
    """Return which share of a place a passage holds."""
    common = min(place.end, passage.end) - max(place.start, passage.start)
    return max(0, common) / (place.end - place.start)
