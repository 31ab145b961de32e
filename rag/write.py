"""Answers in a language model's own words, each sentence checked before it is shown.

What does not stand is replaced by the sentence of the documents that it was written from; where the model breaks off,
the rest of the answer is the documents' own sentences. What the rules hold for the best evidence is always told.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from corpus.quantities import Unit
from rag.check import Checker, Offered, is_refusal, says_status
from rag.facts import figures
from rag.gate import Source
from rag.generate import Statement
from rag.language_model import LanguageModelError, without_thoughts
from rag.prompts import evidence_line, fitting
from rag.retrieve import fits_period
from rag.types import Draft, Fate, Kind, Language
from rag.wording import period_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from corpus.quantities import Quantity
    from corpus.translations import Translations
    from corpus.types import Entry
    from rag.generate import ExtractiveGenerator
    from rag.language_model import LanguageModel
    from rag.prompts import Prompts
    from rag.types import Evidence, Question

#: Pieces of evidence that a model is given at most: a person checks no more, and small models lose the thread.
_MOST_EVIDENCE = 12
#: Kinds of question that a figure answers.
_FIGURES = (Kind.AMOUNT, Kind.SHARE, Kind.DATE)
#: Tokens for what a chat template adds.
_TEMPLATE = 64


class WritingGenerator:
    """A Generator that has a language model write, and shows of it what stands."""

    def __init__(
        self,
        model: LanguageModel,
        prompts: Prompts,
        checker: Checker,
        extractive: ExtractiveGenerator,
        document: Callable[[str], Entry],
        translations: Translations,
        glossed: Translations,
        most: int,
    ) -> None:
        """Take the model, what it is told, what checks it, and what takes its place; `most` is in tokens.

        `translations` is shown to the model, `glossed` (see `corpus.gloss`) is what its English is held against.
        """
        self._model, self._prompts, self._checker, self._extractive = model, prompts, checker, extractive
        self._document, self._translations, self._glossed = document, translations, glossed
        self._most = most

    def compose(self, question: Question, evidence: Sequence[Evidence]) -> Iterator[Statement | Draft]:
        """Give drafts and, behind each, what is shown of it."""
        answer = _Answer(self._checker, self._extractive, question, evidence)
        lines = self._offer(answer, question, evidence)
        prompt = self._prompts.answer(question, lines)
        pieces = without_thoughts(self._model.stream(prompt.instructions, prompt.request, self._most))
        try:
            for raw in sentences(pieces):
                if not raw:
                    yield Draft("", Fate.UNFINISHED)
                    continue
                yield from answer.take(raw)
                if answer.is_declined:
                    return
        except LanguageModelError as error:
            yield Draft("", Fate.FAILED, str(error))
            yield from answer.rest()
            return
        finally:
            pieces.close()
        yield from answer.best()

    def _offer(self, answer: _Answer, question: Question, evidence: Sequence[Evidence]) -> list[str]:
        """Fill in the evidence that an answer may rest on, as much as the model has room for; return its lines."""
        items = [*evidence, *_beside(question, evidence)][:_MOST_EVIDENCE]
        lines = [
            evidence_line(number, question, item, self._document(item.hit.passage.document_id), self._translations)
            for number, item in enumerate(items, 1)
        ]
        bare = self._prompts.answer(question, [])
        taken = self._model.count(bare.instructions) + self._model.count(bare.request) + self._most + _TEMPLATE
        lines = lines[: fitting(lines, self._model.room - taken, self._model.count)]
        answer.offered = [self._offered(question, item) for item in items[: len(lines)]]
        return lines

    def _offered(self, question: Question, item: Evidence) -> Offered:
        document = self._document(item.hit.passage.document_id)
        english = question.language is Language.EN
        shown = (self._translations.lookup(item.text) or "") if english else ""
        texts = (document.title, *item.hit.passage.headings)
        known = " ".join(self._glossed.lookup(text) or "" for text in (*texts, item.text)) if english else ""
        source = Source(item.text, shown, item.frame.period, str(document.delivered))
        return Offered(item, source, " ".join(texts), known)


class _Answer:
    """One answer under way: what has been said, and what is shown of a next sentence."""

    def __init__(
        self, checker: Checker, extractive: ExtractiveGenerator, question: Question, kept: Sequence[Evidence]
    ) -> None:
        self._checker, self._extractive, self._question, self._kept = checker, extractive, question, kept
        self.offered: list[Offered] = []
        self.is_declined = self._is_written = False
        self._said: set[str] = set()
        self._told: set[tuple[str, int]] = set()
        self._labelled: set[tuple[str, str]] = set()
        self._figures: list[Quantity] = []

    def take(self, raw: str) -> Iterator[Statement | Draft]:
        """Give a sentence's draft, then what is shown of it."""
        language = self._question.language
        if is_refusal(raw, language):
            self.is_declined = not self._told
            yield Draft(raw, Fate.DECLINED if self.is_declined else Fate.DROPPED, "says that the evidence is silent")
            return
        verdict = self._checker.check(raw, self._question, self.offered)
        if verdict.text in self._said:
            yield Draft(raw, Fate.DROPPED, "said before")
            return
        self._said.add(verdict.text)
        if verdict.cited:
            yield Draft(raw, Fate.SHOWN if verdict.as_cited else Fate.CITED)
            first, *also = verdict.cited
            self._is_written = True
            self._told |= {_key(item) for item in verdict.cited}
            self._figures += figures(verdict.text)
            yield Statement(self._labelled_text(verdict.text, first), first, also=tuple(also), is_written=True)
            return
        quoted = [item for item in self._kept if verdict.nearest is item and _key(item) not in self._told]
        yield Draft(raw, Fate.QUOTED if quoted else Fate.DROPPED, verdict.fault)
        if quoted:
            yield from self._quote(quoted)

    def best(self) -> Iterator[Statement]:
        """Give the sentence that the rules hold for the best one, where the model has told nothing from it.

        Words alone are nothing where a figure is asked for. Where nothing stood that the model wrote, the answer is
        the documents' own.
        """
        if not self._is_written:
            yield from self.rest()
            return
        best = self._kept[0]
        asked = [figure for figure in figures(best.text) if figure.unit is not Unit.YEAR]
        given = not asked or any(one.stated_by(other) for one in self._figures for other in asked)
        if _key(best) not in self._told or (self._question.kind in _FIGURES and not given):
            yield from self._quote([best])

    def rest(self) -> Iterator[Statement]:
        """Give the documents' own sentences for all that has not been told yet."""
        left = [item for item in self._kept if _key(item) not in self._told]
        if left:
            yield from self._quote(left)

    def _quote(self, items: Sequence[Evidence]) -> Iterator[Statement]:
        self._told |= {_key(item) for item in items}
        self._figures += [figure for item in items for figure in figures(item.text)]
        yield from self._extractive.compose(self._question, items)

    def _labelled_text(self, text: str, item: Evidence) -> str:
        """Put period and status before a sentence that does not tell them; once a passage and label."""
        frame, language = item.frame, self._question.language
        label = period_label(language, str(frame.period) if frame.period else None, frame.status)
        told = (frame.period is None or str(frame.period.last) in text) and says_status(text, frame.status)
        if not label or told or (item.hit.passage.id, label) in self._labelled:
            return text
        self._labelled.add((item.hit.passage.id, label))
        return f"【{label}】{text}" if language is Language.ZH else f"[{label}] {text}"


def _key(item: Evidence) -> tuple[str, int]:
    return item.hit.passage.id, item.sentence


def _beside(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the other sentences of the passages that answer, which speak of what is asked in time and status."""
    given = {_key(item) for item in evidence}
    found: list[Evidence] = []
    for item in evidence:
        passage = item.hit.passage
        for at, sentence in enumerate(passage.sentences):
            fits = question.within.fits(sentence.period, sentence.status) and question.wants.fits(sentence.status)
            heading = passage.sentence_text(sentence).rstrip("。") in passage.headings
            if (passage.id, at) not in given and fits and not heading and fits_period(question, passage, at):
                given.add((passage.id, at))
                found.append(replace(item, sentence=at, score=0.0, kept=False, why="stands beside what answers"))
    return found


_MARKS = r"(?:\s*[\[【［]\s*\d{1,3}(?:\s*[,，、;；–-]\s*\d{1,3})*\s*[\]】］])*"
_END = re.compile(
    rf"(?:[。！？!?；\n]|(?<!\b[A-Z])(?<!\bNo)(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bCo)(?<!\bLtd)\.(?=\s|[\[【［]))"
    rf"[”\"’'」』）)]*{_MARKS}"
    # What follows must be there, and no mark that is not whole yet.
    r"(?=\s*(?:[^\s\[【［]|[\[【［]\s*[^\d\s]|[\[【［]\s*\d+\s*[^\d\s,，、;；–\-\]】］]))"
)


def sentences(pieces: Iterator[str]) -> Iterator[str]:
    """Yield the sentences of a text that comes in pieces, each with the marks behind it; "" while one is not whole."""
    text = ""
    for piece in pieces:
        text += piece
        while match := _END.search(text):
            sentence, text = text[: match.end()], text[match.end() :]
            if sentence.strip():
                yield sentence.strip()
        yield ""
    for line in text.splitlines():
        if line.strip():
            yield line.strip()
