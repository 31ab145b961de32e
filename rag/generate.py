"""From evidence to statements: the seam for generators, and the extractive one that needs no model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from corpus.periods import Frame
from rag.extent import adjoin, asks_for_several
from rag.types import Language, Wants
from rag.untranslated import tell
from rag.wording import UNDATED, period_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from corpus.glossary import Glossary
    from corpus.translations import Translations
    from corpus.types import Passage
    from rag.types import Draft, Evidence, Question


#: Key terms of more sentences than these say less, not more.
_MOST_UNTRANSLATED = 3


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer and the evidence that it rests on; `opening` are words of our own before it.

    `also` is further evidence that bears out a part of it; `is_written` tells that it is in a model's own words.
    """

    text: str
    evidence: Evidence
    opening: str = ""
    also: tuple[Evidence, ...] = ()
    is_written: bool = False


class Generator(Protocol):
    """What the pipeline needs to put an answer into words."""

    def compose(self, question: Question, evidence: Sequence[Evidence]) -> Iterable[Statement | Draft]:
        """Give the statements of an answer as they are made, each on evidence given, which must not be empty.

        A language model's drafts are given too, each before what is shown of it. There is at least one statement,
        unless a draft declines to answer.
        """
        ...


class ExtractiveGenerator:
    """Answers in the documents' own sentences, or their English edition, each with its period and status.

    A sentence without English is told by its figures and key terms (see `rag.untranslated`); `delivered` tells when a
    document was delivered, None where that is not known.
    """

    def __init__(
        self,
        translations: Translations,
        glossary: Glossary,
        delivered: Callable[[str], date | None] = lambda document_id: None,
    ) -> None:
        self._translations, self._glossary, self._delivered = translations, glossary, delivered

    def compose(self, question: Question, evidence: Sequence[Evidence]) -> list[Statement]:
        """Return one statement a sentence, in reading order within a passage."""
        statements = []
        in_force: tuple[str, str] | None = None  # the passage and label under which a reader takes what comes next
        glossed = 0
        for item in _reading_order(question, evidence):
            passage, sentence, original = item.hit.passage, item.frame, item.text
            text = _bare(original) if question.language is Language.ZH else self._english(original)
            if text is None and glossed == _MOST_UNTRANSLATED:
                continue
            if text is None:
                own, delivered = Frame(sentence.period, sentence.status), self._delivered(passage.document_id)
                text = tell(original, own, delivered, self._glossary, is_first=not glossed)
                glossed += 1
            label = period_label(question.language, str(sentence.period) if sentence.period else None, sentence.status)
            shown = label or (UNDATED[question.language] if in_force else "")
            told = not shown or (passage.id, shown) == in_force or (not in_force and _names_its_time(text, label))
            if not told:
                text = f"【{shown}】{text}" if question.language is Language.ZH else f"[{shown}] {text}"
            in_force = (passage.id, shown) if shown else None
            statements.append(Statement(text, item))
        return statements

    def _english(self, original: str) -> str | None:
        translated = self._translations.lookup(original)
        return re.sub(r"[;,]$", ".", translated) if translated else None


def _reading_order(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Keep passages in order of their best sentence, and sentences in the order of the text.

    Where several things are asked for, passages that follow each other in a document are read as one: a list may go on
    from one to the next. Several years asked for come in order of time, and of result and target the result first.
    """
    passages = [item.hit.passage for item in evidence]
    runs = _runs(passages) if asks_for_several(question) else {passage.id: passage.id for passage in passages}
    order: dict[str, tuple[int, bool, int]] = {}
    for item in evidence:
        frame = item.frame
        year = frame.period.first if frame.period and len(question.periods) > 1 else 0
        is_second = question.wants is Wants.BOTH and frame.status.is_intent
        order.setdefault(runs[item.hit.passage.id], (year, is_second, len(order)))
    return sorted(evidence, key=lambda item: (order[runs[item.hit.passage.id]], item.hit.passage.start, item.sentence))


def _runs(passages: Iterable[Passage]) -> dict[str, str]:
    """Return, by the id of a passage, the id of the first one of those that follow each other up to it."""
    runs: dict[str, str] = {}
    before: Passage | None = None
    for passage in sorted(passages, key=lambda p: (p.document_id, p.start)):
        follows = before is not None and before.period == passage.period and adjoin(before, passage)
        runs[passage.id] = runs[before.id] if before is not None and follows else passage.id
        before = passage
    return runs


def _bare(sentence: str) -> str:
    """Return a sentence with its last mark a full stop, as it stands alone in an answer."""
    return re.sub(r"[；;，,]$", "。", " ".join(sentence.split()))


def _names_its_time(text: str, label: str) -> bool:
    """Return whether a sentence itself says what its label would; a year may also belong to a name in it."""
    year = label.split()[0].rstrip("年")
    return year in text and ("预计" in text or "estimate" in text) == ("预计" in label or "estimate" in label)
