"""Passages for a question: fused search, weighed by whether they speak about the asked period and status."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from corpus.periods import mentioned_periods
from corpus.types import Entry, Passage, Period, Sentence, Status
from rag.question import widen
from rag.types import Hit, Wants

if TYPE_CHECKING:
    from index.library import LibraryReader
    from index.search import HybridSearch
    from rag.regions import Regions
    from rag.types import Question

#: Candidates whose passages are read and weighed by time; the fused order beyond them is not worth reading.
CONSIDERED = 60

#: A passage of another period keeps this share of its score: enough to be shown as nearest, not to win.
_OTHER_PERIOD = 0.35
_UNKNOWN_PERIOD = 0.65
_OVERLAPPING = 0.75
_OTHER_STATUS = 0.6
_SAID_THEN = 0.85
#: So does one of another region.
_OTHER_REGION = 0.35
#: An unqualified question about a year wants its result; the year's target comes second.
_TARGET_WHEN_UNASKED = 0.8


class Retriever(Protocol):
    """What the pipeline needs: ranked passages for a question."""

    def retrieve(self, question: Question, k: int) -> list[Hit]:
        """Return at most `k` hits, best first; empty when nothing was found."""
        ...


class TimedRetriever:
    """Hybrid search, then a soft match on period and status.

    A hard filter would lose what the words cannot tell (ChronoQA: Recall@5 54.6 plain, 49.0 with a hard filter),
    so passages of other periods are only pushed down.
    """

    def __init__(self, search: HybridSearch, library: LibraryReader, regions: Regions, time_match: bool = True) -> None:
        self._search, self._library, self._regions, self._time_match = search, library, regions, time_match

    def retrieve(self, question: Question, k: int) -> list[Hit]:
        """Return at most `k` hits, best first."""
        candidates = self._search.search(question.standalone, widen(question))[:CONSIDERED]
        passages = self._library.passages([candidate.row for candidate in candidates])
        hits = []
        for candidate, passage in zip(candidates, passages, strict=True):
            document = self._library.entry(passage.document_id)
            time = passage_time_match(question, passage, document) if self._time_match else 1.0
            region = 1.0 if self._regions.fit(question, passage, document) else _OTHER_REGION
            score = candidate.fused * time * region
            hits.append(Hit(passage, candidate.row, score, candidate.dense, candidate.keyword, time, region))
        return sorted(hits, key=lambda hit: -hit.score)[:k]


def passage_time_match(question: Question, passage: Passage, document: Entry) -> float:
    """Return how well the best-fitting sentence of a passage fits the asked period and status, 0 to 1."""
    return max(sentence_time_match(question, sentence, passage, document) for sentence in passage.sentences)


def sentence_time_match(question: Question, sentence: Sentence, passage: Passage, document: Entry) -> float:
    """Return how well a sentence fits the asked period, report and status: 1 fits, lower is worse, never 0.

    What a passage of the asked period says of another (到2025年 …) fits almost as well: it was said for that year.
    """
    around = _SAID_THEN * _period_match(question.periods, passage.period)
    factor = max(_period_match(question.periods, sentence.period), around)
    if question.report_years:
        delivered = document.period
        named = delivered is not None and delivered.first in question.report_years and document.kind == "report"
        factor *= 1.0 if named else _OTHER_PERIOD
    return factor * _status_match(question, sentence.status)


_DAY = re.compile(r"\d{1,2}月\d{1,2}日|\d{1,2}月底")


def fits_period(question: Question, passage: Passage, sentence: int) -> bool:
    """Return whether a sentence speaks about a period that is asked for; always true when none is asked.

    A year is not answered by a figure for five years, unless the sentence names it; a plan is, by a year within.
    A sentence of unknown period fits, and so does one that names the very day the question names.
    """
    period = passage.sentences[sentence].period
    if not question.periods or period is None:
        return True
    if passage.period in question.periods:
        return True
    text = passage.sentence_text(passage.sentences[sentence])
    named = {*mentioned_periods(text)}
    if any(p == period or (p.first <= period.first and period.last <= p.last) or p in named for p in question.periods):
        return True
    return any(day in text for day in _DAY.findall(question.standalone))


def _period_match(asked: tuple[Period, ...], period: Period | None) -> float:
    if not asked or period in asked:
        return 1.0
    if period is None:
        return _UNKNOWN_PERIOD
    return _OVERLAPPING if any(period.overlaps(one) for one in asked) else _OTHER_PERIOD


def _status_match(question: Question, status: Status) -> float:
    if question.wants is Wants.ANY:
        plans_asked = any(period.first != period.last for period in question.periods)
        unasked_target = bool(question.periods) and not plans_asked and status.is_intent
        return _TARGET_WHEN_UNASKED if unasked_target else 1.0
    if status is Status.NONE:
        return 0.9
    return 1.0 if question.wants.fits(status) else _OTHER_STATUS
