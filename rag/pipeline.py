"""The way of a question: read, retrieve, weigh, choose or refuse, compose, cite."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING

from index.filter import EVERYTHING
from rag.evidence import choose
from rag.gate import Source, unsupported
from rag.premise import premise
from rag.question import read_question
from rag.receipt import make_receipt
from rag.refuse import find_reason, refusal_message
from rag.spelling import simplify
from rag.types import Answer, Citation, FoundPassage, Language, Refusal, Seconds, Trace
from rag.wording import PREMISE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from corpus.glossary import Glossary
    from corpus.translations import TranslationKind, Translations
    from corpus.types import Entry, Passage, Period, Sentence, Status
    from index.filter import Filter
    from index.library import LibraryReader
    from rag.evidence import SentenceScorer
    from rag.generate import Generator, Statement
    from rag.receipt import Basis, Receipt
    from rag.retrieve import Retriever
    from rag.series import Point, Series
    from rag.spelling import Speller
    from rag.suggest import Suggester
    from rag.types import Evidence, Hit, Question, Turn

#: Passages named in a refusal as what is nearest.
_NEAREST = 2
#: Next questions suggested.
_SUGGESTED = 3


class QuestionError(ValueError):
    """A question that cannot be taken: what came, what is wanted."""


class Pipeline:
    """Answers questions over one open index; safe to call from several threads."""

    def __init__(
        self,
        *,
        retriever: Retriever,
        scorer: SentenceScorer,
        generator: Generator,
        series: Series,
        suggester: Suggester,
        basis: Basis,
        library: LibraryReader,
        glossary: Glossary,
        translations: Translations,
        passages: int,
        max_question: int,
        speller: Speller | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._retriever, self._scorer = retriever, scorer
        self._generator, self._series = generator, series
        self._suggester, self._basis = suggester, basis
        self._library, self._glossary, self._translations = library, glossary, translations
        self._passages, self._max_question = passages, max_question
        self._speller, self._today = speller, today

    def ask(self, text: str, history: Sequence[Turn] = (), within: Filter = EVERYTHING) -> Answer:
        """Return the answer to a question, from what fits a filter only.

        Raises:
            QuestionError: the question is empty, too long, or not whole characters.
        """
        return self.trace(text, history, within).answer

    def suggest(self, trace: Trace, history: Sequence[Turn] = ()) -> tuple[str, ...]:
        """Return up to three next questions, each asked here and answered; costs what some questions cost."""
        asked = [turn.content for turn in history if turn.role == "user"]
        ask = partial(self.ask, within=trace.question.within)
        return self._suggester.suggest(trace, asked, ask, most=_SUGGESTED, longest=self._max_question)

    def receipt(self, trace: Trace, history: Sequence[Turn] = ()) -> Receipt:
        """Return the receipt of an answer that this pipeline has just given."""
        return make_receipt(trace.answer, history, trace.question.within, self._basis, self._today(), datetime.now(UTC))

    def documents(self) -> tuple[Entry, ...]:
        """Return the documents that answers come from, newest delivered first."""
        return self._library.entries()

    def points(self, name: str = "") -> list[Point]:
        """Return what is reported of an indicator, named by any of its words in either language; of all without one."""
        if not name.strip():
            return self._series.points()
        concepts = read_question(name, self._glossary, self._today()).concepts
        return self._series.points({form for concept in concepts for form in concept.forms})

    def english_name(self, name: str) -> str:
        """Return the English name of an indicator."""
        return self._series.english_name(name)

    def search(
        self, text: str, k: int, history: Sequence[Turn] = (), within: Filter = EVERYTHING
    ) -> list[FoundPassage]:
        """Return the best `k` passages for a text, read in the conversation before it; none where none fit the filter.

        Raises:
            QuestionError: the text is empty, too long, or not whole characters.
        """
        question = self._read(text, history, within)
        return [self._found(question, hit) for hit in self._retriever.retrieve(question, k)]

    def trace(self, text: str, history: Sequence[Turn] = (), within: Filter = EVERYTHING) -> Trace:
        """Return the answer with everything that led to it.

        Raises:
            QuestionError: the question is empty, too long, or not whole characters.
        """
        began = time.perf_counter()
        question = self._read(text, history, within)
        hits = self._retriever.retrieve(question, self._passages)
        retrieved = time.perf_counter()
        weighed = self._scorer.weigh(question, hits, self._library.entry)
        evidence = choose(question, [item for item in weighed if _is_within(question, item)])
        kept = [item for item in evidence if item.kept]
        series = self._series.answer(question, kept)
        doubt = None if series else find_reason(question, evidence, self._scorer, self._library.entry)
        if doubt is None:
            statements = series or self._compose(question, kept)
            body, citations = self._cite(question, self._gated(statements))
            opening = PREMISE[question.language].get(premise(question, kept), "")
            body = f"{opening} {body}" if opening and question.language is Language.EN else opening + body
            refusal = None
        else:
            body, citations = None, ()
            nearest = self._nearest(question, evidence)
            message = refusal_message(question, doubt, self._library.entries(), self._translations)
            refusal = Refusal(doubt.reason, message, nearest)
        ended = time.perf_counter()
        answer = Answer(
            question=text,
            language=question.language,
            status="refused" if refusal else "answered",
            answer=body,
            refusal=refusal,
            citations=citations,
            passages=tuple(self._found(question, hit) for hit in hits),
            seconds=Seconds(round(retrieved - began, 4), round(ended - retrieved, 4), round(ended - began, 4)),
            standalone=_if_different(question),
        )
        notes = ("answered by the figures that the documents report, see citations",) if series else ()
        return Trace(question, tuple(hits), tuple(evidence), answer, notes)

    def _compose(self, question: Question, kept: Sequence[Evidence]) -> list[Statement]:
        """Put evidence into words; a figure asked for stands first by itself."""
        statements = self._generator.compose(question, kept)
        lead = self._series.lead(question, statements[0].evidence)
        return [lead, *statements] if lead else statements

    def _read(self, text: str, history: Sequence[Turn], within: Filter) -> Question:
        if not text.strip():
            raise QuestionError("the question is empty; write it in Chinese or English")
        if len(text) > self._max_question:
            raise QuestionError(
                f"the question has {len(text)} characters, at most {self._max_question} are read; shorten it"
            )
        for said in (text, *(turn.content for turn in history)):
            _require_characters(said)
        question = read_question(text, self._glossary, self._today(), history, self._speller)
        # One year set as a filter is the year asked about, where the words name none.
        periods = question.periods or (within.periods if len(within.periods) == 1 else ())
        return replace(question, periods=periods, within=within)

    def _gated(self, statements: Sequence[Statement]) -> list[Statement]:
        """Drop statements with a figure that their sentence does not bear out; quote a sentence if none is left."""
        kept = [statement for statement in statements if not unsupported(statement.text, self._source(statement))]
        return kept or [replace(statements[0], text=self._source(statements[0]).quote)]

    def _source(self, statement: Statement) -> Source:
        item = statement.evidence
        delivered = self._library.entry(item.hit.passage.document_id).delivered
        english = self._translations.lookup(item.text) or ""
        return Source(item.text, english, item.frame.period, str(delivered))

    def _cite(self, question: Question, statements: Sequence[Statement]) -> tuple[str, tuple[Citation, ...]]:
        """Join statements into the answer; each cited passage gets one marker and one quote."""
        groups: dict[str, list[Statement]] = {}
        for statement in statements:
            groups.setdefault(statement.evidence.hit.passage.id, []).append(statement)
        markers = {passage_id: marker for marker, passage_id in enumerate(groups, 1)}
        joint = "" if question.language is Language.ZH else " "
        marked = [(s.opening, f"{s.text}[{markers[s.evidence.hit.passage.id]}]") for s in statements]
        body = joint.join(part for pair in marked for part in pair if part)
        citations = tuple(
            self._citation(question, markers[passage_id], [s.evidence for s in group])
            for passage_id, group in groups.items()
        )
        return body, citations

    def _citation(self, question: Question, marker: int, evidence: Sequence[Evidence]) -> Citation:
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
        )

    def _nearest(self, question: Question, evidence: Sequence[Evidence]) -> tuple[Citation, ...]:
        nearest: dict[str, Evidence] = {}
        for item in evidence:
            nearest.setdefault(item.hit.passage.id, item)
        return tuple(
            self._citation(question, marker, [item]) for marker, item in enumerate(list(nearest.values())[:_NEAREST], 1)
        )

    def _english(
        self, question: Question, passage: Passage, sentences: Sequence[Sentence]
    ) -> tuple[str | None, TranslationKind | None]:
        """Return the English of sentences and its kind, where the question is English and there is any."""
        if question.language is not Language.EN:
            return None, None
        return self._translations.join(passage.sentence_text(sentence) for sentence in sentences)

    def _found(self, question: Question, hit: Hit) -> FoundPassage:
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


def _is_within(question: Question, item: Evidence) -> bool:
    return question.within.fits(item.frame.period, item.frame.status)


def _shown_frame(question: Question, passage: Passage) -> tuple[Period | None, Status]:
    """Return the period and status to show for a passage: those of what fits the filter, where most of it does not."""
    if not question.within.fits(passage.period, passage.status):
        for sentence in passage.sentences:
            if question.within.fits(sentence.period, sentence.status):
                return sentence.period, sentence.status
    return passage.period, passage.status


def _if_different(question: Question) -> str | None:
    """Return the question as it was understood; None where that is as typed but for spaces, case, traditional forms."""
    typed, understood = ("".join(text.split()).casefold() for text in (simplify(question.text), question.standalone))
    return None if typed == understood else question.standalone


def _require_characters(text: str) -> None:
    """Refuse halves of characters (lone surrogates): no text on any disk holds them, and no tokenizer takes them."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise QuestionError(
            f"character {error.start + 1} of what was said is half of one (U+{ord(text[error.start]):04X}); "
            "send whole characters, as UTF-8"
        ) from error
