"""Where what is said comes from: citations and passages as they are shown, marks in the text of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rag.gate import Source
from rag.types import Citation, FoundPassage, Language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.translations import TranslationKind, Translations
    from corpus.types import Passage, Period, Sentence, Status
    from index.library import LibraryReader
    from rag.generate import Statement
    from rag.types import Evidence, Hit, Question

#: Passages named in a refusal as what is nearest.
_NEAREST = 2


class Citer:
    """Makes citations and shown passages out of evidence and hits; safe to call from several threads."""

    def __init__(self, library: LibraryReader, translations: Translations) -> None:
        self._library, self._translations = library, translations

    def source(self, evidence: Evidence) -> Source:
        """Return what a statement on this evidence may say."""
        delivered = self._library.entry(evidence.hit.passage.document_id).delivered
        english = self._translations.lookup(evidence.text) or ""
        return Source(evidence.text, english, evidence.frame.period, str(delivered))

    def citation(self, question: Question, marker: int, evidence: Sequence[Evidence]) -> Citation:
        """Return the citation of evidence that stands in one passage."""
        passage = evidence[0].hit.passage
        document = self._library.document(passage.document_id)
        # An answer may say a later sentence first, or twice; the quote is in the order of the text.
        used = sorted({item.frame for item in evidence}, key=lambda sentence: sentence.start)
        start, end = used[0].start, used[-1].end
        english, english_kind = self._english(question, passage, used)
        first = evidence[0].frame
        return Citation(
            marker=marker,
            passage_id=passage.id,
            document_id=document.id,
            title=document.title,
            delivered=str(document.delivered),
            posted=tuple(str(posting.date) for posting in document.postings if posting.date),
            headings=passage.headings,
            period=str(first.period) if first.period else None,
            status=first.status,
            quote=document.text[start:end],
            marked=document.marked_text(start, end),
            source_text=document.source_text(start, end),
            translation=english,
            translation_kind=english_kind,
            start=start,
            end=end,
            title_translation=self._translations.lookup(document.title) if question.language is Language.EN else None,
        )

    def nearest(self, question: Question, evidence: Sequence[Evidence]) -> tuple[Citation, ...]:
        """Return the best evidence of the first passages, which a refusal shows."""
        nearest: dict[str, Evidence] = {}
        for item in evidence:
            nearest.setdefault(item.hit.passage.id, item)
        best = list(nearest.values())[:_NEAREST]
        return tuple(self.citation(question, marker, [item]) for marker, item in enumerate(best, 1))

    def found(self, question: Question, hit: Hit) -> FoundPassage:
        """Return a hit as it is shown."""
        passage = hit.passage
        english, english_kind = self._english(question, passage, passage.sentences)
        document = self._library.entry(passage.document_id)
        period, status = _shown_frame(question, passage)
        return FoundPassage(
            passage_id=passage.id,
            document_id=document.id,
            title=document.title,
            headings=passage.headings,
            period=str(period) if period else None,
            status=status,
            text=passage.text,
            source_text=passage.source_text,
            translation=english,
            translation_kind=english_kind,
            score=round(hit.score, 4),
        )

    def _english(
        self, question: Question, passage: Passage, sentences: Sequence[Sentence]
    ) -> tuple[str | None, TranslationKind | None]:
        """Return the English of sentences and its kind, where the question is English and there is any."""
        if question.language is not Language.EN:
            return None, None
        return self._translations.join(passage.sentence_text(sentence) for sentence in sentences)


def _shown_frame(question: Question, passage: Passage) -> tuple[Period | None, Status]:
    """Return the period and status to show for a passage: those of what fits the filter, where most of it does not."""
    if not question.within.fits(passage.period, passage.status):
        for sentence in passage.sentences:
            if question.within.fits(sentence.period, sentence.status):
                return sentence.period, sentence.status
    return passage.period, passage.status


class _Cited(NamedTuple):
    """What one mark stands for."""

    passage: str
    period: Period | None
    status: Status


def _cited(evidence: Evidence) -> _Cited:
    return _Cited(evidence.hit.passage.id, evidence.frame.period, evidence.frame.status)


class Telling:
    """An answer while it is told: what is cited gets its marks in the order in which it is first cited.

    Sentences of one passage share a mark where they speak of one period as one status, since a citation tells both.
    """

    def __init__(self, language: Language, opening: str = "") -> None:
        self._gap = "" if language is Language.ZH else " "
        self._pieces: list[str] = []
        self._opening = opening
        self._cited: dict[_Cited, list[Evidence]] = {}

    def add(self, statement: Statement) -> str:
        """Return the next piece of the answer: the statement with its mark, and what parts it from the one before."""
        for evidence in (statement.evidence, *statement.also):
            self._cited.setdefault(_cited(evidence), []).append(evidence)
        borne_out = {_cited(evidence) for evidence in (statement.evidence, *statement.also)}
        marks = "".join(f"[{marker}]" for marker, cited in enumerate(self._cited, 1) if cited in borne_out)
        opening = self._opening if not self._pieces else ""
        parts = (opening, statement.opening, statement.text + marks)
        piece = self._gap.join(part for part in parts if part)
        self._pieces.append(self._gap + piece if self._pieces else piece)
        return self._pieces[-1]

    @property
    def text(self) -> str:
        """What has been told so far: all pieces as they were given."""
        return "".join(self._pieces)

    def citations(self, question: Question, citer: Citer) -> tuple[Citation, ...]:
        """Return the citations of all that was cited so far, one a mark."""
        return tuple(
            citer.citation(question, marker, evidence) for marker, evidence in enumerate(self._cited.values(), 1)
        )
