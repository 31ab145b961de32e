"""The way of a question: read, retrieve, weigh, choose or refuse, compose, cite."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING

from index.filter import EVERYTHING
from rag.cite import Citer, Telling
from rag.complete import complete
from rag.evidence import choose, prefer_reported
from rag.gate import unsupported
from rag.generate import Statement
from rag.lead import lead, says_all
from rag.premise import premise
from rag.question import read_question
from rag.receipt import make_receipt
from rag.refuse import Doubt, find_reason, refusal_message
from rag.spelling import simplify
from rag.types import Answer, Done, Fate, Found, Language, QuestionFault, Reason, Refusal, Seconds, Text, Trace
from rag.verdict import settle
from rag.wording import NO_MODEL, PREMISE, QUESTION_FAULT, VERDICT

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from corpus.glossary import Glossary
    from corpus.translations import Translations
    from corpus.types import Document, Entry, Sentence
    from index.filter import Filter
    from index.library import LibraryReader
    from rag.evidence import SentenceScorer
    from rag.generate import Generator as StatementGenerator
    from rag.queries import QueryWriter
    from rag.receipt import Basis, Receipt
    from rag.retrieve import Retriever
    from rag.series import Point, Series
    from rag.spelling import Speller
    from rag.suggest import Suggester
    from rag.types import Draft, Evidence, FoundPassage, Progress, Question, Turn
    from rag.verdict import Settled

#: Next questions suggested.
_SUGGESTED = 3


class QuestionError(ValueError):
    """A question that cannot be taken: what came, what is wanted; in English, and as `told` in either language."""

    def __init__(self, fault: QuestionFault, **came: object) -> None:
        super().__init__(QUESTION_FAULT[Language.EN][fault].format(**came))
        self._fault, self._came = fault, came

    def told(self, language: Language) -> str:
        """Return the message in a language."""
        return QUESTION_FAULT[language][self._fault].format(**self._came)


class Pipeline:
    """Answers questions over one open index; safe to call from several threads.

    `quoting` answers what is only tried, where `generator` takes long; `queries` adds texts to search with.
    `check_model` tells whether the language model is to be had, where one is set.
    """

    def __init__(
        self,
        *,
        retriever: Retriever,
        scorer: SentenceScorer,
        generator: StatementGenerator,
        series: Series,
        suggester: Suggester,
        basis: Basis,
        library: LibraryReader,
        glossary: Glossary,
        translations: Translations,
        passages: int,
        max_question: int,
        speller: Speller | None = None,
        quoting: StatementGenerator | None = None,
        queries: QueryWriter | None = None,
        today: Callable[[], date] = date.today,
        check: Callable[[], None] = lambda: None,
        check_model: Callable[[], None] | None = None,
    ) -> None:
        self._retriever, self._scorer = retriever, scorer
        self._generator, self._quoting, self._series = generator, quoting or generator, series
        self._suggester, self._basis = suggester, basis
        self._library, self._glossary, self._translations = library, glossary, translations
        self._passages, self._max_question = passages, max_question
        self._speller, self._queries, self._today, self._check = speller, queries, today, check
        self._check_model = check_model
        self._citer = Citer(library, translations)

    def ask(self, text: str, history: Sequence[Turn] = (), within: Filter = EVERYTHING) -> Answer:
        """Return the answer to a question, from what fits a filter only.

        Raises:
            QuestionError: the question is empty, too long, or not whole characters.
        """
        return self.trace(text, history, within).answer

    def suggest(self, trace: Trace, history: Sequence[Turn] = ()) -> tuple[str, ...]:
        """Return up to three next questions, each asked here and answered; costs what some questions cost."""
        asked = [turn.content for turn in history if turn.role == "user"]
        return self._suggester.suggest(
            trace, asked, partial(self._try, trace.question.within), most=_SUGGESTED, longest=self._max_question
        )

    def receipt(self, trace: Trace, history: Sequence[Turn] = ()) -> Receipt:
        """Return the receipt of an answer that this pipeline has just given."""
        return make_receipt(trace.answer, history, trace.question.within, self._basis, self._today(), datetime.now(UTC))

    def documents(self, most: int | None = None, skip: int = 0) -> tuple[Entry, ...]:
        """Return the documents that answers come from, newest delivered first; `most` of them after `skip`."""
        return self._library.entries(most, skip)

    def check(self) -> None:
        """Ask the parts that may be elsewhere whether they answer; cheap enough to be asked every few seconds.

        Raises:
            StoreError: the engine that keeps the vectors does not.
        """
        self._check()

    @property
    def has_model(self) -> bool:
        """Whether a language model writes answers."""
        return self._check_model is not None

    def check_model(self) -> None:
        """Ask the language model, where one is set, whether it is to be had; answers do without it where it is not.

        Raises:
            LanguageModelError: it is not.
        """
        if self._check_model is not None:
            self._check_model()

    def rehearse(self, text: str) -> Answer:
        """Return the answer in the documents' own words, whatever writes the others: no language model is asked."""
        return self._try(EVERYTHING, text)

    def document_count(self) -> int:
        """Return how many documents answers come from; cheap, however many there are."""
        return self._library.document_count()

    def document_years(self) -> tuple[int, int] | None:
        """Return the years of the oldest and the newest document, None where no date is known; cheap as well."""
        return self._library.years()

    def passage_count(self) -> int:
        """Return how many passages these have; cheap, however many there are."""
        return self._library.count()

    def document(self, document_id: str) -> Document:
        """Return one document whole; KeyError when there is none with this id."""
        return self._library.document(document_id)

    def entry(self, document_id: str) -> Entry:
        """Return what a catalogue says of one document; KeyError when there is none with this id."""
        return self._library.entry(document_id)

    def english(self, document: Document, sentences: Iterable[Sentence]) -> str:
        """Return the unofficial English of sentences of a document, as far as there is any."""
        text, _ = self._translations.join(document.text[one.start : one.end] for one in sentences)
        return text or ""

    def english_heading(self, title: str) -> str:
        """Return the unofficial English of a title or heading, empty where there is none."""
        return self._translations.lookup(title) or ""

    def series(self, trace: Trace) -> list[list[Point]]:
        """Return what is reported of each indicator of which an answer's question asks for several figures."""
        return self._series.asked_for(trace.question, trace.hits)

    def points(self, name: str = "") -> list[Point]:
        """Return what is reported of an indicator, named by any of its words in either language; of all without one."""
        if not name.strip():
            return self._series.points()
        concepts = read_question(name, self._glossary, self._today()).concepts
        return self._series.points({form for concept in concepts for form in concept.forms})

    def reported_names(self) -> list[str]:
        """Return the names of all indicators, the most reported first; cheap, however many documents there are."""
        return self._series.names()

    def reported_years(self) -> tuple[int, ...]:
        """Return the single years of which figures are reported, the earliest first; read once an index."""
        return self._series.years

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
        return [self._citer.found(question, hit) for hit in self._retriever.retrieve(question, k)]

    def trace(self, text: str, history: Sequence[Turn] = (), within: Filter = EVERYTHING) -> Trace:
        """Return the answer with everything that led to it.

        Raises:
            QuestionError: the question is empty, too long, or not whole characters.
        """
        return _last(self.stream(text, history, within))

    def stream(
        self, text: str, history: Sequence[Turn] = (), within: Filter = EVERYTHING
    ) -> Generator[Progress, None, None]:
        """Return the answer as it is made: once what was found, then pieces of its text, last the trace with all of it.

        Closing the iterator gives up what is under way.

        Raises:
            QuestionError: the question is empty, too long, or not whole characters; raised here, not while iterating.
        """
        began = time.perf_counter()
        return self._write(self._read(text, history, within), history, began)

    def _write(self, question: Question, history: Sequence[Turn], began: float) -> Generator[Progress, None, None]:
        also = self._queries.write(question, history) if self._queries else ()
        yield from self._answer(replace(question, also=also), self._generator, began)

    def _try(self, within: Filter, text: str) -> Answer:
        """Return the answer in the documents' own words."""
        steps = self._answer(self._read(text, (), within), self._quoting, time.perf_counter())
        return _last(steps).answer

    def _answer(
        self, question: Question, generator: StatementGenerator, began: float
    ) -> Generator[Progress, None, None]:
        hits = self._retriever.retrieve(question, self._passages)
        found = tuple(self._citer.found(question, hit) for hit in hits)
        retrieved = time.perf_counter()
        yield Found(found)
        weighed = self._scorer.weigh(question, hits, self._library.entry)
        weighed = prefer_reported(question, weighed, self._series.stated)
        evidence = choose(question, [item for item in weighed if _is_within(question, item)])
        kept = [item for item in evidence if item.kept]
        series = self._series.answer(question, kept, hits)
        doubt = (
            None if series else find_reason(question, evidence, self._scorer, self._library.entry, self._series.stated)
        )
        if not (doubt or series):
            evidence = complete(question, evidence)
            kept = [item for item in evidence if item.kept]
        settled = None if doubt or series else settle(question, kept, self._translations, self._series.stated)
        if settled:
            kept = [settled.evidence, *(item for item in kept if item is not settled.evidence)]
        telling = Telling(question.language, _opening(question, kept, settled))
        drafts: list[Draft] = []
        for step in () if doubt else self._gated(series or self._lead(question, generator.compose(question, kept))):
            if isinstance(step, Statement):
                yield Text(telling.add(step))
                continue
            yield Text("")
            drafts += [step] if step.fate is not Fate.UNFINISHED else []
        if any(draft.fate is Fate.DECLINED for draft in drafts):
            doubt = Doubt(Reason.NOT_STATED)
        refusal = self._refusal(question, doubt, evidence) if doubt else None
        ended = time.perf_counter()
        answer = Answer(
            question=question.text,
            language=question.language,
            status="refused" if refusal else "answered",
            answer=telling.text or None,
            refusal=refusal,
            citations=telling.citations(question, self._citer),
            passages=found,
            seconds=Seconds(round(retrieved - began, 4), round(ended - retrieved, 4), round(ended - began, 4)),
            standalone=_if_different(question),
            notice=NO_MODEL[question.language] if any(draft.fate is Fate.FAILED for draft in drafts) else None,
        )
        notes = ("answered by the figures that the documents report, see citations",) if series else ()
        yield Done(Trace(question, tuple(hits), tuple(evidence), answer, notes, tuple(drafts)))

    def _lead(self, question: Question, steps: Iterable[Statement | Draft]) -> Iterator[Statement | Draft]:
        """Put a figure or date asked for before the first sentence, or in its place where the figure says all of it."""
        is_first = True
        for step in steps:
            if isinstance(step, Statement) and is_first:
                is_first = False
                told = None if step.is_written else self._series.lead(question, step.evidence)
                if told:
                    yield told
                    if says_all(question, told):
                        continue
                elif not step.is_written and (bare := lead(question, step)):
                    yield bare
            yield step

    def _refusal(self, question: Question, doubt: Doubt, evidence: Sequence[Evidence]) -> Refusal:
        message = refusal_message(question, doubt, self._library.document_count(), self._library.years())
        return Refusal(doubt.reason, message, self._citer.nearest(question, evidence))

    def _read(self, text: str, history: Sequence[Turn], within: Filter) -> Question:
        if not text.strip():
            raise QuestionError(QuestionFault.EMPTY)
        if len(text) > self._max_question:
            raise QuestionError(QuestionFault.TOO_LONG, count=len(text), most=self._max_question)
        for said in (text, *(turn.content for turn in history)):
            _require_characters(said)
        question = read_question(text, self._glossary, self._today(), history, self._speller)
        # One year set as a filter is the year asked about, where the words name none.
        periods = question.periods or (within.periods if len(within.periods) == 1 else ())
        return replace(question, periods=periods, within=within)

    def _gated(self, steps: Iterable[Statement | Draft]) -> Iterator[Statement | Draft]:
        """Drop statements with a figure that their sentence does not bear out; quote a sentence if none is left."""
        dropped: list[Statement] = []
        is_told = False
        for step in steps:
            if isinstance(step, Statement):
                sources = [self._citer.source(item) for item in (step.evidence, *step.also)]
                if unsupported(step.text, *sources):
                    dropped.append(step)
                    continue
                is_told = True
            yield step
        if dropped and not is_told:
            yield replace(dropped[0], text=dropped[0].evidence.text)


def _opening(question: Question, kept: Sequence[Evidence], settled: Settled | None) -> str:
    """Return our own words before an answer: what the documents say to what is taken for granted, or asked."""
    opening = PREMISE[question.language].get(premise(question, kept), "")
    return opening or (VERDICT[question.language][settled.verdict] if settled else "")


def _last(steps: Iterable[Progress]) -> Trace:
    return next(step.trace for step in steps if isinstance(step, Done))


def _is_within(question: Question, item: Evidence) -> bool:
    return question.within.fits(item.frame.period, item.frame.status)


def _if_different(question: Question) -> str | None:
    """Return the question as it was understood; None where that is as typed but for spaces, case, traditional forms."""
    typed, understood = ("".join(text.split()).casefold() for text in (simplify(question.text), question.standalone))
    return None if typed == understood else question.standalone


def _require_characters(text: str) -> None:
    """Refuse halves of characters (lone surrogates): no text on any disk holds them, and no tokenizer takes them."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = f"U+{ord(text[error.start]):04X}"
        raise QuestionError(QuestionFault.HALF_CHARACTER, place=error.start + 1, code=code) from error
